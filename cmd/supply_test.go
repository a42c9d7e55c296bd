package cmd

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dangerous says what of the standard library no package of the running
// service imports, why, and where it may be all the same.
func dangerous() map[string]struct {
	why string
	but []string
} {
	type rule = struct {
		why string
		but []string
	}
	const weak = "it is broken as a hash or cipher: use crypto/sha256, or infrastructure/secrets"
	return map[string]rule{
		"os/exec":       {"nothing that comes from outside may reach a command", nil},
		"plugin":        {"code comes with the binary alone", nil},
		"text/template": {"it does not escape: use html/template", nil},
		"encoding/gob":  {"it makes whatever the sender names", nil},
		"encoding/xml":  {"nothing speaks XML, whose parsers have surprises", nil},
		"net/smtp":      {"we send no mail", nil},
		"unsafe":        {"memory stays safe", nil},
		"crypto/md5":    {weak, nil},
		"crypto/sha1":   {weak, nil},
		"crypto/des":    {weak, nil},
		"crypto/rc4":    {weak, nil},
		"math/rand":     {"it can be guessed: use crypto/rand", nil},
		"math/rand/v2": {"it can be guessed: use crypto/rand", []string{
			"adapters/store", "adapters/adnet/adsim", "cmd", // pauses, and what the demo makes up
		}},
	}
}

// TestNothingDangerousIsImported looks at the packages that the binary is made
// of.
func TestNothingDangerousIsImported(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./tgtrack").Output()
	if err != nil {
		t.Fatal(err)
	}
	rules, n := dangerous(), 0
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		n++
		for _, to := range p.Imports {
			if rule, ok := rules[to]; ok && !slices.Contains(rule.but, from) {
				t.Errorf("%s imports %s: %s", from, to, rule.why)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d packages were looked at", n)
	}
}

// TestNobodyTrustsEveryCertificate looks for the switch that makes a client
// take any certificate.
func TestNobodyTrustsEveryCertificate(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		if strings.Contains(read(t, path), "InsecureSkip"+"Verify") {
			t.Errorf("%s trusts whoever answers", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestWorkflowsArePinned holds the workflows of GitHub Actions to what they
// may: actions of others by commit, no right to write for a whole workflow,
// and nothing of an event's text in a shell.
func TestWorkflowsArePinned(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("workflows: %v, %v", files, err)
	}
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`)
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	rights := regexp.MustCompile(`(?m)^permissions:\n  contents: read\n(\S|\n)`)
	byOthers := regexp.MustCompile(`\$\{\{[^}]*github\.(event\.|head_ref)[^}]*\}\}`)
	n := 0
	for _, file := range files {
		text := read(t, file)
		for _, found := range uses.FindAllStringSubmatch(text, -1) {
			n++
			if !pinned.MatchString(found[1]) {
				t.Errorf("%s: %s is not named by commit and version", file, found[1])
			}
		}
		if !rights.MatchString(text) {
			t.Errorf("%s gives all its jobs more than the right to read", file)
		}
		for _, found := range byOthers.FindAllString(text, -1) {
			if !strings.Contains(found, "event_name") {
				t.Errorf("%s: %s is written by whoever made the event", file, found)
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d actions were found", n)
	}
}
