package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// brokenFeed panics after the first request it gave.
type brokenFeed struct{ usecase.RequestFeed }

func (brokenFeed) Follow(context.Context, string, usecase.FeedStart, func(usecase.KeptRequest) error) error {
	panic("no such luck")
}

// noRequests is a log without any.
type noRequests struct{ usecase.RequestLog }

func (noRequests) LastCalls(context.Context, string, int) ([]usecase.RequestRecord, error) {
	return nil, nil
}

// TestPanicEndsOneStream: a live view runs beside the request that opened it, so
// that a panic in one would end the process.
func TestPanicEndsOneStream(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &Cabinet{Deps: Deps{Feed: brokenFeed{}, Requests: noRequests{}, Logger: slog.New(slog.NewTextHandler(&log, nil))}}
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		return (&visit{Cabinet: w, c: c, user: &domain.User{ID: "anna"}, project: &domain.Project{ID: "p1"}}).
			liveStream()
	})
	for range 2 {
		res, err := app.Test(httptest.NewRequest(http.MethodGet, "/", nil), -1)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(string(b), "retry:") {
			t.Errorf("%d %q, %v", res.StatusCode, b, err)
		}
		res.Body.Close()
	}
	if n := w.streams.open(); n != 0 {
		t.Errorf("%d streams are open still", n)
	}
	if strings.Count(log.String(), "no such luck") != 2 {
		t.Errorf("the log has:\n%s", &log)
	}
}

// quietFeed gives nothing, until nobody follows it.
type quietFeed struct {
	usecase.RequestFeed
	began, ended chan struct{}
}

func (f quietFeed) Follow(
	ctx context.Context, _ string, _ usecase.FeedStart, _ func(usecase.KeptRequest) error,
) error {
	f.began <- struct{}{}
	<-ctx.Done()
	f.ended <- struct{}{}
	return nil
}

// TestStreamEndsWithTheRight: whoever may no longer see the project loses the
// stream with the next beat; while nobody can tell, it goes on.
func TestStreamEndsWithTheRight(t *testing.T) {
	t.Parallel()
	for removed, want := range map[time.Duration]time.Duration{
		0: streamBeat, streamBeat + time.Second: 2 * streamBeat, time.Hour: streamFor,
	} {
		t.Run(removed.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := quietFeed{began: make(chan struct{}, 1), ended: make(chan struct{}, 1)}
				v := &visit{Cabinet: &Cabinet{Deps: Deps{Feed: f, Logger: slog.New(slog.DiscardHandler)}},
					project: &domain.Project{ID: "p1"}}
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), streamFor)
				defer cancel()
				(&follower{visit: v, w: bufio.NewWriter(io.Discard)}).follow(ctx, usecase.FeedStart{},
					func(context.Context) bool { return time.Since(began) < removed })
				if took := time.Since(began); took != want {
					t.Errorf("it lasted %s, want %s", took, want)
				}
			})
		})
	}
}

// TestClosedStreamFreesItsPlace: a browser that closes the connection gives its
// place back at once, and not with the next beat.
func TestClosedStreamFreesItsPlace(t *testing.T) {
	t.Parallel()
	f := quietFeed{began: make(chan struct{}, 1), ended: make(chan struct{}, 1)}
	w := &Cabinet{Deps: Deps{Feed: f, Requests: noRequests{}, Logger: slog.New(slog.DiscardHandler)}}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error {
		return (&visit{Cabinet: w, c: c, user: &domain.User{ID: "anna"}, project: &domain.Project{ID: "p1"}}).liveStream()
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(ln) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	for range 3 * streamsOfUser {
		res, err := http.Get("http://" + ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%d, with %d open", res.StatusCode, w.streams.open())
		}
		<-f.began
		began := time.Now()
		res.Body.Close()
		<-f.ended
		if took := time.Since(began); took > streamBeat/2 {
			t.Fatalf("its end was seen after %s", took)
		}
	}
}

// TestStreamsAreShared: one user takes a few places, one project more, and
// neither takes those of others.
func TestStreamsAreShared(t *testing.T) {
	t.Parallel()
	var s streams
	var leave []func()
	fill := func(project, user string, want error) int {
		t.Helper()
		for n := 0; ; n++ {
			l, err := s.enter(project, user)
			if err != nil {
				if !errors.Is(err, want) {
					t.Errorf("%s in %s: %v", user, project, err)
				}
				return n
			}
			leave = append(leave, l)
		}
	}
	if n := fill("p0", "eve", domain.ErrLimited); n != streamsOfUser {
		t.Errorf("one user has %d", n)
	}
	if n := fill("p1", "eve", domain.ErrLimited); n != 0 {
		t.Errorf("and %d of another project", n)
	}
	for i := range 100 {
		fill("p0", fmt.Sprint("u", i), domain.ErrLimited)
	}
	if n := s.ofProject["p0"]; n != streamsOfProject {
		t.Errorf("one project has %d", n)
	}
	if n := fill("p1", "anna", domain.ErrLimited); n != streamsOfUser {
		t.Errorf("somebody of another project has %d", n)
	}
	for i := range 1000 {
		if l, err := s.enter(fmt.Sprint("q", i/streamsOfUser), fmt.Sprint("v", i)); err == nil {
			leave = append(leave, l)
		} else if !errors.Is(err, domain.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	if s.open() != maxStreams {
		t.Errorf("%d are open", s.open())
	}
	for _, l := range leave {
		l()
	}
	if s.open() != 0 || len(s.ofProject) != 0 || len(s.ofUser) != 0 {
		t.Errorf("%d are open still: %v, %v", s.open(), s.ofProject, s.ofUser)
	}
}

// busyFeed gives requests of which one is not done.
type busyFeed struct{ usecase.RequestFeed }

func (busyFeed) Follow(
	ctx context.Context, _ string, _ usecase.FeedStart, give func(usecase.KeptRequest) error,
) error {
	for n := range 3 {
		id := string(rune('a' + n))
		r := usecase.KeptRequest{Place: uint64(n + 1)}
		r.ID, r.Code, r.Receipts = id, http.StatusOK, []usecase.Receipt{{ID: id}}
		if err := give(r); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

// stories has a start for each request; what b sent is delivered later.
type stories struct {
	usecase.StoryStore
	asked, delivered int
}

func (s *stories) EventsByID(_ context.Context, _ string, ids []string) ([]usecase.StoryEvent, error) {
	s.asked++
	var out []usecase.StoryEvent
	for _, id := range ids {
		out = append(out, usecase.StoryEvent{Event: domain.Event{ID: id, Type: domain.BotStarted}})
	}
	return out, nil
}

func (s *stories) EventConversions(context.Context, string, []string) ([]domain.Conversion, error) {
	status := domain.Pending
	if s.asked > s.delivered {
		status = domain.Delivered
	}
	return []domain.Conversion{{EventID: "b", Network: "vk", Status: status}}, nil
}

// noNetworks is a build that sends nowhere.
type noNetworks struct{ Networks }

func (noNetworks) Forms(i18n.Language) []usecase.NetworkForm { return nil }

// TestStreamTellsOutcomes: requests that come together are read together, and a
// row is sent anew when a network took what it made.
func TestStreamTellsOutcomes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &stories{delivered: 2}
		w, err := New(Options{}, Deps{
			Feed: busyFeed{}, Networks: noNetworks{}, Stories: usecase.NewRequestStories(nil, store), Now: time.Now,
			Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		var sent bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), streamFor)
		defer cancel()
		v := &visit{Cabinet: w, project: &domain.Project{ID: "p1"}, lang: i18n.English}
		(&follower{visit: v, w: bufio.NewWriter(&sent)}).follow(ctx, usecase.FeedStart{},
			func(context.Context) bool { return true })
		var got []string
		for line := range strings.Lines(sent.String()) {
			if m := regexp.MustCompile(`data-id="(.)"`).FindStringSubmatch(line); m != nil {
				got = append(got, m[1]+" "+strings.Join(regexp.MustCompile(`net-\w+`).FindAllString(line, -1), " "))
			}
		}
		if diff := cmp.Diff([]string{"a ", "b net-wait", "c ", "b net-good"}, got); diff != "" {
			t.Error(diff)
		}
		if want := 3; store.asked != want { // once for all, twice until b was done
			t.Errorf("the store was asked %d times, want %d", store.asked, want)
		}
	})
}

// TestLiveFilter: rows are picked by whom they are about, by what happened and by
// what came of it.
func TestLiveFilter(t *testing.T) {
	t.Parallel()
	row := feedRow{
		names: []string{"7", "vera", "Vera Lee"}, events: []domain.EventType{domain.BotStarted},
		results: []string{resultTaken, resultWaiting},
	}
	for _, c := range []struct {
		f    liveFilter
		want bool
	}{
		{liveFilter{}, true}, {liveFilter{Person: "LEE"}, true}, {liveFilter{Person: "anna"}, false},
		{liveFilter{Event: string(domain.BotStarted), Result: resultWaiting}, true},
		{liveFilter{Event: string(domain.BotStopped)}, false}, {liveFilter{Person: "vera", Result: resultRefused}, false},
	} {
		if got := c.f.Shows(&row); got != c.want {
			t.Errorf("%+v: %t", c.f, got)
		}
	}
}
