package usecase_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestVerdicts(t *testing.T) {
	stories := map[string]func(s *tale){}
	for class, c := range map[usecase.VerdictClass]struct{ state, health string }{
		usecase.VerdictDelivered:     {"a delivered 1", "healthy"},
		usecase.VerdictDuplicate:     {"a delivered 1", "healthy"},
		usecase.VerdictAccepted:      {"a accepted 1 +1s", "healthy"},
		usecase.VerdictRetry:         {"a retrying 1 +1s", "degraded: because retry"},
		usecase.VerdictThrottled:     {"a retrying 1 +1s", "throttled: because throttled"},
		usecase.VerdictAuthRevoked:   {"a parked 1", "reauth paused: because auth_revoked"},
		usecase.VerdictMisconfigured: {"a parked 1", "misconfigured paused: because misconfigured"},
		usecase.VerdictDisabled:      {"a parked 1", "disabled paused: because disabled"},
		usecase.VerdictRejected:      {"a rejected 1", "healthy"},
		usecase.VerdictUnmatched:     {"a unmatched 1", "healthy"},
		usecase.VerdictExpired:       {"a expired 1", "healthy"},
		usecase.VerdictUncertain:     {"a uncertain 1", "degraded: because uncertain"},
	} {
		stories[string(class)] = func(s *tale) {
			a := s.lot(1)
			s.attempt(verdict(class))
			s.expect(c.state)
			got := s.all()[0]
			if got.StatusReason != "because "+string(class) || (got.DeliveredAt != nil) != (got.Status == domain.Delivered) {
				s.Errorf("%+v", got)
			}
			if h := s.health(a); h != c.health {
				s.Errorf("the account is %q, want %q", h, c.health)
			}
			attempts, err := s.Attempts(s.Context(), s.p.ID, got.ID)
			s.ok(err)
			if len(attempts) != 1 || attempts[0].Verdict != string(class) {
				s.Errorf("%+v", attempts)
			}
		}
	}
	stories["uncertain, but may be asked again"] = func(s *tale) {
		a := s.lot(1)
		d := verdict(usecase.VerdictUncertain)
		d.repeatable = true
		s.attempt(d)
		s.expect("a retrying 1 +1s")
		if h := s.health(a); h != "degraded: because uncertain" {
			s.Error(h)
		}
	}
	stories["breaker open"] = func(s *tale) {
		a := s.lot(1)
		d := verdict("")
		d.answer = func(domain.Conversion) usecase.Verdict {
			return usecase.Verdict{Class: usecase.VerdictBreakerOpen, After: 30 * time.Second}
		}
		s.attempt(d)
		s.expect("a parked 0 +30s") // nobody was asked
		if h := s.health(a); h != "healthy" {
			s.Error(h)
		}
		s.after(30 * time.Second)
		s.attempt(verdict(usecase.VerdictDelivered))
		s.expect("a delivered 1")
	}
	stories["the network says when"] = func(s *tale) {
		s.lot(1)
		d := verdict("")
		d.answer = func(domain.Conversion) usecase.Verdict {
			return usecase.Verdict{Class: usecase.VerdictThrottled, After: time.Hour, Asked: true}
		}
		s.attempt(d)
		s.expect("a retrying 1 +1h0m0s")
	}
	stories["a row may fail alone"] = func(s *tale) {
		a := s.lot(3)
		d := verdict("")
		d.answer = func(c domain.Conversion) usecase.Verdict {
			class := map[string]usecase.VerdictClass{"a": usecase.VerdictDelivered, "b": usecase.VerdictRejected, "c": usecase.VerdictRetry}[c.Target]
			return usecase.Verdict{Class: class, Asked: true, Reason: "r"}
		}
		s.attempt(d)
		s.expect("a delivered 1", "b rejected 1", "c retrying 1 +1s")
		if h := s.health(a); h != "degraded: r" {
			s.Error(h)
		}
	}
	stories["delays double up to the longest"] = func(s *tale) {
		s.lot(1)
		for i, want := range []string{"+1s", "+2s", "+4s", "+5s", "+5s"} {
			s.attempt(verdict(usecase.VerdictRetry))
			s.expect("a retrying " + string(rune('1'+i)) + " " + want)
			s.after(5 * time.Second)
		}
	}
	stories["an account gets well again"] = func(s *tale) {
		a := s.lot(1)
		s.attempt(verdict(usecase.VerdictRetry))
		s.after(time.Second)
		s.attempt(verdict(usecase.VerdictDelivered))
		s.expect("a delivered 2")
		if h := s.health(a); h != "healthy" {
			s.Error(h)
		}
	}
	tales(t, stories)
}

func TestPolls(t *testing.T) {
	accept := func(s *tale) *domain.Account {
		s.Helper()
		a := s.lot(1)
		d := verdict("")
		d.answer = func(domain.Conversion) usecase.Verdict {
			return usecase.Verdict{Class: usecase.VerdictAccepted, Handle: "upload 7", After: time.Minute, Asked: true}
		}
		s.attempt(d)
		s.expect("a accepted 1 +1m0s")
		s.after(time.Minute)
		return a
	}
	stories := map[string]func(s *tale){}
	for class, want := range map[usecase.VerdictClass]string{
		usecase.VerdictDelivered: "a delivered 1", usecase.VerdictUnmatched: "a unmatched 1", usecase.VerdictRejected: "a rejected 1",
	} {
		stories[string(class)] = func(s *tale) {
			accept(s)
			d := verdict(class)
			s.attempt(d)
			s.expect(want)
			if !slices.Equal(d.called(), []string{"poll a"}) || d.asked[0].Handle != "upload 7" {
				s.Errorf("%q, %+v", d.called(), d.asked)
			}
		}
	}
	stories["not decided yet"] = func(s *tale) {
		accept(s)
		d := verdict("")
		d.answer = func(c domain.Conversion) usecase.Verdict {
			return usecase.Verdict{Class: usecase.VerdictAccepted, Handle: c.Handle, After: time.Hour, Asked: true}
		}
		s.attempt(d)
		s.expect("a accepted 1 +1h0m0s")
		if h := s.all()[0].Handle; h != "upload 7" {
			s.Errorf("handle %q", h)
		}
	}
	stories["access revoked"] = func(s *tale) {
		a := accept(s)
		s.attempt(verdict(usecase.VerdictAuthRevoked))
		s.expect("a accepted 1 +5s") // the network has it: it is not to be sent again
		if h := s.health(a); h != "reauth paused: because auth_revoked" {
			s.Error(h)
		}
		s.after(5 * time.Second)
		d := verdict(usecase.VerdictDelivered)
		s.attempt(d)
		s.expect("a accepted 1 +5s")
		if len(d.called()) != 0 {
			s.Errorf("a paused account was called: %q", d.called())
		}
		if h := s.all()[0].Handle; h != "upload 7" {
			s.Errorf("handle %q", h)
		}
	}
	stories["the service stopped while it was asked"] = func(s *tale) {
		accept(s)
		s.crash()
		d := verdict(usecase.VerdictDelivered)
		s.attempt(d)
		s.expect("a delivered 1")
		if !slices.Equal(d.called(), []string{"poll a"}) {
			s.Errorf("%q", d.called())
		}
	}
	tales(t, stories)
}

// crash is a process that claims what is due and is never heard of again.
func (s *tale) crash() []domain.Conversion {
	s.Helper()
	ids := []string{}
	for _, c := range s.due() {
		ids = append(ids, c.ID)
	}
	cs, err := s.Claim(s.Context(), ids, "the one that crashed", s.ids.next(), s.now, s.now.Add(time.Minute))
	s.ok(err)
	s.after(time.Minute)
	return cs
}

func TestInterruptions(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"what another process holds is left alone": func(s *tale) {
			s.lot(2)
			due := s.due()
			_, err := s.Claim(s.Context(), []string{due[0].ID}, "another", s.ids.next(), s.now, s.now.Add(time.Minute))
			s.ok(err)
			d := verdict(usecase.VerdictDelivered)
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver b"}) {
				s.Errorf("%q", d.called())
			}
		},
		"what is done is skipped": func(s *tale) {
			s.lot(1)
			due := s.due()
			s.attempt(verdict(usecase.VerdictDelivered))
			d := verdict(usecase.VerdictDelivered)
			sender := s.sender(delivering(), s.Store, d)
			s.ok(sender.Handle(s.Context(), append(due, due...)))
			if len(d.called()) != 0 {
				s.Errorf("%q", d.called())
			}
			s.expect("a delivered 1")
		},
		"after a crash, where repeats are harmless": func(s *tale) {
			s.lot(2)
			lost := s.crash()
			d := verdict(usecase.VerdictDelivered)
			d.repeatable = true
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver a! b!"}) || d.asked[0].BatchID != lost[0].BatchID {
				s.Errorf("%q in batch %s, the lost one was %s", d.called(), d.asked[0].BatchID, lost[0].BatchID)
			}
			s.expect("a delivered 1", "b delivered 1")
		},
		"after a crash, where they are not": func(s *tale) {
			s.lot(2)
			s.crash()
			d := verdict(usecase.VerdictDelivered)
			s.attempt(d)
			s.expect("a uncertain 0", "b uncertain 0")
			if len(d.called()) != 0 {
				s.Errorf("%q", d.called())
			}
		},
		"after a crash and a failure it is still the same attempt": func(s *tale) {
			s.lot(1)
			lost := s.crash()
			d := verdict(usecase.VerdictRetry)
			d.repeatable = true
			s.attempt(d)
			s.after(time.Minute)
			d.answer = verdict(usecase.VerdictDelivered).answer
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver a!", "deliver a!"}) || d.asked[1].BatchID != lost[0].BatchID {
				s.Errorf("%q", d.called())
			}
		},
		"an ordinary failure makes a new attempt": func(s *tale) {
			s.lot(1)
			d := verdict(usecase.VerdictRetry)
			s.attempt(d)
			s.after(time.Second)
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver a", "deliver a"}) || d.asked[0].BatchID == d.asked[1].BatchID {
				s.Errorf("%q", d.called())
			}
		},
		"what does not fit in memory waits in the database": func(s *tale) {
			s.lot(5)
			cfg := delivering()
			cfg.Backlog, cfg.Parallel = 2, 1
			d := verdict(usecase.VerdictDelivered)
			d.batch = 1
			s.attemptBy(s.sender(cfg, s.Store, d))
			s.expect("a delivered 1", "b delivered 1", "c pending 0 +1s", "d pending 0 +1s", "e pending 0 +1s")
			s.after(time.Second)
			s.attempt(d)
			if !slices.Equal(d.called()[2:], []string{"deliver c", "deliver d", "deliver e"}) && len(d.called()) != 5 {
				s.Errorf("%q", d.called())
			}
			for _, c := range s.all() {
				if c.Status != domain.Delivered {
					s.Errorf("%s is %s", c.Target, c.Status)
				}
			}
		},
		"a claim that might end before the call is given back": func(s *tale) {
			s.lot(3)
			cfg := delivering()
			cfg.Parallel = 1
			d := verdict(usecase.VerdictDelivered)
			d.batch = 1
			d.during = func([]domain.Conversion) { s.drift.Store(int64(45 * time.Second)) } // of the minute
			s.attemptBy(s.sender(cfg, s.Store, d))
			d.during = nil
			s.drift.Store(0)
			s.after(45 * time.Second)
			s.expect("a delivered 1", "b pending 0 +1s", "c pending 0 +1s")
			s.after(time.Second)
			s.attempt(d)
			s.expect("a delivered 1", "b delivered 1", "c delivered 1") // nothing of it is uncertain
		},
		"a stop tears no call and loses nothing": func(s *tale) {
			s.lot(3)
			cfg := delivering()
			cfg.Parallel = 1
			inside, goOn := make(chan struct{}), make(chan struct{})
			d := verdict(usecase.VerdictDelivered)
			d.batch = 1
			d.during = func([]domain.Conversion) {
				close(inside)
				<-goOn
			}
			sender := s.sender(cfg, s.Store, d)
			ctx, cancel := context.WithCancel(s.Context())
			ended := make(chan error, 1)
			go func() { ended <- sender.Run(ctx) }()
			s.ok(sender.Handle(s.Context(), s.due()))
			<-inside
			cancel()
			close(goOn)
			s.ok(<-ended)
			s.expect("a delivered 1", "b pending 0 +0s", "c pending 0 +0s")
			next := verdict(usecase.VerdictDelivered)
			s.attempt(next)
			if !slices.Equal(next.called(), []string{"deliver b c"}) {
				s.Errorf("%q", next.called())
			}
		},
		"after the stop nothing is claimed": func(s *tale) {
			s.lot(1)
			d := verdict(usecase.VerdictDelivered)
			sender := s.sender(delivering(), s.Store, d)
			s.running(sender)()
			if err := sender.Handle(s.Context(), s.due()); !errors.Is(err, domain.ErrUnavailable) {
				s.Errorf("answered %v", err)
			}
			next := verdict(usecase.VerdictDelivered)
			s.attempt(next)
			if !slices.Equal(next.called(), []string{"deliver a"}) {
				s.Errorf("%q", next.called())
			}
		},
		"an outcome is written in the end": func(s *tale) {
			s.lot(1)
			st := &unsteady{DeliveryStore: s.Store}
			st.fail.Store(2)
			s.attemptBy(s.sender(delivering(), st, verdict(usecase.VerdictDelivered)))
			s.expect("a delivered 1")
		},
	})
}

// unsteady is the store, but for outcomes that it does not take at first and
// accounts that are gone.
type unsteady struct {
	usecase.DeliveryStore
	fail atomic.Int64 // outcomes that fail
	gone bool
	away bool // accounts can not be read
}

func (u *unsteady) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	if u.fail.Add(-1) >= 0 {
		return domain.ErrUnavailable
	}
	return u.DeliveryStore.Settle(ctx, ss, now)
}

func (u *unsteady) AccountsByID(ctx context.Context, ids []string) (map[string]domain.Account, error) {
	if u.away {
		return nil, domain.ErrUnavailable
	}
	if u.gone {
		return map[string]domain.Account{}, nil
	}
	return u.DeliveryStore.AccountsByID(ctx, ids)
}

func TestAccounts(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"revoked access parks all that waits": func(s *tale) {
			a := s.lot(4)
			cfg := delivering()
			cfg.Parallel = 1
			d := verdict(usecase.VerdictAuthRevoked)
			d.batch = 2
			s.attemptBy(s.sender(cfg, s.Store, d))
			s.expect("a parked 1", "b parked 1", "c parked 0", "d parked 0")
			if calls := d.called(); len(calls) != 1 {
				s.Errorf("%q", calls)
			}
			n, err := s.ResumeAccount(s.Context(), a.ID, false, s.now)
			s.ok(err)
			if n != 4 {
				s.Errorf("%d resumed", n)
			}
			s.expect("a retrying 1 +0s", "b retrying 1 +0s", "c pending 0 +0s", "d pending 0 +0s")
		},
		"a call that ends after the access was revoked does not heal": func(s *tale) {
			a := s.lot(2)
			revoked := make(chan struct{})
			d := verdict("")
			d.batch = 1
			d.answer = func(c domain.Conversion) usecase.Verdict {
				if c.Target == "a" {
					return usecase.Verdict{Class: usecase.VerdictAuthRevoked, Reason: "revoked", Asked: true}
				}
				<-revoked
				return usecase.Verdict{Class: usecase.VerdictRetry, Reason: "slow", Asked: true}
			}
			st := &watched{DeliveryStore: s.Store, paused: revoked}
			s.attemptBy(s.sender(delivering(), st, d))
			if h := s.health(a); h != "reauth paused: revoked" {
				s.Error(h)
			}
		},
		"a paused account is not called": func(s *tale) {
			a := s.lot(1)
			s.ok(s.SetHealth(s.Context(), a.ID, domain.Healthy, "", true, s.now))
			d := verdict(usecase.VerdictDelivered)
			s.attempt(d)
			s.expect("a parked 0")
			if len(d.called()) != 0 {
				s.Errorf("%q", d.called())
			}
		},
		"a paused account keeps what was lost in a crash": func(s *tale) {
			a := s.lot(1)
			lost := s.crash()
			s.ok(s.SetHealth(s.Context(), a.ID, domain.Healthy, "", true, s.now))
			s.attempt(verdict(usecase.VerdictDelivered))
			s.expect("a parked 0")
			settings := *a
			settings.Paused = false
			s.ok(s.UpdateAccount(s.Context(), settings))
			_, err := s.ResumeAccount(s.Context(), a.ID, false, s.now)
			s.ok(err)
			d := verdict(usecase.VerdictDelivered)
			d.repeatable = true
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver a!"}) || d.asked[0].BatchID != lost[0].BatchID {
				s.Errorf("%q", d.called())
			}
		},
		"of a deleted account is rejected": func(s *tale) {
			a := s.lot(1)
			due := s.due()
			s.ok(s.DeleteAccount(s.Context(), s.p.ID, a.ID, s.now))
			d := verdict(usecase.VerdictDelivered)
			s.ok(s.sender(delivering(), s.Store, d).Handle(s.Context(), due))
			s.expect("a rejected 0")
			if len(d.called()) != 0 {
				s.Errorf("%q", d.called())
			}
		},
		"deleted between claim and call": func(s *tale) {
			s.lot(1)
			s.attemptBy(s.sender(delivering(), &unsteady{DeliveryStore: s.Store, gone: true}, verdict(usecase.VerdictDelivered)))
			s.expect("a rejected 0")
			if why := s.all()[0].StatusReason; why != "the ad account was deleted" {
				s.Error(why)
			}
		},
		"accounts can not be read": func(s *tale) {
			s.lot(1)
			sender := s.sender(delivering(), &unsteady{DeliveryStore: s.Store, away: true}, verdict(usecase.VerdictDelivered))
			stop := s.running(sender)
			if err := sender.Handle(s.Context(), s.due()); !errors.Is(err, domain.ErrUnavailable) {
				s.Error(err)
			}
			stop()
			s.expect("a pending 0 +0s")
			d := verdict(usecase.VerdictDelivered)
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver a"}) {
				s.Errorf("%q", d.called())
			}
		},
		"a slow account keeps nobody waiting": func(s *tale) {
			slow := s.lot(1)
			fast := s.account("beacon", func(a *domain.Account) { a.ActivationGoal, a.Settings["receive"] = "", "all" })
			s.send(goal(1, "z"))
			goOn := make(chan struct{})
			done := make(chan struct{})
			d := verdict(usecase.VerdictDelivered)
			d.during = func(cs []domain.Conversion) {
				if cs[0].AccountID == slow.ID {
					<-goOn
				} else if cs[0].AccountID == fast.ID {
					close(done)
				}
			}
			sender := s.sender(delivering(), s.Store, d)
			stop := s.running(sender)
			s.ok(sender.Handle(s.Context(), s.due()))
			<-done
			close(goOn)
			eventually(s, "all to be sent", sender.Idle)
			stop()
			s.expect("a delivered 1", "z delivered 1", "z delivered 1")
		},
	})
}

// watched tells when an account was paused.
type watched struct {
	usecase.DeliveryStore
	paused chan struct{}
}

func (w *watched) SetHealth(ctx context.Context, id string, h domain.Health, reason string, pause bool, now time.Time) error {
	err := w.DeliveryStore.SetHealth(ctx, id, h, reason, pause, now)
	if pause {
		defer close(w.paused)
	}
	return err
}

// Run looks at all projects, so this tale has a database to itself.
func TestWindowsEnd(t *testing.T) {
	tales(t, map[string]func(s *tale){"while it waits": func(s *tale) {
		s.lot(2)
		s.attempt(verdict(usecase.VerdictRetry))
		s.after(14*day + time.Second)
		sender := s.sender(delivering(), s.Store, verdict(usecase.VerdictDelivered))
		stop := s.running(sender)
		eventually(s, "the window to end", func() bool {
			return !slices.ContainsFunc(s.all(), func(c domain.Conversion) bool { return c.Status != domain.Expired })
		})
		stop()
		s.expect("a expired 1", "b expired 1")
	}})
}
