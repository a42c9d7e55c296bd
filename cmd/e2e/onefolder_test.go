package e2e_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/adapters/adnet/testdata/acme"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestNetworkOfPrivateBuild: so is the sink of an ad network.
func TestNetworkOfPrivateBuild(t *testing.T) {
	t.Parallel()
	binary := e2e.Build(t, "./testdata/privatebuild")
	settable(t, binary)
	e2e.Scenarios(t, binary, nil, append(all.Sinks(), acme.New(nil)))
}

// TestOneFolderAndOneLine: a network is a folder, and a line in the list. The
// tree is seen by the go command as it would be with Acme's.
func TestOneFolderAndOneLine(t *testing.T) {
	t.Parallel()
	tree := withAcme(t)
	dir := t.TempDir()

	suite := filepath.Join(dir, "acme.test")
	// vet looks for the folder on disk.
	tree.run("go", "test", "-vet=off", "-c", "-o", suite, "./adapters/adnet/acme")
	conformance := exec.Command(suite)
	conformance.Dir = tree.folder
	if out, err := conformance.CombinedOutput(); err != nil {
		t.Errorf("the network's own tests: %v\n%s", err, out)
	}

	tree.run("go", "run", "./adapters/adnet/all/gen", tree.documents)
	for file, want := range map[string]string{
		"README.md":    "(https://acme.example/docs/conversions) | `acme` | conversions | `acid` |",
		"README.ru.md": "| `acme` | конверсии |", "docs/adnetworks.md": "dropped by its id for ever",
		"configs/tgtrack.yaml": "    acme: 336h\n",
	} {
		text, err := os.ReadFile(filepath.Join(tree.documents, file))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q: %v", file, want, err)
		}
	}

	simulator := filepath.Join(dir, "adsim")
	tree.run("go", "build", "-o", simulator, "./cmd/adsim")
	if said := announced(t, simulator); !strings.Contains(said, "export TGTRACK_ADNETWORKS_ACME_BASE_URL=") {
		t.Errorf("the simulator says %s", said)
	}

	binary := filepath.Join(dir, "tgtrack")
	tree.run("go", "build", "-o", binary, "./cmd/tgtrack")
	settable(t, binary)
	e2e.Scenarios(t, binary, nil, append(all.Sinks(), acme.New(nil)))
}

// settable tells that Acme's settings are known and shown.
func settable(t *testing.T, binary string) {
	t.Helper()
	command := exec.Command(binary, "config", "print", "--json")
	command.Env = append(e2e.Environ(),
		"TGTRACK_ADNETWORKS_ACME_BASE_URL=http://127.0.0.1:1/acme/", "TGTRACK_DELIVERY_WINDOWS_ACME=48h")
	out, err := command.Output()
	var got struct {
		Delivery   struct{ Windows map[string]string }
		AdNetworks map[string]map[string]string
	}
	if err != nil || json.Unmarshal(out, &got) != nil {
		t.Fatalf("config print: %v\n%s", err, out)
	}
	if got.Delivery.Windows["acme"] != "48h" || got.AdNetworks["acme"]["base_url"] != "http://127.0.0.1:1/acme" {
		t.Errorf("config print: %s", out)
	}
}

// announced is what a simulator prints when it serves.
func announced(t *testing.T, binary string) string {
	t.Helper()
	command := exec.Command(binary, "--addr", "127.0.0.1:0")
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(io.TeeReader(out, &said)); lines.Scan(); {
		if strings.Contains(lines.Text(), "ALLOW_PRIVATE") {
			break
		}
	}
	_ = command.Process.Kill()
	_ = command.Wait()
	return said.String()
}

// acmeTree is the tree of the repository with Acme's folder and line in it.
type acmeTree struct {
	t         *testing.T
	env       []string
	folder    string // a copy of Acme's
	documents string // a copy of what is generated, and of the notes it is made of
}

func withAcme(t *testing.T) acmeTree {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tree := acmeTree{t: t, folder: filepath.Join(t.TempDir(), "acme"), documents: t.TempDir()}
	networks := filepath.Join(root, "adapters", "adnet")
	replace := map[string]string{}
	source := filepath.Join(networks, "testdata", "acme")
	must(t, os.CopyFS(tree.folder, os.DirFS(source)))
	for _, name := range []string{"acme.go", "acme_test.go", "sim/sim.go"} {
		path := filepath.Join(tree.folder, name)
		rewrite(t, path, path, "adnet/testdata/acme", "adnet/acme")
		replace[filepath.Join(networks, "acme", name)] = path
	}
	list := filepath.Join(t.TempDir(), "all.go")
	// The line, and the import that it needs.
	rewrite(t, filepath.Join(networks, "all", "all.go"), list, "\t\tyandex.New(nil),\n",
		"\t\tyandex.New(nil),\n\t\tacme.New(nil),\n",
		"adnet/adsim\"\n", "adnet/adsim\"\n\t\"github.com/tgtrack/tgtrack/adapters/adnet/acme\"\n")
	replace[filepath.Join(networks, "all", "all.go")] = list

	for path := range replace {
		_, err := os.Stat(path)
		if exists := err == nil; exists != (path == filepath.Join(networks, "all", "all.go")) {
			t.Fatalf("%s: only the list may be changed, and all else is in the folder", path)
		}
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	b, err := json.Marshal(map[string]any{"Replace": replace})
	must(t, err)
	must(t, os.WriteFile(overlay, b, 0o600))
	flags, err := exec.Command("go", "env", "GOFLAGS").Output()
	must(t, err)
	tree.env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(string(flags))+" -overlay="+overlay)

	for _, file := range []string{"README.md", "README.ru.md", "docs/adnetworks.md", "configs/tgtrack.yaml"} {
		to := filepath.Join(tree.documents, file)
		must(t, os.MkdirAll(filepath.Dir(to), 0o700))
		rewrite(t, filepath.Join(root, file), to)
	}
	notes, err := filepath.Glob(filepath.Join(networks, "*", "notes.md"))
	must(t, err)
	for _, file := range append(notes, filepath.Join(source, "notes.md")) {
		to := filepath.Join(tree.documents, "adapters", "adnet", filepath.Base(filepath.Dir(file)))
		must(t, os.MkdirAll(to, 0o700))
		rewrite(t, file, filepath.Join(to, "notes.md"))
	}
	return tree
}

// run runs the go command on the tree.
func (a acmeTree) run(name string, args ...string) {
	a.t.Helper()
	command := exec.Command(name, args...)
	command.Dir, command.Env = filepath.Join("..", ".."), a.env
	if out, err := command.CombinedOutput(); err != nil {
		a.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// rewrite copies a file and replaces texts, which must be there.
func rewrite(t *testing.T, from, to string, oldNew ...string) {
	t.Helper()
	b, err := os.ReadFile(from)
	must(t, err)
	text := string(b)
	for i := 0; i < len(oldNew); i += 2 {
		text = strings.ReplaceAll(text, oldNew[i], oldNew[i+1])
	}
	if len(oldNew) > 0 && from != to && text == string(b) {
		t.Fatalf("%s has nothing to replace", from)
	}
	must(t, os.WriteFile(to, []byte(text), 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
