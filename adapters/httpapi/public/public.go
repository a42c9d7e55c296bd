// Package public is what everybody may open: click links and the landing
// script, the page of last events, the description of the interfaces, and what
// monitoring asks. None of it knows users; some of it takes a key.
package public

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

//go:embed assets
var assets embed.FS

// Links finds tracking links by their addresses: an id, or a readable one that a
// link has or had.
type Links interface {
	LinkAt(ctx context.Context, address string) (domain.Link, error)
}

// Requests shows what arrived last.
type Requests interface {
	LastCalls(ctx context.Context, projectID string, calls int) ([]usecase.RequestRecord, error)
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

// Options of a Site.
type Options struct {
	PublicURL      string
	TrustedProxies []netip.Prefix
	RequestTimeout time.Duration // of one request
}

// Deps are what a Site asks.
type Deps struct {
	Links     Links
	Directory *usecase.Directory
	Clicks    *usecase.Clicks
	Requests  Requests
	Places    usecase.PlacesReader
	Browsers  Browsers
	// Refusals say why requests were refused.
	Refusals i18n.Catalogue
	NewID    func() string
	Now      func() time.Time
	Logger   *slog.Logger
}

// Site is all of it but what monitoring asks.
type Site struct{ rooms []httpapi.Room }

// New makes a Site. An error means that a file of the binary is broken.
func New(o Options, d Deps) (*Site, error) {
	style, err := newPageStyle()
	if err != nil {
		return nil, err
	}
	page, err := newOpenPage(style)
	if err != nil {
		return nil, fmt.Errorf("page of click links: %w", err)
	}
	landing, err := newLanding(o, d)
	if err != nil {
		return nil, fmt.Errorf("landing script: %w", err)
	}
	last, err := newLastEvents(d, style)
	if err != nil {
		return nil, fmt.Errorf("page of last events: %w", err)
	}
	docs, err := newDocs(o.PublicURL, style)
	if err != nil {
		return nil, fmt.Errorf("page of the interfaces: %w", err)
	}
	return &Site{[]httpapi.Room{newClickLinks(o, d, page).room(), landing.room(), last.room(), docs.room()}}, nil
}

// Rooms are those of the site.
func (s *Site) Rooms() []httpapi.Room { return s.rooms }
