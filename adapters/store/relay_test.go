package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (f *fixture) events(n int) {
	f.t.Helper()
	c := &usecase.IngestChanges{}
	for range n {
		c.Events = append(c.Events, domain.Event{ID: f.id("e"), ProjectID: "p", Type: domain.BotStarted, OccurredAt: noon, ReceivedAt: noon})
	}
	f.save(c)
}

func TestRelayEvents(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.events(5)
		broken := errors.New("the stream is away")
		n, err := f.RelayEvents(t.Context(), 10, func(context.Context, []usecase.OutboxEvent) error { return broken })
		if !errors.Is(err, broken) || n != 0 || f.count("outbox") != 5 {
			t.Errorf("a failed hand-over answers %d, %v and leaves %d", n, err, f.count("outbox"))
		}
		var got []string
		for _, want := range []int{3, 2, 0} {
			n, err := f.RelayEvents(t.Context(), 3, func(_ context.Context, es []usecase.OutboxEvent) error {
				for _, e := range es {
					got = append(got, e.EventID)
				}
				return nil
			})
			f.ok(err)
			if n != want {
				t.Errorf("handed over %d, want %d", n, want)
			}
		}
		if diff := cmp.Diff([]string{"e-000001", "e-000002", "e-000003", "e-000004", "e-000005"}, got); diff != "" {
			t.Errorf("events:\n%s", diff)
		}
	})
}

func TestRelaysAtOnceGetDifferentRows(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.events(40)
		var mu sync.Mutex
		seen := map[string]int{}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for {
					n, err := f.RelayEvents(t.Context(), 4, func(_ context.Context, es []usecase.OutboxEvent) error {
						mu.Lock()
						defer mu.Unlock()
						for _, e := range es {
							seen[e.EventID]++
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
					if n == 0 || err != nil {
						return
					}
				}
			})
		}
		wg.Wait()
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s was handed over %d times", id, n)
			}
		}
		if len(seen) != 40 {
			t.Errorf("%d events were handed over", len(seen))
		}
	})
}

// relay hands over what is due at a time and names it "id.n".
func (f *fixture) relay(now time.Time) []string {
	f.t.Helper()
	var got []string
	_, err := f.RelayConversions(f.t.Context(), now, now.Add(-5*time.Minute), 100, func(_ context.Context, cs []usecase.DueConversion) error {
		for _, c := range cs {
			if c.Network != "yandex" || c.AccountID != "a" {
				f.t.Errorf("handed over %+v", c)
			}
			got = append(got, fmt.Sprintf("%s.%d", c.ID, c.N))
		}
		return nil
	})
	f.ok(err)
	return got
}

func (f *fixture) conversions(change ...func(*usecase.NewConversion)) {
	f.t.Helper()
	c := &usecase.IngestChanges{}
	for i, apply := range change {
		v := f.conversion(fmt.Sprintf("v%d", i))
		if apply != nil {
			apply(&v)
		}
		c.Conversions = append(c.Conversions, v)
	}
	f.save(c)
}

func later(d time.Duration) *time.Time {
	at := noon.Add(d)
	return &at
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
		if diff := cmp.Diff([]string{"v0.0", "v1.0", "v2.0", "v3.0"}, sorted(f.relay(noon))); diff != "" {
			t.Errorf("due:\n%s", diff)
		}
		if got := f.relay(noon.Add(30 * time.Second)); got != nil {
			t.Errorf("handed over twice: %v", got)
		}
		if diff := cmp.Diff([]string{"v4.0"}, f.relay(noon.Add(time.Minute))); diff != "" {
			t.Errorf("due a minute later:\n%s", diff)
		}
		// Nobody answered for them in five minutes.
		if diff := cmp.Diff([]string{"v0.1", "v1.1", "v2.1", "v3.1"}, sorted(f.relay(noon.Add(5*time.Minute)))); diff != "" {
			t.Errorf("lost and handed over again:\n%s", diff)
		}
	})
}

func TestRelayConversionsLeavesWhatIsClaimed(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		f.relay(noon)
		f.claim(noon, "v0")
		if got := f.relay(noon.Add(6 * time.Minute)); got != nil {
			t.Errorf("handed over although somebody has it: %v", got)
		}
		if diff := cmp.Diff([]string{"v0.1"}, f.relay(noon.Add(11*time.Minute))); diff != "" {
			t.Errorf("after the claim ended:\n%s", diff)
		}
	})
}

// Whoever gets the message may be faster than the relay's own mark.
func TestRelayConversionsSettledMeanwhile(t *testing.T) {
	t.Parallel()
	f := newSQLite(t)
	f.conversions(nil)
	_, err := f.RelayConversions(t.Context(), noon, noon, 10, func(context.Context, []usecase.DueConversion) error {
		f.claim(noon, "v0")
		f.settle(usecase.Settlement{ID: "v0", Status: domain.Retrying, Attempted: true, NextAttemptAt: later(time.Second)})
		return nil
	})
	f.ok(err)
	if diff := cmp.Diff([]string{"v0.1"}, f.relay(noon.Add(time.Second))); diff != "" {
		t.Errorf("the next attempt:\n%s", diff)
	}
}

func TestRelayConversionsKeepsWhatWasNotTaken(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.conversions(nil)
		_, err := f.RelayConversions(t.Context(), noon, noon, 10, func(context.Context, []usecase.DueConversion) error { return errors.New("away") })
		if err == nil {
			t.Error("no error")
		}
		if diff := cmp.Diff([]string{"v0.0"}, f.relay(noon)); diff != "" {
			t.Errorf("after a failure:\n%s", diff)
		}
	})
}
