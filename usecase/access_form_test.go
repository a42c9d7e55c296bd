package usecase_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

// TestFormTokens: a token is another text in each answer, since answers are
// compressed, and each is right for its session alone.
func TestFormTokens(t *testing.T) {
	t.Parallel()
	a, err := usecase.NewAccess(usecase.AccessConfig{}, nil, plain{}, box(t), nil, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	one, two := a.FormToken("session"), a.FormToken("session")
	if one == two || one[32:] == two[32:] {
		t.Errorf("the same text twice: %s", one)
	}
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"the first": {one, true}, "the second": {two, true}, "of two": {one[:32] + two[32:], false},
		"half": {one[32:], false}, "none": {"", false}, "no number": {"zz" + one[2:], false},
		"another session's": {a.FormToken("other"), false},
	} {
		if got := a.IsFormToken("session", c.text); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	mark := a.MarkOf("session", "text")
	if !a.IsMarkOf("session", "text", mark) || a.IsMarkOf("session", "other text", mark) ||
		a.IsMarkOf("other", "text", mark) || a.IsMarkOf("session", "text", "") {
		t.Error("a mark is right for more than its session and text")
	}
}
