package platformtest

import (
	"errors"
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

func TestWrongError(t *testing.T) {
	t.Parallel()
	some := []domain.Signal{{Type: domain.BotStarted}}
	for _, c := range []struct {
		name    string
		signals []domain.Signal
		err     error
		wrong   bool
	}{
		{"none", some, nil, false},
		{"invalid", nil, domain.Invalid("a", "is missing"), false},
		{"media type", nil, platforms.ErrMediaType, false},
		{"warning with signals", some, &domain.Warning{Text: "w"}, false},
		{"warning alone", nil, &domain.Warning{Text: "w"}, true},
		{"invalid with signals", some, domain.Invalid("a", "is missing"), true},
		{"foreign", nil, errors.New("boom"), true},
		{"long", nil, domain.Invalid("a", "%s", strings.Repeat("x", 200)), true},
		{"empty", nil, fmt.Errorf(" %w", &domain.FieldError{}), true},
	} {
		if got := wrongError(c.signals, c.err); (got != "") != c.wrong {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestWrongSignal(t *testing.T) {
	t.Parallel()
	in := platforms.Inbound{ReceivedAt: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	p := &domain.Person{ID: 5}
	for _, good := range []domain.Signal{
		{Type: domain.BotStopped, Person: p, At: in.ReceivedAt},
		{Type: domain.BotStarted, Person: p, Messenger: "whatsapp"},
	} {
		if got := wrongSignal(good, in); got != "" {
			t.Errorf("a good signal: %s", got)
		}
	}
	for _, s := range []domain.Signal{
		{Type: "party"},
		{Type: domain.BotStopped},
		{Type: domain.BotStarted, Person: &domain.Person{}},
		{Type: domain.GoalReached, Person: p},
		{Type: domain.BotStarted, At: in.ReceivedAt.In(time.FixedZone("MSK", 3*3600))},
		{Type: domain.BotStarted, At: in.ReceivedAt.Add(time.Nanosecond)},
		{Type: domain.BotStarted, At: in.ReceivedAt.Add(25 * time.Hour)},
		{Type: domain.BotStarted, StartValue: "/start x"},
		{Type: domain.BotStarted, UTM: domain.UTM{Term: "a\x00"}},
		{Type: domain.BotStarted, Person: &domain.Person{ID: 5, FirstName: "\xff"}},
		{Type: domain.BotStarted, SenderKey: strings.Repeat("k", 3000)},
		{Type: domain.BotStarted, Messenger: "no such, ü"},
		{Type: domain.BotStarted, Messenger: "Telegram"},
	} {
		if wrongSignal(s, in) == "" {
			t.Errorf("nothing wrong found in %+v", s)
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
