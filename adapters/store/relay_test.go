package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// events makes events, each in a batch of its own.
func (f *fixture) events(n int) {
	f.t.Helper()
	for range n {
		f.save(&usecase.IngestChanges{Events: []domain.Event{
			{ID: f.id("e"), ProjectID: "p", Type: domain.BotStarted, OccurredAt: noon, ReceivedAt: noon},
		}})
	}
}

func TestRelayEvents(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.events(40)
		waiting := func() int { return f.count("batch_readers WHERE reader = 'stream'") }
		broken := errors.New("the stream is away")
		n, err := f.RelayEvents(t.Context(), 10, func(context.Context, []usecase.OutboxEvent) error { return broken })
		if !errors.Is(err, broken) || n != 0 || waiting() != 40 {
			t.Errorf("a failed hand-over answers %d, %v and leaves %d", n, err, waiting())
		}
		var got []string
		for _, want := range []int{32, 8, 0} {
			n, err := f.RelayEvents(t.Context(), 32, func(_ context.Context, es []usecase.OutboxEvent) error {
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
		if len(got) != 40 || got[0] != "e-000001" || got[39] != "e-000040" || !slices.IsSorted(got) {
			t.Errorf("events: %v", got)
		}
		if n := f.count("batches"); n != 0 {
			t.Errorf("%d batches are left", n)
		}
	})
}

// What waited when its project was deleted is handed to nobody.
func TestEventsOfDeletedProjectsAreNotRelayed(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.save(&usecase.IngestChanges{Events: []domain.Event{
			{ID: f.id("e"), ProjectID: "p", Type: domain.BotStarted, OccurredAt: noon, ReceivedAt: noon},
			{ID: f.id("e"), ProjectID: "q", Type: domain.BotStarted, OccurredAt: noon, ReceivedAt: noon},
		}})
		f.ok(f.DeleteProject(t.Context(), "p"))
		n, err := f.RelayEvents(t.Context(), 10, func(_ context.Context, es []usecase.OutboxEvent) error {
			if len(es) != 1 || es[0].ProjectID != "q" {
				t.Errorf("handed over: %v", es)
			}
			return nil
		})
		f.ok(err)
		if left := f.count("batch_readers WHERE reader = 'stream'"); n != 1 || left != 0 {
			t.Errorf("handed over %d, left %d batches", n, left)
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
