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
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// seen collects what a reader of the feed was told.
type seen struct {
	mu     sync.Mutex
	ids    []string
	places []uint64
}

func (s *seen) tell(k usecase.KeptRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids, s.places = append(s.ids, k.ID), append(s.places, k.Place)
	return nil
}

func (s *seen) has(want ...string) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return !slices.ContainsFunc(want, func(id string) bool { return !slices.Contains(s.ids, id) })
	}
}

func follow(t *testing.T, l *eventbus.RequestLog, project string, from usecase.FeedStart) (*seen, func()) {
	s := &seen{}
	return s, run(t, func(ctx context.Context) error { return l.Follow(ctx, project, from, s.tell) })
}

// What one process answers is seen in another, of its own project alone, and
// soon.
func TestFollowSeesOtherProcesses(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	writer := requestLog(t, b, eventbus.RequestLogOptions{})
	run(t, writer.Run)
	reader := eventbus.NewRequestLog(b.connect(), eventbus.RequestLogOptions{Logger: testLog(t)})
	writer.Keep(t.Context(), request("p", 1)) // before
	s, stop := follow(t, reader, "p", usecase.FeedStart{Place: 1})
	writer.Keep(t.Context(), request("p", 2))
	until(t, "it follows", s.has("p-0002"))
	began := time.Now()
	writer.Buffer(request("q", 3))
	writer.Buffer(request("p", 4))
	until(t, "what was buffered is seen", s.has("p-0004"))
	if took := time.Since(began); took > time.Second {
		t.Errorf("seen after %v", took)
	}
	stop()
	if diff := cmp.Diff([]string{"p-0002", "p-0004"}, s.ids); diff != "" {
		t.Error(diff)
	}
	until(t, "the reader leaves no consumer",
		func() bool { return b.info(eventbus.StreamRequests).State.Consumers <= 1 })
}

// A browser that lost its connection comes back to its place.
func TestFollowFromAPlace(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	for i := range 40 {
		l.Keep(t.Context(), request("p", i))
	}
	s, stop := follow(t, l, "p", usecase.FeedStart{Place: 37})
	until(t, "the rest is told", s.has("p-0039"))
	stop()
	if diff := cmp.Diff([]uint64{38, 39, 40}, s.places); diff != "" {
		t.Error(diff)
	}
	all, stop := follow(t, l, "p", usecase.FeedStart{Since: time.Now().Add(-time.Hour)})
	until(t, "everything since then is told", all.has("p-0000", "p-0039"))
	stop()
}

// NATS goes away twice, the second time losing everything it kept, and what
// comes afterwards is seen all the same.
func TestFollowSurvivesNATS(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{Ensure: b.again})
	run(t, l.Run)
	s, _ := follow(t, l, "p", usecase.FeedStart{Since: time.Now().Add(-time.Minute)})
	for i := range 5 {
		l.Keep(t.Context(), request("p", i))
	}
	until(t, "it follows", s.has("p-0004"))
	b.stop()
	l.Buffer(request("p", 10))
	b.start()
	until(t, "what was buffered meanwhile is seen", s.has("p-0010"))
	b.wipe()
	l.Buffer(request("p", 20))
	until(t, "the new stream is followed", s.has("p-0020"))
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.ids)
	if n := len(slices.Compact(s.ids)); n != 7 {
		t.Errorf("saw %v", s.ids)
	}
}

func TestFollowEndsWithItsReader(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	for i := range 50 {
		l.Keep(t.Context(), request("p", i))
	}
	gone, told := errors.New("the browser is gone"), 0
	err := l.Follow(t.Context(), "p", usecase.FeedStart{Since: time.Now().Add(-time.Minute)},
		func(usecase.KeptRequest) error {
			if told++; told == 3 {
				return gone
			}
			return nil
		})
	if !errors.Is(err, gone) || told != 3 {
		t.Errorf("told %d, %v", told, err)
	}
}

func TestFindRequest(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	now := time.Now().UTC().Truncate(time.Microsecond)
	var rs []usecase.RequestRecord
	for i := range 30 {
		for _, project := range []string{"p", "q"} {
			r := request(project, i)
			r.ID = domain.NewID(now.Add(time.Duration(i)*time.Millisecond), [10]byte{project[0], byte(i)})
			l.Keep(t.Context(), r)
			rs = append(rs, r)
		}
	}
	for _, r := range []usecase.RequestRecord{rs[0], rs[31], rs[58]} {
		got, err := l.FindRequest(t.Context(), r.ProjectID, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Error(diff)
		}
	}
	waiting := request("p", 99)
	waiting.ID = domain.NewID(now, [10]byte{99})
	l.Buffer(waiting)
	if got, err := l.FindRequest(t.Context(), "p", waiting.ID); err != nil || got.Body != waiting.Body {
		t.Errorf("one that is not written yet: %v, %v", got, err)
	}
	for name, at := range map[string][2]string{
		"another project's": {"q", rs[0].ID}, "an unknown one": {"p", domain.NewID(now, [10]byte{7})},
		"no id": {"p", "p-0001"}, "nothing": {"p", ""},
		"one of long ago": {"p", domain.NewID(now.AddDate(-1, 0, 0), [10]byte{})},
		"one to come":     {"p", domain.NewID(now.AddDate(1, 0, 0), [10]byte{})},
	} {
		if _, err := l.FindRequest(t.Context(), at[0], at[1]); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.stop()
	if _, err := l.FindRequest(t.Context(), "p", rs[0].ID); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("without NATS: %v", err)
	}
}

// Many readers at once cost a consumer each and nothing else.
func TestManyFollow(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	var readers []*seen
	for range 20 {
		s, _ := follow(t, l, "p", usecase.FeedStart{Since: time.Now().Add(-time.Minute)})
		readers = append(readers, s)
	}
	for i := range 20 {
		l.Keep(t.Context(), request("p", i))
	}
	for i, s := range readers {
		until(t, fmt.Sprintf("reader %d sees all", i), s.has("p-0000", "p-0019"))
	}
}

// TestFollowEndsAtOnce: a reader who is gone holds nothing until the server has
// answered.
func TestFollowEndsAtOnce(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	l := requestLog(t, b, eventbus.RequestLogOptions{})
	l.Keep(t.Context(), request("p", 1))
	s, stop := follow(t, l, "p", usecase.FeedStart{Since: time.Now().Add(-time.Hour)})
	until(t, "it follows", s.has("p-0001"))
	began := time.Now()
	stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("it ended after %s", took)
	}
}
