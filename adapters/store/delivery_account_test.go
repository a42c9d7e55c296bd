package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestParkedBesideTheResumingAreSent(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		active := account("a")
		active.Paused = false
		f.ok(f.CreateAccount(t.Context(), active))
		f.ok(f.CreateAccount(t.Context(), account("b"))) // paused
		parked := func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, nil }
		f.conversions(parked,
			func(v *usecase.NewConversion) { parked(v); v.AccountID = "b" },
			func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, later(time.Minute) },
			// an open breaker
		)
		n, err := f.Unpark(t.Context(), noon.Add(time.Second))
		f.ok(err)
		if n != 1 {
			t.Errorf("%d were parked by mistake", n)
		}
		if v := f.stored("v0"); v.Status != domain.Pending || v.NextAttemptAt == nil {
			t.Errorf("parked although its account goes on: %+v", v)
		}
		if f.stored("v1").Status != domain.Parked || f.stored("v2").Status != domain.Parked {
			t.Error("what is rightly parked was sent")
		}
	})
}

func TestParkAndResumeAccount(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		on := on(account("a"))
		f.ok(f.CreateAccount(t.Context(), on))
		f.conversions(nil,
			func(v *usecase.NewConversion) { v.Status, v.Attempts = domain.Retrying, 2 },
			func(v *usecase.NewConversion) { v.Status = domain.Accepted },
			func(v *usecase.NewConversion) { v.AccountID = "b" })
		park := func() int {
			got, err := f.ParkSome(t.Context(), on, "revoked", "", 100, noon)
			f.ok(err)
			return got.Scheduled
		}
		if n := park(); n != 0 {
			t.Errorf("%d were parked of an account that is on", n)
		}
		off := on
		off.Paused = true
		f.ok(f.UpdateAccount(t.Context(), off, usecase.AccountUpdate{}))
		if n := park(); n != 2 {
			t.Errorf("parked %d", n)
		}
		if got := f.stored("v0"); got.Status != domain.Parked || got.StatusReason != "revoked" ||
			got.NextAttemptAt != nil {
			t.Errorf("parked: %+v", got)
		}
		if _, err := f.ofAccount("a", usecase.ReplayResume, domain.Parked); !errors.Is(err, usecase.ErrAccountStopped) {
			t.Errorf("resumed while it is paused: %v", err)
		}
		f.ok(f.UpdateAccount(t.Context(), on, usecase.AccountUpdate{}))
		got, err := f.ofAccount("a", usecase.ReplayResume, domain.Parked)
		if err != nil || got.Scheduled != 2 {
			t.Errorf("resumed %+v, %v", got, err)
		}
		if v0, v1 := f.stored("v0"),
			f.stored("v1"); v0.Status != domain.Pending || v1.Status != domain.Retrying ||
			!v0.NextAttemptAt.Equal(noon) {
			t.Errorf("resumed: %+v, %+v", v0, v1)
		}
		f.ok(f.UpdateAccount(t.Context(), off, usecase.AccountUpdate{}))
		park()
		f.ok(f.UpdateAccount(t.Context(), on, usecase.AccountUpdate{}))
		got, err = f.ofAccount("a", usecase.ReplaySkip, domain.Parked)
		if err != nil || got.Scheduled != 2 || f.stored("v0").Status != domain.Rejected {
			t.Errorf("skipped %+v, %v: %+v", got, err, f.stored("v0"))
		}
		if f.stored("v2").Status != domain.Accepted || f.stored("v3").Status != domain.Pending {
			t.Error("conversions that wait for nobody's account were touched")
		}
	})
}

// on is an account that is not paused.
func on(a domain.Account) domain.Account {
	a.Paused = false
	return a
}

// ofAccount does with all conversions of an ad account what a kind of job does.
func (f *fixture) ofAccount(id string, kind usecase.ReplayKind, in ...domain.Status) (usecase.Retried, error) {
	f.t.Helper()
	return f.AccountSome(f.t.Context(), kind, usecase.RetrySelection{
		Statuses: in, ConversionFilter: usecase.ConversionFilter{ProjectID: "p", AccountID: id},
	}, "", 100, noon, nil)
}

// deleteAccount deletes an ad account and ends what it leaves, as its job does.
func (f *fixture) deleteAccount(id string) {
	f.t.Helper()
	f.ok(f.DeleteAccount(f.t.Context(), "p", id, noon, nil))
	_, err := f.ofAccount(id, usecase.ReplayClose, domain.StatusesThat(domain.Status.Unfinished)...)
	f.ok(err)
}
