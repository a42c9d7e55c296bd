package usecase_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// what somebody did: +60 is a start after 60 seconds, -60 a stop.
func doings(story string, value string) (out []domain.Signal) {
	for _, word := range strings.Fields(story) {
		var seconds int
		_, _ = fmt.Sscan(word[1:], &seconds)
		sig := stop(1)
		if word[0] == '+' {
			sig = start(1, "")
			if seconds == 0 {
				sig.StartValue = value
			}
		}
		out = append(out, keyed(word, at(monday.Add(time.Duration(seconds)*time.Second), sig)))
	}
	return out
}

// TestEveryOrder: in whatever order starts and stops are told, the subscriptions,
// the conversions and the days' figures are those of the order of time.
func TestEveryOrder(t *testing.T) {
	stories := map[string]func(s *tale){}
	for _, story := range []string{
		"+0 -60 +121", "+0 -60 +121 -200", "+0 -60 +121 -200 +90000", "+0 +30 -60 -90 +121", "+0 -86400 +86500 +86600",
	} {
		n := len(strings.Fields(story))
		for i, order := range permutations(n) {
			if n == 5 && i%4 != 0 {
				continue
			}
			for _, oneBatch := range []bool{true, false} {
				stories[fmt.Sprint(story, order, oneBatch)] = func(s *tale) { s.told(story, order, oneBatch) }
			}
		}
	}
	tales(t, stories)
}

func (s *tale) told(story string, order []int, oneBatch bool) {
	s.account("yclid", nil)
	s.account("all", func(a *domain.Account) { a.Settings["receive"] = "all" })
	s.after(2 * day)
	c := s.click(s.link("ad", ""), "yclid=1")
	signals := doings(story, c.StartValue)
	var told []domain.Signal
	for _, i := range order {
		told = append(told, signals[i])
	}
	if oneBatch {
		for _, r := range s.together(s.request("all", told...)) {
			s.ok(r.err)
		}
	} else {
		for _, sig := range told {
			s.after(time.Second)
			s.send(sig)
		}
	}
	var moves []domain.Move
	for _, sig := range signals {
		moves = append(moves, domain.Move{At: sig.At, Opens: sig.Type.Opens()})
	}
	spans := domain.Spans(moves)
	r, err := s.Dossier(s.Context(), s.key(1))
	s.ok(err)
	var want, got []string
	for _, x := range spans {
		want = append(want, fmt.Sprint(x.From.Sub(monday), " ", max(0, x.To.Sub(monday))))
	}
	for _, e := range r.Episodes {
		to := time.Duration(0)
		if e.ClosedAt != nil {
			to = e.ClosedAt.Sub(monday)
		}
		got = append(got, fmt.Sprint(e.OpenedAt.Sub(monday), " ", to))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		s.Errorf("subscribed %q, want %q", got, want)
	}
	last := spans[len(spans)-1]
	if r.Subscribed != last.To.IsZero() || !r.FirstJoin.Equal(spans[0].From) || !r.LastJoin().Equal(last.From) {
		s.Errorf("subscribed %v, first %s, last %s", r.Subscribed, r.FirstJoin, r.LastJoin())
	}
	byClick, each := 0, 0
	for _, v := range s.all() {
		switch {
		case v.Network == "yclid":
			byClick++
		case v.Network == "all":
			each++
		}
	}
	if byClick != 1 || each < 1 || each > len(spans) {
		s.Errorf("%d activations by the click, %d for whoever comes: %q", byClick, each, s.conversions())
	}
}

// TestTheSourceIsToldAfterTheStop: a start with a value, soon after one without,
// says where it came from, also when it is told after the stop that followed.
func TestTheSourceIsToldAfterTheStop(t *testing.T) {
	tell := func(seconds int, want bool) func(s *tale) {
		return func(s *tale) {
			s.account("yclid", nil)
			c := s.click(s.link("ad", ""), "yclid=1")
			s.after(time.Hour)
			began := s.now.Add(-30 * time.Minute)
			s.send(at(began, start(1, "")), at(began.Add(10*time.Minute), stop(1)))
			s.send(at(began.Add(time.Duration(seconds)*time.Second), start(1, c.StartValue)))
			if want {
				s.made("yclid subscribed pending " + c.ID)
			} else {
				s.made()
			}
		}
	}
	tales(t, map[string]func(s *tale){
		"within a minute": tell(30, true), "later": tell(90, false),
		"of a guess": func(s *tale) {
			s.account("yclid", nil)
			c := s.click(s.link("ad", ""), "yclid=1")
			s.after(time.Minute)
			began := s.now
			s.send(at(began, start(1, "auto_detect")), at(began.Add(10*time.Minute), stop(1)))
			s.made()
			s.send(at(began.Add(5*time.Minute), start(1, c.StartValue)))
			s.made("yclid subscribed pending " + c.ID)
			s.subscribed(1, "60-660 click 1.00 "+c.ID)
		},
	})
}
