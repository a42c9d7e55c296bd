package eventbus_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
)

// clockwork is a clock that only a test moves.
type clockwork struct {
	mu sync.Mutex
	at time.Time
}

func (c *clockwork) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clockwork) after(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestHealthSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	clock := &clockwork{at: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)}
	says := func(h *eventbus.Health, want string) {
		t.Helper()
		clock.after(time.Second) // older answers count no more
		err := h.Err(t.Context())
		if want == "" {
			if err != nil {
				t.Errorf("got %v, want nothing", err)
			}
			return
		}
		if !errors.Is(err, domain.ErrUnavailable) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	h := eventbus.NewHealth(b.js, fixed{}, clock.now)
	says(h, "")

	h.Outcome(eventbus.StreamEvents, errors.New("no space left"))
	says(h, "TGTRACK_EVENTS does not take what is published: no space left")
	h.Outcome(eventbus.StreamEvents, nil)
	says(h, "")
	h.Outcome(eventbus.StreamConversions,
		&jetstream.APIError{Code: 503, ErrorCode: 10077, Description: "maximum bytes exceeded"})
	says(h, "raise nats.max_bytes.conversions")
	clock.after(time.Minute) // nothing was published since
	says(h, "")

	if err := b.js.DeleteStream(t.Context(), eventbus.StreamEvents); err != nil {
		t.Fatal(err)
	}
	says(h, "TGTRACK_EVENTS is missing")
	says(eventbus.NewHealth(b.js, fixed{denied: errors.New("permissions violation for publish to x")}, clock.now),
		"$JS.API.>")
	says(eventbus.NewHealth(b.js, fixed{ready: errors.New("connection refused")}, clock.now),
		"connection refused; events and conversions wait in the database")
}
