package manageapi

import (
	"regexp"
	"testing"
)

// TestNoCellIsAFormula: no cell begins with what a spreadsheet runs, whatever it
// takes for the separator.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	runs := regexp.MustCompile(`(^|[;\t\r\n])[ "']{0,1}[=+@＝＋－＠-]`)
	for text, want := range map[string]string{
		"Anna": "Anna", "a-b": "a-b", "5 = 5": "5 = 5", "": "", "=1+1": "'=1+1", "-5": "'-5", "@home": "'@home",
		"y;=1+1;z": "y;'=1+1;z", ";=2+3;": ";'=2+3;", "＝1+1": "'＝1+1", "a\t=1": "a\t'=1", "a\n+1": "a\n'+1",
		`x; =HYPERLINK("http://evil.example")`: `x;' =HYPERLINK("http://evil.example")`, ";;=1": ";;'=1",
	} {
		got := harmless(text)
		if got != want || runs.MatchString(got) && got == text {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
}
