package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestRetryInSteps(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateAccount(t.Context(), account("a")))
		set := func(status domain.Status, expires time.Duration, why domain.ReasonCode) func(*usecase.NewConversion) {
			return func(v *usecase.NewConversion) {
				v.Because(status, why)
				v.ExpiresAt, v.NextAttemptAt = noon.Add(expires), nil
			}
		}
		f.conversions(
			set(domain.Rejected, time.Hour, ""), set(domain.Parked, time.Hour, ""), set(domain.Uncertain,
				time.Hour, ""),
			set(domain.Expired, time.Hour, domain.ReasonWindowOver), set(domain.Expired, time.Hour,
				domain.ReasonTooLate),
			set(domain.Expired, -time.Hour, ""), set(domain.Delivered, time.Hour, ""), set(domain.Retrying,
				time.Hour, ""),
			func(v *usecase.NewConversion) { v.AccountID, v.Status = "gone", domain.Rejected },
			func(v *usecase.NewConversion) {
				v.AccountID, v.Network = "", ""
				v.Because(domain.Expired, domain.ReasonNoAccount)
			},
		)
		f.ok(f.DeleteAccount(t.Context(), "p", "gone", noon, nil))
		sel := usecase.RetrySelection{
			ConversionFilter: usecase.ConversionFilter{ProjectID: "p"},
			Statuses:         []domain.Status{domain.Rejected, domain.Parked, domain.Uncertain, domain.Expired},
		}
		n, err := f.CountSelected(t.Context(), sel)
		if err != nil || n != 7 {
			t.Errorf("%d are selected, want 7: %v", n, err)
		}
		matched, scheduled, err := f.CountRetry(t.Context(), sel, noon)
		if err != nil || matched != 7 || scheduled != 4 {
			t.Errorf("counted: matched %d, scheduled %d, %v", matched, scheduled, err)
		}
		walk := func(sel usecase.RetrySelection, dry bool) (matched, scheduled int) {
			for after := ""; ; {
				got, err := f.RetrySome(t.Context(), sel, after, 2, dry, noon, nil)
				f.ok(err)
				if got.Matched == 0 {
					return matched, scheduled
				}
				matched, scheduled, after = matched+got.Matched, scheduled+got.Scheduled, got.Last
			}
		}
		ofAccount := sel
		ofAccount.AccountID = account("a").ID
		if matched, scheduled := walk(ofAccount, true); matched != 6 || scheduled != 4 {
			t.Errorf("of an account: matched %d, scheduled %d", matched, scheduled)
		}
		for _, dry := range []bool{true, false} {
			if matched, scheduled := walk(sel, dry); matched != 7 || scheduled != 4 {
				t.Errorf("dry run %v: matched %d, scheduled %d", dry, matched, scheduled)
			}
			if dry && f.stored("v0").Status != domain.Rejected {
				t.Error("a dry run changed something")
			}
		}
		for n := range 4 {
			if v := f.stored(fmt.Sprintf("v%d", n)); v.Status != domain.Retrying || v.NextAttemptAt == nil {
				t.Errorf("scheduled: %+v", v)
			}
		}
		if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3"}, sorted(f.relay(noon))); diff != "" {
			t.Errorf("handed over:\n%s", diff)
		}
		if got := f.relay(noon); len(got) != 0 {
			t.Errorf("handed over again: %v", got)
		}
		if n, err := f.Unschedule(t.Context(), "", noon); err != nil || n != 4 {
			t.Errorf("unscheduled %d: %v", n, err)
		}
		if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3"}, sorted(f.relay(noon))); diff != "" {
			t.Errorf("handed over anew:\n%s", diff)
		}
	})
}

// retry makes all due again that may be sent again, or only counts them.
func (f *fixture) retry(dry bool, now time.Time) (matched, scheduled int, err error) {
	sel := usecase.RetrySelection{
		ConversionFilter: usecase.ConversionFilter{ProjectID: "p"},
		Statuses:         domain.StatusesThat(domain.Status.SendableAgain),
	}
	m, n, err := f.CountRetry(f.t.Context(), sel, now)
	if err != nil {
		return 0, 0, err
	}
	got, err := f.RetrySome(f.t.Context(), sel, "", 100, dry, now, nil)
	if err == nil && (int(m) != got.Matched || int(n) != got.Scheduled) {
		err = fmt.Errorf("counted %d and %d before", m, n)
	}
	return got.Matched, got.Scheduled, err
}

func TestRetry(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateAccount(t.Context(), account("a")))
		set := func(status domain.Status, expires time.Duration) func(*usecase.NewConversion) {
			return func(v *usecase.NewConversion) {
				v.Status, v.ExpiresAt, v.NextAttemptAt, v.Handle = status, noon.Add(expires), nil, "h"
			}
		}
		f.conversions(
			set(domain.Rejected, time.Hour), set(domain.Uncertain, time.Hour),
			set(domain.Unmatched, time.Hour),
			set(domain.Parked, time.Hour),
			set(domain.Rejected, -time.Hour), set(domain.Expired, 0), set(domain.Delivered, time.Hour),
			set(domain.Unattributed, time.Hour),
			func(v *usecase.NewConversion) { v.AccountID, v.Status = "gone", domain.Rejected },
		)
		f.ok(f.DeleteAccount(t.Context(), "p", "gone", noon, nil))
		for _, dry := range []bool{true, false} {
			matched, scheduled, err := f.retry(dry, noon)
			if err != nil || matched != 7 || scheduled != 4 {
				t.Errorf("dry run %v: matched %d, scheduled %d, %v", dry, matched, scheduled, err)
			}
			if dry && f.stored("v0").Status != domain.Rejected {
				t.Error("a dry run changed something")
			}
		}
		for n := range 4 {
			v := f.stored(fmt.Sprintf("v%d", n))
			if v.Status != domain.Retrying || v.NextAttemptAt == nil || !v.NextAttemptAt.Equal(noon) ||
				v.Handle != "" {
				t.Errorf("scheduled: %+v", v)
			}
		}
		if f.stored("v4").Status != domain.Rejected || f.stored("v6").Status != domain.Delivered {
			t.Error("what may not be sent was changed")
		}
		if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3"}, sorted(f.relay(noon))); diff != "" {
			t.Errorf("handed over:\n%s", diff)
		}
	})
}

// What somebody is sending right now is not sent a second time.
func TestRetryLeavesLeases(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		a := account("a")
		a.Paused = false
		f.ok(f.CreateAccount(t.Context(), a))
		f.conversions(nil)
		f.leaseSends(noon, "v0")
		matched, scheduled, err := f.retry(false, noon)
		if err != nil || matched != 1 || scheduled != 0 {
			t.Errorf("matched %d, scheduled %d, %v", matched, scheduled, err)
		}
		// Lost in a crash: what is asked for again is the same attempt.
		_, scheduled, err = f.retry(false, noon.Add(time.Hour))
		f.ok(err)
		if got := f.leaseSends(noon.Add(time.Hour),
			"v0"); scheduled != 1 || len(got) != 1 || !got[0].AttemptOpen || got[0].BatchID != "b1200" {
			t.Errorf("after the lease ended: scheduled %d, %+v", scheduled, got)
		}
	})
}

// What is open under an attempt whose outcome is asked for goes on being that
// attempt; numbers of attempts go on from what was kept of earlier ones.
func TestRetryGoesOn(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateAccount(t.Context(), account("a")))
		f.conversions(nil, nil)
		f.leaseSends(noon, "v0", "v1")
		f.settle(
			usecase.Settlement{ID: "v0", Status: domain.Retrying, Attempted: true,
				NextAttemptAt: later(time.Minute), AttemptOpen: true, Handle: "file 7"},
			usecase.Settlement{ID: "v1", Status: domain.Rejected, Attempted: true, Verdict: "rejected"},
		)
		_, n, err := f.retry(false, noon)
		if err != nil || n != 2 {
			t.Fatalf("scheduled %d, %v", n, err)
		}
		got := f.leaseSends(noon.Add(time.Second), "v0", "v1")
		if len(got) != 2 || !got[0].AttemptOpen || got[0].Handle != "file 7" || got[1].AttemptOpen ||
			got[1].Attempts != 1 || got[1].Attempt != 1 {
			t.Errorf("asked for again: %+v", got)
		}
		f.settle(usecase.Settlement{ID: "v1", Status: domain.Rejected, Attempted: true, Verdict: "rejected"})
		as, err := f.Attempts(t.Context(), "p", "v1")
		if err != nil || len(as) != 2 || f.stored("v1").Attempts != 2 {
			t.Errorf("attempts: %+v, %v", as, err)
		}
	})
}
