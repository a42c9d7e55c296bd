package cmd

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TestScrapeIsNotKeptWaiting: a source that hangs costs a scrape a moment, is
// asked again only after its time, and what it said last goes when it is old.
func TestScrapeIsNotKeptWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		var away atomic.Bool
		value := gauge("test_value", "A value.")
		c := newCollector([]*source{{name: "thing",
			read: func(ctx context.Context, emit func(prometheus.Metric)) error {
				asked.Add(1)
				if away.Load() {
					<-ctx.Done()
					return errors.New("away")
				}
				emit(value(1))
				return nil
			}}}, time.Now, slog.New(slog.DiscardHandler))
		scrape := func() (n int) {
			out := make(chan prometheus.Metric, 16)
			began := time.Now()
			c.Collect(out)
			if took := time.Since(began); took > time.Second {
				t.Errorf("a scrape took %v", took)
			}
			return len(out)
		}
		for range 10 {
			if n := scrape(); n != 2 {
				t.Fatalf("%d numbers, want the value and whether the source is up", n)
			}
		}
		if asked.Load() != 1 {
			t.Errorf("asked %d times at once", asked.Load())
		}
		away.Store(true)
		for range 4 {
			time.Sleep(collectEvery)
			scrape()
		}
		if n := asked.Load(); n != 5 {
			t.Errorf("asked %d times", n)
		}
		time.Sleep(collectStale)
		if n := scrape(); n != 1 {
			t.Errorf("%d numbers of a source that has been away for long", n)
		}
		time.Sleep(2 * collectTimeout) // the reading under way ends
	})
}

// TestDearNumbersAreReadSeldom: what takes its time to be read takes a twentieth
// of it, however often somebody asks, and is shown all the while.
func TestDearNumbersAreReadSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		value := gauge("test_value", "A value.")
		c := newCollector([]*source{{name: "thing",
			read: func(_ context.Context, emit func(prometheus.Metric)) error {
				asked.Add(1)
				time.Sleep(4 * time.Second)
				emit(value(1))
				return nil
			}}}, time.Now, slog.New(slog.DiscardHandler))
		for range 600 {
			out := make(chan prometheus.Metric, 16)
			c.Collect(out)
			if asked.Load() > 1 && len(out) != 2 {
				t.Fatal("the numbers are not shown")
			}
			time.Sleep(time.Second)
		}
		if n := asked.Load(); n < 6 || n > 9 {
			t.Errorf("read %d times in ten minutes", n)
		}
		time.Sleep(2 * collectTimeout)
	})
}
