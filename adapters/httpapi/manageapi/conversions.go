package manageapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) conversionRoutes() []route {
	const conversions = "/projects/:project/conversions"
	return []route{
		{http.MethodGet, conversions, usecase.ForViewer, s.listConversions},
		{http.MethodPost, conversions + "/retry", usecase.ForEditor, s.retryConversions},
		{http.MethodGet, conversions + "/:conversion", usecase.ForViewer, s.showConversion},
	}
}

// conversionView shows a conversion in a list.
type conversionView struct {
	ID           string            `json:"id"`
	UserID       string            `json:"user_id"` // empty for an anonymous start and after an erasure
	Messenger    string            `json:"messenger"`
	Target       string            `json:"target"`
	Network      string            `json:"network"`
	AdAccountID  string            `json:"ad_account_id"`
	Status       domain.Status     `json:"status"`
	ReasonCode   domain.ReasonCode `json:"reason_code"`
	StatusReason string            `json:"status_reason"` // in English, or the network's own words
	Attempts     int               `json:"attempts"`
	Value        *domain.Amount    `json:"value"`
	Currency     string            `json:"currency"`
	OccurredAt   time.Time         `json:"occurred_at"`
	DeliveredAt  *time.Time        `json:"delivered_at"`
	ExpiresAt    *time.Time        `json:"expires_at"`

	Kind          domain.ConversionKind `json:"kind"`
	Name          string                `json:"name"` // the network's name for the target
	Source        string                `json:"source"`
	EventID       string                `json:"event_id"`
	ClickID       string                `json:"click_id"`
	CreatedAt     time.Time             `json:"created_at"`
	NextAttemptAt *time.Time            `json:"next_attempt_at"`
	URL           string                `json:"url"` // with the attempts
}

func viewConversion(c *domain.Conversion) conversionView {
	v := conversionView{
		ID: c.ID, UserID: idText(c.UserID), Messenger: c.Messenger, Target: c.Target, Network: c.Network,
		AdAccountID: c.AccountID,
		Status:      c.Status,
		ReasonCode:  c.ReasonCode, StatusReason: c.StatusReason,
		Attempts: c.Attempts, Value: c.Value, Currency: c.Currency, OccurredAt: c.OccurredAt.UTC(),
		ExpiresAt: optional(c.ExpiresAt), Kind: c.Kind, Name: c.Name, Source: c.Source, EventID: c.EventID,
		ClickID: c.ClickID, CreatedAt: c.CreatedAt.UTC(),
		URL: httpapi.APIBase + "/projects/" + c.ProjectID + "/conversions/" + c.ID,
	}
	if c.DeliveredAt != nil {
		v.DeliveredAt = optional(*c.DeliveredAt)
	}
	if c.NextAttemptAt != nil {
		v.NextAttemptAt = optional(*c.NextAttemptAt)
	}
	return v
}

// conversionQuery selects conversions, in an address or a body.
type conversionQuery struct {
	UserID      *looseText `json:"user_id"`
	Messenger   string     `json:"messenger"` // of UserID
	Target      string     `json:"target"`
	Network     string     `json:"network"`
	AdAccountID string     `json:"ad_account_id"`
	Status      string     `json:"status"`
	From        string     `json:"from"`
	To          string     `json:"to"`
	DryRun      bool       `json:"dry_run"`
}

// looseText is text that may come as a number.
type looseText string

// UnmarshalJSON implements json.Unmarshaler.
func (t *looseText) UnmarshalJSON(b []byte) error {
	*t = looseText(strings.Trim(string(b), `"`))
	return nil
}

// filter reads what is asked for of a project that exists.
func (s *API) filter(ctx context.Context, c *fiber.Ctx, q *conversionQuery) (usecase.ConversionFilter, error) {
	projectID := param(c, "project")
	f := usecase.ConversionFilter{
		ProjectID: projectID, Target: q.Target, Network: q.Network, AccountID: q.AdAccountID,
		Status: domain.Status(q.Status),
	}
	var err error
	if q.UserID != nil && *q.UserID != "" {
		if f.UserID, err = userID("user_id", string(*q.UserID)); err != nil {
			return f, err
		}
	}
	if q.Messenger != "" {
		if err := knownMessenger(q.Messenger); err != nil {
			return f, err
		}
	}
	if f.Status != "" && !slices.Contains(domain.Statuses(), f.Status) {
		return f, domain.Invalid("status", "must be one of %s", joined(domain.Statuses()))
	}
	if f.From, err = moment("from", q.From); err != nil {
		return f, err
	}
	if f.To, err = moment("to", q.To); err != nil {
		return f, err
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		return f, domain.Invalid("to", "lies before from")
	}
	p, err := s.Store.Project(ctx, projectID)
	if f.UserID != 0 {
		f.Messenger = p.MessengerOf(q.Messenger)
	}
	return f, err
}

func joined[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}

func (s *API) listConversions(ctx context.Context, c *fiber.Ctx) error {
	form, err := readFileForm(c)
	if err != nil {
		return err
	}
	pg, err := page(c)
	if err != nil {
		return err
	}
	user := looseText(query(c, "user_id"))
	q := conversionQuery{
		UserID: &user, Messenger: query(c, "messenger"), Target: query(c, "target"), Network: query(c, "network"),
		AdAccountID: query(c, "ad_account_id"),
		Status:      query(c, "status"), From: query(c, "from"), To: query(c, "to"),
	}
	f, err := s.filter(ctx, c, &q)
	if err != nil {
		return err
	}
	if form.kind != "" {
		return s.sendConversions(ctx, c, form, f)
	}
	cs, next, err := s.Reader.Conversions(ctx, f, pg)
	if err != nil {
		return err
	}
	return list(c, cs, next, viewConversion)
}

// conversionLine is a conversion in a table.
type conversionLine struct {
	ID            string                `json:"id"`
	OccurredAt    time.Time             `json:"occurred_at"`
	CreatedAt     time.Time             `json:"created_at"`
	Kind          domain.ConversionKind `json:"kind"`
	Target        string                `json:"target"`
	Name          string                `json:"name"`
	Network       string                `json:"network"`
	AdAccountID   string                `json:"ad_account_id"`
	Status        domain.Status         `json:"status"`
	ReasonCode    domain.ReasonCode     `json:"reason_code"`
	StatusReason  string                `json:"status_reason"`
	Attempts      int                   `json:"attempts"`
	Value         *domain.Amount        `json:"value"`
	Currency      string                `json:"currency"`
	UserID        string                `json:"user_id"`
	Messenger     string                `json:"messenger"`
	Source        string                `json:"source"`
	DeliveredAt   *time.Time            `json:"delivered_at"`
	NextAttemptAt *time.Time            `json:"next_attempt_at"`
	ExpiresAt     *time.Time            `json:"expires_at"`
	EventID       string                `json:"event_id"`
	ClickID       string                `json:"click_id"`
}

func viewConversionLine(c *domain.Conversion) conversionLine {
	v := viewConversion(c)
	return conversionLine{
		v.ID, v.OccurredAt, v.CreatedAt, v.Kind, v.Target, v.Name, v.Network, v.AdAccountID, v.Status, v.ReasonCode,
		v.StatusReason, v.Attempts, v.Value, v.Currency, v.UserID, v.Messenger, v.Source, v.DeliveredAt,
		v.NextAttemptAt, v.ExpiresAt, v.EventID, v.ClickID,
	}
}

// tableConversions is the name of the table of conversions.
const tableConversions = "conversions"

// sendConversions answers a list of conversions as a file.
func (s *API) sendConversions(ctx context.Context, c *fiber.Ctx, form fileForm, f usecase.ConversionFilter) error {
	p, err := s.Store.Project(ctx, f.ProjectID)
	if err != nil {
		return err
	}
	read := func(ctx context.Context, at usecase.Page) ([]domain.Conversion, string, error) {
		return s.Reader.Conversions(ctx, f, at)
	}
	bound := func(ctx context.Context) (int, error) { return s.Rows.CountConversions(ctx, p.ID, sheet.MaxRows+1) }
	to := s.newFile(form, tableConversions, &p)
	to.from, to.to = daysBetween(f.From, f.To, to.zone)
	return sendFile(ctx, c, s, to, paged(usecase.Page{Limit: usecase.MaxPage}, viewConversionLine, read),
		lengthOf(bound, read))
}

// retried tells what a retry came to.
type retried struct {
	Matched   int64 `json:"matched"`
	Scheduled int64 `json:"scheduled"` // how many are sent again
	// Job makes them due; absent when nothing is to be done.
	Job *replayView `json:"job,omitempty"`
}

func (s *API) retryConversions(ctx context.Context, c *fiber.Ctx) error {
	var q conversionQuery
	if err := httpapi.ReadJSON(c, &q); err != nil {
		return err
	}
	f, err := s.filter(ctx, c, &q)
	if err != nil {
		return err
	}
	a, err := s.Replays.Retry(ctx, f, q.DryRun)
	if err != nil {
		return err
	}
	return c.JSON(retried{a.Matched, a.Scheduled, viewJob(a.Job)})
}

// attemptView shows one exchange with a network, redacted when it was kept.
type attemptView struct {
	usecase.Attempt
	Evidence json.RawMessage `json:"evidence"`
}

// conversionStory is a conversion with its attempts.
type conversionStory struct {
	conversionView
	History []attemptView `json:"history"`
}

func (s *API) showConversion(ctx context.Context, c *fiber.Ctx) error {
	projectID, id := param(c, "project"), param(c, "conversion")
	cs, _, err := s.Reader.Conversions(ctx, usecase.ConversionFilter{ProjectID: projectID, ID: id},
		usecase.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(cs) != 1 || cs[0].ID != id {
		return domain.ErrNotFound
	}
	as, err := s.Reader.Attempts(ctx, projectID, id)
	if err != nil {
		return err
	}
	story := conversionStory{conversionView: viewConversion(&cs[0]), History: make([]attemptView, len(as))}
	for i, a := range as {
		story.History[i] = attemptView{Attempt: a, Evidence: json.RawMessage("null")}
		if json.Valid(a.Evidence) {
			story.History[i].Evidence = a.Evidence
		}
	}
	return c.JSON(story)
}
