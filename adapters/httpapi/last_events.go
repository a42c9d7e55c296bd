package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// lastShown is how many requests the page shows.
const lastShown = 100

// pageStyle is the one style of all pages, in a form that a page may carry,
// and its hash for the content security policy.
type pageStyle struct {
	element template.HTML
	hash    string
}

func newPageStyle() (pageStyle, error) {
	css, err := assets.ReadFile("assets/page.css")
	if err != nil {
		return pageStyle{}, err
	}
	sum := sha256.Sum256(css)
	// The style is our own file: nothing in it needs escaping.
	return pageStyle{
		template.HTML("<style>" + string(css) + "</style>"), "sha256-" + base64.StdEncoding.EncodeToString(sum[:]),
	}, nil
}

// lastEvents is the page on which the owner of a key sees what arrived with it
// and what became of it.
type lastEvents struct {
	*Server
	texts i18n.Catalogue
	style pageStyle
	page  *template.Template
}

// mountLastEvents serves the page at its own address and at the one of the
// service it is compatible with. The key comes in the body of a form, never in
// an address: addresses end up in histories and logs.
func (s *Server) mountLastEvents(r fiber.Router) {
	l := &lastEvents{Server: s, page: template.Must(template.ParseFS(assets, "assets/last_events.html"))}
	var err error
	if l.style, err = newPageStyle(); err != nil {
		panic(err) // a file of the binary is missing
	}
	if l.texts, err = i18n.Merge(lastTexts(), usecase.VerdictTexts()); err != nil {
		panic(err) // a test reads them, too
	}
	for _, path := range []string{"/last_events", "/API/last_events"} {
		r.Get(path, l.ask)
		r.Post(path, l.show)
	}
}

// lastPage is what the template shows.
type lastPage struct {
	Lang       i18n.Language
	texts      i18n.Catalogue
	Style      template.HTML
	Key        string
	ErrorsOnly bool
	Problem    string
	Hint       string

	Shown         bool
	Project, Mode string
	Zone          string
	Total         int
	Rows          []lastRow
}

func (l *lastEvents) newPage(c *fiber.Ctx) *lastPage {
	return &lastPage{Lang: languageOf(c), texts: l.texts, Style: l.style.element}
}

// T gives a text in the language of the page.
func (p *lastPage) T(key string) string { return p.texts.Text(p.Lang, key) }

func (l *lastEvents) send(c *fiber.Ctx, status int, p *lastPage) error {
	secureHeaders(c, l.style.hash)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return sendPage(c, status, l.page, p)
}

// ask shows the form.
func (l *lastEvents) ask(c *fiber.Ctx) error { return l.send(c, http.StatusOK, l.newPage(c)) }

// show answers the form.
func (l *lastEvents) show(c *fiber.Ctx) error {
	p := l.newPage(c)
	// The body alone: a key in the address would not be taken.
	form := c.Request().PostArgs()
	p.Key, p.ErrorsOnly = strings.TrimSpace(string(form.Peek("key"))), len(form.Peek("errors")) > 0
	if p.Key == "" {
		return l.send(c, http.StatusOK, p)
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.RequestTimeout)
	defer cancel()
	view, status := l.open(ctx, c, p)
	if view == nil {
		return l.send(c, status, p)
	}
	records, err := l.Requests.Last(ctx, view.ID, lastShown)
	if err != nil {
		l.loggerOf(c).Warn("last events can not be read", "project", view.ID, "error", err)
		p.Problem = p.T("last.log_away")
		return l.send(c, http.StatusServiceUnavailable, p)
	}
	l.fill(p, view, records)
	return l.send(c, http.StatusOK, p)
}

// open finds the project of the page's key, or says on the page what is wrong
// with the key.
func (l *lastEvents) open(ctx context.Context, c *fiber.Ctx, p *lastPage) (*usecase.ProjectView, int) {
	k, err := l.Directory.Key(ctx, p.Key)
	var view *usecase.ProjectView
	if err == nil {
		view, err = l.Directory.View(ctx, k.ProjectID)
	}
	now := l.Now()
	switch {
	case errors.Is(err, domain.ErrNotFound):
		p.Problem = p.T("last.wrong_key")
		return nil, http.StatusUnauthorized
	case err != nil:
		l.loggerOf(c).Warn("last events: the key can not be looked up", "error", err)
		p.Problem = p.T("last.away")
		return nil, http.StatusServiceUnavailable
	case k.RevokedAt != nil && !now.Before(*k.RevokedAt):
		p.Problem = p.T("last.old_key")
		return nil, http.StatusUnauthorized
	case k.Kind != usecase.APIKey:
		p.Problem = p.T("last.report_key")
		return nil, http.StatusForbidden
	case k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		p.Hint = p.T("last.expired")
	case !view.Enabled:
		p.Hint = p.T("last.switched_off")
	}
	return view, http.StatusOK
}

func (l *lastEvents) fill(p *lastPage, view *usecase.ProjectView, records []usecase.RequestRecord) {
	zone, err := time.LoadLocation(view.Timezone)
	if err != nil {
		zone = time.UTC
	}
	p.Shown, p.Project, p.Mode, p.Zone, p.Total = true, view.Name, string(view.Mode), zone.String(), len(records)
	for i := range records {
		if p.ErrorsOnly && requestStatus(&records[i]) == 0 {
			continue
		}
		p.Rows = append(p.Rows, newLastRow(&records[i], zone, p.T("verdict."+string(records[i].Verdict()))))
	}
}
