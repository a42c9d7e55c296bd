package usecase_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestEventCounts: what an operator is told of a project's events.
func TestEventCounts(t *testing.T) {
	looks := func(s *tale, count func(since time.Time) ([]store.EventCount, error)) func(want int) {
		return func(want int) {
			s.Helper()
			all, err := count(s.now.Add(-usecase.OnlyMembersWithin))
			s.ok(err)
			got := 0
			for _, c := range all {
				if c.ProjectID == s.p.ID {
					got += c.Count
				}
			}
			if got != want {
				s.Errorf("%d events, want %d", got, want)
			}
		}
	}
	tales(t, map[string]func(s *tale){
		"joins by cut links, in projects that have invite links": func(s *tale) {
			look := looks(s, func(since time.Time) ([]store.EventCount, error) { return s.CutJoins(s.Context(), since, 100) })
			s.send(join(1, "https://t.me/+AbCd…", ""))
			look(0)
			s.link("ad", "https://t.me/+ZzYyXxWw")
			look(1)
			s.send(join(2, "https://t.me/+Another...", ""), join(3, "https://t.me/+ZzYyXxWw", ""))
			look(2)
		},
		"dated ahead": func(s *tale) {
			look := looks(s, func(since time.Time) ([]store.EventCount, error) {
				return s.DatedAhead(s.Context(), since, domain.ClocksDiffer, 100)
			})
			s.send(start(1, ""), at(s.now.Add(-time.Hour), start(2, "")), at(s.now.Add(domain.ClocksDiffer), start(3, "")))
			look(0)
			s.send(at(s.now.Add(time.Hour), start(4, "")), at(s.now.Add(6*time.Second), goal(4, "lead")))
			look(2)
		},
	})
}
