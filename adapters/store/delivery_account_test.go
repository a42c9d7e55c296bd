package store_test

import (
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
		f.conversions(nil,
			func(v *usecase.NewConversion) { v.Status, v.Attempts = domain.Retrying, 2 },
			func(v *usecase.NewConversion) { v.Status = domain.Accepted },
			func(v *usecase.NewConversion) { v.AccountID = "b" })
		n, err := f.ParkAccount(t.Context(), "a", "revoked", noon)
		if err != nil || n != 2 {
			t.Errorf("parked %d, %v", n, err)
		}
		if got := f.stored("v0"); got.Status != domain.Parked || got.StatusReason != "revoked" ||
			got.NextAttemptAt != nil {
			t.Errorf("parked: %+v", got)
		}
		n, err = f.ResumeAccount(t.Context(), "a", false, noon)
		if err != nil || n != 2 {
			t.Errorf("resumed %d, %v", n, err)
		}
		if v0, v1 := f.stored("v0"),
			f.stored("v1"); v0.Status != domain.Pending || v1.Status != domain.Retrying ||
			!v0.NextAttemptAt.Equal(noon) {
			t.Errorf("resumed: %+v, %+v", v0, v1)
		}
		_, err = f.ParkAccount(t.Context(), "a", "again", noon)
		f.ok(err)
		n, err = f.ResumeAccount(t.Context(), "a", true, noon)
		if err != nil || n != 2 || f.stored("v0").Status != domain.Rejected {
			t.Errorf("skipped %d, %v: %+v", n, err, f.stored("v0"))
		}
		if f.stored("v2").Status != domain.Accepted || f.stored("v3").Status != domain.Pending {
			t.Error("conversions that wait for nobody's account were touched")
		}
	})
}
