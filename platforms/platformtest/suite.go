package platformtest

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// decodeLimit is how long one decode may take, also of a megabyte and with the
// race detector. On a busy machine a decode waits for its turn, so it may take
// patience times as long while the process gets less than decodeLimit of a CPU.
const (
	decodeLimit = 10 * time.Second
	patience    = 12
)

// suite calls a decoder so that one that panics or never returns fails the
// case with the body that caused it.
type suite struct {
	decoder platforms.PlatformDecoder
	limit   time.Duration
	// stuck is set once a decode has not returned. It can not be stopped, so
	// whatever is tried after it would only wait as well.
	stuck atomic.Bool
}

func newSuite(d platforms.PlatformDecoder) *suite { return &suite{decoder: d, limit: decodeLimit} }

// outcome is what a decode returned, or why it returned nothing.
type outcome struct {
	signals  []domain.Signal
	warnings []domain.Warning
	err      error
	trouble  string
}

// decode may be called from any goroutine.
func (s *suite) decode(in platforms.Inbound) outcome {
	if s.stuck.Load() {
		return outcome{trouble: "not tried: an earlier decode has not returned"}
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.trouble = fmt.Sprintf("Decode panicked: %v\n%s", p, debug.Stack())
			}
			done <- o
		}()
		o.signals, o.warnings, o.err = platforms.Decode(s.decoder, in)
	}()
	began, spent := time.Now(), cpuTime()
	late := time.NewTimer(s.limit)
	defer late.Stop()
	for {
		select {
		case o := <-done:
			return o
		case <-late.C:
		}
		waited := time.Since(began)
		if cpuTime()-spent >= s.limit || waited >= patience*s.limit {
			s.stuck.Store(true)
			waited = waited.Round(time.Millisecond)
			return outcome{trouble: fmt.Sprintf("Decode has not returned after %s", waited)}
		}
		late.Reset(s.limit / 10)
	}
}

// mustReturn ends the test if the decode panicked or did not return.
func (o *outcome) mustReturn(t testing.TB, in platforms.Inbound) {
	t.Helper()
	if o.trouble != "" {
		t.Fatalf("%s\nmethod: %s\ncontent type: %q\nbody of %d bytes: %.2000q",
			o.trouble, in.Method, in.ContentType, len(in.Body), in.Body)
	}
}
