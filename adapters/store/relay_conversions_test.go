package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// relay hands over what is due at a time.
func (f *fixture) relay(now time.Time) []string {
	f.t.Helper()
	var got []string
	_, err := f.RelayConversions(f.t.Context(), now, now.Add(-5*time.Minute), 100, func(_ context.Context,
		cs []usecase.DueConversion) error {
		for _, c := range cs {
			if c.Network != "yandex" || c.AccountID != "a" {
				f.t.Errorf("handed over %+v", c)
			}
			got = append(got, c.ID)
		}
		return nil
	})
	f.ok(err)
	return got
}

func TestRelayConversionsTakesWhatIsDue(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil,
			func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, later(-time.Second) },
			func(v *usecase.NewConversion) { v.Status = domain.Accepted },
			func(v *usecase.NewConversion) { v.Status = domain.Retrying },
			func(v *usecase.NewConversion) { v.NextAttemptAt = later(time.Minute) },
			func(v *usecase.NewConversion) { v.Status, v.NextAttemptAt = domain.Parked, nil },
			func(v *usecase.NewConversion) { v.Status = domain.Delivered },
		)
		if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3"}, sorted(f.relay(noon))); diff != "" {
			t.Errorf("due:\n%s", diff)
		}
		if got := f.relay(noon.Add(30 * time.Second)); got != nil {
			t.Errorf("handed over twice: %v", got)
		}
		if diff := cmp.Diff([]string{"v4"}, f.relay(noon.Add(time.Minute))); diff != "" {
			t.Errorf("due a minute later:\n%s", diff)
		}
		// Nobody answered for them in five minutes.
		if diff := cmp.Diff([]string{"v0", "v1", "v2", "v3"}, sorted(f.relay(noon.Add(5*time.Minute)))); diff != "" {
			t.Errorf("lost and handed over again:\n%s", diff)
		}
	})
}

func TestRelayConversionsLeavesWhatIsLeased(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		f.relay(noon)
		f.leaseSends(noon, "v0")
		if got := f.relay(noon.Add(6 * time.Minute)); got != nil {
			t.Errorf("handed over although somebody has it: %v", got)
		}
		if diff := cmp.Diff([]string{"v0"}, f.relay(noon.Add(11*time.Minute))); diff != "" {
			t.Errorf("after the lease ended:\n%s", diff)
		}
	})
}

// Whoever gets the message may be faster than the relay's own mark.
func TestRelayConversionsSettledMeanwhile(t *testing.T) {
	t.Parallel()
	f := newSQLite(t)
	f.conversions(nil)
	_, err := f.RelayConversions(t.Context(), noon, noon, 10, func(context.Context, []usecase.DueConversion) error {
		f.leaseSends(noon, "v0")
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, Attempted: true,
			NextAttemptAt: later(time.Second)})
		return nil
	})
	f.ok(err)
	if diff := cmp.Diff([]string{"v0"}, f.relay(noon.Add(time.Second))); diff != "" {
		t.Errorf("the next attempt:\n%s", diff)
	}
}

func TestRelayConversionsKeepsWhatWasNotTaken(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		_, err := f.RelayConversions(t.Context(), noon, noon, 10, func(context.Context,
			[]usecase.DueConversion) error {
			return errors.New("away")
		})
		if err == nil {
			t.Error("no error")
		}
		if diff := cmp.Diff([]string{"v0"}, f.relay(noon)); diff != "" {
			t.Errorf("after a failure:\n%s", diff)
		}
	})
}
