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
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// brokenFeed panics after the first request it gave.
type brokenFeed struct{ usecase.RequestFeed }

func (brokenFeed) Follow(context.Context, string, usecase.FeedStart, func(usecase.KeptRequest) error) error {
	panic("no such luck")
}

// TestPanicEndsOneStream: a live view runs beside the request that opened it, so
// that a panic in one would end the process.
func TestPanicEndsOneStream(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := &Cabinet{Deps: Deps{Feed: brokenFeed{}, Logger: slog.New(slog.NewTextHandler(&log, nil))}}
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
				v.follow(ctx, bufio.NewWriter(io.Discard), usecase.FeedStart{},
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
	w := &Cabinet{Deps: Deps{Feed: f, Logger: slog.New(slog.DiscardHandler)}}
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
