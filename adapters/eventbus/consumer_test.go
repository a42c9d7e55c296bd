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
	"github.com/tgtrack/tgtrack/usecase"
)

// inbox collects what a handler gets.
type inbox struct {
	mu      sync.Mutex
	ids     []string
	batches []int
}

func (i *inbox) take(cs []usecase.DueConversion) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.batches = append(i.batches, len(cs))
	for _, c := range cs {
		i.ids = append(i.ids, c.ID)
	}
}

func (i *inbox) handle(_ context.Context, cs []usecase.DueConversion) error {
	i.take(cs)
	return nil
}

func (i *inbox) sorted() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Sorted(slices.Values(i.ids))
}

func (i *inbox) len() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.ids)
}

func handling(c *eventbus.Conversions, f func(context.Context, []usecase.DueConversion) error) func(context.Context) error {
	return func(ctx context.Context) error { return c.Run(ctx, f) }
}

func (b *bus) conversion(network, account, id string) {
	b.t.Helper()
	b.publish("tgtrack.conversions."+network+"."+account, id, fmt.Appendf(nil,
		`{"schema":"tgtrack.conversion.v1","id":%q,"network":%q,"ad_account_id":%q}`, id, network, account))
}

func TestConversionsOfOneNetwork(t *testing.T) {
	t.Parallel()
	b, in := newBus(t), &inbox{}
	for i := range 25 {
		b.conversion("yandex", fmt.Sprintf("acc%d", i%3), fmt.Sprintf("y%02d", i))
	}
	b.conversion("vk", "acc9", "v1")
	b.conversion("yandex", "acc1", "y00") // published twice
	run(t, handling(eventbus.NewConversions(b.js, "yandex", eventbus.ConsumerOptions{Fetch: 10, Workers: 1, Logger: testLog(t)}), in.handle))
	// What is acknowledged leaves the work queue.
	until(t, "only the other network's is left", func() bool { return b.count(eventbus.StreamConversions) == 1 })
	var want []string
	for i := range 25 {
		want = append(want, fmt.Sprintf("y%02d", i))
	}
	if diff := cmp.Diff(want, in.sorted()); diff != "" {
		t.Error(diff)
	}
	if len(in.batches) > 6 || slices.Max(in.batches) > 10 {
		t.Errorf("batches of %v", in.batches)
	}
}

// A message that is alone in the queue is handed over at once, not when a
// batch is full or a poll is over.
func TestConversionsLoneMessageWaitsForNobody(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	got := make(chan struct{}, 1)
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{Poll: time.Hour, Logger: testLog(t)}), func(context.Context, []usecase.DueConversion) error {
		got <- struct{}{}
		return nil
	}))
	until(t, "waiting for messages", func() bool { return b.info(eventbus.StreamConversions).State.Consumers == 1 })
	b.conversion("vk", "a", "c1")
	select {
	case <-got:
	case <-time.After(5 * time.Second):
		t.Fatal("the message waits for company")
	}
}

func TestConversionsProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	var first, second inbox
	const n = 200
	gate := make(chan struct{})
	for _, in := range []*inbox{&first, &second} {
		// Neither goes on before both have a batch.
		run(t, handling(eventbus.NewConversions(b.connect(), "vk", eventbus.ConsumerOptions{Fetch: 5, Workers: 1, Logger: testLog(t)}), func(ctx context.Context, cs []usecase.DueConversion) error {
			in.take(cs)
			select {
			case <-gate:
			case <-ctx.Done():
			}
			return nil
		}))
	}
	for i := range n {
		b.conversion("vk", "a", fmt.Sprintf("c%03d", i))
	}
	until(t, "both work", func() bool { return first.len() > 0 && second.len() > 0 })
	close(gate)
	until(t, "done", func() bool { return b.count(eventbus.StreamConversions) == 0 })
	all := append(first.sorted(), second.sorted()...)
	slices.Sort(all)
	if got := len(slices.Compact(slices.Clone(all))); got != n || len(all) != n {
		t.Errorf("%d different of %d messages, want %d", got, len(all), n)
	}
}

func TestConversionsComeAgainAfterAnError(t *testing.T) {
	t.Parallel()
	b, in := newBus(t), &inbox{}
	b.conversion("vk", "a", "c1")
	b.conversion("vk", "a", "c2")
	failures := 2
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{
		Workers: 1, RetryDelay: 10 * time.Millisecond, Logger: testLog(t),
	}), func(_ context.Context, cs []usecase.DueConversion) error {
		if failures > 0 {
			failures--
			return errors.New("database away")
		}
		in.take(cs)
		return nil
	}))
	until(t, "done", func() bool { return b.count(eventbus.StreamConversions) == 0 })
	if diff := cmp.Diff([]string{"c1", "c2"}, in.sorted()); diff != "" {
		t.Error(diff)
	}
}

// Handling may take longer than AckWait without the message going to another.
func TestConversionsAreKeptWhileHandled(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.conversion("vk", "a", "slow")
	started, finish := make(chan struct{}, 10), make(chan struct{})
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{
		Workers: 2, AckWait: 300 * time.Millisecond, Poll: 100 * time.Millisecond, Logger: testLog(t),
	}), func(ctx context.Context, _ []usecase.DueConversion) error {
		started <- struct{}{}
		select {
		case <-finish:
		case <-ctx.Done():
		}
		return nil
	}))
	<-started
	select {
	case <-started:
		t.Error("handed over twice")
	case <-time.After(1500 * time.Millisecond):
	}
	close(finish)
	until(t, "acknowledged", func() bool { return b.count(eventbus.StreamConversions) == 0 })
}

func TestConversionsDiscardGarbage(t *testing.T) {
	t.Parallel()
	b, in := newBus(t), &inbox{}
	for i, data := range []string{
		"", "garbage", `{"schema":"tgtrack.conversion.v1"}`, `{"schema":"tgtrack.conversion.v9","id":"x","network":"vk"}`, "[1]",
	} {
		b.publish("tgtrack.conversions.vk.a", fmt.Sprint(i), []byte(data))
	}
	b.conversion("vk", "a", "good")
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{Logger: testLog(t)}), in.handle))
	until(t, "all gone", func() bool { return b.count(eventbus.StreamConversions) == 0 })
	if diff := cmp.Diff([]string{"good"}, in.sorted()); diff != "" {
		t.Error(diff)
	}
}

// At a stop a handler under way may finish, and its messages do not come
// again.
func TestConversionsStopFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.conversion("vk", "a", "c1")
	started, finish := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{Logger: testLog(t)}).
			Run(ctx, func(ctx context.Context, _ []usecase.DueConversion) error {
				close(started)
				<-finish
				return ctx.Err()
			})
	}()
	<-started
	cancel()
	close(finish)
	if err := <-done; err != nil {
		t.Error(err)
	}
	until(t, "acknowledged", func() bool { return b.count(eventbus.StreamConversions) == 0 })
}

func TestConversionsAfterAWipe(t *testing.T) {
	t.Parallel()
	b, in := newBus(t), &inbox{}
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{
		Poll: 200 * time.Millisecond, MaxBackoff: 50 * time.Millisecond, Ensure: b.again, Logger: testLog(t),
	}), in.handle))
	b.conversion("vk", "a", "before")
	until(t, "first", func() bool { return in.len() == 1 })
	b.wipe()
	until(t, "streams are back", func() bool {
		_, err := b.js.Stream(t.Context(), eventbus.StreamConversions)
		return err == nil
	})
	b.conversion("vk", "a", "after")
	until(t, "second", func() bool { return in.len() == 2 })
}

func TestEventsFromTheOldestOn(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	for i := range 30 {
		b.publish("tgtrack.events.p.bot_started", "", fmt.Appendf(nil, "%d", i))
	}
	var mu sync.Mutex
	var got []eventbus.Message
	take := func(_ context.Context, ms []eventbus.Message) error {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, ms...)
		return nil
	}
	have := func(n int) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(got) >= n
		}
	}
	rollups := func(ctx context.Context) error {
		return eventbus.NewEvents(b.js, "rollups", eventbus.ConsumerOptions{Fetch: 7, Logger: testLog(t)}).Run(ctx, take)
	}
	stop := run(t, rollups)
	until(t, "all read", have(30))
	stop()
	b.publish("tgtrack.events.p.bot_stopped", "", []byte("30"))
	run(t, rollups)
	until(t, "goes on where it stopped", have(31))
	for i, m := range got {
		if string(m.Data) != fmt.Sprint(i) || m.Seq != uint64(i+1) {
			t.Errorf("message %d: %+v", i, m)
		}
	}
	if got[30].Subject != "tgtrack.events.p.bot_stopped" {
		t.Error(got[30].Subject)
	}
	if n := b.count(eventbus.StreamEvents); n != 31 {
		t.Errorf("%d events are left in the stream, want all 31", n)
	}
}
