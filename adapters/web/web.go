// Package web is the cabinet: the pages on which users look at their projects
// and set them up. It renders HTML from what the use cases answer and decides
// nothing of what counts; every page works without scripts, save charts and
// the live view. The interfaces for programs are in package httpapi.
package web

import (
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// Options of a Cabinet.
type Options struct {
	// PublicURL is the base of every address handed out.
	PublicURL string
	// Session is how long a session can live.
	Session time.Duration
	// ClientIP tells where a request comes from.
	ClientIP func(*fiber.Ctx) string
	Version  string
}

// Platforms is what pages show of the bot constructors.
type Platforms interface {
	All() []platforms.Descriptor
	// Has tells whether this build can read a constructor's requests.
	Has(constructor string) bool
	Methods() []string
	// Texts are what decoders say of requests that they refuse.
	Texts() i18n.Catalogue
}

// Networks is what pages show of ad accounts beside their rows.
type Networks interface {
	// Mask gives an account's settings with the secrets masked.
	Mask(network string, settings map[string]any) map[string]any
	// BreakerState is "closed", "open" or "half-open".
	BreakerState(accountID string) string
	// Forms describes the networks that this build can send to.
	Forms(l i18n.Language) []usecase.NetworkForm
}

// Deps are the use cases and readers that pages are made from.
type Deps struct {
	Access   *usecase.Access
	OpenID   *usecase.OpenID
	Projects *usecase.Projects
	People   *usecase.People
	Reports  *report.Reader
	Costs    *usecase.Costs
	Notices  *notify.Notifier
	Store    usecase.ProjectStore
	Reader   usecase.Reader
	Finder   usecase.Finder
	Requests usecase.RequestLog
	Feed     usecase.RequestFeed
	Stories  *usecase.RequestStories
	Shares   *usecase.RequestShares
	Reported *usecase.ReportShares
	Backlogs usecase.BacklogReader
	Exports  Exports
	// Connections tells whether bots are connected.
	Connections *usecase.Connections
	Replays     *usecase.Replays
	Tests       *usecase.TestRuns
	Service     Service
	Platforms   Platforms
	Networks    Networks
	// Says are what is kept in English of conversions, accounts, jobs and messages.
	Says   []i18n.Text
	Now    func() time.Time
	Logger *slog.Logger
}

// Cabinet serves the pages.
type Cabinet struct {
	Options
	Deps
	pages    pages
	words    *words
	findings *i18n.Sentences // what the doctor says
	assets   *assetFiles
	menu     []menuItem
	secure   bool // cookies only over TLS
	streams  streams
}

// New makes a Cabinet. An error means that a file of the binary is broken.
func New(o Options, d Deps) (*Cabinet, error) {
	c := &Cabinet{Options: o, Deps: d, secure: strings.HasPrefix(o.PublicURL, "https://")}
	var err error
	var decoders i18n.Catalogue
	if d.Platforms != nil {
		decoders = d.Platforms.Texts()
	}
	if c.words, err = newWords(decoders, d.Says...); err != nil {
		return nil, err
	}
	c.findings = i18n.NewSentences(d.Service.Says...)
	if c.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if c.menu, err = menuOf(c.routes()); err != nil {
		return nil, err
	}
	c.pages, err = loadPages()
	return c, err
}
