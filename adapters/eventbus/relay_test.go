package eventbus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/usecase"
)

// outbox is a RelayStore in memory: rows leave it when publish succeeded.
type outbox struct {
	mu     sync.Mutex
	events []usecase.OutboxEvent
	due    []usecase.DueConversion
	calls  int
	before time.Time // the last republishBefore
	// afterPublish is called between publish and mark.
	afterPublish func() error
}

func (o *outbox) RelayEvents(
	ctx context.Context, limit int, publish func(context.Context, []usecase.OutboxEvent) error,
) (int, error) {
	return relayFrom(ctx, o, &o.events, limit, publish)
}

func (o *outbox) RelayConversions(
	ctx context.Context, _, before time.Time, limit, _ int,
	publish func(context.Context, []usecase.DueConversion) error,
) (int, error) {
	o.mu.Lock()
	o.before = before
	o.mu.Unlock()
	return relayFrom(ctx, o, &o.due, limit, publish)
}

func relayFrom[T any](
	ctx context.Context, o *outbox, rows *[]T, limit int, publish func(context.Context, []T) error,
) (int, error) {
	o.mu.Lock()
	o.calls++
	batch := slices.Clone((*rows)[:min(limit, len(*rows))])
	o.mu.Unlock()
	if len(batch) == 0 {
		return 0, nil
	}
	if err := publish(ctx, batch); err != nil {
		return 0, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.afterPublish; f != nil {
		if err := f(); err != nil {
			return 0, err
		}
	}
	*rows = (*rows)[len(batch):]
	return len(batch), nil
}

func (o *outbox) add(ids ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		o.events = append(o.events, usecase.OutboxEvent{
			EventID: id, ProjectID: "a1b2", Type: "bot_started", Payload: []byte(`{"id":"` + id + `"}`),
		})
	}
}

func (o *outbox) schedule(cs ...usecase.DueConversion) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due = append(o.due, cs...)
}

func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.events)+len(o.due) == 0
}

func (o *outbox) asked() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls
}

func eventIDs(from, to int) (ids []string) {
	for i := from; i < to; i++ {
		ids = append(ids, fmt.Sprintf("ev-%d", i))
	}
	return ids
}

// ids gives the message ids of a stream and how often each is there.
func ids(msgs []*jetstream.RawStreamMsg) map[string]int {
	out := map[string]int{}
	for _, m := range msgs {
		out[m.Header.Get(jetstream.MsgIDHeader)]++
	}
	return out
}

func TestRelayPublishesWhatIsCommitted(t *testing.T) {
	t.Parallel()
	b, store, y := newBus(t), &outbox{}, newTally()
	now := time.UnixMilli(0x0190_0000_0000).Add(3 * time.Second)
	store.add("019000000000" + "70008000000000000000-0")
	store.add(eventIDs(0, 25)...)
	store.schedule(
		usecase.DueConversion{ID: "c1", Network: "yandex", AccountID: "acc1"},
		usecase.DueConversion{ID: "c2", Network: "a b.>", AccountID: "*"},
		usecase.DueConversion{ID: "c3", Network: "yandex", AccountID: "acc1"},
	)
	r := eventbus.NewRelay(store, b.js, eventbus.RelayOptions{
		Interval: time.Hour, Batch: 10, RepublishAfter: time.Minute,
		Now: func() time.Time { return now }, Observer: y, Logger: testLog(t),
	})
	run(t, r.Run)
	until(t, "relayed without being woken", store.empty)

	store.add("late")
	r.Wake()
	until(t, "relayed after a wake", store.empty)

	events := b.messages(eventbus.StreamEvents)
	if len(events) != 27 || len(ids(events)) != 27 {
		t.Errorf("%d events with %d ids, want 27", len(events), len(ids(events)))
	}
	if s := events[0].Subject; s != "tgtrack.events.a1b2.bot_started" {
		t.Errorf("subject %s", s)
	}
	type message struct{ Subject, Data string }
	var got []message
	for _, m := range b.messages(eventbus.StreamConversions) {
		got = append(got, message{m.Subject, string(m.Data)})
	}
	want := []message{
		{
			"tgtrack.conversions.yandex.acc1",
			`{"schema":"tgtrack.handover.v1","network":"yandex","ad_account_id":"acc1","conversion_ids":["c1","c3"]}`,
		},
		{
			"tgtrack.conversions.a_b__._",
			`{"schema":"tgtrack.handover.v1","network":"a b.\u003e","ad_account_id":"*","conversion_ids":["c2"]}`,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !store.before.Equal(now.Add(-time.Minute)) {
		t.Errorf("republishes what was published before %v", store.before)
	}
	y.with(func() {
		want := map[string]int{eventbus.StreamEvents: 27, eventbus.StreamConversions: 2}
		if diff := cmp.Diff(want, y.published); diff != "" {
			t.Error(diff)
		}
		if age := y.ages[eventbus.StreamEvents]; age != 3*time.Second {
			t.Errorf("oldest age %v, want 3s", age)
		}
	})
}

// However many are due, a message names 500 of one account at most, and none is
// left out or named twice.
func TestRelayHandsOverByAccount(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &outbox{}
	want := map[string][]string{}
	for i, id := range conversionIDs(0, 1310) {
		account := "large"
		if i%10 == 7 {
			account = fmt.Sprintf("small%d", i%3)
		}
		store.schedule(usecase.DueConversion{ID: id, Network: "vk", AccountID: account})
		want[account] = append(want[account], id)
	}
	run(t, eventbus.NewRelay(store, b.js, eventbus.RelayOptions{Batch: 2000, Logger: testLog(t)}).Run)
	until(t, "relayed", store.empty)
	got, sizes := map[string][]string{}, map[string][]int{}
	for _, m := range b.messages(eventbus.StreamConversions) {
		var h struct {
			Account string   `json:"ad_account_id"`
			IDs     []string `json:"conversion_ids"`
		}
		if err := json.Unmarshal(m.Data, &h); err != nil {
			t.Fatal(err)
		}
		got[h.Account] = append(got[h.Account], h.IDs...)
		sizes[h.Account] = append(sizes[h.Account], len(h.IDs))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{500, 500, 179}, sizes["large"]); diff != "" || len(sizes["small0"]) != 1 {
		t.Errorf("messages of %v", sizes)
	}
}

// What is due again is handed over again at once: the stream must not take it
// for a repeat.
func TestRelayHandsOverAgain(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &outbox{}
	r := eventbus.NewRelay(store, b.js, eventbus.RelayOptions{Logger: testLog(t)})
	run(t, r.Run)
	for range 3 {
		store.schedule(usecase.DueConversion{ID: conversionIDs(1, 2)[0], Network: "vk", AccountID: "a"})
		r.Wake()
		until(t, "handed over", store.empty)
	}
	msgs := b.messages(eventbus.StreamConversions)
	if len(msgs) != 3 || len(ids(msgs)) != 3 || ids(msgs)[""] != 0 {
		t.Errorf("%d messages with the ids %v, want 3", len(msgs), ids(msgs))
	}
}

// A crash between publish and mark publishes again; the stream has it once.
func TestRelayRepeatIsDropped(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &outbox{}
	store.add(eventIDs(0, 5)...)
	failures := 2
	store.afterPublish = func() error {
		if failures == 0 {
			return nil
		}
		failures--
		return fmt.Errorf("connection lost")
	}
	run(t, eventbus.NewRelay(store, b.js, eventbus.RelayOptions{Logger: testLog(t)}).Run)
	until(t, "relayed", store.empty)
	if n := b.count(eventbus.StreamEvents); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
}

// hanging is a database that does not answer until it is told to.
type hanging struct {
	*outbox
	hangs   atomic.Bool
	entered atomic.Int64
}

func (h *hanging) RelayEvents(
	ctx context.Context, limit int, publish func(context.Context, []usecase.OutboxEvent) error,
) (int, error) {
	if h.hangs.Load() {
		h.entered.Add(1)
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return h.outbox.RelayEvents(ctx, limit, publish)
}

// A database that hangs ends a round and not the relay.
func TestRelayEndsARoundThatHangs(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &hanging{outbox: &outbox{}}
	store.hangs.Store(true)
	r := eventbus.NewRelay(store, b.js, eventbus.RelayOptions{
		Interval: 20 * time.Millisecond, RoundTimeout: 50 * time.Millisecond, MaxBackoff: 50 * time.Millisecond,
		Logger: testLog(t)})
	run(t, r.Run)
	store.add("e")
	until(t, "a round ended and another began", func() bool { return store.entered.Load() > 1 })
	store.hangs.Store(false)
	until(t, "relayed", store.empty)
}

// A stream that was purged still remembers ids: what it takes for a repeat and
// has no more is published until it is stored. What it has is not there twice,
// unless it was stored so soon after that both are forgotten at once.
func TestRelayIsNotDeceivedByAPurge(t *testing.T) {
	t.Parallel()
	for name, purge := range map[string][]jetstream.StreamPurgeOpt{
		"all": nil, "one subject": {jetstream.WithPurgeSubject("tgtrack.events.a1b2.bot_started")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, store := newBus(t), &outbox{}
			c := b.info(eventbus.StreamEvents).Config
			c.Duplicates = 2 * time.Second
			if _, err := b.js.UpdateStream(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			b.publish("tgtrack.events.other.bot_started", "", []byte("{}")) // so that the first number stays
			r := eventbus.NewRelay(store, b.js, eventbus.RelayOptions{
				Interval: 20 * time.Millisecond, MaxBackoff: 50 * time.Millisecond, Logger: testLog(t)})
			run(t, r.Run)
			store.add(eventIDs(0, 3)...)
			until(t, "relayed", store.empty)
			s, err := b.js.Stream(t.Context(), eventbus.StreamEvents)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Purge(t.Context(), purge...); err != nil {
				t.Fatal(err)
			}
			store.add(eventIDs(0, 5)...)
			until(t, "relayed again", store.empty)
			got := ids(b.messages(eventbus.StreamEvents))
			for i, id := range eventIDs(0, 5) {
				if n := got[id]; n != 1 && (i < 3 || n != 2) {
					t.Errorf("%s is in the stream %d times", id, n)
				}
			}
		})
	}
}

func TestRelayLosesNothingWhenTheServerRestarts(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &outbox{}
	store.add(eventIDs(0, 2000)...)
	run(t, eventbus.NewRelay(store, b.js, eventbus.RelayOptions{
		Batch: 20, AckTimeout: time.Second, MaxBackoff: 50 * time.Millisecond, Ensure: b.again, Logger: testLog(t),
	}).Run)
	until(t, "in the middle", func() bool { return b.count(eventbus.StreamEvents) > 100 })
	b.stop()
	if store.empty() {
		t.Fatal("the relay was done before the restart")
	}
	store.add(eventIDs(2000, 2100)...)
	b.start()
	until(t, "relayed", store.empty)
	want := map[string]int{}
	for _, id := range eventIDs(0, 2100) {
		want[id] = 1
	}
	if got := ids(b.messages(eventbus.StreamEvents)); !maps.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
}

func TestRelayMakesWipedStreamsAgain(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &outbox{}
	run(t, eventbus.NewRelay(store, b.js, eventbus.RelayOptions{
		Interval: 5 * time.Millisecond, AckTimeout: 2 * time.Second, MaxBackoff: 50 * time.Millisecond,
		Ensure: b.again, Logger: testLog(t),
	}).Run)
	store.add("before")
	until(t, "relayed", store.empty)
	b.wipe()
	store.add("after")
	store.schedule(usecase.DueConversion{ID: "c", Network: "vk", AccountID: "a"})
	until(t, "relayed again", store.empty)
	if diff := cmp.Diff(map[string]int{"after": 1}, ids(b.messages(eventbus.StreamEvents))); diff != "" {
		t.Error(diff)
	}
	if n := b.count(eventbus.StreamConversions); n != 1 {
		t.Errorf("%d conversions, want 1", n)
	}
}

func TestRelayRestsWhileNATSIsAway(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &outbox{}
	b.stop()
	until(t, "disconnected", func() bool { return !b.js.Conn().IsConnected() })
	store.add("e")
	r := eventbus.NewRelay(store, b.js, eventbus.RelayOptions{
		Interval: time.Millisecond, MaxBackoff: 20 * time.Millisecond, Logger: testLog(t),
	})
	stop := run(t, r.Run)
	for range 1000 {
		r.Wake()
	}
	stop()
	if n := store.asked(); n != 0 {
		t.Errorf("asked the database %d times", n)
	}
	if store.empty() {
		t.Error("the event is gone")
	}
}

// One event that no message can hold must not hold up all behind it.
func TestRelayCutsWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), &outbox{}
	store.events = []usecase.OutboxEvent{
		{EventID: "big", ProjectID: "p", Type: "goal_reached", Payload: make([]byte, 2<<20)},
		{EventID: "small", ProjectID: "p", Type: "goal_reached", Payload: []byte("{}")},
	}
	run(t, eventbus.NewRelay(store, b.js, eventbus.RelayOptions{Logger: testLog(t)}).Run)
	until(t, "relayed", store.empty)
	msgs := b.messages(eventbus.StreamEvents)
	if len(msgs) != 2 {
		t.Fatalf("%d messages", len(msgs))
	}
	var got map[string]any
	if err := json.Unmarshal(msgs[0].Data, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"schema": "tgtrack.event.v1", "id": "big", "project_id": "p", "type": "goal_reached", "truncated": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
