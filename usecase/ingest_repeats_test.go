package usecase_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestRepeats(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"a replay changes nothing": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			r := s.request("x", start(1, c.StartValue), step(1, "lead", "5"))
			first := s.together(r)[0]
			s.ok(first.err)
			before, conversions := s.who(1), s.conversions()
			s.after(time.Hour)
			r.Replay = true
			again := s.together(r)[0]
			s.ok(again.err)
			for i, e := range again.Receipts {
				if !e.Duplicate || e.ID != first.Receipts[i].ID {
					s.Errorf("receipt %d is %+v, the first was %+v", i, e, first.Receipts[i])
				}
			}
			if d := cmp.Diff(before, s.who(1)); d != "" {
				s.Error(d)
			}
			if d := cmp.Diff(conversions, s.conversions()); d != "" || len(conversions) != 2 {
				s.Error(conversions, d)
			}
		},
		"a replay takes what was not taken": func(s *tale) {
			r := s.request("x", start(1, ""))
			r.Replay = true
			if got := s.together(r)[0]; got.err != nil || got.Receipts[0].Duplicate {
				s.Errorf("%+v", got)
			}
			s.subscribed(1, "0-… organic")
		},
		"one key, one event": func(s *tale) {
			one := s.send(keyed("update:1", start(1, "")))
			s.after(48 * time.Hour)
			two := s.send(keyed("update:1", start(1, "")))
			if two.Receipts[0] != (usecase.Receipt{ID: one.Receipts[0].ID, Type: domain.BotStarted, Duplicate: true}) {
				s.Errorf("%+v after %+v", two, one)
			}
			if seq := s.who(1).Seq; seq != 1 {
				s.Errorf("%d events", seq)
			}
		},
		"one key twice in a batch and in a request": func(s *tale) {
			got := s.together(s.request("a", keyed("k", goal(1, "lead"))),
				s.request("b", keyed("k", goal(1, "lead")), keyed("k", goal(1, "lead"))))
			if got[0].Receipts[0].Duplicate || !got[1].Receipts[0].Duplicate || !got[1].Receipts[1].Duplicate ||
				got[1].Receipts[0].ID != got[0].Receipts[0].ID {
				s.Errorf("%+v", got)
			}
			if seq := s.who(1).Seq; seq != 1 {
				s.Errorf("%d events", seq)
			}
		},
		"keys of two projects never meet": func(s *tale) {
			other := newTale(s.T, s.Store, s.ids)
			s.send(keyed("update:1", start(1, "")))
			if got := other.send(keyed("update:1", start(1, ""))); got.Receipts[0].Duplicate {
				s.Errorf("%+v", got)
			}
		},
		"what repeats a state is history and nothing more": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			s.send(start(1, c.StartValue))
			for _, sig := range []domain.Signal{
				start(1, c.StartValue), start(1, ""), goal(1, "lead"), goal(1, "lead"), stop(1), stop(1), stop(1),
			} {
				s.after(time.Hour)
				if got := s.send(sig); got.Receipts[0].Duplicate {
					s.Errorf("%s: %+v", sig.Type, got)
				}
			}
			s.made("beacon subscribed pending "+c.ID, "beacon lead pending "+c.ID)
			s.subscribed(1, "0-18000 click 1.00 "+c.ID)
			if sub := s.who(1); sub.Seq != 8 || !sub.LeftAt().Equal(monday.Add(5*time.Hour)) {
				s.Errorf("%+v", sub)
			}
		},
		"an identical add_event is a repeat for ten seconds": func(s *tale) {
			sig := step(1, "", "")
			first := s.together(s.request("same", sig))[0]
			for _, c := range []struct {
				after time.Duration
				body  string
				same  bool
			}{
				{5 * time.Second, "same", true}, {5 * time.Second, "same", true}, {0, "other", false},
				{time.Microsecond, "same", false}, {10 * time.Second, "same", true},
			} {
				s.after(c.after)
				got := s.together(s.request(c.body, sig))[0]
				s.ok(got.err)
				if got.Receipts[0].Duplicate != c.same {
					s.Errorf("after %v more: %+v, first was %+v", c.after, got, first)
				}
			}
		},
		"identical ones with keys of their own count": func(s *tale) {
			a, b := s.request("same", step(1, "sale", "10")), s.request("same", step(1, "sale", "10"))
			a.IdempotencyKey, b.IdempotencyKey = "order-1", "order-2"
			s.together(a)
			s.after(2 * time.Second)
			if got := s.together(b)[0]; got.err != nil || got.Receipts[0].Duplicate {
				s.Errorf("%+v", got)
			}
			if got := s.together(s.request("same", step(1, "sale", "10")))[0]; got.Receipts[0].Duplicate {
				s.Error("a body without a key repeats one that has a key")
			}
		},
		"identical ones in a batch": func(s *tale) {
			got := s.together(s.request("same", step(1, "", "")), s.request("same", step(1, "", "")),
				s.request("same", step(1, "", "")))
			if got[0].Receipts[0].Duplicate || !got[1].Receipts[0].Duplicate || !got[2].Receipts[0].Duplicate {
				s.Errorf("%+v", got)
			}
		},
		"identical ones count where they are set to be no repeat": func(s *tale) {
			s.cfg.Identical = 0
			got := s.together(s.request("same", step(1, "", "")), s.request("same", step(1, "", "")))
			if got[0].Receipts[0].Duplicate || got[1].Receipts[0].Duplicate {
				s.Errorf("%+v", got)
			}
		},
		"identical bodies of other projects and other kinds count": func(s *tale) {
			other := newTale(s.T, s.Store, s.ids)
			s.together(s.request("same", step(1, "", "")))
			if got := other.together(other.request("same", step(1, "", "")))[0]; got.Receipts[0].Duplicate {
				s.Errorf("%+v", got)
			}
			s.together(s.request("goal", goal(1, "a")))
			if got := s.together(s.request("goal", goal(1, "a")))[0]; got.Receipts[0].Duplicate {
				s.Errorf("only add_event has this rule: %+v", got)
			}
		},
	})
}

// withKey gives a request an Idempotency-Key.
func withKey(key string, a usecase.Arrival) usecase.Arrival {
	a.IdempotencyKey = key
	return a
}

func TestIdempotencyKey(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"the same body gets the same answer for a day": func(s *tale) {
			first := s.together(withKey("k", s.request("a", start(1, ""))))[0]
			s.after(day)
			again := s.together(withKey("k", s.request("a", start(1, ""))))[0]
			s.ok(again.err)
			if !again.Replayed || !again.Receipts[0].Duplicate || again.Receipts[0].ID != first.Receipts[0].ID ||
				s.who(1).Seq != 1 {
				s.Errorf("%+v after %+v", again, first)
			}
			s.after(time.Second)
			late := s.together(withKey("k", s.request("b", start(1, ""))))[0]
			if late.err != nil || late.Receipts[0].Duplicate {
				s.Errorf("the key is free after a day: %+v", late)
			}
		},
		"another body is a conflict": func(s *tale) {
			s.together(withKey("k", s.request("a", start(1, ""))))
			if got := s.together(withKey("k", s.request("b", start(2, ""))))[0]; !errors.Is(got.err,
				domain.ErrConflict) {
				s.Errorf("%+v", got)
			}
			s.unknown(2)
		},
		"each method and project has its own keys": func(s *tale) {
			s.together(withKey("k", s.request("a", start(1, ""))))
			r := withKey("k", s.request("b", start(2, "")))
			r.Method = "another"
			if got := s.together(r)[0]; got.err != nil || got.Replayed {
				s.Errorf("%+v", got)
			}
			other := newTale(s.T, s.Store, s.ids)
			if got := other.together(withKey("k", other.request("b", start(2, ""))))[0]; got.err != nil ||
				got.Replayed {
				s.Errorf("%+v", got)
			}
		},
		"in one batch": func(s *tale) {
			got := s.together(withKey("k", s.request("a", start(1, ""))), withKey("k", s.request("a", start(1, ""))),
				withKey("k", s.request("b", start(1, ""))))
			if got[0].err != nil || got[0].Replayed || !got[1].Replayed || !got[1].Receipts[0].Duplicate ||
				!errors.Is(got[2].err, domain.ErrConflict) {
				s.Errorf("%+v", got)
			}
			if seq := s.who(1).Seq; seq != 1 {
				s.Errorf("%d events", seq)
			}
		},
		"a refused goal that was kept is refused again": func(s *tale) {
			s.send(start(1, ""))
			first := s.together(withKey("k", s.request("a", goal(1, "lead"))))[0]
			again := s.together(withKey("k", s.request("a", goal(1, "lead"))))[0]
			s.ok(again.err)
			if first.Refusal == "" || again.Refusal != first.Refusal || !again.Replayed || s.who(1).Seq != 2 {
				s.Errorf("%+v after %+v", again, first)
			}
		},
		"a limited request leaves the key free": func(s *tale) {
			s.p.Limits = domain.Limits{PerSecond: 1}
			s.send(start(1, ""))
			limited := s.together(withKey("k", s.request("a", start(2, ""))))[0]
			if !errors.Is(limited.err, domain.ErrLimited) {
				s.Fatalf("%+v", limited)
			}
			s.after(time.Second)
			if got := s.together(withKey("k", s.request("b", start(2, ""))))[0]; got.err != nil || got.Replayed {
				s.Errorf("%+v", got)
			}
		},
		"a kept answer is given beyond the limits": func(s *tale) {
			s.p.Limits = domain.Limits{PerSecond: 1}
			s.together(withKey("k", s.request("a", start(1, ""))))
			in := s.ingest()
			got := together(s.T, in, withKey("k", s.request("a", start(1, ""))), s.request("c", start(2, "")))
			if got[0].err != nil || !got[0].Replayed || !errors.Is(got[1].err, domain.ErrLimited) {
				s.Errorf("%+v", got)
			}
		},
		"a read has keys as well": func(s *tale) {
			r := withKey("k", s.request("a"))
			r.Read = true
			if got := s.together(r, r); got[0].err != nil || got[1].err != nil || !got[1].Replayed {
				s.Errorf("%+v", got)
			}
		},
	})
}

func TestLimits(t *testing.T) {
	limited := func(rs []result) []bool {
		out := []bool{}
		for _, r := range rs {
			out = append(out, errors.Is(r.err, domain.ErrLimited))
		}
		return out
	}
	expect := func(s *tale, got []result, want ...bool) {
		s.Helper()
		if !slices.Equal(limited(got), want) {
			s.Errorf("%+v, want limited %v", got, want)
		}
	}
	tales(t, map[string]func(s *tale){
		"in a batch": func(s *tale) {
			s.p.Limits = domain.Limits{PerSecond: 2}
			got := s.together(s.request("1", start(1, "")), s.request("2", start(2, "")), s.request("3", start(3, "")))
			expect(s, got, false, false, true)
			s.unknown(3)
			var e *usecase.LimitError
			if !errors.As(got[2].err, &e) || e.Limit != "per second" || e.Max != 2 ||
				!e.Until.Equal(monday.Add(time.Second)) {
				s.Errorf("%+v", got[2].err)
			}
		},
		"over all processes": func(s *tale) {
			s.p.Limits = domain.Limits{PerHour: 2}
			expect(s, s.together(s.request("1", start(1, ""))), false) // each has an Ingest of its own
			s.after(time.Minute)
			expect(s, s.together(s.request("2", start(2, ""))), false)
			s.after(time.Minute)
			expect(s, s.together(s.request("3", start(3, ""))), true)
			s.after(time.Hour)
			expect(s, s.together(s.request("4", start(4, ""))), false)
		},
		"what means nothing is not counted": func(s *tale) {
			s.p.Limits = domain.Limits{PerDay: 1}
			got := s.together(s.request("1"), s.request("2"), s.request("3", start(1, "")),
				s.request("4", start(2, "")),
				s.request("5"))
			expect(s, got, false, false, false, true, false)
		},
		"a read is counted": func(s *tale) {
			s.p.Limits = domain.Limits{PerDay: 1}
			r := s.request("1")
			r.Read = true
			expect(s, s.together(r, s.request("2", start(1, ""))), false, true)
		},
		"a replay is not": func(s *tale) {
			s.p.Limits = domain.Limits{PerDay: 1}
			r := s.request("1", start(1, ""))
			r.Replay = true
			expect(s, s.together(r, s.request("2", start(2, "")), r), false, false, false)
		},
		"one project's limit is not another's": func(s *tale) {
			other := newTale(s.T, s.Store, s.ids)
			s.p.Limits, other.p.Limits = domain.Limits{PerDay: 1}, domain.Limits{PerDay: 1}
			expect(s, s.together(s.request("1", start(1, "")), other.request("1", start(1, "")),
				s.request("2", start(1, ""))),
				false, false, true)
		},
		"a request of many signals is one in the second, and many in hour and day": func(s *tale) {
			s.p.Limits = domain.Limits{PerSecond: 2, PerDay: 3}
			expect(s, s.together(s.request("1", start(1, ""), start(2, "")),
				s.request("2", start(3, ""), start(4, ""))), false, true)
			s.unknown(3) // all of it or nothing
			expect(s, s.together(s.request("3", start(5, "")), s.request("4", start(6, ""))), false, true)
		},
		"what never fits says so": func(s *tale) {
			s.p.Limits = domain.Limits{PerHour: 2}
			got := s.together(s.request("1", start(1, ""), start(2, ""), start(3, "")))
			expect(s, got, true)
			var e *usecase.LimitError
			if !errors.As(got[0].err, &e) || !e.Never || !strings.Contains(e.Error(), "never") {
				s.Errorf("%+v", got[0].err)
			}
			expect(s, s.together(s.request("2", start(1, ""), start(2, ""))), false)
		},
		"the installation's caps stand above the project's": func(s *tale) {
			s.p.Limits, s.cfg.Caps = domain.Limits{}, domain.Limits{PerHour: 1}
			got := s.together(s.request("1", start(1, "")), s.request("2", start(2, "")))
			expect(s, got, false, true)
			var e *usecase.LimitError
			if !errors.As(got[1].err, &e) || !e.Cap || e.Max != 1 {
				s.Errorf("%+v", got[1].err)
			}
			s.p.Limits, s.cfg.Caps = domain.Limits{PerHour: 2}, domain.Limits{PerHour: 3}
			if got = s.together(s.request("3", start(3, ""), start(4, ""))); !errors.As(got[0].err, &e) || e.Cap {
				s.Errorf("the project's own is lower: %+v", got[0].err)
			}
		},
		"memory knows what is left": func(s *tale) {
			s.p.Limits = domain.Limits{PerHour: 3}
			in := s.ingest()
			expect(s, together(s.T, in, s.request("1", start(1, "")),
				s.request("2", start(2, ""), start(3, ""), start(4, ""))), false, true)
			if _, err := in.Submit(s.Context(), s.request("3", start(3, ""), start(4, ""), start(5, ""))); !errors.Is(
				err, domain.ErrLimited) {
				s.Error(err)
			}
			// What fits is for the database to say, and this one stores nothing more.
			_, err := in.Submit(s.Context(), s.request("4", start(3, ""), start(4, "")))
			if !errors.Is(err, domain.ErrUnavailable) {
				s.Error(err)
			}
		},
		"known in memory until the window ends or the limit is raised": func(s *tale) {
			s.p.Limits = domain.Limits{PerHour: 1}
			in := s.ingest()
			expect(s, together(s.T, in, s.request("1", start(1, "")), s.request("2", start(2, ""))), false, true)
			// This one no longer stores anything: only its memory can answer.
			if _, err := in.Submit(s.Context(), s.request("3", start(3, ""))); !errors.Is(err, domain.ErrLimited) {
				s.Error(err)
			}
			raised := s.request("4", start(4, ""))
			view := *s.p
			view.Limits.PerHour = 2
			raised.Project = &view
			if _, err := in.Submit(s.Context(), raised); !errors.Is(err, domain.ErrUnavailable) {
				s.Error(err)
			}
		},
	})
}
