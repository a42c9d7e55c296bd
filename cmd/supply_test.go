package cmd

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

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
