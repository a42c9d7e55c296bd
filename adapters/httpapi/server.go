// Package httpapi is the service's HTTP face: the event API that bot
// constructors call, the click links, the management API, the page of last
// events, health. It translates between HTTP and the use cases and decides
// nothing of what counts.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
)

// Decoder turns a request into signals; platforms.Registry is one.
type Decoder interface {
	Decode(constructor string, in platforms.Inbound) ([]domain.Signal, error)
	Methods() []string
	Has(constructor string) bool
	All() []platforms.Descriptor
}

// Networks is what the management API asks of the ad networks.
type Networks interface {
	// Mask gives an account's settings with the secrets masked.
	Mask(network string, settings map[string]any) map[string]any
	// BreakerState is "closed", "open" or "half-open".
	BreakerState(accountID string) string
}

// Dependency is one thing whose state /readyz shows.
type Dependency struct {
	Name string
	// Required: without it requests can not be accepted.
	Required bool
	Check    func(ctx context.Context) error
}

// Options of a Server.
type Options struct {
	PublicURL      string
	TrustedProxies []netip.Prefix
	RequestTimeout time.Duration // of one request; past it the answer is 503
	KeepIgnored    bool          // keep updates whole that mean nothing
	AdminTokenHash []byte        // Vault.Hash("admin-token", token)
	API            bool          // serves everything; else only health and metrics
	Dependencies   []Dependency
	Metrics        http.Handler
	Version        string
}

// Deps are the use cases and readers a Server translates for.
type Deps struct {
	Directory *usecase.Directory
	Ingest    *usecase.Ingest
	Clicks    *usecase.Clicks
	Projects  *usecase.Projects
	People    *usecase.People
	Store     usecase.ProjectStore
	Reader    usecase.Reader
	Requests  usecase.RequestLog
	Vault     usecase.Vault
	Decoder   Decoder
	Networks  Networks
	NewID     func() string
	Now       func() time.Time
	Logger    *slog.Logger
	Observer  Observer
}

// Observer sees the requests for metrics.
type Observer interface {
	ObserveRequest(method string, code int, took time.Duration)
	ObserveDecodeFailure(constructor string)
}

// Server serves all of it.
type Server struct {
	Options
	Deps
	app *fiber.App
}

// maxHead bounds the request line and headers: ad networks make long click
// addresses, and a visitor refused for one is lost.
const maxHead = 32 << 10

// New makes a Server with all its routes.
func New(o Options, d Deps) *Server {
	s := &Server{Options: o, Deps: d}
	s.app = fiber.New(fiber.Config{
		DisableStartupMessage: true, BodyLimit: maxBody, StreamRequestBody: true, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		ReadBufferSize: maxHead, ErrorHandler: s.fail, UnescapePath: false, CaseSensitive: true,
	})
	s.app.Use(ownBody)
	s.mountHealth(s.app)
	if !o.API {
		return s
	}
	s.mountManagement(s.app)
	s.mountLinks(s.app)
	s.mountLanding(s.app)
	s.mountLastEvents(s.app)
	s.mountDocs(s.app)
	s.mountEvents(s.app)
	return s
}

// App is the Fiber application, for the listener and for tests.
func (s *Server) App() *fiber.App { return s.app }
