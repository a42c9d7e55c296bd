package cmd

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReliabilityNamesTests holds docs/reliability.md to the tests: each that
// it names is there.
func TestReliabilityNamesTests(t *testing.T) {
	t.Parallel()
	function := regexp.MustCompile(`(?m)^func (Test[A-Z]\w*)\(t `)
	there := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, found := range function.FindAllStringSubmatch(read(t, path), -1) {
			there[found[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	text := read(t, "../docs/reliability.md")
	for _, found := range regexp.MustCompile("`(Test[A-Z]\\w*)`").FindAllStringSubmatch(text, -1) {
		named[found[1]] = true
		if !there[found[1]] {
			t.Errorf("docs/reliability.md names %s, which is no test", found[1])
		}
	}
	if len(named) < 40 {
		t.Errorf("only %d names were found", len(named))
	}
}
