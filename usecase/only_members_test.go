package usecase_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/usecase"
)

// TestOnlyMembers: a bot that is told of members alone is found until somebody
// starts it.
func TestOnlyMembers(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"members, and then a start": func(s *tale) {
			look := func(want int) {
				s.Helper()
				got, err := s.OnlyMembers(s.Context(), s.p.ID, s.now.Add(-usecase.OnlyMembersWithin), 5)
				s.ok(err)
				if len(got) != want || want > 0 && got[0].Place != news {
					s.Errorf("%+v, want %d", got, want)
				}
			}
			look(0)
			s.send(in(news, 1))
			look(1)
			s.send(start(2, ""))
			look(0)
		},
	})
}
