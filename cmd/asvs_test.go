package cmd

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestRequirementsOfASVS holds docs/asvs.md to what it has to be: each
// requirement of levels 1 and 2 of version 5.0.0 stands in it once, with its
// level, and what is called held names tests that exist, or a document.
func TestRequirementsOfASVS(t *testing.T) {
	t.Parallel()
	want := map[string]string{} // number → level
	for line := range strings.Lines(read(t, "testdata/asvs.txt")) {
		number, level, _ := strings.Cut(strings.TrimSpace(line), " ")
		want[number] = level
	}
	if len(want) != 253 {
		t.Fatalf("testdata/asvs.txt has %d requirements", len(want))
	}
	tests, code, link := testNames(t), regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`"), regexp.MustCompile(`\]\(`)
	row := regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| ([12]) \| (\*\*open\*\*|held|not applicable) \| ([^|]+) \| ([^|]+) \|$`)
	counts := map[string]int{}
	text := read(t, "../docs/asvs.md")
	for _, r := range row.FindAllStringSubmatch(text, -1) {
		number, level, state, by := r[1], r[2], strings.Trim(r[3], "*"), r[5]
		switch {
		case want[number] == "":
			t.Errorf("%s is not of levels 1 or 2, or stands here twice", number)
		case want[number] != level:
			t.Errorf("%s is of level %s", number, want[number])
		}
		delete(want, number)
		counts[state]++
		named := code.FindAllStringSubmatch(by, -1)
		for _, name := range named {
			if !tests[name[1]] {
				t.Errorf("%s: there is no test %s", number, name[1])
			}
		}
		if state == "held" && len(named) == 0 && !link.MatchString(by) {
			t.Errorf("%s is held, says the table, and names neither test nor document", number)
		}
	}
	for number := range want {
		t.Errorf("%s is missing", number)
	}
	if rows := strings.Count(text, "\n| "); rows != 253+17*2+5 { // heads of the chapters, and the counts
		t.Errorf("%d lines of tables: one is not a row as it should be", rows)
	}
	checkCounts(t, text, counts)
}

// checkCounts holds the numbers at the top against the table.
func checkCounts(t *testing.T, text string, counts map[string]int) {
	t.Helper()
	for state, n := range counts {
		if want := "| " + state + " | " + strconv.Itoa(n) + " |"; !strings.Contains(text, want) {
			t.Errorf("at the top should stand: %s", want)
		}
	}
}

// testNames are all tests of the tree.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, found := range declared.FindAllStringSubmatch(read(t, path), -1) {
			names[found[1]] = true
		}
		return nil
	})
	if err != nil || len(names) < 500 {
		t.Fatalf("%d tests, %v", len(names), err)
	}
	return names
}
