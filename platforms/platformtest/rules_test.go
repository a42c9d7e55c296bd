package platformtest

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// The suite must itself notice what it is there to notice.

func TestBrokenRulesAreNamed(t *testing.T) {
	t.Parallel()
	s := newSuite(decoding(func(platforms.Inbound) ([]domain.Signal, error) {
		return []domain.Signal{{Type: domain.BotStopped}}, nil
	}))
	in := platforms.Inbound{Method: "acme_stopped", Body: []byte(`{"who":"nobody"}`)}
	got := complaints(func(t testing.TB) { s.check(t, in) })
	for _, want := range []string{"only a start may be anonymous", "nobody"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}

// recorder takes down what a test would print.
type recorder struct {
	testing.TB
	text strings.Builder
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// complaints runs a part of the suite and returns what it printed.
func complaints(part func(t testing.TB)) string {
	var r recorder
	done := make(chan struct{})
	go func() {
		defer close(done)
		part(&r)
	}()
	<-done
	return r.text.String()
}

// decoding is a decoder that does what a function does.
type decoding func(in platforms.Inbound) ([]domain.Signal, error)

func (decoding) Describe() platforms.Descriptor { return platforms.Descriptor{} }

func (d decoding) Decode(in platforms.Inbound) ([]domain.Signal, error) { return d(in) }

// TestPanicShowsTheBody: whoever wrote the decoder must see what to try.
func TestPanicShowsTheBody(t *testing.T) {
	t.Parallel()
	s := newSuite(decoding(func(platforms.Inbound) ([]domain.Signal, error) { panic("index out of range") }))
	in := platforms.Inbound{Method: "acme_started", Body: []byte(`{"contact":[]}`)}
	got := complaints(func(t testing.TB) { s.check(t, in) })
	for _, want := range []string{"index out of range", "acme_started", `{\"contact\":[]}`, "rules_test.go"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}

// TestLoopEnds: a decoder that never returns fails its case, whether it computes
// or waits, and what follows does not wait for it again.
func TestLoopEnds(t *testing.T) {
	t.Parallel()
	for name, turn := range map[string]func(){
		"computing": func() {}, "waiting": func() { time.Sleep(time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var over atomic.Bool
			defer over.Store(true)
			s := newSuite(decoding(func(platforms.Inbound) ([]domain.Signal, error) {
				for !over.Load() {
					turn()
				}
				return nil, nil
			}))
			s.limit = 20 * time.Millisecond
			in := platforms.Inbound{Method: "acme_started", Body: []byte(`{"next":"again"}`)}
			got := complaints(func(t testing.TB) { s.check(t, in) })
			if !strings.Contains(got, "has not returned after") || !strings.Contains(got, "again") {
				t.Errorf("the loop is not named: %s", got)
			}
			s.limit = time.Hour
			got = complaints(func(t testing.TB) { s.check(t, in) })
			if !strings.Contains(got, "an earlier decode") {
				t.Errorf("after the loop: %s", got)
			}
		})
	}
}
