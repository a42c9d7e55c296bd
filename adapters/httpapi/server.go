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
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
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
	SessionCookie  string        // has the secret of a user's session
	API            bool          // serves everything; else only health and metrics
	Dependencies   []Dependency
	Metrics        http.Handler
	// Doctor looks into everything and says what to do. Nil: there is no such
	// call.
	Doctor  func(ctx context.Context) any
	Version string
}

// Deps are the use cases and readers a Server translates for.
type Deps struct {
	Access    *usecase.Access
	Directory *usecase.Directory
	Ingest    *usecase.Ingest
	Clicks    *usecase.Clicks
	Projects  *usecase.Projects
	People    *usecase.People
	Reports   *report.Reader
	Costs     *usecase.Costs
	Notices   *notify.Notifier
	Store     usecase.ProjectStore
	Reader    usecase.Reader
	Requests  usecase.RequestLog
	Replays   *usecase.Replays
	Kept      usecase.RequestSource
	Vault     usecase.Vault
	Decoder   Decoder
	Networks  Networks
	Browsers  Browsers
	Backups   BackupMaker // nil makes none
	Cabinet   Mounter
	NewID     func() string
	Now       func() time.Time
	Logger    *slog.Logger
	Observer  Observer
	Tracer    Tracer // nil: nobody follows requests
}

// Browsers says by which cookies ad networks know the browsers of visitors.
type Browsers interface {
	// OwnCookies names those of the click links' own domain.
	OwnCookies() []string
	// MakeCookies gives those that a visit leaves.
	MakeCookies(v usecase.Visit) []usecase.Cookie
	// PageCookies is a regular expression of those that landing pages hand on as
	// parameters of a click, and the parameters that have another name.
	PageCookies() (pattern string, params map[string]string)
}

// Mounter adds routes: the cabinet's pages are on the same server.
type Mounter interface{ Mount(r fiber.Router) }

// Observer sees the requests for metrics.
type Observer interface {
	ObserveRequest(method string, code int, took time.Duration)
	ObserveDecodeFailure(constructor string)
	// ObserveHTTP counts the answers of each part of the server.
	ObserveHTTP(area string, code int, took time.Duration)
	// ObserveLimit counts requests that a limit refused.
	ObserveLimit(limit string)
}

// Tracer follows requests of the event API through the service.
type Tracer interface {
	TraceRequest(RequestTrace)
}

// RequestTrace is what a trace has of a request: ids and times, and nothing of
// its content.
type RequestTrace struct {
	ID, ProjectID, Method string
	Code, Signals         int
	Began, Ended          time.Time
	// Decoding began and ended, zero where it was not come to.
	DecodeBegan, DecodeEnded time.Time
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
	s.app.Use(s.identify, ownBody)
	s.mountHealth(s.app)
	s.mountProfiles(s.app)
	if !o.API {
		return s
	}
	s.mountManagement(s.app)
	s.mountCompatTables(s.app)
	s.mountLinks(s.app)
	s.mountLanding(s.app)
	s.mountLastEvents(s.app)
	s.mountDocs(s.app)
	if s.Cabinet != nil {
		s.Cabinet.Mount(s.app)
	}
	s.mountEvents(s.app)
	return s
}

// App is the Fiber application, for the listener and for tests.
func (s *Server) App() *fiber.App { return s.app }
