package cmd

import (
	"regexp"
	"testing"
)

// TestReliabilityNamesTests holds docs/reliability.md to the tests: each that
// it names is there.
func TestReliabilityNamesTests(t *testing.T) {
	t.Parallel()
	there := testNames(t)
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
