package store_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestTestSpace: what is in the test space of a project is met by nobody who
// asks for the project's, and goes with it.
func TestTestSpace(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx, space := t.Context(), domain.TestSpace("p")
		seen := func(when string, want bool) {
			t.Helper()
			clicked, err := f.TestClicked(ctx, "p")
			f.ok(err)
			links, _, err := f.Links(ctx, "p", usecase.LinkFilter{}, usecase.Page{})
			f.ok(err)
			if clicked != want || links[0].Clicks != 0 || links[0].Starts != 0 {
				t.Errorf("%s: a test click %v, the link has %+v", when, clicked, links[0])
			}
		}
		seen("before", false)
		c := f.click("c1", 0)
		c.ProjectID, c.Robot = space, true
		f.ok(f.SaveClicks(ctx, []domain.Click{c}))
		seen("after a click", true)
		f.ok(f.EraseTest(ctx, "p"))
		seen("after it was erased", false)
		f.ok(f.SaveClicks(ctx, []domain.Click{c}))
		f.ok(f.DeleteProject(ctx, "p"))
		if clicked, err := f.TestClicked(ctx, "p"); err == nil && clicked {
			t.Error("the test space outlives its project")
		}
	})
}
