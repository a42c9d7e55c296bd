package usecase_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// crash is a process that begins to send what is due and is never heard of
// again.
func (s *tale) crash() []domain.Conversion {
	s.Helper()
	ids := []string{}
	for _, h := range s.due() {
		ids = append(ids, h.ConversionIDs...)
	}
	cs, err := s.Lease(s.Context(), ids, "the one that crashed", s.now, s.now.Add(time.Minute))
	s.ok(err)
	name := s.ids.next()
	for i := range cs {
		cs[i].BatchID, cs[i].AccountVersion = name, 1
	}
	_, err = s.Begin(s.Context(), cs, "the one that crashed", s.now)
	s.ok(err)
	s.after(time.Minute)
	return cs
}

// unanswered is a store whose answers to marks are lost.
type unanswered struct{ usecase.DeliveryStore }

func (u *unanswered) Begin(
	ctx context.Context, cs []domain.Conversion, owner string, now time.Time,
) ([]string, error) {
	_, err := u.DeliveryStore.Begin(ctx, cs, owner, now)
	return nil, errors.Join(err, domain.ErrUnavailable)
}

func TestInterruptions(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"what another process holds is left alone": func(s *tale) {
			s.lot(2)
			due := s.due()
			first := due[0].ConversionIDs[:1]
			_, err := s.Lease(s.Context(), first, "another", s.now, s.now.Add(time.Minute))
			s.ok(err)
			d := verdict(usecase.VerdictDelivered)
			s.attempt(d)
			if !slices.Equal(d.called(), []string{"deliver b"}) {
				s.Errorf("%q", d.called())
			}
		},
		"the answer to the mark is lost: nothing was sent, and that is known": func(s *tale) {
			s.lot(2)
			d := verdict(usecase.VerdictDelivered)
			s.attemptBy(s.sender(delivering(), &unanswered{DeliveryStore: s.Store}, d))
			s.expect("a pending 0 +1s", "b pending 0 +1s")
			if len(d.called()) != 0 {
				s.Errorf("%q", d.called())
			}
			s.after(time.Hour)
			s.attempt(d)
			s.expect("a delivered 1", "b delivered 1")
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
			batch := d.asked[0].BatchID
			if !slices.Equal(d.called(), []string{"deliver a! b!"}) || batch != lost[0].BatchID {
				s.Errorf("%q in batch %s, the lost one was %s", d.called(), batch, lost[0].BatchID)
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
			calls := []string{"deliver a!", "deliver a!"}
			if !slices.Equal(d.called(), calls) || d.asked[1].BatchID != lost[0].BatchID {
				s.Errorf("%q", d.called())
			}
		},
		"rows of lost calls keep the name of their own": func(s *tale) {
			s.lot(4)
			due := s.due()[0]
			first, second := due, due
			first.ConversionIDs, second.ConversionIDs = due.ConversionIDs[:2], due.ConversionIDs[2:]
			d := verdict(usecase.VerdictUncertain)
			d.repeatable = true
			sender := s.sender(delivering(), s.Store, d)
			stop := s.running(sender)
			for _, h := range []usecase.Handover{first, second} {
				s.ok(sender.Handle(s.Context(), []usecase.Handover{h}))
				eventually(s, "the call to be over", sender.Idle)
			}
			stop()
			names := map[string]string{}
			for _, c := range d.asked {
				names[c.ID] = c.BatchID
			}
			if a, c := d.asked[0].BatchID, d.asked[2].BatchID; a == "" || a == c || a != d.asked[1].BatchID {
				s.Errorf("calls named %q", names)
			}
			s.expect("a retrying 1 +1s", "b retrying 1 +1s", "c retrying 1 +1s", "d retrying 1 +1s")
			s.after(time.Second)
			again := verdict(usecase.VerdictDelivered)
			again.repeatable = true
			s.attempt(again)
			if !slices.Equal(again.called(), []string{"deliver a! b! c! d!"}) {
				s.Errorf("%q", again.called())
			}
			for _, c := range again.asked {
				if c.BatchID != names[c.ID] {
					s.Errorf("%s came back under %s, it was sent under %s", c.Target, c.BatchID, names[c.ID])
				}
			}
		},
		"its answer is lost, and then its time is over": func(s *tale) {
			s.lot(1)
			s.crash()
			d := verdict(usecase.VerdictExpired)
			d.repeatable = true
			s.attempt(d)
			s.expect("a uncertain 1")
			if c := s.all()[0]; c.ReasonCode != domain.ReasonAnswerLost {
				s.Errorf("because %s: %s", c.ReasonCode, c.StatusReason)
			}
		},
		"what never came is sent by a new attempt": func(s *tale) {
			s.lot(1)
			lost := s.crash()
			d := verdict(usecase.VerdictResend)
			d.repeatable = true
			s.attempt(d)
			s.after(time.Minute)
			d.answer = verdict(usecase.VerdictDelivered).answer
			s.attempt(d)
			calls := []string{"deliver a!", "deliver a"}
			if !slices.Equal(d.called(), calls) || d.asked[1].BatchID == lost[0].BatchID {
				s.Errorf("%q under %s and %s", d.called(), d.asked[0].BatchID, d.asked[1].BatchID)
			}
			s.expect("a delivered 2")
		},
		"a lost answer is looked for after a pause, too": func(s *tale) {
			a := s.lot(1)
			d := verdict(usecase.VerdictUncertain)
			d.repeatable = true
			s.attempt(d)
			s.after(time.Second)
			d.answer = verdict(usecase.VerdictAuthRevoked).answer
			s.attempt(d)
			s.expect("a parked 2")
			as, err := s.AccountsByID(s.Context(), []string{a.ID})
			s.ok(err)
			stored := as[a.ID]
			s.resume(&stored)
			d.answer = verdict(usecase.VerdictDelivered).answer
			s.attempt(d)
			calls := []string{"deliver a", "deliver a!", "deliver a!"}
			if !slices.Equal(d.called(), calls) || d.asked[2].BatchID != d.asked[0].BatchID {
				s.Errorf("%q", d.called())
			}
		},
		"an ordinary failure makes a new attempt": func(s *tale) {
			s.lot(1)
			d := verdict(usecase.VerdictRetry)
			s.attempt(d)
			s.after(time.Second)
			s.attempt(d)
			calls := []string{"deliver a", "deliver a"}
			if !slices.Equal(d.called(), calls) || d.asked[0].BatchID == d.asked[1].BatchID {
				s.Errorf("%q", d.called())
			}
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
		"after the stop nothing is leased": func(s *tale) {
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
			st.fail.Store(3)
			s.attemptBy(s.sender(delivering(), st, verdict(usecase.VerdictDelivered)))
			s.expect("a delivered 1")
		},
		"an outcome that can not be written takes no other with it": func(s *tale) {
			s.lot(5)
			var id string
			for _, c := range s.all() {
				if c.Target == "c" {
					id = c.ID
				}
			}
			st := &unsteady{DeliveryStore: s.Store, broken: id, because: "hopeless"}
			d := verdict(usecase.VerdictRejected)
			d.answer = func(domain.Conversion) usecase.Verdict {
				return usecase.Verdict{Class: usecase.VerdictRejected, Reason: "hopeless"}
			}
			s.attemptBy(s.sender(delivering(), st, d))
			for _, c := range s.all() {
				if c.Status != domain.Rejected {
					s.Errorf("%s is %s", c.Target, c.Status)
				}
			}
		},
		"what a stop can not wait for is said": func(s *tale) {
			s.lot(2)
			st := &unsteady{DeliveryStore: s.Store}
			st.fail.Store(1 << 30)
			cfg := delivering()
			cfg.StopCalls, cfg.StopWrites = 10*time.Millisecond, 10*time.Millisecond
			d := verdict(usecase.VerdictDelivered)
			inside := make(chan struct{}, 1)
			d.during = func([]domain.Conversion) { inside <- struct{}{} }
			sender := s.sender(cfg, st, d)
			ctx, cancel := context.WithCancel(s.Context())
			ended := make(chan error, 1)
			go func() { ended <- sender.Run(ctx) }()
			s.ok(sender.Handle(s.Context(), s.due()))
			<-inside
			cancel()
			if err := <-ended; !errors.Is(err, domain.ErrUnavailable) {
				s.Errorf("ended with %v", err)
			}
		},
	})
}
