package usecase_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// counted counts how often conversions are handed to a sender, by account.
type counted struct {
	usecase.DeliveryStore
	mu    sync.Mutex
	times map[string]int
}

func (c *counted) count(cs []domain.Conversion, err error) ([]domain.Conversion, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range cs {
		c.times[x.AccountID]++
	}
	return cs, err
}

func (c *counted) Lease(
	ctx context.Context, ids []string, owner string, now, until time.Time,
) ([]domain.Conversion, error) {
	return c.count(c.DeliveryStore.Lease(ctx, ids, owner, now, until))
}

func (c *counted) LeaseBacklog(
	ctx context.Context, shares []usecase.BacklogShare, owner string, now, until time.Time,
) ([]domain.Conversion, error) {
	return c.count(c.DeliveryStore.LeaseBacklog(ctx, shares, owner, now, until))
}

func (c *counted) of(a *domain.Account) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.times[a.ID]
}

// quick looks for backlogs all the time, so its tale has a database to itself.
func quick() usecase.DeliverConfig {
	cfg := delivering()
	cfg.LookForBacklogs = 2 * time.Millisecond
	return cfg
}

// many makes an account with n conversions.
func (s *tale) many(n int) *domain.Account {
	s.Helper()
	a := s.account("beacon", takesAll)
	c := s.click(s.link("ad", ""), "beacon=1")
	s.send(start(1, c.StartValue))
	for i := range n {
		s.send(goal(1, fmt.Sprint("g", i)))
	}
	return a
}

func (s *tale) delivered() int {
	s.Helper()
	n := 0
	for _, c := range s.all() {
		if c.Status == domain.Delivered {
			n++
		}
	}
	return n
}

func TestWhatDoesNotFitInMemoryWaitsInTheDatabase(t *testing.T) {
	tales(t, map[string]func(s *tale){"it": func(s *tale) {
		a := s.many(40)
		cfg := quick()
		cfg.Backlog, cfg.Parallel = 8, 1
		d := verdict(usecase.VerdictDelivered)
		d.batch = 1
		st := &counted{DeliveryStore: s.Store, times: map[string]int{}}
		sender := s.sender(cfg, st, d)
		stop := s.running(sender)
		s.ok(sender.Handle(s.Context(), s.due()))
		eventually(s, "all to be sent", func() bool { return s.delivered() == 40 })
		stop()
		// Once each, and again those that did not fit.
		if n := st.of(a); n > 40+40-cfg.Backlog || len(d.called()) != 40 {
			s.Errorf("%d hand-overs and %d calls for 40 conversions", n, len(d.called()))
		}
	}})
}

func TestALeaseThatMightEndBeforeTheCallIsGivenBack(t *testing.T) {
	tales(t, map[string]func(s *tale){"it": func(s *tale) {
		s.lot(3)
		cfg := quick()
		cfg.Parallel = 1
		d := verdict(usecase.VerdictDelivered)
		d.batch = 1
		var once sync.Once
		d.during = func([]domain.Conversion) { once.Do(func() { s.drift.Store(int64(45 * time.Second)) }) }
		sender := s.sender(cfg, s.Store, d)
		stop := s.running(sender)
		s.ok(sender.Handle(s.Context(), s.due()))
		eventually(s, "all to be sent", func() bool { return s.delivered() == 3 })
		stop()
		s.expect("a delivered 1", "b delivered 1", "c delivered 1") // nothing of it is uncertain
	}})
}

// An account that hangs keeps few conversions, which come from its backlog one
// by one, and calls it has one of.
func TestAnAccountThatHangsIsCalledOnceAtATime(t *testing.T) {
	tales(t, map[string]func(s *tale){"it": func(s *tale) {
		a := s.many(30)
		cfg := quick()
		cfg.Parallel = 4
		var mu sync.Mutex
		var now, most int
		d := verdict(usecase.VerdictDelivered)
		d.batch = 1
		d.during = func([]domain.Conversion) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			s.drift.Add(int64(8 * time.Second)) // of the 20 that it may take
			mu.Lock()
			now--
			mu.Unlock()
		}
		st := &counted{DeliveryStore: s.Store, times: map[string]int{}}
		sender := s.sender(cfg, st, d)
		stop := s.running(sender)
		s.ok(sender.Handle(s.Context(), s.due()))
		eventually(s, "all to be sent", func() bool { return s.delivered() == 30 })
		stop()
		if most > 1 {
			s.Errorf("%d calls at once of an account that hangs", most)
		}
		if n := st.of(a); n > 2*30 {
			s.Errorf("%d hand-overs of 30 conversions", n)
		}
	}})
}

// While an account's breaker is open its conversions wait in the database, and
// nobody hands them over.
func TestAnOpenBreakerRests(t *testing.T) {
	tales(t, map[string]func(s *tale){"it": func(s *tale) {
		a := s.many(30)
		d := verdict(usecase.VerdictBreakerOpen)
		d.batch = 1
		d.answer = func(domain.Conversion) usecase.Verdict {
			return usecase.Verdict{Class: usecase.VerdictBreakerOpen, After: time.Minute}
		}
		cfg := quick()
		st := &counted{DeliveryStore: s.Store, times: map[string]int{}}
		sender := s.sender(cfg, st, d)
		stop := s.running(sender)
		s.ok(sender.Handle(s.Context(), s.due()))
		waits := func() bool {
			found, err := s.Backlogged(s.Context(), nil, s.now, 100)
			s.ok(err)
			return sender.Idle() && len(found) == 1 && found[0].Count >= 30-2*cfg.Parallel
		}
		eventually(s, "the rest to wait in the backlog", waits)
		healthy := s.account("beacon", takesAll)
		s.send(goal(1, "z"))
		d.answer = verdict(usecase.VerdictDelivered).answer
		due := slices.DeleteFunc(s.due(), func(h usecase.Handover) bool { return h.AccountID == a.ID })
		s.ok(sender.Handle(s.Context(), due))
		eventually(s, "another account to be served", func() bool { return s.delivered() == 1 })
		if n := st.of(a); n != 30 {
			s.Errorf("%d hand-overs of 30 conversions while the breaker is open", n)
		}
		s.drift.Add(int64(time.Minute + time.Second))
		eventually(s, "it to go on", func() bool { return s.delivered() >= 30-2*cfg.Parallel })
		stop()
		_ = healthy
	}})
}

// A healthy account's conversion is sent at once while a slow one has many.
func TestASlowBacklogDelaysNobody(t *testing.T) {
	tales(t, map[string]func(s *tale){"it": func(s *tale) {
		slow := s.many(90)
		cfg := quick()
		goOn := make(chan struct{})
		d := verdict(usecase.VerdictDelivered)
		d.batch = 1
		d.during = func(cs []domain.Conversion) {
			if cs[0].AccountID == slow.ID {
				<-goOn
			}
		}
		st := &counted{DeliveryStore: s.Store, times: map[string]int{}}
		sender := s.sender(cfg, st, d)
		stop := s.running(sender)
		relay := func() {
			var hs []usecase.Handover
			_, err := s.RelayConversions(s.Context(), s.now, s.now.Add(-time.Minute), 400, 10,
				func(_ context.Context, cs []usecase.DueConversion) error {
					for _, c := range cs {
						hs = append(hs, usecase.Handover{Network: c.Network, AccountID: c.AccountID,
							ConversionIDs: []string{c.ID}})
					}
					return nil
				})
			s.ok(err)
			s.ok(sender.Handle(s.Context(), hs))
		}
		relay()
		healthy := s.account("beacon", takesAll)
		s.send(goal(1, "z"))
		relay()
		eventually(s, "the healthy account to be served", func() bool { return s.delivered() == 1 })
		if n := st.of(slow); n > 30 {
			s.Errorf("%d hand-overs of the slow account, which sent none", n)
		}
		close(goOn)
		eventually(s, "all to be sent", func() bool { return s.delivered() == 92 })
		stop()
		if n, m := st.of(slow), st.of(healthy); n > 91 || m != 1 {
			s.Errorf("%d hand-overs for 91 conversions of the slow account, %d of the healthy one", n, m)
		}
	}})
}
