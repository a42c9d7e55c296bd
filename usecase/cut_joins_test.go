package usecase_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/usecase"
)

// TestCutJoins: joins by links that Telegram told cut off are counted, in
// projects that have invite links.
func TestCutJoins(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"with and without links": func(s *tale) {
			look := func(want int) {
				s.Helper()
				all, err := s.CutJoins(s.Context(), s.now.Add(-usecase.OnlyMembersWithin), 100)
				s.ok(err)
				got := 0
				for _, c := range all {
					if c.ProjectID == s.p.ID {
						got += c.Count
					}
				}
				if got != want {
					s.Errorf("%d joins, want %d", got, want)
				}
			}
			s.send(join(1, "https://t.me/+AbCd…", ""))
			look(0)
			s.link("ad", "https://t.me/+ZzYyXxWw")
			look(1)
			s.send(join(2, "https://t.me/+Another...", ""), join(3, "https://t.me/+ZzYyXxWw", ""))
			look(2)
		},
	})
}
