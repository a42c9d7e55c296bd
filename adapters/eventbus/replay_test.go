package eventbus_test

import (
	"errors"
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

// readAll reads the log page by page.
func readAll(t *testing.T, l *eventbus.RequestLog, s usecase.RequestSelection, limit int) []string {
	t.Helper()
	var ids []string
	for after := uint64(0); ; {
		kept, err := l.ReadRequests(t.Context(), s, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(kept.Requests) > limit {
			t.Errorf("%d requests on a page of %d", len(kept.Requests), limit)
		}
		for _, k := range kept.Requests {
			if k.Place <= after || k.Place > kept.Last {
				t.Errorf("request %s at %d of a page from %d to %d", k.ID, k.Place, after, kept.Last)
			}
			ids = append(ids, k.ID)
		}
		if kept.Last <= after || kept.Last >= kept.End {
			return ids
		}
		after = kept.Last
	}
}

func TestRequestsAreReadByTheirSelection(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	var all, limited, goals []string
	for i := range 150 {
		r := request("p", i)
		if i%3 == 0 {
			r.Code = 429
			limited = append(limited, r.ID)
		}
		if i%5 == 0 {
			r.Method = "send_reach_goal"
			goals = append(goals, r.ID)
		}
		all = append(all, r.ID)
		l.Keep(t.Context(), r)
		r.ID, r.ProjectID = "q"+r.ID, "q"
		l.Keep(t.Context(), r)
	}
	for name, c := range map[string]struct {
		s    usecase.RequestSelection
		want []string
	}{
		"project": {usecase.RequestSelection{ProjectID: "p"}, all},
		"code":    {usecase.RequestSelection{ProjectID: "p", Code: 429}, limited},
		"method":  {usecase.RequestSelection{ProjectID: "p", Method: "send_reach_goal"}, goals},
		"nothing": {usecase.RequestSelection{ProjectID: "*"}, nil},
		"later":   {usecase.RequestSelection{ProjectID: "p", From: time.Now().Add(time.Hour)}, nil},
		"since":   {usecase.RequestSelection{ProjectID: "p", From: time.Now().Add(-time.Hour)}, all},
	} {
		for _, limit := range []int{7, 50, 1000} {
			if diff := cmp.Diff(c.want, readAll(t, l, c.s, limit)); diff != "" {
				t.Errorf("%s, %d at once:\n%s", name, limit, diff)
			}
		}
		if n, err := l.CountRequests(t.Context(), c.s); err != nil || int(n) != len(c.want) {
			t.Errorf("%s: counted %d, %v, want %d", name, n, err, len(c.want))
		}
	}
	if got := readAll(t, l, usecase.RequestSelection{}, 64); len(got) != 300 {
		t.Errorf("all projects: %d requests", len(got))
	}
	if n := b.info(eventbus.StreamRequests).State.Consumers; n != 0 {
		t.Errorf("%d readers are left", n)
	}
}

// A request to a method that no decoder had is found by the method it asked
// for.
func TestRequestsAreFoundByWhatTheyAskedFor(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	for i, asked := range []string{"acme_started", "", "other_started", "acme_started"} {
		r := request("p", i)
		r.ID = fmt.Sprint("r", i)
		r.Method, r.Asked, r.Code = domain.UnknownMethod, asked, 404
		l.Keep(t.Context(), r)
		r = request("p", 10+i)
		r.ID, r.Method = fmt.Sprint("known", i), "acme_started"
		l.Keep(t.Context(), r)
	}
	for name, c := range map[string]struct {
		s    usecase.RequestSelection
		want []string
	}{
		"method": {
			usecase.RequestSelection{ProjectID: "p", Method: "acme_started"},
			[]string{"r0", "known0", "known1", "known2", "r3", "known3"},
		},
		"code":    {usecase.RequestSelection{Method: "acme_started", Code: 404}, []string{"r0", "r3"}},
		"others":  {usecase.RequestSelection{Method: "other_started"}, []string{"r2"}},
		"unknown": {usecase.RequestSelection{Method: domain.UnknownMethod}, []string{"r0", "r1", "r2", "r3"}},
	} {
		if diff := cmp.Diff(c.want, readAll(t, l, c.s, 3)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// A page ends by its bytes too, and goes on behind them.
func TestPagesOfLargeRequests(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	for i := range 100 {
		r := request("p", i)
		r.Body = strings.Repeat("x", 250<<10)
		l.Keep(t.Context(), r)
	}
	kept, err := l.ReadRequests(t.Context(), usecase.RequestSelection{}, 0, 1000)
	if err != nil || len(kept.Requests) == 100 || len(kept.Requests) == 0 || kept.Last >= kept.End {
		t.Errorf("%d requests up to %d of %d: %v", len(kept.Requests), kept.Last, kept.End, err)
	}
	if got := readAll(t, l, usecase.RequestSelection{}, 1000); len(got) != 100 {
		t.Errorf("%d requests, want 100", len(got))
	}
}

func outboxEvents(n int) (es []usecase.OutboxEvent) {
	for i := range n {
		es = append(es, usecase.OutboxEvent{
			EventID: fmt.Sprintf("%032x-0", i), ProjectID: "p", Type: domain.BotStarted,
			Payload: []byte(`{"schema":"tgtrack.event.v1"}`),
		})
	}
	return es
}

func present(t *testing.T, r *eventbus.Relay, project string) map[string]int {
	t.Helper()
	got := map[string]int{}
	if err := r.PresentEvents(t.Context(), project, func(id string) { got[id]++ }); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRefilledEventsArePresent(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	r := eventbus.NewRelay(nil, b.js, eventbus.RelayOptions{Logger: testLog(t), Ensure: b.again})
	es := outboxEvents(1300)
	if err := r.PublishEvents(t.Context(), es); err != nil {
		t.Fatal(err)
	}
	if got := present(t, r, ""); len(got) != 1300 || got[es[700].EventID] != 1 {
		t.Errorf("%d events are present", len(got))
	}
	if got := present(t, r, "q"); len(got) != 0 {
		t.Errorf("another project has %d events", len(got))
	}
	// Lost, and still remembered by its id: that is no success.
	s, err := b.js.Stream(t.Context(), eventbus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteMsg(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if err := r.PublishEvents(t.Context(), es[6:7]); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("what the stream remembers and lost: %v", err)
	}
	b.wipe()
	until(t, "it has made the stream again", func() bool {
		return r.PublishEvents(t.Context(), es[:10]) == nil
	})
	if got := present(t, r, "p"); len(got) != 10 {
		t.Errorf("%d events, want 10", len(got))
	}
	b.stop()
	until(t, "disconnected", func() bool { return !b.js.Conn().IsConnected() })
	if err := r.PublishEvents(t.Context(), es); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("without a server: %v", err)
	}
}

// A refill never pushes out what the stream has.
func TestRefillOfAFullStream(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	b.ensure(eventbus.Limits{EventsBytes: 64 << 10})
	r := eventbus.NewRelay(nil, b.js, eventbus.RelayOptions{Logger: testLog(t)})
	var err error
	n := 0
	for es := outboxEvents(2000); len(es) > 0 && err == nil; es = es[20:] {
		if err = r.PublishEvents(t.Context(), es[:20]); err == nil {
			n += 20
		}
	}
	if !errors.Is(err, domain.ErrConflict) || !strings.Contains(err.Error(), "nats.max_bytes.events") {
		t.Errorf("a full stream: %v", err)
	}
	s, err := b.js.Stream(t.Context(), eventbus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	if st := s.CachedInfo().State; int(st.Msgs) != n || st.FirstSeq != 1 {
		t.Errorf("%d messages from %d on, want all %d", st.Msgs, st.FirstSeq, n)
	}
	if m, err := s.GetMsg(t.Context(), 1); err != nil ||
		m.Header.Get(jetstream.MsgIDHeader) != outboxEvents(1)[0].EventID {
		t.Errorf("the first: %v, %v", m, err)
	}
}
