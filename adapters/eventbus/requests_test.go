package eventbus_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// request makes the n-th record of a project.
func request(project string, n int) usecase.RequestRecord {
	return usecase.RequestRecord{
		Schema: eventbus.SchemaRequest, ID: fmt.Sprintf("%s-%04d", project, n), ProjectID: project,
		Method: "tg_update", Constructor: "telegram", Body: fmt.Sprintf(`{"n":%d}`, n), Size: 7,
		ReceivedAt: noon.Add(time.Duration(n) * time.Second), Code: 200,
	}
}

func requestIDs(rs []usecase.RequestRecord) (ids []string) {
	for _, r := range rs {
		ids = append(ids, r.ID)
	}
	return ids
}

func requestLog(t *testing.T, b *bus, o eventbus.RequestLogOptions) *eventbus.RequestLog {
	o.Logger, o.MaxBackoff = testLog(t), 50*time.Millisecond
	return eventbus.NewRequestLog(b.js, o)
}

func TestRequestIsReadAsItWasKept(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	want := usecase.RequestRecord{
		Schema: eventbus.SchemaRequest, ID: "r1", ProjectID: "p", Method: "send reach.goal>*", Constructor: "salebot",
		ContentType: "text/html", Body: "<b>\x00&\u2028</b>", Size: 11, Truncated: true, Ignored: true,
		ReceivedAt: noon.Add(123456 * time.Microsecond), Code: 422, Error: "no user", Warning: "odd",
		Decoded: map[string]any{"user_id": "7"}, Replayed: true,
		Receipts:     []usecase.Receipt{{ID: "e1", Type: domain.EventType("goal_reached"), Duplicate: true}},
		PersonHashes: []string{"aa11", "bb22"},
	}
	l.Keep(t.Context(), want)
	got, err := l.Last(t.Context(), "p", 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]usecase.RequestRecord{want}, got); diff != "" {
		t.Error(diff)
	}
	m := b.messages(eventbus.StreamRequests)[0]
	if m.Subject != "tgtrack.requests.p.send_reach_goal__.422" || m.Header.Get("Tgtrack-Person") != "aa11,bb22" {
		t.Errorf("subject %s, header %v", m.Subject, m.Header)
	}
}

func TestLastOfNothing(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	l.Keep(t.Context(), request("other", 1))
	for _, project := range []string{"p", "", "*", "a.b", ">"} {
		if got, err := l.Last(t.Context(), project, 10); err != nil || len(got) != 0 {
			t.Errorf("%q: %v, %v", project, requestIDs(got), err)
		}
	}
	if err := b.js.DeleteStream(t.Context(), eventbus.StreamLast); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Last(t.Context(), "other", 10); err != nil || len(got) != 1 {
		t.Errorf("without the copy: %v, %v", requestIDs(got), err)
	}
}

func TestLastIsNewestFirstAndComplete(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	run(t, l.Run)
	const n = 250
	for i := range n {
		l.Buffer(request("p", i))
		l.Buffer(request("q", i))
		// Whatever is still in memory or not copied yet is seen too.
		if i%25 != 0 {
			continue
		}
		got, err := l.Last(t.Context(), "p", 3)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for j := i; j >= max(0, i-2); j-- {
			want = append(want, request("p", j).ID)
		}
		if diff := cmp.Diff(want, requestIDs(got)); diff != "" {
			t.Fatal(diff)
		}
	}
	until(t, "100 of each project are kept", func() bool {
		return b.count(eventbus.StreamRequests) == 2*n && b.count(eventbus.StreamLast) == 200 &&
			b.info(eventbus.StreamLast).State.LastSeq == 2*n
	})
	start := time.Now()
	got, err := l.Last(t.Context(), "p", 100)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("read 100 in %v", time.Since(start))
	if len(got) != 100 || got[0].ID != "p-0249" || got[99].ID != "p-0150" {
		t.Errorf("%d records: %v", len(got), requestIDs(got))
	}
}

// The readers that Last opens do not pile up.
func TestLastLeavesNoConsumers(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	l.Keep(t.Context(), request("p", 1))
	until(t, "copied", func() bool { return b.count(eventbus.StreamLast) == 1 })
	before := b.info(eventbus.StreamRequests).State.Consumers
	for range 20 {
		if _, err := l.Last(t.Context(), "p", 10); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.info(eventbus.StreamLast).State.Consumers; n != 0 {
		t.Errorf("%d consumers are left", n)
	}
	if n := b.info(eventbus.StreamRequests).State.Consumers; n != before {
		t.Errorf("%d consumers are left, %d before", n, before)
	}
}

func TestRequestLogOutlivesTheServer(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]func(*bus){
		"restart": func(b *bus) { b.start() },
		"wipe":    func(b *bus) { b.start(); b.wipe() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, y := newBus(t), newTally()
			l := requestLog(t, b, eventbus.RequestLogOptions{Buffer: 50, Ensure: b.again, Observer: y})
			b.stop()
			until(t, "disconnected", func() bool { return !b.js.Conn().IsConnected() })
			for i := range 60 {
				l.Buffer(request("p", i))
			}
			start := time.Now()
			l.Keep(t.Context(), request("p", 60))
			if d := time.Since(start); d > 2*time.Second {
				t.Errorf("Keep took %v", d)
			}
			run(t, l.Run)
			restart(b)
			until(t, "written", func() bool {
				s, err := b.js.Stream(t.Context(), eventbus.StreamRequests)
				return err == nil && s.CachedInfo().State.Msgs == 50
			})
			got := ids(b.messages(eventbus.StreamRequests))
			if len(got) != 50 || got["p-0060"] != 1 || got["p-0010"] != 0 {
				t.Errorf("%d records: %v", len(got), got)
			}
			y.with(func() {
				if y.dropped != 11 {
					t.Errorf("%d counted as dropped, want 11", y.dropped)
				}
			})
		})
	}
}

func TestRequestBufferIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	b, y := newBus(t), newTally()
	l := requestLog(t, b, eventbus.RequestLogOptions{BufferBytes: 1 << 20, Observer: y})
	r := request("p", 1)
	r.Body = strings.Repeat("x", 200<<10)
	for i := range 10 {
		r.ID = fmt.Sprint(i)
		l.Buffer(r)
	}
	y.with(func() {
		if y.dropped != 5 {
			t.Errorf("%d dropped, want 5", y.dropped)
		}
	})
}

func TestRequestLogIsWrittenAtTheStop(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	stop := run(t, l.Run)
	for i := range 1000 {
		l.Buffer(request("p", i))
	}
	stop()
	if n := b.count(eventbus.StreamRequests); n != 1000 {
		t.Errorf("%d written, want 1000", n)
	}
}

func TestErasePerson(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	stop := run(t, l.Run)
	for i := range 60 {
		r := request("p", i)
		r.PersonHashes = []string{"someone"}
		if i%3 == 0 {
			r.PersonHashes = []string{"else", "person-7"}
		}
		l.Buffer(r)
		r.ID, r.ProjectID = "q"+r.ID, "q"
		l.Keep(t.Context(), r)
	}
	stop()
	until(t, "copied", func() bool { return b.count(eventbus.StreamLast) == 120 })
	waiting := request("p", 99) // in the buffer, with nobody to write it
	waiting.PersonHashes = []string{"person-7"}
	l.Buffer(waiting)
	for i, body := range []string{`{"user_id":7`, `{"user_id":77}`, `{"user_id":"6"}`} { // nobody could decode them
		r := request("p", 200+i)
		r.Body, r.PersonHashes = body, nil
		l.Keep(t.Context(), r)
	}
	until(t, "copied", func() bool { return b.count(eventbus.StreamLast) == 123 })
	people := []usecase.Erasure{{UserID: 6, PersonHash: "person-6"}, {UserID: 7, PersonHash: "person-7"}}

	for range 2 { // a second time there is nothing left to do
		if err := l.ErasePersons(t.Context(), "p", people); err != nil {
			t.Fatal(err)
		}
	}
	for _, stream := range []string{eventbus.StreamRequests, eventbus.StreamLast} {
		if n := b.count(stream); n != 101 {
			t.Errorf("%s has %d messages, want 101", stream, n)
		}
	}
	for project, want := range map[string]int{"p": 41, "q": 60} {
		got, err := l.Last(t.Context(), project, 100)
		if err != nil || len(got) != want {
			t.Errorf("%s: %d records, want %d: %v", project, len(got), want, err)
		}
	}
	if err := l.ErasePersons(t.Context(), "p", []usecase.Erasure{{}}); err == nil {
		t.Error("an empty hash is taken")
	}
}

func TestEraseEvents(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	for _, id := range []string{"e1", "e2", "e3"} {
		b.publish("tgtrack.events.p.bot_started", id, []byte("{}"))
		b.publish("tgtrack.events.q.bot_started", "q"+id, []byte("{}"))
	}
	for range 2 {
		if err := l.EraseEvents(t.Context(), "p", []string{"e1", "e3", "qe1"}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(eventbus.StreamEvents); n != 4 {
		t.Errorf("%d events are left, want 4", n)
	}
}

// The worst bodies and records still fit a message.
func TestLargestRequestsAreKept(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	y := newTally()
	l := requestLog(t, b, eventbus.RequestLogOptions{Observer: y})
	bodies := [][]byte{
		bytes.Repeat([]byte{1}, 1<<20),
		bytes.Repeat([]byte{0xff}, 1<<20),
		bytes.Repeat([]byte(`"`), 1<<20),
		bytes.Repeat([]byte("<"), 1<<20),
		bytes.Repeat([]byte("\u2028"), 1<<18),
		bytes.Repeat([]byte("ы"), 1<<19),
	}
	for i, body := range bodies {
		r := request("p", i)
		r.Size = len(body)
		r.Body, r.Encoding, r.Truncated = usecase.NewRequestBody(body)
		r.Decoded = map[string]any{"text": strings.Repeat("\x01", 1<<20)}
		l.Keep(t.Context(), r)
	}
	many := request("p", len(bodies))
	for i := range 20000 {
		many.PersonHashes = append(many.PersonHashes, fmt.Sprintf("%064x", i))
		many.Receipts = append(many.Receipts, usecase.Receipt{ID: strings.Repeat("e", 40), Type: "bot_started"})
	}
	l.Keep(t.Context(), many)
	y.with(func() {
		if y.dropped+y.failed[eventbus.StreamRequests] != 0 {
			t.Errorf("dropped %d, failed %v", y.dropped, y.failed)
		}
	})
	got, err := l.Last(t.Context(), "p", 100)
	if err != nil || len(got) != len(bodies)+1 {
		t.Fatalf("%d records: %v", len(got), err)
	}
	if got[0].Body != "" || !got[0].Truncated || len(got[0].PersonHashes) == 0 {
		t.Error("a record whose people do not fit the header keeps its body")
	}
	for i, r := range got[1:] {
		if r.Body == "" || !r.Truncated || r.Decoded != nil {
			t.Errorf("record %d: body of %d bytes, truncated %v", i, len(r.Body), r.Truncated)
		}
	}
	for _, m := range b.messages(eventbus.StreamRequests) {
		if !json.Valid(m.Data) {
			t.Errorf("message %s is not JSON", m.Header.Get(jetstream.MsgIDHeader))
		}
	}
}
