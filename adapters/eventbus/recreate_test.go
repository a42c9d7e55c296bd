package eventbus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
)

func TestRecreate(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.publish("tgtrack.events.p.bot_started", "", []byte("{}"))
	recreate := func(name string, force bool) error {
		return eventbus.Recreate(t.Context(), b.js, name, eventbus.Limits{}, force)
	}
	if err := recreate("OTHER", true); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a stranger: %v", err)
	}
	if err := recreate(eventbus.StreamEvents, false); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("one that is well: %v", err)
	}
	if n := b.count(eventbus.StreamEvents); n != 1 {
		t.Fatalf("%d events, want 1", n)
	}
	if err := recreate(eventbus.StreamEvents, true); err != nil {
		t.Fatal(err)
	}
	if n := b.count(eventbus.StreamEvents); n != 0 {
		t.Errorf("%d events, want none", n)
	}
	if err := b.js.DeleteStream(t.Context(), eventbus.StreamEvents); err != nil {
		t.Fatal(err)
	}
	if err := recreate(eventbus.StreamEvents, false); err != nil {
		t.Errorf("one that is missing: %v", err)
	}
	b.count(eventbus.StreamEvents)
	b.stop()
	if err := recreate(eventbus.StreamEvents, true); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("without a server: %v", err)
	}
}

// The only node of a stream is gone for ever: it is made on another, and
// publishing and reading go on.
func TestRecreateAfterItsNodeIsGone(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.ensure(eventbus.Limits{Replicas: 1})
	c.stop(c.leader(eventbus.StreamEvents))
	h := eventbus.NewHealth(c.js, fixed{}, nil)
	within(t, 20*time.Second, "the loss to be told", func() error {
		for _, f := range h.Look(t.Context()) {
			if f.Stream == eventbus.StreamEvents && !f.Serves {
				return nil
			}
		}
		return errors.New("all is well")
	})
	began := time.Now()
	unfinished := false
	within(t, 30*time.Second, "a new stream", func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		err := eventbus.Recreate(ctx, c.js, eventbus.StreamEvents, eventbus.Limits{Replicas: 1}, false)
		if unfinished && errors.Is(err, domain.ErrConflict) {
			return nil // the try before made it, and had no time left to say so
		}
		unfinished = unfinished || errors.Is(err, domain.ErrUnavailable)
		return err
	})
	t.Logf("made again after %s", time.Since(began).Round(time.Millisecond))
	within(t, 10*time.Second, "a message", func() error {
		_, err := c.js.Publish(t.Context(), "tgtrack.events.p.bot_started", []byte("{}"), jetstream.WithMsgID("x"))
		return err
	})
}
