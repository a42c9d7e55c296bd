package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentsLinkToWhatExists follows every link of the documents that leads
// into the repository.
func TestDocumentsLinkToWhatExists(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	n := 0
	for _, document := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(read(t, document), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			n++
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), found[1])); err != nil {
				t.Errorf("%s links to %s: %v", document, found[1], err)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d links were found", n)
	}
}

// TestArchitectureNamesWhatExists holds docs/architecture.md to the tree: every
// file and folder that it names is there, so that it is mended with the code.
func TestArchitectureNamesWhatExists(t *testing.T) {
	t.Parallel()
	text := read(t, "../docs/architecture.md")
	code := regexp.MustCompile("`([^`]+)`")
	path := regexp.MustCompile(`^\.?[a-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)+/?$|^[a-z_]+\.(go|md|yaml)$`)
	n := 0
	for _, found := range code.FindAllStringSubmatch(text, -1) {
		if !path.MatchString(found[1]) {
			continue // a word of the code, or an address
		}
		n++
		if _, err := os.Stat(filepath.Join("..", found[1])); err != nil {
			t.Errorf("docs/architecture.md names %s, which is not there: %v", found[1], err)
		}
	}
	if n < 40 {
		t.Errorf("only %d names were found", n)
	}
	if lines := strings.Count(text, "\n"); lines > 150 {
		t.Errorf("docs/architecture.md has %d lines; whoever opens the repository reads 150", lines)
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../*.md", "../docs/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no documents at %s: %v", pattern, err)
		}
		all = append(all, found...)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
