package platforms_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// faults takes down what a guard tells.
type faults struct {
	mu   sync.Mutex
	list []string
}

func (f *faults) DecoderFault(decoder string, fault platforms.Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, decoder+" "+string(fault))
}

// guarded is a guard of two decoders, of which one does what a function does.
func guarded(t *testing.T, do func() ([]domain.Signal, error)) (*platforms.Guard, *faults) {
	t.Helper()
	bad := acting{decoder("bad", []string{"bad_method"}, nil), do}
	r, err := platforms.NewRegistry(bad, decoder("good", []string{"good_method"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	told := &faults{}
	return platforms.NewGuard(r, told), told
}

type acting struct {
	fake
	do func() ([]domain.Signal, error)
}

func (a acting) Decode(platforms.Inbound) ([]domain.Signal, error) { return a.do() }

// TestStuckDecoderIsSwitchedOff: nobody waits for it longer than a second, nor
// at all after the second time; others go on.
func TestStuckDecoderIsSwitchedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		defer close(never)
		g, told := guarded(t, func() ([]domain.Signal, error) { <-never; return nil, nil })
		for n, want := range []time.Duration{time.Second, time.Second, 0, 0} {
			began := time.Now()
			_, _, err := g.Decode(t.Context(), "", platforms.Inbound{Method: "bad_method"})
			var off *platforms.OffError
			if !errors.As(err, &off) || off.Decoder != "bad" || !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("request %d: %v", n, err)
			}
			if took := time.Since(began); took != want {
				t.Errorf("request %d took %v, want %v", n, took, want)
			}
			signals, _, err := g.Decode(t.Context(), "", platforms.Inbound{Method: "good_method"})
			if err != nil || len(signals) != 1 {
				t.Errorf("another decoder after request %d: %v, %v", n, signals, err)
			}
		}
		if d := cmp.Diff([]string{"bad stuck", "bad stuck", "bad off"}, told.list); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{"bad"}, g.Off()); d != "" {
			t.Error(d)
		}
	})
}

// TestSlowDecoderIsWaitedFor: less than a second is no fault.
func TestSlowDecoderIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, told := guarded(t, func() ([]domain.Signal, error) {
			time.Sleep(900 * time.Millisecond)
			return nil, nil
		})
		for range 5 {
			if _, _, err := g.Decode(t.Context(), "", platforms.Inbound{Method: "bad_method"}); err != nil {
				t.Error(err)
			}
		}
		if len(told.list) > 0 || g.Off() != nil {
			t.Errorf("%v, %v", told.list, g.Off())
		}
	})
}

// TestRequestEndsBeforeTheDecoder: a request whose own time is over is not the
// decoder's fault.
func TestRequestEndsBeforeTheDecoder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		defer close(never)
		g, told := guarded(t, func() ([]domain.Signal, error) { <-never; return nil, nil })
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, _, err := g.Decode(ctx, "", platforms.Inbound{Method: "bad_method"})
		if !errors.Is(err, context.DeadlineExceeded) || len(told.list) > 0 {
			t.Errorf("%v, %v", err, told.list)
		}
	})
}

// TestFaultyDecoders: a panic and a broken rule are errors of the one request.
func TestFaultyDecoders(t *testing.T) {
	t.Parallel()
	g, told := guarded(t, func() ([]domain.Signal, error) { panic("index out of range") })
	for range 3 {
		_, _, err := g.Decode(t.Context(), "", platforms.Inbound{Method: "bad_method"})
		var broken *platforms.DecoderError
		if !errors.As(err, &broken) || broken.Decoder != "bad" || broken.Stack == "" {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"bad panic", "bad panic", "bad panic"}, told.list); d != "" {
		t.Error(d)
	}
	g, told = guarded(t, func() ([]domain.Signal, error) { return []domain.Signal{{Type: "party"}}, nil })
	signals, _, err := g.Decode(t.Context(), "", platforms.Inbound{Method: "bad_method"})
	var broken *platforms.DecoderError
	if !errors.As(err, &broken) || len(signals) > 0 || len(told.list) != 1 || told.list[0] != "bad rule" {
		t.Errorf("%v, %v, %v", signals, err, told.list)
	}
	if _, _, err := g.Decode(t.Context(), "", platforms.Inbound{Method: "none"}); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("no such method: %v", err)
	}
}

func BenchmarkGuard(b *testing.B) {
	r, err := platforms.NewRegistry(decoder("good", []string{"good_method"}, nil))
	if err != nil {
		b.Fatal(err)
	}
	g := platforms.NewGuard(r, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := g.Decode(b.Context(), "", platforms.Inbound{Method: "good_method"}); err != nil {
			b.Fatal(err)
		}
	}
}
