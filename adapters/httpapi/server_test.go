package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/apitest"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func hello(_ context.Context, c *fiber.Ctx) error { return c.SendString("hello") }

func nobody(context.Context, *fiber.Ctx) (*usecase.Actor, error) { return nil, nil }

// TestTableIsChecked: a server does not start with a route whose right nobody
// named or nobody can check, and says so of all of them at once.
func TestTableIsChecked(t *testing.T) {
	t.Parallel()
	route := func(path string, right usecase.Right) httpapi.Route {
		return httpapi.Route{Method: http.MethodGet, Path: path, Right: right, Serve: hello}
	}
	for name, room := range map[string]httpapi.Room{
		"has no right":                     {Routes: []httpapi.Route{route("/a", "")}},
		`has the right "everybody", which`: {Routes: []httpapi.Route{route("/a", "everybody")}},
		"does not say where the key is":    {Routes: []httpapi.Route{route("/a", usecase.ForAPIKey)}},
		"its room knows nobody":            {Routes: []httpapi.Route{route("/a", usecase.ForUser)}},
		"a role in the project": {Routes: []httpapi.Route{route("/a/:project",
			usecase.ForUser)}, Caller: nobody},
		"only if there is one": {Routes: []httpapi.Route{route("/a", usecase.ForViewer)},
			Caller: nobody},
		"has no handler": {Routes: []httpapi.Route{{Method: "GET", Path: "/a",
			Right: usecase.ForAnybody}}},
		"has no method or no path": {Routes: []httpapi.Route{{Right: usecase.ForAnybody,
			Serve: hello}}},
		"is in the table twice": {Routes: []httpapi.Route{
			route("/a", usecase.ForAnybody), route("/a", usecase.ForAnybody),
		}},
		`the right "user" cannot be checked`: {Elsewhere: usecase.ForUser},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := httpapi.Room{Name: "other", Routes: []httpapi.Route{route("/b", "")}}
			_, err := httpapi.New(httpapi.Options{}, httpapi.Deps{}, room, other)
			if err == nil || !strings.Contains(err.Error(), name) ||
				!strings.Contains(err.Error(), "/b of room other has no right") {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestErrorsHaveOneStatus: whatever the room, an error has the status that the
// table of the domain's errors gives it, and what is not for the outside stays
// inside.
func TestErrorsHaveOneStatus(t *testing.T) {
	t.Parallel()
	for want, err := range map[int]error{
		400: fmt.Errorf("%w: hunter2", domain.ErrMalformed), 401: domain.ErrUnauthenticated,
		402: domain.ErrExpired,
		403: &usecase.RightError{Right: usecase.ForAdmin},
		404: fmt.Errorf("row hunter2: %w", domain.ErrNotFound),
		409: domain.ErrConflict, 413: httpapi.Refused(413, "too large"),
		422: domain.Invalid("name", "is required"),
		429: &usecase.LimitError{Excess: domain.Excess{Limit: "per day"}}, 500: errors.New("password=hunter2"),
		503: fmt.Errorf("dial hunter2: %w", domain.ErrUnavailable), 504: fiber.ErrGatewayTimeout,
	} {
		if got := httpapi.StatusOf(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
		if d := httpapi.Detail(err); want >= 404 && strings.Contains(d, "hunter2") {
			t.Errorf("%d says %q", want, d)
		}
	}
	if got := httpapi.StatusOf(fmt.Errorf("x: %w", context.DeadlineExceeded)); got != 503 {
		t.Errorf("out of time: %d", got)
	}
}

// TestRefusals: an error, a panic, an address that leads nowhere and a wrong
// method are all worded by the room, logged once, and found by the id of the
// request.
func TestRefusals(t *testing.T) {
	t.Parallel()
	var log apitest.Lines
	room := httpapi.Room{
		Name: "test", Bases: []string{"/t/"},
		Refuse: func(_ context.Context, c *fiber.Ctx, status int, err error) error {
			return c.Status(status).SendString(fmt.Sprintf("%d %s %v", status, httpapi.RequestID(c),
				httpapi.IsOfServer(err)))
		},
	}
	serve := func(path string, err error) {
		room.Routes = append(room.Routes, httpapi.Route{
			Method: http.MethodGet, Path: path, Right: usecase.ForAnybody,
			Serve: func(context.Context, *fiber.Ctx) error {
				if err == nil {
					panic("no such luck")
				}
				return err
			},
		})
	}
	serve("/t/away", domain.ErrUnavailable)
	serve("/t/broken", errors.New("hunter2"))
	serve("/t/panic", nil)
	s := apitest.Serve(t, nil, nil, &log, room)
	for _, c := range []struct{ method, path, want, header, value string }{
		{"GET", "/t/away", "503 id1 false", "Retry-After", "2"},
		{"GET", "/t/broken", "500 id2 false", "", ""},
		{"GET", "/t/panic", "500 id3 false", "", ""},
		{"GET", "/t/none", "404 id4 true", "", ""},
		{"POST", "/t/away", "405 id5 true", "Allow", "GET"},
	} {
		_, res, text := apitest.Ask(t, s, c.method, c.path, "")
		if text != c.want || res.Header.Get(c.header) != c.value ||
			res.Header.Get("X-Request-Id") != strings.Fields(text)[1] ||
			res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Cache-Control") != "no-store" ||
			res.Header.Get("Permissions-Policy") == "" || res.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s %s: %s %v", c.method, c.path, text, res.Header)
		}
	}
	if _, res, text := apitest.Ask(t, s, "GET", "/none", ""); res.StatusCode != 404 || text != "Not Found" {
		t.Errorf("of no room: %d %s", res.StatusCode, text)
	}
	for _, want := range []string{"request_id=id1 ", "request_id=id2 ", "hunter2", "no such luck",
		"route=/t/panic"} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("%q is in the log %d times:\n%s", want, strings.Count(log.String(), want),
				log.String())
		}
	}
}

// TestPanicsStayInTheirRequest: wherever in a request something panics, that
// request gets 500, and the next one is served.
func TestPanicsStayInTheirRequest(t *testing.T) {
	t.Parallel()
	var log apitest.Lines
	room := func(name string) httpapi.Room {
		return httpapi.Room{Name: name, Bases: []string{"/" + name}, Caller: nobody, Routes: []httpapi.Route{
			{Method: http.MethodGet, Path: "/" + name, Right: usecase.ForAnybody, Serve: hello},
		}}
	}
	handler, caller, refusal, key := room("handler"), room("caller"), room("refusal"), room("key")
	handler.Routes[0].Serve = func(context.Context, *fiber.Ctx) error { panic("handler") }
	caller.Caller = func(context.Context, *fiber.Ctx) (*usecase.Actor, error) { panic("caller") }
	refusal.Routes[0].Serve = func(context.Context, *fiber.Ctx) error { return domain.ErrConflict }
	refusal.Refuse = func(context.Context, *fiber.Ctx, int, error) error { panic("refusal") }
	key.Routes[0].Right = usecase.ForAPIKey
	key.Key = func(*fiber.Ctx) (string, error) { panic("key") }
	s := apitest.Serve(t, nil, nil, &log, handler, caller, refusal, key, room("fine"))
	for _, path := range []string{"/handler", "/caller", "/refusal", "/key"} {
		if _, res, text := apitest.Ask(t, s, "GET", path, ""); res.StatusCode != 500 || strings.Contains(text, path[1:]) {
			t.Errorf("%s: %d %s", path, res.StatusCode, text)
		}
		if !strings.Contains(log.String(), "panic: "+path[1:]) {
			t.Errorf("%s is not in the log", path)
		}
	}
	if _, res, text := apitest.Ask(t, s, "GET", "/fine", ""); res.StatusCode != 200 {
		t.Errorf("then: %d %s", res.StatusCode, text)
	}
}

// TestTableListsWhatIsServed: the table is the router's own.
func TestTableListsWhatIsServed(t *testing.T) {
	t.Parallel()
	var log apitest.Lines
	s := apitest.Serve(t, nil, nil, &log,
		httpapi.Room{Name: "one", Routes: []httpapi.Route{{Method: "GET", Path: "/one",
			Right: usecase.ForAnybody, Serve: hello}}},
		httpapi.Room{Name: "two", Routes: []httpapi.Route{{Method: "POST", Path: "/two",
			Right: usecase.ForAnybody, Serve: hello}}})
	var got []string
	for _, e := range s.Table() {
		got = append(got, e.Room+" "+e.Method+" "+e.Path)
		if _, res, text := apitest.Ask(t, s, e.Method, e.Path, ""); res.StatusCode != 200 || text != "hello" {
			t.Errorf("%s: %d %s", e.Path, res.StatusCode, text)
		}
	}
	if d := cmp.Diff([]string{"one GET /one", "two POST /two"}, got); d != "" {
		t.Error(d)
	}
}

// TestNoZeroByte: an address with one leads to no database.
func TestNoZeroByte(t *testing.T) {
	t.Parallel()
	var log apitest.Lines
	room := httpapi.Room{Name: "test", Bases: []string{"/t/"}, Caller: nobody}
	room.Routes = append(room.Routes, httpapi.Route{
		Method: http.MethodGet, Path: "/t/:what", Right: usecase.ForAnybody, Serve: hello,
	})
	s := apitest.Serve(t, nil, nil, &log, room)
	for path, want := range map[string]int{
		"/t/a?search=b": 200, "/t/a?search=%00": 422, "/t/a?search=b%00c&x=1": 422, "/t/a?x%00=1": 422, "/t/%00": 404,
	} {
		if _, res, text := apitest.Ask(t, s, "GET", path, ""); res.StatusCode != want {
			t.Errorf("%s: %d %s", path, res.StatusCode, text)
		}
	}
}
