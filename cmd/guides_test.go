package cmd

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The guides to writing a decoder and a sink are read by people who have
// nothing else. So what they print is written into files as they say, and the
// commands that they name must succeed.

// printed is a file in a document: its name on a line of its own, ending with
// a colon, and its text in the block below.
var printed = regexp.MustCompile("(?m)^`([^`\n]+)`[^\n]*:\n\n```[a-z]+\n((?s:.*?))\n```$")

// filesOf reads the files that a document prints.
func filesOf(t *testing.T, document string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, m := range printed.FindAllStringSubmatch(string(text), -1) {
		if _, again := files[m[1]]; again {
			t.Errorf("%s prints %s twice", document, m[1])
		}
		files[m[1]] = m[2] + "\n"
	}
	return files
}

// copyOf makes a module in a temporary folder of parts of this one.
func copyOf(t *testing.T, parts ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, part := range append([]string{"go.mod", "go.sum"}, parts...) {
		err := filepath.WalkDir(filepath.Join("..", part), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			write(t, filepath.Join(dir, strings.TrimPrefix(path, "../")), string(text))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// insert puts a line behind another one of a file.
func insert(t *testing.T, path, behind, line string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(text), behind+"\n")
	if !found {
		t.Fatalf("%s has no line %q", path, behind)
	}
	write(t, path, before+behind+"\n"+line+"\n"+after)
}

// must runs a command in a folder, without a network, and gives its output.
func must(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(append(os.Environ(), "GOPROXY=off", "GOWORK=off"), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestPlatformGuide: a folder and a line, as docs/adding-a-platform.md prints
// them, are a decoder that passes all tests.
func TestPlatformGuide(t *testing.T) {
	t.Parallel()
	dir := copyOf(t, "domain", "platforms", "README.md", "README.ru.md")
	files := filesOf(t, "../docs/adding-a-platform.md")
	for name, text := range files {
		if strings.HasPrefix(name, "platforms/acme/") {
			write(t, filepath.Join(dir, name), text)
		}
	}
	list := filepath.Join(dir, "platforms", "all", "all.go")
	insert(t, list, `	"github.com/tgtrack/tgtrack/platforms"`,
		`	"github.com/tgtrack/tgtrack/platforms/acme"`)
	insert(t, list, `	return []platforms.PlatformDecoder{`, `		acme.Decoder{},`)

	if out := must(t, dir, nil, "gofmt", "-l", "platforms/acme"); out != "" {
		t.Errorf("not as gofmt writes it: %s", out)
	}
	must(t, dir, []string{"UPDATE_GOLDEN=1"}, "go", "test", "./platforms/acme")
	must(t, dir, nil, "go", "generate", "./platforms/all")
	must(t, dir, nil, "go", "test", "./platforms/acme", "./platforms/all")
	want, err := os.ReadFile(filepath.Join(dir, "platforms/acme/testdata/start/want.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"bot_started", "5100200300", "Olga", "PJ00c0ffee12"} {
		if !strings.Contains(string(want), part) {
			t.Errorf("the start lacks %s:\n%s", part, want)
		}
	}
	privateBuild(t, files, "platforms/acme/")
}

// TestNetworkGuide: a folder and a line, as docs/adding-a-network.md prints
// them, are a sink that passes the suite. They are laid over the tree, whose
// packages need not be compiled anew for it.
func TestNetworkGuide(t *testing.T) {
	t.Parallel()
	dir, root := t.TempDir(), moduleRoot(t)
	files := filesOf(t, "../docs/adding-a-network.md")
	list := filepath.Join("adapters", "adnet", "all", "all.go")
	text, err := os.ReadFile(filepath.Join(root, list))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, list), string(text))
	insert(t, filepath.Join(dir, list), `	"github.com/tgtrack/tgtrack/adapters/adnet"`,
		`	"github.com/tgtrack/tgtrack/adapters/adnet/acme"`)
	insert(t, filepath.Join(dir, list), `	return []adnet.Sink{`,
		`		acme.New(nil),`)
	over := map[string]string{filepath.Join(root, list): filepath.Join(dir, list)}
	for name, text := range files {
		if strings.HasPrefix(name, "adapters/adnet/acme/") {
			write(t, filepath.Join(dir, name), text)
			over[filepath.Join(root, name)] = filepath.Join(dir, name)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": over})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "overlay.json"), string(overlay))
	if out := must(t, dir, nil, "gofmt", "-l", "adapters/adnet/acme"); out != "" {
		t.Errorf("not as gofmt writes it: %s", out)
	}
	laid := "-overlay=" + filepath.Join(dir, "overlay.json")
	must(t, root, nil, "go", "build", laid, "./adapters/adnet/all")
	suite := filepath.Join(dir, "acme.test")
	must(t, root, nil, "go", "test", "-c", "-vet=off", laid, "-o", suite, "./adapters/adnet/acme")
	must(t, filepath.Join(dir, "adapters/adnet/acme"), []string{"UPDATE_GOLDEN=1"}, suite)
	must(t, filepath.Join(dir, "adapters/adnet/acme"), nil, suite)
	privateBuild(t, files, "adapters/adnet/acme/")
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// privateBuild compiles the main.go of a document, in a module of its own,
// with the package that the document prints.
func privateBuild(t *testing.T, files map[string]string, folder string) {
	t.Helper()
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	const ours = "github.com/tgtrack/tgtrack"
	own := strings.Replace(string(mod), "module "+ours, "module example.com/private", 1)
	write(t, filepath.Join(dir, "go.mod"), own+
		"\nrequire "+ours+" v0.0.0\n\nreplace "+ours+" => "+moduleRoot(t)+"\n")
	write(t, filepath.Join(dir, "main.go"), files["main.go"])
	for name, text := range files {
		if rest, ok := strings.CutPrefix(name, folder); ok && !strings.HasSuffix(name, "_test.go") {
			own := strings.ReplaceAll(text, ours+"/"+folder, "example.com/private/acme/")
			write(t, filepath.Join(dir, "acme", rest), own)
		}
	}
	must(t, dir, []string{"GOFLAGS=-mod=mod"}, "go", "vet", "./...")
}
