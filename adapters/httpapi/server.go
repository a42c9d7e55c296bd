// Package httpapi is the service's HTTP server: the table of its routes with
// the right that each asks for, who is let in, how bodies are read, what status
// an error has, and the ids of requests. What is served is in the rooms below
// it and in the cabinet; they give their routes, and word what is refused.
package httpapi

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/tgtrack/tgtrack/usecase"
)

// APIBase is where the management API begins.
const APIBase = "/api/v1"

// ClickBase is where click links begin.
const ClickBase = "/c/"

// Options of a Server.
type Options struct {
	// RequestTimeout bounds the work on one request; past it the answer is 503.
	RequestTimeout time.Duration
	// BodyTimeout bounds the time from the beginning of a request to the end of
	// its body. Defaults to 30 s.
	BodyTimeout time.Duration
	// Secure: people come by https, and browsers are to use nothing else.
	Secure bool
	// TrustedProxies are believed where they say a request comes from.
	TrustedProxies []netip.Prefix
}

// Deps are what a Server asks.
type Deps struct {
	Access    *usecase.Access
	Directory *usecase.Directory
	Trail     *usecase.Trail // nil: refusals are not written down
	NewID     func() string
	Now       func() time.Time
	Logger    *slog.Logger
	Observer  Observer
}

// Observer sees the answers for metrics.
type Observer interface {
	// ObserveHTTP counts the answers of each part of the server.
	ObserveHTTP(area string, code int, took time.Duration)
}

// Server serves the rooms.
type Server struct {
	Options
	Deps
	rooms    []*Room
	app      *fiber.App
	compress fasthttp.RequestHandler
}

const (
	// maxHead bounds the request line and headers: ad networks make long click
	// addresses, and a visitor refused for one is lost.
	maxHead = 32 << 10
	// bodyTimeout is the default of Options.BodyTimeout.
	bodyTimeout = 30 * time.Second
)

// New makes a Server of rooms. The error names every line of the table that
// can not be served.
func New(o Options, d Deps, rooms ...Room) (*Server, error) {
	if o.BodyTimeout == 0 {
		o.BodyTimeout = bodyTimeout
	}
	s := &Server{Options: o, Deps: d, compress: newCompress()}
	for _, room := range rooms {
		if room.Refuse == nil {
			room.Refuse = plainRefusal
		}
		s.rooms = append(s.rooms, &room)
	}
	if err := checkTable(s.rooms); err != nil {
		return nil, fmt.Errorf("table of routes: %w", err)
	}
	s.app = fiber.New(fiber.Config{
		DisableStartupMessage: true, CaseSensitive: true, UnescapePath: false, ErrorHandler: s.fail,
		// Bodies are read by the routes, see readBody.
		BodyLimit: MaxBody, StreamRequestBody: true, DisablePreParseMultipartForm: true,
		ReadBufferSize: maxHead, ReadTimeout: o.BodyTimeout,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	})
	s.app.Use(s.identify)
	for _, room := range s.rooms {
		for _, rt := range room.Routes {
			s.mount(room, &rt)
		}
	}
	s.app.Use(s.missing)
	s.frontDoor()
	s.closeSilent()
	return s, nil
}

// closeSilent closes without a word what was opened and never asked anything: a
// browser that opened it ahead would take a refusal for the answer to what it is
// about to ask. The library passes such an error on as it is, and wraps those of
// requests that have begun.
func (s *Server) closeSilent() {
	server := s.app.Server()
	refuse := server.ErrorHandler
	server.ErrorHandler = func(rc *fasthttp.RequestCtx, err error) {
		if e, silent := err.(*net.OpError); silent && e.Timeout() {
			_ = rc.Conn().Close()
			return
		}
		refuse(rc, err)
	}
}

// frontDoor stands before the router: what that would answer in words of its own
// is answered as everything else is, and an address with a slash too many is
// the one that was meant.
func (s *Server) frontDoor() {
	server := s.app.Server()
	route := server.Handler
	server.Handler = func(rc *fasthttp.RequestCtx) {
		defer s.lastNet(rc)
		if path := rc.URI().PathOriginal(); bytes.Contains(path, []byte("//")) {
			rc.Request.SetRequestURIBytes(oneSlash(rc.RequestURI()))
		}
		if slices.Contains(fiber.DefaultMethods, string(rc.Method())) {
			route(rc)
			return
		}
		c := s.app.AcquireCtx(rc)
		defer s.app.ReleaseCtx(c)
		if err := s.fail(c, fiber.ErrMethodNotAllowed); err != nil {
			rc.Error(http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
	}
}

// lastNet catches what nothing else did, the wording of an error for example:
// the library would let it end the process.
func (s *Server) lastNet(rc *fasthttp.RequestCtx) {
	if p := recover(); p != nil {
		s.Logger.Error("request failed", "error", fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
		rc.Error(http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		s.protect(&rc.Response.Header)
	}
}

// oneSlash takes slashes out of the path of an address where several stand
// together: a base address that ends in one, before a path that begins with
// one.
func oneSlash(address []byte) []byte {
	path, query, has := bytes.Cut(address, []byte("?"))
	out := make([]byte, 0, len(address))
	for i, b := range path {
		if b != '/' || i == 0 || path[i-1] != '/' {
			out = append(out, b)
		}
	}
	if has {
		out = append(append(out, '?'), query...)
	}
	return out
}

// App is the Fiber application, for the listener and for tests.
func (s *Server) App() *fiber.App { return s.app }

func (s *Server) mount(room *Room, rt *Route) {
	serve := s.packed(room, s.guarded(room, rt))
	switch rt.Method {
	case AnyMethod:
		s.app.All(rt.Path, serve)
	case fiber.MethodGet:
		s.app.Get(rt.Path, serve) // and HEAD
	default:
		s.app.Add(rt.Method, rt.Path, serve)
	}
}
