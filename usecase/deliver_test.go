package usecase_test

import (
	"slices"
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
			delivered := got.Status == domain.Delivered
			if got.StatusReason != "because "+string(class) || (got.DeliveredAt != nil) != delivered {
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
			return usecase.Verdict{
				Class: usecase.VerdictThrottled, After: time.Hour, Exchange: &usecase.Exchange{},
			}
		}
		s.attempt(d)
		s.expect("a retrying 1 +1h0m0s")
	}
	stories["a row may fail alone"] = func(s *tale) {
		a := s.lot(3)
		d := verdict("")
		d.answer = func(c domain.Conversion) usecase.Verdict {
			class := map[string]usecase.VerdictClass{
				"a": usecase.VerdictDelivered, "b": usecase.VerdictRejected, "c": usecase.VerdictRetry,
			}[c.Target]
			return usecase.Verdict{Class: class, Exchange: &usecase.Exchange{}, Reason: "r"}
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
			return usecase.Verdict{Class: usecase.VerdictAccepted, Handle: "upload 7", After: time.Minute}
		}
		s.attempt(d)
		s.expect("a accepted 1 +1m0s")
		s.after(time.Minute)
		return a
	}
	stories := map[string]func(s *tale){}
	for class, want := range map[usecase.VerdictClass]string{
		usecase.VerdictDelivered: "a delivered 1", usecase.VerdictUnmatched: "a unmatched 1",
		usecase.VerdictRejected: "a rejected 1",
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
	stories["not counted and sent again"] = func(s *tale) {
		accept(s)
		d := verdict("")
		d.answer = func(domain.Conversion) usecase.Verdict {
			return usecase.Verdict{Class: usecase.VerdictResend, After: time.Hour, Exchange: &usecase.Exchange{}}
		}
		s.attempt(d)
		s.expect("a retrying 1 +1h0m0s")
		if h := s.all()[0].Handle; h != "" {
			s.Errorf("handle %q", h)
		}
		s.after(time.Hour)
		again := verdict(usecase.VerdictDelivered)
		s.attempt(again)
		s.expect("a delivered 2")
		if !slices.Equal(again.called(), []string{"deliver a"}) {
			s.Errorf("%q", again.called())
		}
	}
	stories["not counted because of the account"] = func(s *tale) {
		a := accept(s)
		s.attempt(verdict(usecase.VerdictReturned))
		s.expect("a parked 1")
		if h := s.health(a); h != "misconfigured paused: because returned" {
			s.Error(h)
		}
		as, err := s.AccountsByID(s.Context(), []string{a.ID})
		s.ok(err)
		stored := as[a.ID]
		s.resume(&stored)
		again := verdict(usecase.VerdictDelivered)
		s.attempt(again)
		s.expect("a delivered 2")
		if !slices.Equal(again.called(), []string{"deliver a"}) {
			s.Errorf("%q", again.called())
		}
	}
	stories["not counted because of the account as it was before somebody mended it"] = func(s *tale) {
		a := accept(s)
		mended := *a
		mended.UpdatedAt = s.now // a minute after it was sent
		s.ok(s.UpdateAccount(s.Context(), mended, usecase.AccountUpdate{}))
		s.attempt(verdict(usecase.VerdictReturned))
		s.expect("a retrying 1 +2s")
		if h := s.health(a); h != "healthy" {
			s.Error(h)
		}
	}
	stories["not decided yet"] = func(s *tale) {
		accept(s)
		d := verdict("")
		d.answer = func(c domain.Conversion) usecase.Verdict {
			return usecase.Verdict{Class: usecase.VerdictAccepted, Handle: c.Handle, After: time.Hour}
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
	stories["access revoked with settings that were replaced meanwhile"] = func(s *tale) {
		a := accept(s)
		d := verdict(usecase.VerdictAuthRevoked)
		d.during = func([]domain.Conversion) {
			corrected := *a
			corrected.Settings = map[string]any{"receive": "all", "token": "new"}
			if err := s.UpdateAccount(s.Context(), corrected, usecase.AccountUpdate{}); err != nil {
				s.Error(err)
			}
		}
		s.attempt(d)
		s.expect("a accepted 1 +2s") // the network has it: it is not to be sent again
		if got := s.all()[0]; got.Handle != "upload 7" || got.ReasonCode != domain.ReasonAccountChanged {
			s.Errorf("%+v", got)
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
