package eventbus_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/usecase"
)

// large makes the n-th record of a project, with a body of so many bytes.
func large(project string, n, size int) usecase.RequestRecord {
	r := request(project, n)
	r.Body, r.Size = strings.Repeat("x", size), size
	return r
}

// kept reads all of a project that is in the log, newest first.
func kept(t *testing.T, l *eventbus.RequestLog, project string) []usecase.RequestRecord {
	t.Helper()
	rs, err := l.Last(t.Context(), project, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func TestAboveItsShareAProjectIsKeptWithoutBodies(t *testing.T) {
	t.Parallel()
	b, y := newBus(t), newTally()
	b.ensure(eventbus.Limits{RequestsBytes: 10 << 20})
	l := requestLog(t, b, eventbus.RequestLogOptions{Observer: y})
	run(t, l.Run)
	looked(t, l)
	const n = 30 // of 100 KiB each: 10 are a tenth of the log
	for i := range n {
		if i%2 == 0 {
			l.Keep(t.Context(), large("loud", i, 100<<10))
		} else {
			l.Buffer(large("loud", i, 100<<10))
		}
		l.Keep(t.Context(), large("quiet", i, 1<<10))
	}
	until(t, "all are written", func() bool { return b.count(eventbus.StreamRequests) == 2*n })
	bodies := map[string]int{}
	for _, project := range []string{"loud", "quiet"} {
		rs := kept(t, l, project)
		if len(rs) != n {
			t.Errorf("%s: %d records, want %d", project, len(rs), n)
		}
		for _, r := range rs {
			switch {
			case r.Body != "" && r.LeftOut == "":
				bodies[project]++
			case r.Body != "" || r.LeftOut != usecase.LeftOutShare || r.Size != 100<<10 || usecase.Unreplayable(&r) == "":
				t.Errorf("%s: %d bytes of body, left out %q, size %d", project, len(r.Body), r.LeftOut, r.Size)
			}
		}
	}
	if bodies["loud"] != 10 || bodies["quiet"] != n {
		t.Errorf("bodies: %v", bodies)
	}
	y.with(func() {
		if y.leftOut != n-10 {
			t.Errorf("%d counted as left out", y.leftOut)
		}
	})
}

// looked waits until a log has counted what its stream has.
func looked(t *testing.T, l *eventbus.RequestLog) {
	t.Helper()
	until(t, "the log is counted", func() bool { return eventbus.Counted(l) })
}

// What was in the log before a start counts, and what another process wrote.
func TestSharesOutliveAProcessAndAreCommon(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.ensure(eventbus.Limits{RequestsBytes: 10 << 20})
	first := requestLog(t, b, eventbus.RequestLogOptions{})
	run(t, first.Run)
	looked(t, first)
	for i := range 8 {
		first.Keep(t.Context(), large("p", i, 100<<10))
	}
	second := requestLog(t, b, eventbus.RequestLogOptions{})
	run(t, second.Run)
	looked(t, second)
	for i := range 8 {
		second.Keep(t.Context(), large("p", 8+i, 100<<10))
	}
	if err := eventbus.Look(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	first.Keep(t.Context(), large("p", 16, 100<<10))
	var bodies []string
	for _, r := range kept(t, first, "p") {
		if r.Body != "" {
			bodies = append(bodies, r.ID)
		}
	}
	if len(bodies) != 10 || bodies[0] != "p-0009" {
		t.Errorf("bodies of %v", bodies)
	}
	for _, l := range []*eventbus.RequestLog{first, second} {
		if err := eventbus.Look(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		sum, have := eventbus.Counts(l), int64(b.info(eventbus.StreamRequests).State.Bytes)
		if sum < have*98/100 || sum > have*102/100 {
			t.Errorf("%d bytes are counted, the stream has %d", sum, have)
		}
	}
	b.wipe()
	until(t, "the stream is made again", func() bool { return b.again(t.Context()) == nil })
	until(t, "the log that was made again is counted", func() bool {
		return eventbus.Look(t.Context(), first) == nil && eventbus.Counts(first) == 0
	})
}

// However much a project sends, the records of another stay.
func TestNobodyPushesARecordOut(t *testing.T) {
	t.Parallel()
	b, y := newBus(t), newTally()
	b.ensure(eventbus.Limits{RequestsBytes: 1 << 20})
	l := requestLog(t, b, eventbus.RequestLogOptions{Observer: y})
	run(t, l.Run)
	looked(t, l)
	for i := range 20 {
		l.Keep(t.Context(), large("quiet", i, 2<<10))
	}
	const loud = 5000
	for i := range loud {
		r := large("loud", i, 8<<10)
		r.Method, r.Code = fmt.Sprintf("m%d", i%50), 422
		if i%4 == 0 {
			l.Keep(t.Context(), r)
		} else {
			l.Buffer(r)
		}
	}
	l.Keep(t.Context(), large("quiet", 20, 2<<10))
	l.Buffer(large("quiet", 21, 2<<10))
	var quiet []usecase.RequestRecord
	until(t, "the quiet one is written", func() bool {
		quiet = kept(t, l, "quiet")
		return len(quiet) >= 22
	})
	for _, r := range quiet {
		if r.Body == "" {
			t.Errorf("%s has no body", r.ID)
		}
	}
	until(t, "the newest is written", func() bool {
		rs, err := l.Last(t.Context(), "loud", 300) // which may take too long while so many are written
		return err == nil && len(rs) > 200 && rs[0].ID == fmt.Sprintf("loud-%d", loud-1) && rs[0].Body == ""
	})
	y.with(func() {
		if y.trimmed[eventbus.StreamRequests] == 0 {
			t.Error("nothing was counted as trimmed")
		}
	})
}

// While NATS is away the buffer is shared, too.
func TestNobodyPushesARecordOutOfTheBuffer(t *testing.T) {
	t.Parallel()
	b, y := newBus(t), newTally()
	l := requestLog(t, b, eventbus.RequestLogOptions{Buffer: 100, Observer: y, Ensure: b.again})
	b.stop()
	until(t, "disconnected", func() bool { return !b.js.Conn().IsConnected() })
	for i := range 20 {
		l.Buffer(request("quiet", i))
	}
	for i := range 5000 {
		l.Keep(t.Context(), request("loud", i))
	}
	run(t, l.Run)
	b.start()
	until(t, "written", func() bool { return y.publishedOf(eventbus.StreamRequests) == 100 })
	if n := len(kept(t, l, "quiet")); n != 20 {
		t.Errorf("%d of the quiet one's are kept, want 20", n)
	}
	if rs := kept(t, l, "loud"); len(rs) != 80 || rs[0].ID != "loud-4999" {
		t.Errorf("%d of the loud one's are kept, want the last 80", len(rs))
	}
}

// A project whose events fill the stream loses its own oldest.
func TestNobodyPushesAnEventOut(t *testing.T) {
	t.Parallel()
	b, y, o := newBus(t), newTally(), &outbox{}
	b.ensure(eventbus.Limits{EventsBytes: 1 << 20})
	relay := eventbus.NewRelay(o, b.js, eventbus.RelayOptions{
		Interval: 10 * time.Millisecond, Batch: 100, Observer: y, Logger: testLog(t),
	})
	run(t, relay.Run)
	payload := []byte(`{"x":"` + strings.Repeat("x", 1000) + `"}`)
	add := func(project string, n int) {
		o.mu.Lock()
		defer o.mu.Unlock()
		for i := range n {
			o.events = append(o.events, usecase.OutboxEvent{
				EventID: fmt.Sprintf("%s-%d-%d", project, o.calls, i), ProjectID: project, Type: "bot_started",
				Payload: payload,
			})
		}
	}
	empty := func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return len(o.events) == 0
	}
	add("quiet", 20)
	until(t, "the quiet one's are published", empty)
	for range 10 {
		add("loud", 500)
		until(t, "the loud one's are published", empty)
	}
	quiet, newest := 0, ""
	for _, m := range b.messages(eventbus.StreamEvents) {
		newest = m.Subject
		if strings.HasPrefix(m.Subject, "tgtrack.events.quiet.") {
			quiet++
		}
	}
	if quiet != 20 || !strings.HasPrefix(newest, "tgtrack.events.loud.") {
		t.Errorf("%d events of the quiet one are left, the newest is %s", quiet, newest)
	}
	y.with(func() {
		if y.trimmed[eventbus.StreamEvents] == 0 {
			t.Error("nothing was counted as trimmed")
		}
	})
}

// A project whose clicks fill the stream while the database is away is refused
// before others are.
func TestNobodyPushesAClickOut(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.ensure(eventbus.Limits{ClicksBytes: 1 << 20})
	clicks := eventbus.NewClicks(b.js, eventbus.ClickOptions{Logger: testLog(t), KeepTimeout: time.Minute})
	other := eventbus.NewClicks(b.js, eventbus.ClickOptions{Logger: testLog(t), KeepTimeout: time.Minute})
	keep := func(c *eventbus.Clicks, project string, n int) (kept int) {
		for i := range n {
			click := waitingClick(project, fmt.Sprintf("%s%p%04x", project, c, i))
			click.RawQuery = strings.Repeat("x", 2000)
			if c.KeepClick(t.Context(), click) == nil {
				kept++
			}
		}
		return kept
	}
	if n := keep(clicks, "quiet", 5); n != 5 {
		t.Errorf("%d of the quiet one's are kept", n)
	}
	if n := keep(clicks, "loud", 1000); n < 200 || n > 450 {
		t.Errorf("%d of the loud one's are kept", n)
	}
	if n := keep(other, "quiet", 5); n != 5 {
		t.Errorf("%d more of the quiet one's are kept", n)
	}
	// Another process finds out with its second look, or refuses at once.
	if n := keep(other, "loud", 5); n > 1 {
		t.Errorf("%d more of the loud one's are kept", n)
	}
}

// Clicks that come at once, before it is known how much room there is, are all
// kept.
func TestClicksAtOnceFindRoom(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.ensure(eventbus.Limits{})
	for round := range 5 {
		clicks := eventbus.NewClicks(b.js, eventbus.ClickOptions{Logger: testLog(t), KeepTimeout: time.Minute})
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				if err := clicks.KeepClick(t.Context(), waitingClick("p", fmt.Sprintf("%d-%d", round, i))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
