package public

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// lastShown is how many requests the page shows; a batch is one. itemsShown is
// how many it shows of a batch.
const (
	lastShown  = 100
	itemsShown = 100
)

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
		template.HTML("<style>" + string(css) + "</style>"), "sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]),
	}, nil
}

// lastEvents is the page on which the owner of a key sees what arrived with it
// and what became of it.
type lastEvents struct {
	requests Requests
	places   usecase.PlacesReader
	now      func() time.Time
	logger   *slog.Logger
	texts    i18n.Catalogue
	refusals i18n.Catalogue
	style    pageStyle
	page     *template.Template
}

func newLastEvents(d Deps, style pageStyle) (*lastEvents, error) {
	l := &lastEvents{requests: d.Requests, places: d.Places, now: d.Now, logger: d.Logger, style: style,
		refusals: d.Refusals}
	var err error
	if l.texts, err = i18n.Merge(lastTexts(), usecase.VerdictTexts(), usecase.SeenTexts()); err != nil {
		return nil, err
	}
	l.page, err = template.ParseFS(assets, "assets/last_events.html")
	return l, err
}

// maxLastForm bounds the form of the page.
const maxLastForm = 16 << 10

// room serves the page at its own address and at the one of the service it is
// compatible with. The key comes in the body of a form, never in an address:
// addresses end up in histories and logs.
func (l *lastEvents) room() httpapi.Room {
	room := httpapi.Room{Name: "last events", Pack: true, Key: keyOfForm, Refuse: l.refuse}
	for _, path := range []string{"/last_events", "/API/last_events"} {
		room.Routes = append(room.Routes,
			httpapi.Route{Method: http.MethodGet, Path: path, Right: usecase.ForAnybody, Serve: l.ask},
			httpapi.Route{
				Method: http.MethodPost, Path: path, Right: usecase.ForPastAPIKey,
				MaxBody: maxLastForm, Serve: l.show,
			})
	}
	return room
}

// keyOfForm takes the key from the body alone: one in the address would not be
// taken.
func keyOfForm(c *fiber.Ctx) (string, error) {
	return httpapi.KeyIn(string(c.Request().PostArgs().Peek("key"))), httpapi.BodyError(c)
}

// lastPage is what the template shows.
type lastPage struct {
	Lang       i18n.Language
	texts      i18n.Catalogue
	refusals   i18n.Catalogue
	Style      template.HTML
	Key        string
	ErrorsOnly bool
	Problem    string
	Hint       string
	Bare       bool // without bodies

	Shown         bool
	Project, Mode string
	Zone          string
	Total         int
	Rows          []lastRow
}

func (l *lastEvents) newPage(c *fiber.Ctx) *lastPage {
	form := c.Request().PostArgs()
	return &lastPage{
		Lang: languageOf(c), texts: l.texts, refusals: l.refusals, Style: l.style.element, Key: httpapi.KeyIn(string(form.Peek("key"))),
		ErrorsOnly: len(form.Peek("errors")) > 0,
	}
}

// rowOf is a row with the page whose words it uses.
type rowOf struct {
	P *lastPage
	R lastRow
}

// With gives a row the words of the page.
func (p *lastPage) With(r lastRow) rowOf { return rowOf{p, r} }

// T gives a text in the language of the page.
func (p *lastPage) T(key string) string { return p.texts.Text(p.Lang, key) }

// N gives a text in the plural form of a count, which it shows.
func (p *lastPage) N(key string, n int) string { return p.texts.Count(p.Lang, key, int64(n)) }

func (l *lastEvents) send(c *fiber.Ctx, status int, p *lastPage) error {
	secureHeaders(c, l.style.hash)
	return sendPage(c, status, l.page, p)
}

// ask shows the form.
func (l *lastEvents) ask(_ context.Context, c *fiber.Ctx) error {
	return l.send(c, http.StatusOK, l.newPage(c))
}

// show answers the form to whoever has a key.
func (l *lastEvents) show(ctx context.Context, c *fiber.Ctx) error {
	p := l.newPage(c)
	holder := usecase.AdmissionOf(ctx).Key
	switch holder.State {
	case usecase.KeyExpired:
		p.Hint, p.Bare = p.T("last.expired"), true
	case usecase.KeySwitchedOff:
		p.Hint = p.T("last.switched_off")
	}
	records, err := l.requests.LastCalls(ctx, holder.View.ID, lastShown)
	if err != nil {
		l.logger.Warn("last events cannot be read", "request_id", httpapi.RequestID(c), "project",
			holder.View.ID, "error", err)
		p.Problem = p.T("last.log_away")
		return l.send(c, http.StatusServiceUnavailable, p)
	}
	if p.Hint == "" {
		p.Hint = l.onlyMembers(ctx, p, holder.View)
	}
	l.fill(p, holder.View, records)
	return l.send(c, http.StatusOK, p)
}

// onlyMembers tells a bot's project that gets members of a channel and no start.
func (l *lastEvents) onlyMembers(ctx context.Context, p *lastPage, view *usecase.ProjectView) string {
	if view.Kind != domain.KindBot {
		return ""
	}
	only, err := l.places.OnlyMembers(ctx, view.ID, l.now().Add(-usecase.OnlyMembersWithin), 1)
	if err != nil {
		l.logger.Warn("what was told of places cannot be read", "project", view.ID, "error", err)
	}
	if len(only) == 0 {
		return ""
	}
	return p.T("last.only_members")
}

// refuse says on the page what is wrong with the key.
func (l *lastEvents) refuse(_ context.Context, c *fiber.Ctx, status int, err error) error {
	p := l.newPage(c)
	var key *usecase.KeyError
	switch {
	case errors.As(err, &key):
		if key.State == usecase.KeyMissing { // it is asked for
			status = http.StatusOK
		}
		p.Problem = p.keyText(key.State)
	case status >= http.StatusInternalServerError:
		status, p.Problem = http.StatusServiceUnavailable, p.T("last.away")
	default:
		p.Problem = p.T("last.bad_form")
	}
	return l.send(c, status, p)
}

// keyText says what is wrong with a key that opens nothing.
func (p *lastPage) keyText(s usecase.KeyState) string {
	switch s {
	case usecase.KeyMissing:
		return ""
	case usecase.KeyReplaced:
		return p.T("last.old_key")
	case usecase.KeyOfOtherKind:
		return p.T("last.report_key")
	}
	return p.T("last.wrong_key")
}

func (l *lastEvents) fill(p *lastPage, view *usecase.ProjectView, records []usecase.RequestRecord) {
	zone, err := time.LoadLocation(view.Timezone)
	if err != nil {
		zone = time.UTC
	}
	p.Shown, p.Project, p.Mode, p.Zone = true, view.Name, string(view.Mode), zone.String()
	calls := usecase.CallsOf(records)
	p.Total = len(calls)
	for i := range calls {
		c := &calls[i]
		if p.ErrorsOnly && c.Refused() == 0 {
			continue
		}
		if c.BatchID != "" {
			p.Rows = append(p.Rows, p.batchRow(c, zone))
		} else {
			p.Rows = append(p.Rows, p.row(&c.Requests[0], zone))
		}
	}
}

func (p *lastPage) row(r *usecase.RequestRecord, zone *time.Location) lastRow {
	row := newLastRow(r, zone, p.Lang, p.T("verdict."+string(r.Verdict())))
	row.Result, row.Class = p.T("verdict_short."+string(r.Verdict())), classOf(r)
	row.Event, row.Person = p.event(r)
	row.Error = p.refusal(r)
	return row
}

// event says what happened, and to whom; of a request that made nothing, what it
// was.
func (p *lastPage) event(r *usecase.RequestRecord) (event, person string) {
	var types []domain.EventType
	for _, s := range r.ReadAs() {
		types, person = append(types, s.Type), cmp.Or(person, s.Who())
	}
	for _, receipt := range r.Receipts {
		if len(types) == 0 { // its body was not kept
			types = append(types, receipt.Type)
		}
	}
	switch {
	case len(types) > 0:
		event = p.T("event." + string(types[0]))
	case domain.Asks(r.Method):
		event = p.T("last.asked")
	case r.Code == http.StatusOK:
		event = p.T("last.update")
	default:
		event = p.T("last.request_row")
	}
	if more := max(len(types), len(r.Receipts)) - 1; more > 0 {
		event += " +" + p.Lang.Number(int64(more))
	}
	return event, person
}

// classOf is the colour of what came of a request.
func classOf(r *usecase.RequestRecord) string {
	switch {
	case r.Code != http.StatusOK:
		return "err"
	case r.Warning != "":
		return "wrn"
	case r.Verdict() == usecase.RequestTaken:
		return "ok"
	}
	return "soft"
}

// refusal says why a request was refused.
func (p *lastPage) refusal(r *usecase.RequestRecord) string { return r.ErrorIn(p.refusals, p.Lang) }

// batchRow is a batch with the requests that it brought.
func (p *lastPage) batchRow(c *usecase.RequestCall, zone *time.Location) lastRow {
	first := &c.Requests[0]
	row := lastRow{
		ID: c.BatchID, Time: first.ReceivedAt.In(zone).Format(rowTime), UTC: first.ReceivedAt.UTC().Format(time.RFC3339Nano),
		Event: p.T("last.batch"), Batch: true, Brought: len(c.Requests), Refused: c.Refused(),
		Result: p.T("verdict_short." + string(usecase.RequestTaken)), Class: "ok",
	}
	if r := c.FirstRefused(); r != nil {
		row.Result, row.Class = p.T("verdict_short."+string(r.Verdict())), "err"
		row.Code, row.Error = httpapi.RecordStatus(r), p.refusal(r)
	}
	for _, r := range c.Shown(itemsShown) {
		row.Items = append(row.Items, p.row(&r, zone))
	}
	row.Left = row.Brought - len(row.Items)
	return row
}
