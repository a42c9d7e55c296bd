package eventbus_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
)

func TestEnsureMakesTheStreams(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	type shape struct {
		Subjects  []string
		Retention jetstream.RetentionPolicy
		Discard   jetstream.DiscardPolicy
		Age       time.Duration
		Bytes     int64
		Window    time.Duration
	}
	got := map[string]shape{}
	for _, name := range []string{
		eventbus.StreamRequests, eventbus.StreamEvents, eventbus.StreamConversions, eventbus.StreamClicks,
	} {
		c := b.info(name).Config
		got[name] = shape{c.Subjects, c.Retention, c.Discard, c.MaxAge, c.MaxBytes, c.Duplicates}
	}
	const week = 7 * 24 * time.Hour
	want := map[string]shape{
		"TGTRACK_REQUESTS": {[]string{"tgtrack.requests.*.*.*"}, jetstream.LimitsPolicy, jetstream.DiscardOld,
			week, 1 << 30, 20 * time.Second},
		"TGTRACK_EVENTS": {[]string{"tgtrack.events.*.*"}, jetstream.LimitsPolicy, jetstream.DiscardOld,
			0, 4 << 30, 20 * time.Second},
		"TGTRACK_CONVERSIONS": {[]string{"tgtrack.conversions.*.*"}, jetstream.WorkQueuePolicy, jetstream.DiscardNew,
			time.Hour, 1 << 30, 20 * time.Second},
		"TGTRACK_CLICKS": {[]string{"tgtrack.clicks.*"}, jetstream.WorkQueuePolicy, jetstream.DiscardNew,
			24 * time.Hour, 256 << 20, 20 * time.Second},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEnsureAgainChangesOnlyLimits(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.publish("tgtrack.events.p.bot_started", "", []byte("{}"))
	// What an operator set stays.
	c := b.info(eventbus.StreamEvents).Config
	c.Compression = jetstream.S2Compression
	if _, err := b.js.UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.ensure(eventbus.Limits{EventsBytes: 5 << 20, RequestsAge: 10 * time.Second})
	c = b.info(eventbus.StreamEvents).Config
	if c.MaxBytes != 5<<20 || c.Compression != jetstream.S2Compression {
		t.Errorf("events: %d bytes, compression %v", c.MaxBytes, c.Compression)
	}
	if n := b.count(eventbus.StreamEvents); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	// The server refuses a window longer than the age.
	if c := b.info(eventbus.StreamRequests).Config; c.MaxAge != 10*time.Second || c.Duplicates != 10*time.Second {
		t.Errorf("requests: age %v, window %v", c.MaxAge, c.Duplicates)
	}
}

func TestEnsureWithoutJetStream(t *testing.T) {
	t.Parallel()
	err := eventbus.Ensure(t.Context(), serverOf(t, server.Options{}), eventbus.Limits{})
	if !errors.Is(err, domain.ErrUnavailable) || !strings.Contains(err.Error(), "JetStream is switched off") {
		t.Errorf("got %v", err)
	}
}
