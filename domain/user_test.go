package domain_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestRoleAllows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		has, asked domain.Role
		want       bool
	}{
		{domain.Owner, domain.Owner, true}, {domain.Owner, domain.Viewer, true}, {domain.Editor, domain.Editor, true},
		{domain.Editor, domain.Owner, false}, {domain.Viewer, domain.Viewer, true},
		{domain.Viewer, domain.Editor, false}, {"", domain.Viewer, false}, {"", "", false},
		{"chief", domain.Viewer, false},
	} {
		if got := c.has.Allows(c.asked); got != c.want {
			t.Errorf("%q allows %q: %v", c.has, c.asked, got)
		}
	}
}
