package public

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// clickTimeout bounds the wait for storage: a visitor who waits longer is
// gone, and is sent on without their click.
const clickTimeout = 1900 * time.Millisecond

// lookTimeout bounds the wait for what may have changed about a link that is
// remembered.
const lookTimeout = 300 * time.Millisecond

// maxRemembered bounds the links kept in memory; past it they are forgotten.
const maxRemembered = 100_000

// clickLinks serves the click links. It remembers every link it has seen with
// its project, so that a visitor is sent on while storage is away.
type clickLinks struct {
	Options
	Deps
	texts i18n.Catalogue
	page  *openPage

	mu   sync.RWMutex
	seen map[string]place // by address
	lost atomic.Int64     // clicks that could not be stored
}

// place is where a link leads.
type place struct {
	link    domain.Link
	project domain.Project
	// view is what the project was read from: with another one the link may have
	// changed, too.
	view *usecase.ProjectView
}

func newClickLinks(o Options, d Deps, page *openPage) *clickLinks {
	return &clickLinks{Options: o, Deps: d, texts: linkTexts(), page: page, seen: map[string]place{}}
}

func (l *clickLinks) room() httpapi.Room {
	return httpapi.Room{
		Name: "click links", Bases: []string{httpapi.ClickBase}, Refuse: l.refuse,
		Routes: []httpapi.Route{{
			Method: http.MethodGet, Path: httpapi.ClickBase + ":link", Right: usecase.ForAnybody,
			Within: min(l.RequestTimeout, clickTimeout), Serve: l.visit,
		}},
	}
}

// refuse shows a small page to a visitor who can not be sent on.
func (l *clickLinks) refuse(_ context.Context, c *fiber.Ctx, status int, _ error) error {
	visitorHeaders(c)
	return l.sorry(c, status)
}

func visitorHeaders(c *fiber.Ctx) {
	c.Set("X-Robots-Tag", "noindex")
}

var linkAddress = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// addressOf takes the address of a link as people type it from paper: phones
// begin it with a capital. Neither ids nor readable addresses have any.
func addressOf(s string) (string, error) {
	if !linkAddress.MatchString(s) {
		return "", domain.ErrNotFound
	}
	return strings.ToLower(strings.Clone(s)), nil
}

// visit records the click and sends the visitor to Telegram.
func (l *clickLinks) visit(ctx context.Context, c *fiber.Ctx) error {
	visitorHeaders(c)
	address, err := addressOf(c.Params("link"))
	if err != nil {
		return err
	}
	to, err := l.find(ctx, address)
	if err != nil {
		return notNow(err)
	}
	start, person := to.link.StartValue, isVisit(c)
	if to.project.Enabled && person {
		start = l.record(ctx, c, to)
	}
	if to.project.Enabled && c.Method() == http.MethodGet && domain.IsRobot(c.Get(fiber.HeaderUserAgent)) {
		l.Clicks.Robot(to.project.ID)
	}
	target := usecase.DeepLink(&to.project, &to.link, start)
	if target == "" {
		return domain.ErrConflict
	}
	if person && to.link.OpenPage.Shows(c.Get(fiber.HeaderUserAgent)) {
		if ways, ok := waysInto(target); ok {
			return l.page.send(c, ways)
		}
	}
	return c.Redirect(target, http.StatusFound)
}

// isVisit tells a person's visit from what robots and browsers ask by themselves.
func isVisit(c *fiber.Ctx) bool {
	return c.Method() != http.MethodHead && !prefetched(c) && !domain.IsRobot(c.Get(fiber.HeaderUserAgent))
}

// prefetched tells a page that a browser, or a proxy for it, loads before the
// person asked for it, if they ever will. All but the first header are of older
// browsers: https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header
func prefetched(c *fiber.Ctx) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		purpose := strings.ToLower(c.Get(name))
		for _, word := range []string{"prefetch", "prerender", "preview", "instant"} {
			if strings.Contains(purpose, word) {
				return true
			}
		}
	}
	return false
}

// record stores the click and answers the start value to hand out: the
// click's own, or the link's when the click could not be stored.
func (l *clickLinks) record(ctx context.Context, c *fiber.Ctx, to place) string {
	if usecase.DeepLink(&to.project, &to.link, to.link.StartValue) == "" {
		return to.link.StartValue // leads nowhere yet, see visit
	}
	at := l.Now().UTC().Truncate(time.Microsecond)
	v := l.readVisit(c)
	if !l.Clicks.Allow(v.ip, &to.link) {
		return to.link.StartValue
	}
	click := v.click(l.PublicURL, at)
	click.ID, click.ProjectID, click.LinkID, click.StartValue = l.NewID(), to.project.ID, to.link.ID,
		usecase.NewStartValue()
	l.setCookies(c, l.browserCookies(v, &click))
	if err := l.Clicks.Record(ctx, click); err != nil {
		l.Logger.Error("click lost, the visitor was sent on", "request_id", httpapi.RequestID(c), "link",
			to.link.ID,
			"project", to.project.ID, "lost", l.lost.Add(1), "error", err)
		return to.link.StartValue
	}
	return click.StartValue
}

// notNow makes an error of what visitors are told: whatever went wrong, they may
// come again, save where there is no such link.
func notNow(err error) error {
	if errors.Is(err, domain.ErrNotFound) || errors.Is(err, domain.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: look the link up: %w", domain.ErrUnavailable, err)
}

// find reads the link of an address and its project, or remembers them when
// storage is away.
func (l *clickLinks) find(ctx context.Context, address string) (place, error) {
	l.mu.RLock()
	known, seen := l.seen[address]
	l.mu.RUnlock()
	to := known
	if !seen {
		link, err := l.Links.LinkAt(ctx, address)
		if err != nil {
			return place{}, err
		}
		to.link = link
	}
	if seen { // its answer is only the better one
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lookTimeout)
		defer cancel()
	}
	view, err := l.Directory.View(ctx, to.link.ProjectID)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		l.remember(address, nil)
		return place{}, err
	case err != nil && seen:
		return known, nil
	case err != nil:
		return place{}, err
	}
	if seen && known.view == view {
		return known, nil
	}
	to.project, to.view = view.Project, view
	if seen {
		link, err := l.Links.LinkAt(ctx, address)
		switch {
		case errors.Is(err, domain.ErrNotFound): // deleted meanwhile
			l.remember(address, nil)
			return place{}, err
		case err != nil || link.ProjectID != view.ID: // or another project's since
			return place{known.link, view.Project, known.view}, nil
		}
		to.link = link
	}
	l.remember(address, &to)
	return to, nil
}

func (l *clickLinks) remember(address string, to *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to == nil {
		delete(l.seen, address)
		return
	}
	if len(l.seen) >= maxRemembered {
		clear(l.seen)
	}
	l.seen[address] = *to
}
