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
		minute := noon.Truncate(time.Minute)
		_, err := f.ExpireDue(t.Context(), minute.Add(7*time.Second), 10)
		f.ok(err)
		if f.stored("v0").Status != domain.Parked {
			t.Error("looked for in every second")
		}
		_, err = f.ExpireDue(t.Context(), minute.Add(15*time.Second), 10)
		f.ok(err)
		if v := f.stored("v0"); v.Status != domain.Pending || v.NextAttemptAt == nil {
			t.Errorf("parked although its account goes on: %+v", v)
		}
		if f.stored("v1").Status != domain.Parked || f.stored("v2").Status != domain.Parked {
			t.Error("what is rightly parked was sent")
		}
	})
}
