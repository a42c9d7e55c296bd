package httpapi

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func (s *Server) reportRoutes() []route {
	const reports = "/projects/:project/reports"
	return []route{
		{http.MethodGet, reports + "/daily", s.reportDaily},
		{http.MethodGet, reports + "/hourly", s.reportHourly},
		{http.MethodGet, reports + "/sources", s.reportSources},
		{http.MethodGet, reports + "/links", s.reportLinks},
		{http.MethodGet, reports + "/lifetime", s.reportLifetime},
		{http.MethodGet, reports + "/audience", s.reportAudience},
		{http.MethodGet, reports + "/funnel", s.reportFunnel},
		{http.MethodGet, reports + "/retention", s.reportRetention},
	}
}

// reportDays is how many days a report has whose beginning is not given.
const (
	reportDays     = 30
	retentionWeeks = 12
	audienceDays   = 3650
)

// reportQuery is what every report is asked with.
type reportQuery struct {
	project domain.Project
	rng     report.Range
	filter  report.Filter
	csv     bool
	bom     bool
}

func (s *Server) reportQuery(ctx context.Context, c *fiber.Ctx, days int) (*reportQuery, error) {
	q := &reportQuery{}
	switch f := query(c, "format"); f {
	case "", "json":
	case "csv":
		q.csv, q.bom = true, query(c, "bom") == "1"
	default:
		return nil, domain.Invalid("format", "must be json or csv")
	}
	var err error
	if q.project, err = s.Store.Project(ctx, param(c, "project")); err != nil {
		return nil, err
	}
	q.rng, err = s.Reports.Range(&q.project, report.RangeInput{
		// An unescaped + of a time zone's offset arrives as a blank.
		From: strings.Replace(query(c, "from"), " ", "+", 1), To: strings.Replace(query(c, "to"), " ", "+", 1),
		Timezone: query(c, "timezone"), Days: days,
	})
	if err != nil {
		return nil, err
	}
	q.filter = report.ReadFilter(func(name string) (string, bool) {
		return query(c, name), c.Context().QueryArgs().Has(name)
	})
	return q, nil
}

// reportPage is a report: a list, with the time it is about.
type reportPage[T any] struct {
	listed[T]
	From     string `json:"from"`
	To       string `json:"to"` // excluded
	Timezone string `json:"timezone"`
	Currency string `json:"currency"`
}

// sendReport answers the rows of a report, all of them unless fewer are asked
// for.
func sendReport[T any](c *fiber.Ctx, q *reportQuery, name string, rows []T) error {
	next := ""
	if query(c, "limit") != "" || query(c, "cursor") != "" {
		pg, err := page(c)
		if err != nil {
			return err
		}
		from, err := rowCursor(pg.Cursor, len(rows))
		if err != nil {
			return err
		}
		if rows = rows[from:]; len(rows) > pg.Limit {
			rows, next = rows[:pg.Limit], "row-"+strconv.Itoa(from+pg.Limit)
		}
	}
	return sendRows(c, q, name, rows, next)
}

func rowCursor(cursor string, n int) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, ok := strings.CutPrefix(cursor, "row-")
	from, err := strconv.Atoi(text)
	if !ok || err != nil || from < 0 {
		return 0, domain.Invalid("cursor", "is none of ours: take it from the \"next\" of the page before")
	}
	return min(from, n), nil
}

func sendRows[T any](c *fiber.Ctx, q *reportQuery, name string, rows []T, next string) error {
	if q.csv {
		if next != "" {
			c.Set("Tgtrack-Next", next)
		}
		return sendTable(c, name, tableOf(rows), q.bom)
	}
	if rows == nil {
		rows = []T{}
	}
	const layout = "2006-01-02T15:04:05.999999Z07:00"
	return c.JSON(reportPage[T]{
		listed: listed[T]{Items: rows, Next: next}, From: q.rng.From.In(q.rng.Zone).Format(layout),
		To: q.rng.To.In(q.rng.Zone).Format(layout), Timezone: q.rng.Zone.String(), Currency: q.project.Currency,
	})
}

// moneyView shows sums in the project's currency.
type moneyView struct {
	Revenue   domain.Amount `json:"revenue"`
	Costs     domain.Amount `json:"costs"`
	Uncounted int64         `json:"uncounted"` // events with an amount in another currency or an unknown unit
}

func viewMoney(m report.Money) moneyView { return moneyView{m.Revenue, m.Costs, m.Uncounted} }

// figuresView shows the figures of a day or a source.
type figuresView struct {
	Clicks     int64    `json:"clicks"`
	Starts     int64    `json:"starts"`
	Joins      int64    `json:"joins"`
	Leaves     int64    `json:"leaves"`
	Net        int64    `json:"net"`
	Conversion *float64 `json:"conversion"` // joins that came by a click for each click; null without clicks
	Goals      int64    `json:"goals"`
	moneyView
	Presses    int64 `json:"presses"`
	ClickJoins int64 `json:"click_joins"`
}

func viewFigures(f *report.Figures) figuresView {
	return figuresView{
		Clicks: f.Clicks, Starts: f.Starts, Joins: f.Joins, Leaves: f.Leaves, Net: f.Joins - f.Leaves,
		Conversion: rate(f.ClickJoins, f.Clicks), Goals: f.Goals, moneyView: viewMoney(f.Money), Presses: f.Presses,
		ClickJoins: f.ClickJoins,
	}
}

// rate is a share to four digits.
func rate(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	r := math.Round(float64(part)/float64(whole)*10000) / 10000
	return &r
}

type dailyView struct {
	Date string `json:"date"`
	figuresView
}

func (s *Server) reportDaily(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, reportDays)
	if err != nil {
		return err
	}
	rows, err := s.Reports.Daily(ctx, &q.project, q.rng, q.filter)
	if err != nil {
		return err
	}
	out := make([]dailyView, len(rows))
	for i := range rows {
		out[i] = dailyView{rows[i].Date, viewFigures(&rows[i].Figures)}
	}
	return sendReport(c, q, "daily", out)
}

// originView shows where people came from: the columns of the dimensions. A
// row that is told apart by its start value has it as its source.
type originView struct {
	Source string `json:"source"`
	LinkID string `json:"link_id"`
	utmView
	Network string `json:"network"`
}

// utmView shows the dimensions of a click's address.
type utmView struct {
	Source   string `json:"utm_source"`
	Medium   string `json:"utm_medium"`
	Campaign string `json:"utm_campaign"`
	Content  string `json:"utm_content"`
	Term     string `json:"utm_term"`
}

func viewOrigin(s *report.Source) originView {
	return originView{cmp.Or(s.Name, s.StartValue), s.LinkID, utmView(s.UTM), s.Network}
}

type sourceView struct {
	originView
	figuresView
	stayedView
	Cost *domain.Amount `json:"cost"` // of links alone, with group_by=link
}

// stayedView shows who stayed, of those whose days are over.
type stayedView struct {
	Stayed1    int64 `json:"stayed_1"`
	Stayed1Of  int64 `json:"stayed_1_of"`
	Stayed7    int64 `json:"stayed_7"`
	Stayed7Of  int64 `json:"stayed_7_of"`
	Stayed30   int64 `json:"stayed_30"`
	Stayed30Of int64 `json:"stayed_30_of"`
}

func viewStayed(f *report.SourceFigures) stayedView {
	return stayedView{f.Stayed(0), f.Eligible[0], f.Stayed(1), f.Eligible[1], f.Stayed(2), f.Eligible[2]}
}

func (s *Server) reportSources(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, reportDays)
	if err != nil {
		return err
	}
	g, err := report.ParseGrouping(query(c, "group_by"))
	if err != nil {
		return err
	}
	rows, err := s.Reports.SourceRows(ctx, &q.project, q.rng, q.filter, g)
	if err != nil {
		return err
	}
	out := make([]sourceView, len(rows))
	for i := range rows {
		out[i] = sourceView{
			viewOrigin(&rows[i].Source), viewFigures(&rows[i].Figures), viewStayed(&rows[i].SourceFigures), rows[i].Cost,
		}
	}
	return sendReport(c, q, "sources", out)
}
