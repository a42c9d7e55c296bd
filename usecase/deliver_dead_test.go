package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestDeadSender(t *testing.T) {
	tales(t, map[string]func(s *tale){"what a sender held that died is sent by another": heldByADeadOne})
}

// leased are conversions that a process holds, by target.
func (s *tale) leased(owner string, targets ...string) []domain.Conversion {
	s.Helper()
	var ids []string
	for _, c := range s.all() {
		if slices.Contains(targets, c.Target) {
			ids = append(ids, c.ID)
		}
	}
	cs, err := s.Lease(s.Context(), ids, owner, s.now, s.now.Add(time.Hour))
	s.ok(err)
	if len(cs) != len(targets) {
		s.Fatalf("%s has %d of %q", owner, len(cs), targets)
	}
	for i := range cs {
		cs[i].BatchID, cs[i].AccountVersion = "named by "+owner, 1
	}
	return cs
}

func heldByADeadOne(s *tale) {
	s.lot(4)
	dead := s.leased("dead", "a", "b")
	_, err := s.Begin(s.Context(), dead[:1], "dead", s.now)
	s.ok(err)
	s.leased("living", "c")
	s.leased("forgotten", "d") // it is not even listed
	sign := func(id string, at time.Time) error {
		_, err := s.SignProcess(s.Context(), usecase.Process{ID: id, Host: id, StartedAt: s.now, SeenAt: at}, time.Time{})
		return err
	}
	s.ok(sign("dead", s.now))
	s.ok(sign("living", s.now))
	signing, stop := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for at := s.now; ; at = at.Add(time.Second) {
			if err := sign("living", at); err != nil {
				ended <- err
				return
			}
			select {
			case <-tick.C:
			case <-signing.Done():
				ended <- nil
				return
			}
		}
	}()
	cfg := delivering()
	cfg.DeadAfter = time.Second
	d := verdict(usecase.VerdictDelivered)
	d.repeatable = true
	sender := s.sender(cfg, s.Store, d)
	stopSender := s.running(sender)
	eventually(s, "the dead to be taken over", func() bool {
		owners, err := s.LeaseOwners(s.Context())
		s.ok(err)
		return slices.Equal(owners, []string{"living"})
	})
	// The dead one was only frozen, and wakes up.
	held, err := s.Begin(s.Context(), dead, "dead", s.now)
	s.ok(err)
	if len(held) != 0 {
		s.Errorf("the one that was taken for dead begins %d attempts", len(held))
	}
	s.ok(sender.Handle(s.Context(), s.due()))
	eventually(s, "all to be sent", sender.Idle)
	stopSender()
	stop()
	s.ok(<-ended)
	if !slices.Equal(d.called(), []string{"deliver a! b d"}) || d.asked[0].BatchID != dead[0].BatchID {
		s.Errorf("%q, a under %q", d.called(), d.asked[0].BatchID)
	}
	s.expect("a delivered 1", "b delivered 1", "c pending 0 +0s", "d delivered 1")
}

// A process that the others may not know to live begins nothing.
func TestSenderWithoutASign(t *testing.T) {
	tales(t, map[string]func(s *tale){"nothing begins while the others may take it for dead": func(s *tale) {
		s.lot(1)
		d := verdict(usecase.VerdictDelivered)
		cfg := delivering()
		clock := func() time.Time { return s.now }
		sender := usecase.NewDeliver(cfg, s.Store, d, silent{}, s.ids.next, clock,
			func(time.Duration) time.Duration { return 0 }, slog.New(slog.DiscardHandler))
		s.attemptBy(sender)
		s.expect("a pending 0 +1s")
		if len(d.called()) != 0 {
			s.Errorf("%q", d.called())
		}
	}})
}

// silent is a process that can give no sign.
type silent struct{}

func (silent) ID() string { return "silent" }

func (silent) Assure(context.Context) error { return errors.New("the database is away") }

// A sign that was given lately is enough; else one is given first.
func TestProcessAssures(t *testing.T) {
	t.Parallel()
	st := &signs{}
	p := usecase.NewProcesses(st, usecase.Process{ID: "p"}, noneOff, unbound, time.Now, slog.New(slog.DiscardHandler))
	for range 3 {
		if err := p.Assure(t.Context()); err != nil || st.n != 1 {
			t.Fatalf("%d signs, %v", st.n, err)
		}
	}
	st.err = fmt.Errorf("away: %w", domain.ErrUnavailable)
	q := usecase.NewProcesses(st, usecase.Process{ID: "q"}, noneOff, unbound, time.Now, slog.New(slog.DiscardHandler))
	if err := q.Assure(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("assured without a sign: %v", err)
	}
}

// signs counts them.
type signs struct {
	usecase.ProcessStore
	n   int
	err error
}

func (s *signs) SignProcess(context.Context, usecase.Process, time.Time) (bool, error) {
	s.n++
	return false, s.err
}

// noneOff: no decoder is switched off.
func noneOff() []string { return nil }

// unbound: nobody asks how secrets are sealed.
func unbound(bool) {}
