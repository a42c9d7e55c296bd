package manageapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// reportRoutes lists the reports by name, with the number of days that each has
// by default.
func (s *API) reportRoutes() []route {
	const days = 30
	return []route{
		s.reportRoute("daily", days, s.reportDaily),
		s.reportRoute("hourly", 1, s.reportHourly),
		s.reportRoute("sources", days, s.reportSources),
		s.reportRoute("links", days, s.reportLinks),
		s.reportRoute("lifetime", days, s.reportLifetime),
		s.reportRoute("audience", 3650, s.reportAudience),
		s.reportRoute("funnel", days, s.reportFunnel),
		s.reportRoute("retention", 7*12, s.reportRetention),
		s.reportRoute("places", days, s.reportPlaces),
		s.reportRoute("fates", days, s.reportFates),
		s.reportRoute("costs", days, s.reportCosts),
	}
}

// reportRoute is the call of a report: it reads the query, reads the rows and
// answers them.
func (s *API) reportRoute(
	name string, days int, read func(ctx context.Context, q *reportQuery) (reportRows, error),
) route {
	serve := func(ctx context.Context, c *fiber.Ctx) error {
		q, err := s.reportQuery(ctx, c, name, days)
		if err != nil {
			return err
		}
		rows, err := read(ctx, q)
		if err != nil {
			return err
		}
		return rows(ctx, q)
	}
	return route{http.MethodGet, "/projects/:project/reports/" + name, usecase.ForViewer, serve}
}

// reportQuery is what every report is asked with.
type reportQuery struct {
	fileForm
	api     *API
	c       *fiber.Ctx
	name    string // of the report
	project domain.Project
	rng     report.Range
	filter  report.Filter
}

func (s *API) reportQuery(ctx context.Context, c *fiber.Ctx, name string, days int) (*reportQuery, error) {
	q := &reportQuery{api: s, c: c, name: name}
	var err error
	if q.fileForm, err = readFileForm(c); err != nil {
		return nil, err
	}
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

// grouping is what the report tells sources apart by.
func (q *reportQuery) grouping() (report.Grouping, error) {
	return report.ParseGrouping(query(q.c, "group_by"))
}

// file is the report as a file.
func (q *reportQuery) file() *file {
	f := &file{
		fileForm: q.fileForm, table: q.name, project: &q.project, zone: q.rng.Zone, texts: q.api.texts,
	}
	f.from, f.to = q.days()
	return f
}

// days are the first and the last day that the report is about.
func (q *reportQuery) days() (first, last string) {
	end := q.rng.To.Add(-time.Microsecond)
	return q.rng.From.In(q.rng.Zone).Format(time.DateOnly), end.In(q.rng.Zone).Format(time.DateOnly)
}

// reportRows answers the rows of a report.
type reportRows func(ctx context.Context, q *reportQuery) error

// rowsOf answers rows that look the same in JSON and in a table.
func rowsOf[R, V any](rows []R, view func(*R) V) reportRows {
	return func(ctx context.Context, q *reportQuery) error { return sendReport(ctx, q, views(rows, view)) }
}

// rowsOrLines answers rows for which a table has lines of another form.
func rowsOrLines[R, V, L any](rows []R, view func(*R) V, lines func(*R) []L) reportRows {
	return func(ctx context.Context, q *reportQuery) error {
		if q.kind == "" {
			return sendReport(ctx, q, views(rows, view))
		}
		var out []L
		for i := range rows {
			out = append(out, lines(&rows[i])...)
		}
		return sendReport(ctx, q, out)
	}
}

func views[R, V any](rows []R, view func(*R) V) []V {
	out := make([]V, len(rows))
	for i := range rows {
		out[i] = view(&rows[i])
	}
	return out
}

// reportPage is a report: a list, with the time it is about.
type reportPage[T any] struct {
	listed[T]
	From     string `json:"from"`
	To       string `json:"to"` // excluded
	Timezone string `json:"timezone"`
	Currency string `json:"currency"`
}

// sendReport answers the rows of a report, all of them unless a page is asked
// for.
func sendReport[T any](ctx context.Context, q *reportQuery, rows []T) error {
	next := ""
	if query(q.c, "limit") != "" || query(q.c, "cursor") != "" {
		pg, err := page(q.c)
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
	return sendRows(ctx, q, rows, next)
}

func rowCursor(cursor string, n int) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, ok := strings.CutPrefix(cursor, "row-")
	from, err := strconv.Atoi(text)
	if !ok || err != nil || from < 0 {
		return 0, domain.InvalidCursor()
	}
	return min(from, n), nil
}

func sendRows[T any](ctx context.Context, q *reportQuery, rows []T, next string) error {
	if q.kind != "" {
		if next != "" {
			q.c.Set("Tgtrack-Next", next)
		}
		return sendFile(ctx, q.c, q.api, q.file(), whole(rows), nil)
	}
	if rows == nil {
		rows = []T{}
	}
	const layout = "2006-01-02T15:04:05.999999Z07:00"
	return q.c.JSON(reportPage[T]{
		listed: listed[T]{Items: rows, Next: next}, From: q.rng.From.In(q.rng.Zone).Format(layout),
		To: q.rng.To.In(q.rng.Zone).Format(layout), Timezone: q.rng.Zone.String(), Currency: q.project.Currency,
	})
}
