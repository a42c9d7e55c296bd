package eventbus_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

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
	header := nats.Header{"Tgtrack-Person": {"aa11,bb22"}, "Tgtrack-Request": {"r1"}}
	if diff := cmp.Diff(header, m.Header); diff != "" || m.Subject != "tgtrack.requests.p.send_reach_goal__.422" {
		t.Errorf("subject %s, header %s", m.Subject, diff)
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
	if err := b.js.DeleteStream(t.Context(), eventbus.StreamRequests); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Last(t.Context(), "other", 10); err != nil || len(got) != 0 {
		t.Errorf("of a lost log: %v, %v", requestIDs(got), err)
	}
	b.ensure(eventbus.Limits{})
	if got, err := l.Last(t.Context(), "other", 10); err != nil || len(got) != 0 {
		t.Errorf("of an empty log: %v, %v", requestIDs(got), err)
	}
}

// A process that did not hear that its record was stored writes it again.
func TestLastShowsARepeatOnce(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	for _, n := range []int{1, 2, 2, 1, 3} {
		l.Keep(t.Context(), request("p", n))
	}
	got, err := l.Last(t.Context(), "p", 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p-0003", "p-0002", "p-0001"}, requestIDs(got)); diff != "" ||
		b.count(eventbus.StreamRequests) != 5 {
		t.Error(diff)
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
		// Whatever is still in memory is seen too.
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
	until(t, "all are written", func() bool { return b.count(eventbus.StreamRequests) == 2*n })
	got, err := l.Last(t.Context(), "p", 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 100 || got[0].ID != "p-0249" || got[99].ID != "p-0150" {
		t.Errorf("%d records: %v", len(got), requestIDs(got))
	}
}

// Wherever in the log a project's requests are, the last are found, and the
// server is not asked often for it.
func TestLastIsFoundInALargeLog(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{Buffer: 20_000})
	run(t, l.Run)
	counts := map[string]int{}
	write := func(n int, projects ...string) {
		for range n {
			for _, p := range projects {
				l.Buffer(request(p, counts[p]))
				counts[p]++
			}
		}
	}
	write(3, "rare")
	write(700, "early")
	write(2500, "busy", "steady")
	write(60, "late", "busy")
	write(4000, "busy")
	until(t, "all are written", func() bool { return b.count(eventbus.StreamRequests) == 3+700+5000+120+4000 })
	made, err := b.js.Conn().SubscribeSync("$JS.EVENT.ADVISORY.CONSUMER.CREATED." + eventbus.StreamRequests + ".>")
	if err != nil {
		t.Fatal(err)
	}
	for project, n := range counts {
		got, err := l.Last(t.Context(), project, 100)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := n - 1; i >= max(0, n-100); i-- {
			want = append(want, request(project, i).ID)
		}
		if diff := cmp.Diff(want, requestIDs(got)); diff != "" {
			t.Errorf("%s: %s", project, diff)
		}
	}
	until(t, "the readers are counted", func() bool {
		n, _, err := made.Pending()
		return err == nil && n >= 2*len(counts)
	})
	if n, _, err := made.Pending(); err != nil || n > 10*len(counts) {
		t.Errorf("%d readers for %d lists, %v", n, len(counts), err)
	}
}

// The readers that Last opens do not pile up.
func TestLastLeavesNoConsumers(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	for i := range 300 {
		l.Keep(t.Context(), request("p", i))
	}
	before := b.info(eventbus.StreamRequests).State.Consumers
	for range 20 {
		if _, err := l.Last(t.Context(), "p", 10); err != nil {
			t.Fatal(err)
		}
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
			got := map[string]int{}
			for _, m := range b.messages(eventbus.StreamRequests) {
				got[m.Header.Get(eventbus.RequestHeader)]++
			}
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
	waiting := request("p", 99) // in the buffer, with nobody to write it
	waiting.PersonHashes = []string{"person-7"}
	l.Buffer(waiting)
	for i, body := range []string{`{"user_id":7`, `{"user_id":77}`, `{"user_id":"6"}`} { // nobody could decode them
		r := request("p", 200+i)
		r.Body, r.PersonHashes = body, nil
		l.Keep(t.Context(), r)
	}
	people := []usecase.Erasure{{UserID: 6, PersonHash: "person-6"}, {UserID: 7, PersonHash: "person-7"}}

	for range 2 { // a second time there is nothing left to do
		if err := l.ErasePersons(t.Context(), "p", people); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(eventbus.StreamRequests); n != 101 {
		t.Errorf("%d requests are left, want 101", n)
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
	l := requestLog(t, b, eventbus.RequestLogOptions{Observer: y, KeepTimeout: time.Minute})
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
		r.Body, r.Encoding, r.Truncated = usecase.NewRequestBody(body, usecase.MaxRequestBody)
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
			t.Errorf("message %s is not JSON", m.Header.Get(eventbus.RequestHeader))
		}
	}
}
