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

// unsteady is the store, but for outcomes that it does not take at first and
// accounts that are gone.
type unsteady struct {
	usecase.DeliveryStore
	fail   atomic.Int64 // outcomes that fail
	leases atomic.Int64 // that were made
	gone   bool
	away   bool // accounts can not be read
	// broken is the conversion whose outcome the database refuses, with its
	// reason or, where that is empty, whatever it is.
	broken, because string
}

func (u *unsteady) Lease(
	ctx context.Context, ids []string, owner string, now, until time.Time,
) ([]domain.Conversion, error) {
	u.leases.Add(1)
	return u.DeliveryStore.Lease(ctx, ids, owner, now, until)
}

func (u *unsteady) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	if u.fail.Add(-1) >= 0 {
		return domain.ErrUnavailable
	}
	for _, x := range ss {
		if x.ID == u.broken && (u.because == "" || x.Reason == u.because) {
			return domain.ErrInvalid
		}
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
			if n := s.resume(a); n != 4 {
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
					return usecase.Verdict{
						Class: usecase.VerdictAuthRevoked, Reason: "revoked",
						Exchange: &usecase.Exchange{},
					}
				}
				<-revoked
				return usecase.Verdict{
					Class: usecase.VerdictRetry, Reason: "slow", Exchange: &usecase.Exchange{},
				}
			}
			st := &watched{DeliveryStore: s.Store, paused: revoked}
			s.attemptBy(s.sender(delivering(), st, d))
			if h := s.health(a); h != "reauth paused: revoked" {
				s.Error(h)
			}
		},
		"a warning of the network is kept with the account until somebody changes it": func(s *tale) {
			a := s.lot(2)
			d := verdict("")
			d.answer = func(c domain.Conversion) usecase.Verdict {
				v := usecase.Verdict{Class: usecase.VerdictDelivered, Exchange: &usecase.Exchange{}}
				if c.Target == "b" {
					v.Reason, v.Warning = "warned: b is odd", "b is odd"
				}
				return v
			}
			s.attempt(d)
			s.expect("a delivered 1", "b delivered 1")
			if h := s.health(a); h != "healthy" {
				s.Error(h)
			}
			if why := s.all()[1].StatusReason; why != "warned: b is odd" {
				s.Errorf("the conversion says %q", why)
			}
			stored := func() domain.Account {
				as, err := s.AccountsByID(s.Context(), []string{a.ID})
				s.ok(err)
				return as[a.ID]
			}
			got := stored()
			if got.NetworkWarning != "b is odd" || !got.NetworkWarnedAt.Equal(s.now) {
				s.Errorf("kept %q of %s", got.NetworkWarning, got.NetworkWarnedAt)
			}
			got.Name = "changed"
			s.ok(s.UpdateAccount(s.Context(), got, usecase.AccountUpdate{}))
			if got = stored(); got.NetworkWarning != "" {
				s.Errorf("after a change it still says %q", got.NetworkWarning)
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
			s.resume(a)
			d := verdict(usecase.VerdictDelivered)
			d.repeatable = true
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver a!"}) || d.asked[0].BatchID != lost[0].BatchID {
				s.Errorf("%q", d.called())
			}
		},
		"of a deleted account is rejected": func(s *tale) {
			a := s.lot(1)
			s.ok(s.DeleteAccount(s.Context(), s.p.ID, a.ID, s.now, nil))
			d := verdict(usecase.VerdictDelivered)
			s.attempt(d)
			s.expect("a rejected 0")
			if len(d.called()) != 0 {
				s.Errorf("%q", d.called())
			}
		},
		"deleted between lease and call": func(s *tale) {
			s.lot(1)
			st := &unsteady{DeliveryStore: s.Store, gone: true}
			s.attemptBy(s.sender(delivering(), st, verdict(usecase.VerdictDelivered)))
			s.expect("a rejected 0")
			if why := s.all()[0].StatusReason; why != "the ad account was deleted" {
				s.Error(why)
			}
		},
		"accounts can not be read": func(s *tale) {
			s.lot(1)
			st := &unsteady{DeliveryStore: s.Store, away: true}
			sender := s.sender(delivering(), st, verdict(usecase.VerdictDelivered))
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
		"those handed over together are leased at once": func(s *tale) {
			s.lot(2)
			s.account("beacon", takesAll)
			s.send(goal(1, "z"))
			due := s.due()
			st := &unsteady{DeliveryStore: s.Store}
			sender := s.sender(delivering(), st, verdict(usecase.VerdictDelivered))
			stop := s.running(sender)
			s.ok(sender.Handle(s.Context(), due))
			eventually(s, "all to be sent", sender.Idle)
			stop()
			s.expect("a delivered 1", "b delivered 1", "z delivered 1", "z delivered 1")
			if n := st.leases.Load(); len(due) != 2 || n != 1 {
				s.Errorf("%d leases for %v", n, due)
			}
		},
		"paused, it sends nothing more": func(s *tale) {
			a := s.lot(4)
			cfg := delivering()
			cfg.Parallel = 1
			d := verdict(usecase.VerdictDelivered)
			d.batch = 1
			d.during = func([]domain.Conversion) {
				paused := *a
				paused.Paused = true
				s.ok(s.UpdateAccount(s.Context(), paused, usecase.AccountUpdate{}))
			}
			s.attemptBy(s.sender(cfg, s.Store, d))
			s.expect("a delivered 1", "b pending 0 +0s", "c pending 0 +0s", "d pending 0 +0s")
			d.during = nil
			s.attempt(d)
			s.expect("a delivered 1", "b parked 0", "c parked 0", "d parked 0")
			if len(d.called()) != 1 {
				s.Errorf("%q", d.called())
			}
		},
		"new settings act on the next call": func(s *tale) {
			a := s.lot(3)
			cfg := delivering()
			cfg.Parallel = 1
			d := verdict(usecase.VerdictDelivered)
			d.batch = 1
			d.during = func([]domain.Conversion) { s.ok(s.UpdateAccount(s.Context(), *a, usecase.AccountUpdate{})) }
			s.attemptBy(s.sender(cfg, s.Store, d))
			s.expect("a delivered 1", "b pending 0 +0s", "c pending 0 +0s")
			d.during = nil
			s.attempt(d)
			s.expect("a delivered 1", "b delivered 1", "c delivered 1")
		},
		"a slow account keeps nobody waiting": func(s *tale) {
			slow := s.lot(1)
			fast := s.account("beacon", takesAll)
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

func (w *watched) SetHealth(
	ctx context.Context, id string, h domain.Health, reason string, pause bool, now time.Time,
) error {
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
			unexpired := func(c domain.Conversion) bool { return c.Status != domain.Expired }
			return !slices.ContainsFunc(s.all(), unexpired)
		})
		stop()
		s.expect("a expired 1", "b expired 1")
	}})
}
