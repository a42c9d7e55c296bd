package simulation

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var teeth = flag.Bool("teeth", false, "plant each fault of the folder teeth, and note how many histories find it")

// toothless is how many histories may pass before a planted fault is found.
const toothless = 2000

const (
	root     = "../.."
	teethDoc = root + "/docs/reliability.md"
	// Between these lines the document has the table that TestTeeth writes.
	tableFrom, tableTo = "<!-- teeth -->\n", "<!-- /teeth -->\n"
)

// tooth is a fault that is planted to see whether it is found: a patch of one
// file, which no build of the service has.
type tooth struct {
	name    string
	overlay string // for go build
	file    string // that it changes, from the module's root
}

func readTeeth(t *testing.T) (all []tooth) {
	t.Helper()
	patches, err := filepath.Glob("teeth/*.patch")
	if err != nil || len(patches) == 0 {
		t.Fatalf("no patches in teeth: %v", err)
	}
	for _, patch := range patches {
		all = append(all, plant(t, patch))
	}
	return all
}

var patched = regexp.MustCompile(`(?m)^\+\+\+ (\S+)$`)

// plant applies a patch to a copy of the file that it is of.
func plant(t *testing.T, patch string) tooth {
	t.Helper()
	text, err := os.ReadFile(patch)
	if err != nil {
		t.Fatal(err)
	}
	names := patched.FindAllStringSubmatch(string(text), -1)
	if len(names) != 1 {
		t.Fatalf("%s: it changes %d files, not one", patch, len(names))
	}
	x := tooth{name: strings.TrimSuffix(filepath.Base(patch), ".patch"), file: names[0][1]}
	dir := t.TempDir()
	copied := filepath.Join(dir, x.file)
	is, err := filepath.Abs(filepath.Join(root, x.file))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(is)
	if err != nil {
		t.Fatalf("%s: %v", patch, err)
	}
	if err := os.MkdirAll(filepath.Dir(copied), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, content, 0o600); err != nil {
		t.Fatal(err)
	}
	apply := exec.CommandContext(t.Context(), "git", "apply", "-p0", "-")
	apply.Dir, apply.Stdin = dir, strings.NewReader(string(text))
	apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := apply.CombinedOutput(); err != nil {
		t.Fatalf("%s does not apply any more; make it again for the code as it is: %v\n%s", patch, err, out)
	}
	x.overlay = filepath.Join(dir, "overlay.json")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{is: copied}})
	if err == nil {
		err = os.WriteFile(x.overlay, overlay, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (x tooth) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s %s: %v\n%s", x.name, name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestTeeth holds that each planted fault still is one of the code as it is, and
// that the document tells how soon it was found. With -teeth they are planted one
// by one, and the document is written.
func TestTeeth(t *testing.T) {
	t.Parallel()
	if *teeth {
		writeTeeth(t, findTeeth(t))
		return
	}
	doc, err := os.ReadFile(teethDoc)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range readTeeth(t) {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			x.run(t, "go", "build", "-overlay", x.overlay, root+"/"+filepath.Dir(x.file))
			if !strings.Contains(string(doc), "| "+x.name+" |") {
				t.Errorf("%s lacks it: make simulate-teeth", teethDoc)
			}
		})
	}
}

// findTeeth gives a line of the table for each planted fault.
func findTeeth(t *testing.T) map[string]string {
	t.Helper()
	lines := map[string]string{}
	for _, x := range readTeeth(t) {
		binary := filepath.Join(filepath.Dir(x.overlay), "simulation.test")
		x.run(t, "go", "test", "-c", "-vet=off", "-overlay", x.overlay, "-o", binary, ".")
		found := x.run(t, binary, "-test.run", "^TestSimulate$", "-find", "-seeds", fmt.Sprint(toothless), "-steps",
			fmt.Sprint(*steps), "-test.timeout", "1h")
		m := regexp.MustCompile(`found by (\d+): (.*)`).FindStringSubmatch(found)
		if m == nil {
			t.Errorf("%s was not found by %d histories", x.name, toothless)
			continue
		}
		fmt.Printf("%s: found by history %s, %s\n", x.name, m[1], m[2])
		lines[x.name] = fmt.Sprintf("| %s | %s | %s | %s |\n", x.name, x.file, m[1], m[2])
	}
	if t.Failed() {
		t.FailNow()
	}
	return lines
}

func writeTeeth(t *testing.T, lines map[string]string) {
	t.Helper()
	doc, err := os.ReadFile(teethDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), tableFrom)
	_, after, also := strings.Cut(rest, tableTo)
	if !ok || !also {
		t.Fatalf("%s has no place for the table", teethDoc)
	}
	table := "| planted fault | in | history that found it | by what |\n| --- | --- | ---: | --- |\n"
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		table += lines[name]
	}
	if err := os.WriteFile(teethDoc, []byte(before+tableFrom+table+tableTo+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// findOne plays histories until one fails, and says which it was.
func findOne(t *testing.T) {
	t.Helper()
	f := newFactory(t)
	for i := range *seeds {
		w := f.play(t, history(*first+uint64(i), *steps))
		if len(w.failed) > 0 {
			fmt.Printf("found by %d: %s\n", i+1, told(w.failed[0]))
			return
		}
	}
}

var (
	ids   = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	times = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC`)
)

// told is a failure without what is another one each time.
func told(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	s = times.ReplaceAllString(ids.ReplaceAllString(s, "…"), "…")
	return strings.ReplaceAll(s, "|", "¦")
}
