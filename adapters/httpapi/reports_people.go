package httpapi

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// audienceView shows a subscription and the person whose it is.
type audienceView struct {
	UserID    string `json:"user_id"` // empty for a start that named nobody
	Messenger string `json:"messenger"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	originView
	Reason     string     `json:"reason"`
	Confidence float64    `json:"confidence"`
	Joined     time.Time  `json:"joined"`
	Left       *time.Time `json:"left"`
	DaysIn     int64      `json:"days_in"`
	ID         string     `json:"id"` // of the subscription
}

// maxTable is how many rows a table of people has by default, and at most.
const maxTable = 100_000

func (s *Server) reportAudience(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, audienceDays)
	if err != nil {
		return err
	}
	var pg usecase.Page
	if q.csv {
		pg.Cursor = query(c, "cursor")
		pg.Limit, err = tableLimit(query(c, "limit"))
	} else {
		pg, err = page(c)
	}
	if err != nil {
		return err
	}
	rows, next, err := s.Reports.Audience(ctx, &q.project, q.rng, q.filter, pg.Cursor, pg.Limit)
	if err != nil {
		return err
	}
	out := make([]audienceView, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = audienceView{
			UserID: idText(r.Person.ID), Messenger: r.Messenger, Username: r.Person.Username, FirstName: r.Person.FirstName, LastName: r.Person.LastName,
			originView: viewOrigin(&r.Source), Reason: string(r.Touch.Reason), Confidence: r.Touch.Confidence, Joined: r.OpenedAt.UTC(), DaysIn: r.DaysIn, ID: r.ID,
		}
		if r.ClosedAt != nil {
			out[i].Left = optional(*r.ClosedAt)
		}
	}
	return sendRows(c, q, "audience", out, next)
}

func tableLimit(s string) (int, error) {
	if s == "" {
		return maxTable, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, domain.Invalid("limit", "must be a number above 0")
	}
	return min(n, maxTable), nil
}

// resultsView counts what the steps came to.
type resultsView struct {
	InProgress int64 `json:"in_progress"`
	Success    int64 `json:"success"`
	Failure    int64 `json:"failure"`
}

func viewResults(f *report.StepFigures) resultsView {
	return resultsView{f.InProgress, f.Success, f.Failure}
}

// stepView shows a step of the funnel.
type stepView struct {
	Step    string      `json:"step"`
	People  int64       `json:"people"`
	Events  int64       `json:"events"`
	Results resultsView `json:"results"`
	moneyView
	Labels []labelView `json:"labels"`
}

type labelView struct {
	Name    string      `json:"name"`
	Value   string      `json:"value"`
	Events  int64       `json:"events"`
	Results resultsView `json:"results"`
	moneyView
}

// stepLine is a step, or a label of one, in a table.
type stepLine struct {
	Step   string `json:"step"`
	Label  string `json:"label"`
	Value  string `json:"value"`
	People *int64 `json:"people"` // of the step alone
	Events int64  `json:"events"`
	resultsView
	moneyView
}

func (s *Server) reportFunnel(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, reportDays)
	if err != nil {
		return err
	}
	steps, err := s.Reports.Funnel(ctx, &q.project, q.rng, q.filter)
	if err != nil {
		return err
	}
	if q.csv {
		return sendReport(c, q, "funnel", stepLines(steps))
	}
	out := make([]stepView, len(steps))
	for i := range steps {
		st := &steps[i]
		out[i] = stepView{st.Step, st.People, st.Events, viewResults(&st.StepFigures), viewMoney(st.Money), make([]labelView, len(st.Labels))}
		for n := range st.Labels {
			l := &st.Labels[n]
			out[i].Labels[n] = labelView{l.Label, l.Value, l.Events, viewResults(&l.StepFigures), viewMoney(l.Money)}
		}
	}
	return sendReport(c, q, "funnel", out)
}

func stepLines(steps []report.StepRow) []stepLine {
	var out []stepLine
	for i := range steps {
		st := &steps[i]
		out = append(out, stepLine{st.Step, "", "", &st.People, st.Events, viewResults(&st.StepFigures), viewMoney(st.Money)})
		for n := range st.Labels {
			l := &st.Labels[n]
			out = append(out, stepLine{st.Step, l.Label, l.Value, nil, l.Events, viewResults(&l.StepFigures), viewMoney(l.Money)})
		}
	}
	return out
}

// cohortView shows the people who joined in one week.
type cohortView struct {
	Week   string  `json:"week"` // its Monday
	Joined int64   `json:"joined"`
	Stayed []int64 `json:"stayed"` // after 1, 2, 3 … weeks, as far as those are over for all
}

// cohortLine is the same in a table: a line for each week after joining.
type cohortLine struct {
	Week   string   `json:"week"`
	Joined int64    `json:"joined"`
	After  int      `json:"after_weeks"`
	Stayed int64    `json:"stayed"`
	Rate   *float64 `json:"rate"`
}

func (s *Server) reportRetention(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, 7*retentionWeeks)
	if err != nil {
		return err
	}
	weeks, err := s.Reports.Retention(ctx, &q.project, q.rng, q.filter)
	if err != nil {
		return err
	}
	out := make([]cohortView, len(weeks))
	var lines []cohortLine
	for i, w := range weeks {
		out[i] = cohortView{w.Week, w.Joined, w.Stayed}
		lines = append(lines, cohortLine{w.Week, w.Joined, 0, w.Joined, rate(w.Joined, w.Joined)})
		for n, stayed := range w.Stayed {
			lines = append(lines, cohortLine{w.Week, w.Joined, n + 1, stayed, rate(stayed, w.Joined)})
		}
	}
	if q.csv {
		return sendReport(c, q, "retention", lines)
	}
	return sendReport(c, q, "retention", out)
}
