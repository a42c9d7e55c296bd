package eventbus_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// callsOf says how many requests of each call there are, newest first.
func callsOf(rs []usecase.RequestRecord) (out []string) {
	for _, c := range usecase.CallsOf(rs) {
		out = append(out, fmt.Sprintf("%s%d", c.BatchID, len(c.Requests)))
	}
	return out
}

func TestLastCalls(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	n := 0
	keep := func(call string, many int) {
		t.Helper()
		var rs []usecase.RequestRecord
		for range many {
			r := request("p", n)
			r.CallID = call
			rs, n = append(rs, r), n+1
		}
		l.Keep(t.Context(), rs...)
	}
	keep("", 1)
	keep("a", 300)
	keep("", 2)
	keep("b", 40)
	keep("", 1)
	for calls, want := range map[int][]string{
		1: {"1"}, 2: {"1", "b40"}, 4: {"1", "b40", "1", "1"}, 5: {"1", "b40", "1", "1", "a300"},
		6: {"1", "b40", "1", "1", "a300", "1"}, 9: {"1", "b40", "1", "1", "a300", "1"},
	} {
		rs, err := l.LastCalls(t.Context(), "p", calls)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, callsOf(rs)); d != "" {
			t.Errorf("the last %d:\n%s", calls, d)
		}
	}
}

func TestRequestsOfABatch(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	now := time.Now().UTC().Truncate(time.Microsecond)
	id, other := domain.NewID(now, [10]byte{1}), domain.NewID(now, [10]byte{2})
	var want []string
	for i := range 70 {
		for _, r := range []usecase.RequestRecord{request("p", i), request("q", i), request("p", 100+i)} {
			r.CallID = id
			if r.ReceivedAt.After(noon.Add(99 * time.Second)) {
				r.CallID = other
			} else if r.ProjectID == "p" {
				want = append(want, r.ID)
			}
			l.Keep(t.Context(), r)
		}
	}
	waiting := request("p", 90)
	waiting.CallID = id
	l.Buffer(waiting)
	want = append(want, waiting.ID)
	slices.Reverse(want)
	got, err := l.Call(t.Context(), "p", id)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, requestIDs(got)); d != "" {
		t.Error(d)
	}
	for _, unknown := range []string{domain.NewID(now, [10]byte{9}), "batch", ""} {
		if _, err := l.Call(t.Context(), "p", unknown); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%q: %v", unknown, err)
		}
	}
	b.stop()
	if _, err := l.Call(t.Context(), "p", id); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("without NATS: %v", err)
	}
}
