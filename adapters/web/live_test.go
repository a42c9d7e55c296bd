package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
		return (&visit{Cabinet: w, c: c, project: &domain.Project{ID: "p1"}}).liveStream()
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
	if n := w.streams.Load(); n != 0 {
		t.Errorf("%d streams are open still", n)
	}
	if strings.Count(log.String(), "no such luck") != 2 {
		t.Errorf("the log has:\n%s", &log)
	}
}
