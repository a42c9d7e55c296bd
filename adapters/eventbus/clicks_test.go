package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
)

// waitingClick has everything that a click may have.
func waitingClick(project, id string) domain.Click {
	return domain.Click{
		ID: id, ProjectID: project, LinkID: "link", StartValue: "PJ" + id,
		At:  time.Date(2026, 7, 1, 10, 0, 0, 123000, time.UTC),
		URL: "https://go.example/c/link?yclid=1", RawQuery: "yclid=1", Params: map[string]string{"yclid": "1"},
		IP: "203.0.113.7", UserAgent: "Mozilla/5.0", Referrer: "https://ads.example/", Robot: true,
		Cookies: map[string]string{"_fbp": "fb.1.1.1"},
	}
}

// stored gathers what is handed over.
type stored struct {
	mu     sync.Mutex
	clicks []domain.Click
	err    error
}

func (s *stored) handle(_ context.Context, cs []domain.Click) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.clicks = append(s.clicks, cs...)
	return nil
}

func (s *stored) ids() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clicks {
		out = append(out, c.ID)
	}
	slices.Sort(out)
	return out
}

func (s *stored) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func TestClicksWaitInTheStream(t *testing.T) {
	t.Parallel()
	b, y := newBus(t), newTally()
	clicks := eventbus.NewClicks(b.js, eventbus.ClickOptions{Ensure: b.again, Logger: testLog(t), Observer: y})
	want := waitingClick("p", "0a")
	for range 2 { // published again it is the same
		if err := clicks.KeepClick(t.Context(), want); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(eventbus.StreamClicks); n != 1 {
		t.Fatalf("%d clicks wait, want 1", n)
	}
	y.with(func() {
		if y.published[eventbus.StreamClicks] != 2 {
			t.Errorf("counted %v", y.published)
		}
	})
	b.publish("tgtrack.clicks.p", "", []byte("no click"))
	s := &stored{err: domain.ErrUnavailable}
	// Two processes share the work.
	other := eventbus.NewClicks(b.connect(), eventbus.ClickOptions{Logger: testLog(t)})
	for _, c := range []*eventbus.Clicks{clicks, other} {
		run(t, func(ctx context.Context) error { return c.Run(ctx, s.handle) })
	}
	until(t, "what can not be read is gone", func() bool { return b.count(eventbus.StreamClicks) == 1 })
	s.fail(nil)
	until(t, "the clicks are stored", func() bool { return b.count(eventbus.StreamClicks) == 0 })
	if d := cmp.Diff([]domain.Click{want}, s.clicks); d != "" {
		t.Error(d)
	}
}

func TestClicksGoToOneProcess(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	s := &stored{}
	clicks := eventbus.NewClicks(b.js, eventbus.ClickOptions{Logger: testLog(t)})
	for range 3 {
		c := eventbus.NewClicks(b.connect(), eventbus.ClickOptions{Logger: testLog(t)})
		run(t, func(ctx context.Context) error { return c.Run(ctx, s.handle) })
	}
	var want []string
	for i := range 500 {
		id := fmt.Sprintf("%04x", i)
		want = append(want, id)
		if err := clicks.KeepClick(t.Context(), waitingClick("p", id)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the clicks are stored", func() bool { return b.count(eventbus.StreamClicks) == 0 })
	if d := cmp.Diff(want, s.ids()); d != "" {
		t.Error(d)
	}
}

func TestNoRoomForClicks(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.ensure(eventbus.Limits{ClicksBytes: 1000})
	clicks := eventbus.NewClicks(b.js, eventbus.ClickOptions{Logger: testLog(t)})
	if err := clicks.KeepClick(t.Context(), waitingClick("p", "0a")); err != nil {
		t.Fatal(err)
	}
	var err error
	for i := range 3 { // the first one stays
		err = clicks.KeepClick(t.Context(), waitingClick("p", fmt.Sprintf("0b%d", i)))
	}
	if !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("a full stream: %v", err)
	}
	m := b.messages(eventbus.StreamClicks)
	if len(m) == 0 || m[0].Header.Get("Nats-Msg-Id") != "0a" {
		t.Errorf("%d messages, the first is not the one that was promised", len(m))
	}
	b.stop()
	until(t, "the connection is gone", func() bool { return !b.js.Conn().IsConnected() })
	began := time.Now()
	if err := clicks.KeepClick(t.Context(), waitingClick("p", "0c")); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("NATS away: %v", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("a visitor waited %s for a stream that is away", took)
	}
}

func TestWaitingClicksAreErased(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	clicks := eventbus.NewClicks(b.js, eventbus.ClickOptions{Logger: testLog(t)})
	for _, c := range []domain.Click{
		waitingClick("p", "0a"), waitingClick("q", "0b"), waitingClick("p", "0c"), waitingClick("p", "0d"),
	} {
		if err := clicks.KeepClick(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	log := eventbus.NewRequestLog(b.js, eventbus.RequestLogOptions{Logger: testLog(t)})
	if err := log.EraseClicks(t.Context(), "p", []string{"PJ0a", "PJ0b", "PJ0d"}); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, m := range b.messages(eventbus.StreamClicks) {
		left = append(left, m.Header.Get("Nats-Msg-Id"))
	}
	if d := cmp.Diff([]string{"0b", "0c"}, left); d != "" {
		t.Error(d)
	}
}
