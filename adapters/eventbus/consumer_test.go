package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	batches []int // how many conversions came at once
}

func (i *inbox) take(hs []usecase.Handover) {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := len(i.ids)
	for _, h := range hs {
		i.ids = append(i.ids, h.ConversionIDs...)
	}
	i.batches = append(i.batches, len(i.ids)-n)
}

func (i *inbox) handle(_ context.Context, hs []usecase.Handover) error {
	i.take(hs)
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

func handling(c *eventbus.Conversions, f func(context.Context, []usecase.Handover) error) func(context.Context) error {
	return func(ctx context.Context) error { return c.Run(ctx, f) }
}

// conversionIDs are those from a number to another, the latter not included.
func conversionIDs(from, to int) (ids []string) {
	for n := from; n < to; n++ {
		ids = append(ids, fmt.Sprintf("%032x", n))
	}
	return ids
}

// handOver publishes a message with the conversions from a number to another.
func (b *bus) handOver(network, account string, from, to int) {
	b.t.Helper()
	b.publish("tgtrack.conversions."+network+"."+account, "", fmt.Appendf(nil,
		`{"schema":"tgtrack.handover.v1","network":%q,"ad_account_id":%q,"conversion_ids":["%s"]}`,
		network, account, strings.Join(conversionIDs(from, to), `","`)))
}

func TestConversionsOfOneNetwork(t *testing.T) {
	t.Parallel()
	b, in := newBus(t), &inbox{}
	for i := range 25 {
		b.handOver("yandex", fmt.Sprintf("acc%d", i%3), i, i+1)
	}
	b.handOver("vk", "acc9", 100, 110)
	o := eventbus.ConsumerOptions{Fetch: 10, Workers: 1, Logger: testLog(t)}
	run(t, handling(eventbus.NewConversions(b.js, "yandex", o), in.handle))
	// What is acknowledged leaves the work queue.
	until(t, "only the other network's is left", func() bool { return b.count(eventbus.StreamConversions) == 1 })
	if diff := cmp.Diff(conversionIDs(0, 25), in.sorted()); diff != "" {
		t.Error(diff)
	}
	if len(in.batches) > 6 || slices.Max(in.batches) > 10 {
		t.Errorf("batches of %v", in.batches)
	}
}

// Conversions are counted and not messages: a large message is a batch, and
// small ones are taken together. No message is split.
func TestConversionsAreTakenByTheirNumber(t *testing.T) {
	t.Parallel()
	b, in := newBus(t), &inbox{}
	n := 0
	for _, size := range []int{500, 500, 1, 1, 1, 400, 400, 99, 30} {
		b.handOver("vk", "a", n, n+size)
		n += size
	}
	o := eventbus.ConsumerOptions{Fetch: 500, Workers: 1, Logger: testLog(t)}
	run(t, handling(eventbus.NewConversions(b.js, "vk", o), in.handle))
	until(t, "done", func() bool { return b.count(eventbus.StreamConversions) == 0 })
	if diff := cmp.Diff(conversionIDs(0, n), in.sorted()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{500, 500, 803, 129}, in.batches); diff != "" {
		t.Error(diff)
	}
}

// A message that is alone in the queue is handed over at once, not when a
// batch is full or a poll is over.
func TestConversionsLoneMessageWaitsForNobody(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	got := make(chan struct{}, 1)
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{Poll: time.Hour, Logger: testLog(t)}),
		func(context.Context, []usecase.Handover) error {
			got <- struct{}{}
			return nil
		}))
	until(t, "waiting for messages", func() bool { return b.info(eventbus.StreamConversions).State.Consumers == 1 })
	b.handOver("vk", "a", 1, 2)
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
		o := eventbus.ConsumerOptions{Fetch: 5, Workers: 1, Logger: testLog(t)}
		c := eventbus.NewConversions(b.connect(), "vk", o)
		run(t, handling(c, func(ctx context.Context, hs []usecase.Handover) error {
			in.take(hs)
			select {
			case <-gate:
			case <-ctx.Done():
			}
			return nil
		}))
	}
	for i := range n {
		b.handOver("vk", "a", i, i+1)
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
	b.handOver("vk", "a", 0, 2)
	b.handOver("vk", "a", 2, 3)
	failures := 2
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{
		Workers: 1, RetryDelay: 10 * time.Millisecond, Logger: testLog(t),
	}), func(_ context.Context, hs []usecase.Handover) error {
		if failures > 0 {
			failures--
			return errors.New("database away")
		}
		in.take(hs)
		return nil
	}))
	until(t, "done", func() bool { return b.count(eventbus.StreamConversions) == 0 })
	if diff := cmp.Diff(conversionIDs(0, 3), in.sorted()); diff != "" {
		t.Error(diff)
	}
}

// What of a batch was handled does not come again with what failed.
func TestConversionsComeAgainFromTheFailureOn(t *testing.T) {
	t.Parallel()
	b, in := newBus(t), &inbox{}
	b.handOver("vk", "a", 0, 1)
	b.handOver("vk", "a", 1, 11)
	b.handOver("vk", "a", 11, 12)
	var failed []usecase.Handover
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{
		Fetch: 5, Workers: 1, RetryDelay: 10 * time.Millisecond, Logger: testLog(t),
	}), func(_ context.Context, hs []usecase.Handover) error {
		if in.len() == 11 && failed == nil {
			failed = hs
			return errors.New("database away")
		}
		in.take(hs)
		return nil
	}))
	until(t, "done", func() bool { return b.count(eventbus.StreamConversions) == 0 })
	if diff := cmp.Diff(conversionIDs(0, 12), in.sorted()); diff != "" {
		t.Error(diff)
	}
	if len(failed) != 1 {
		t.Errorf("%v failed, want the last message alone", failed)
	}
}

// Handling may take longer than AckWait without the message going to another.
func TestConversionsAreKeptWhileHandled(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.handOver("vk", "a", 0, 1)
	started, finish := make(chan struct{}, 10), make(chan struct{})
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{
		Workers: 2, AckWait: 300 * time.Millisecond, Poll: 100 * time.Millisecond, Logger: testLog(t),
	}), func(ctx context.Context, _ []usecase.Handover) error {
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
	good := conversionIDs(7, 8)[0]
	for i, data := range []string{
		"", "garbage", "[1]", `{"schema":"tgtrack.handover.v1"}`,
		`{"schema":"tgtrack.handover.v9","network":"vk","ad_account_id":"a","conversion_ids":["` + good + `"]}`,
		`{"schema":"tgtrack.handover.v1","network":"vk","ad_account_id":"a","conversion_ids":[]}`,
		`{"schema":"tgtrack.handover.v1","network":"vk","ad_account_id":"a","conversion_ids":["` + good + `","x"]}`,
	} {
		b.publish("tgtrack.conversions.vk.a", fmt.Sprint(i), []byte(data))
	}
	b.handOver("vk", "a", 7, 8)
	run(t, handling(eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{Logger: testLog(t)}), in.handle))
	until(t, "all gone", func() bool { return b.count(eventbus.StreamConversions) == 0 })
	if diff := cmp.Diff([]string{good}, in.sorted()); diff != "" {
		t.Error(diff)
	}
}

// At a stop a handler under way may finish, and its messages do not come
// again.
func TestConversionsStopFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.handOver("vk", "a", 0, 1)
	started, finish := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- eventbus.NewConversions(b.js, "vk", eventbus.ConsumerOptions{Logger: testLog(t)}).
			Run(ctx, func(ctx context.Context, _ []usecase.Handover) error {
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
	b.handOver("vk", "a", 0, 1)
	until(t, "first", func() bool { return in.len() == 1 })
	b.wipe()
	until(t, "streams are back", func() bool {
		_, err := b.js.Stream(t.Context(), eventbus.StreamConversions)
		return err == nil
	})
	b.handOver("vk", "a", 1, 2)
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
		return eventbus.NewEvents(b.js, "rollups", eventbus.ConsumerOptions{Fetch: 7, Logger: testLog(t)}).
			Run(ctx, take)
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
