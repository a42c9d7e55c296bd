package eventbus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
)

// pages of a stream: number, time, subject, id and body of each message.
func pages(ms []*jetstream.RawStreamMsg) []string {
	var out []string
	for _, m := range ms {
		out = append(out, fmt.Sprint(m.Sequence, m.Time.UnixNano(), m.Subject, m.Header.Get(jetstream.MsgIDHeader),
			string(m.Data)))
	}
	return out
}

func TestSaveAndRestoreStreams(t *testing.T) {
	t.Parallel()
	a, b := newBus(t), newBus(t)
	large := strings.Repeat("0123456789", 30_000) // several chunks together
	for i := range 12 {
		a.publish("tgtrack.requests.p.add_event.200", fmt.Sprintf("r%d", i), fmt.Appendf(nil, "%d%s", i, large))
	}
	a.publish("tgtrack.events.p.bot_started", "e1", []byte("{}"))
	for _, stream := range eventbus.BackedUp() {
		var file bytes.Buffer
		saved, err := eventbus.SaveStream(t.Context(), a.js.Conn(), stream, &file)
		if err != nil {
			t.Fatal(err)
		}
		if err := eventbus.RestoreStream(t.Context(), b.js.Conn(), stream, saved,
			bytes.NewReader(file.Bytes())); err == nil {
			t.Errorf("%s was restored over one that exists", stream)
		}
		if err := b.js.DeleteStream(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
		if err := eventbus.RestoreStream(t.Context(), b.js.Conn(), stream, saved,
			bytes.NewReader(file.Bytes())); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(pages(a.messages(stream)), pages(b.messages(stream))); d != "" {
			t.Errorf("%s is another after it (-was +is):\n%.2000s", stream, d)
		}
	}
	b.ensure(eventbus.Limits{})
}

// What is published meanwhile is in it or not; nothing is torn.
func TestSaveWhilePublishing(t *testing.T) {
	t.Parallel()
	a, b := newBus(t), newBus(t)
	body := bytes.Repeat([]byte("x"), 20_000)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	a.publish("tgtrack.events.p.bot_started", "first", body)
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if _, err := a.js.Publish(ctx, "tgtrack.events.p.bot_started", body); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	until(t, "there is some load", func() bool { return a.count(eventbus.StreamEvents) > 100 })
	var file bytes.Buffer
	saved, err := eventbus.SaveStream(t.Context(), a.js.Conn(), eventbus.StreamEvents, &file)
	cancel()
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.js.DeleteStream(t.Context(), eventbus.StreamEvents); err != nil {
		t.Fatal(err)
	}
	if err := eventbus.RestoreStream(t.Context(), b.js.Conn(), eventbus.StreamEvents, saved, &file); err != nil {
		t.Fatal(err)
	}
	was, is := pages(a.messages(eventbus.StreamEvents)), pages(b.messages(eventbus.StreamEvents))
	if len(is) < 100 || len(is) > len(was) || !slices.Equal(was[:len(is)], is) {
		t.Errorf("restored %d of %d messages, or others", len(is), len(was))
	}
}

func TestSaveFailures(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	_, err := eventbus.SaveStream(t.Context(), b.js.Conn(), "TGTRACK_NONE", &bytes.Buffer{})
	if !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("saving a stream that is not there = %v", err)
	}
	b.publish("tgtrack.events.p.bot_started", "e1", []byte("{}"))
	var file bytes.Buffer
	saved, err := eventbus.SaveStream(t.Context(), b.js.Conn(), eventbus.StreamEvents, &file)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.js.DeleteStream(t.Context(), eventbus.StreamEvents); err != nil {
		t.Fatal(err)
	}
	if err := eventbus.RestoreStream(t.Context(), b.js.Conn(), eventbus.StreamEvents, saved,
		strings.NewReader("no snapshot")); err == nil {
		t.Error("rubbish was restored")
	}
	no := errors.New("disk full")
	if _, err := eventbus.SaveStream(t.Context(), b.js.Conn(), eventbus.StreamRequests,
		failing{no}); !errors.Is(err, no) {
		t.Errorf("SaveStream to a full disk = %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestReconcile(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	for _, id := range []string{"e1", "e2", "e3"} {
		b.publish("tgtrack.events.p.bot_started", id, []byte("{}"))
	}
	known := func(_ context.Context, ids []string) (map[string]bool, error) {
		return map[string]bool{"e1": true, "e3": true}, nil
	}
	later, err := eventbus.Reconcile(t.Context(), b.js, time.Now().Add(time.Hour), known)
	if err != nil || len(later) != 0 || b.count(eventbus.StreamEvents) != 3 {
		t.Fatalf("what was published before was touched: %v, %v", later, err)
	}
	published, err := eventbus.Reconcile(t.Context(), b.js, time.Now().Add(-time.Hour), known)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(published)
	if d := cmp.Diff([]string{"e1", "e3"}, published); d != "" || b.count(eventbus.StreamEvents) != 2 {
		t.Errorf("%d messages are left; published: %s", b.count(eventbus.StreamEvents), d)
	}
}
