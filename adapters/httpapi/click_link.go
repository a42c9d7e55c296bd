package httpapi

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// clickBase is where click links live.
const clickBase = "/c/"

// clickTimeout bounds the wait for storage: a visitor who waits longer is
// gone, and is sent on without their click.
const clickTimeout = answerWithin

// maxRemembered bounds the links kept in memory; past it they are forgotten.
const maxRemembered = 100_000

// clickLinks serves the click links. It remembers every link it has seen with
// its project, so that a visitor is sent on while storage is away.
type clickLinks struct {
	*Server
	texts i18n.Catalogue

	mu   sync.RWMutex
	seen map[string]place // by link id
	lost atomic.Int64     // clicks that could not be stored
}

// place is where a link leads.
type place struct {
	link    domain.Link
	project domain.Project
}

func (s *Server) mountLinks(r fiber.Router) {
	l := &clickLinks{Server: s, texts: linkTexts(), seen: map[string]place{}}
	r.Get(clickBase+":link", l.visit) // and HEAD
}

var linkID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// visit records the click and sends the visitor to Telegram.
func (l *clickLinks) visit(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), min(l.RequestTimeout, clickTimeout))
	defer cancel()
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Robots-Tag", "noindex")
	id := param(c, "link")
	if !linkID.MatchString(id) {
		return l.page(c, http.StatusNotFound)
	}
	to, err := l.find(ctx, id)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return l.page(c, http.StatusNotFound)
	case err != nil:
		l.loggerOf(c).Warn("click link not found for now", "link", id, "error", err)
		c.Set(fiber.HeaderRetryAfter, retrySeconds(retryStorage))
		return l.page(c, http.StatusServiceUnavailable)
	}
	start := to.link.StartValue
	if to.project.Enabled && c.Method() != http.MethodHead && !domain.IsRobot(c.Get(fiber.HeaderUserAgent)) {
		start = l.record(ctx, c, to)
	}
	target := usecase.DeepLink(&to.project, &to.link, start)
	if target == "" {
		return l.page(c, http.StatusConflict)
	}
	return c.Redirect(target, http.StatusFound)
}

// record stores the click and answers the start value to hand out: the
// click's own, or the link's when the click could not be stored.
func (l *clickLinks) record(ctx context.Context, c *fiber.Ctx, to place) string {
	if usecase.DeepLink(&to.project, &to.link, to.link.StartValue) == "" {
		return to.link.StartValue // leads nowhere yet, see visit
	}
	at := l.Now().UTC().Truncate(time.Microsecond)
	v := l.readVisit(c)
	click := v.click(l.PublicURL, at)
	click.ID, click.ProjectID, click.LinkID, click.StartValue = l.NewID(), to.project.ID, to.link.ID, usecase.NewStartValue()
	l.setCookies(c, l.browserCookies(v, &click))
	if err := l.Clicks.Record(ctx, click); err != nil {
		l.loggerOf(c).Error("click lost, the visitor was sent on", "link", to.link.ID, "project", to.project.ID, "lost", l.lost.Add(1), "error", err)
		return to.link.StartValue
	}
	return click.StartValue
}

// find reads a link and its project, or remembers them when storage is away.
func (l *clickLinks) find(ctx context.Context, id string) (place, error) {
	l.mu.RLock()
	known, seen := l.seen[id]
	l.mu.RUnlock()
	to := known
	if !seen {
		link, err := l.Store.Link(ctx, id)
		if err != nil {
			return place{}, err
		}
		to.link = link
	}
	view, err := l.Directory.View(ctx, to.link.ProjectID)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		l.remember(id, nil)
		return place{}, err
	case err != nil && seen:
		return known, nil
	case err != nil:
		return place{}, err
	}
	to.project = view.Project
	if !seen || known.project != to.project {
		l.remember(id, &to)
	}
	return to, nil
}

func (l *clickLinks) remember(id string, to *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to == nil {
		delete(l.seen, id)
		return
	}
	if len(l.seen) >= maxRemembered {
		clear(l.seen)
	}
	l.seen[id] = *to
}
