package httpapi

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

type hourView struct {
	Hour time.Time `json:"hour"` // when it begins
	figuresView
}

func (s *Server) reportHourly(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, 1)
	if err != nil {
		return err
	}
	rows, err := s.Reports.Hourly(ctx, &q.project, q.rng, q.filter)
	if err != nil {
		return err
	}
	out := make([]hourView, len(rows))
	for i := range rows {
		out[i] = hourView{rows[i].From, viewFigures(&rows[i].Figures)}
	}
	return sendReport(c, q, "hourly", out)
}

// linkReport shows a tracking link with what it brought and cost.
type linkReport struct {
	LinkID string `json:"link_id"`
	Name   string `json:"name"`
	utmView
	figuresView
	stayedView
	Cost          *domain.Amount `json:"cost"` // null where the filter takes only a part of the link's people
	PerSubscriber *domain.Amount `json:"cost_per_subscriber"`
	PerStayed     *domain.Amount `json:"cost_per_stayed_7"`
	CreatedAt     time.Time      `json:"created_at"`
}

func (s *Server) reportLinks(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, reportDays)
	if err != nil {
		return err
	}
	rows, err := s.Reports.Links(ctx, &q.project, q.rng, q.filter)
	if err != nil {
		return err
	}
	out := make([]linkReport, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = linkReport{
			LinkID: r.Link.ID, Name: r.Link.Name, utmView: utmView(r.Link.UTM), figuresView: viewFigures(&r.Figures), stayedView: viewStayed(&r.SourceFigures),
			Cost: r.Cost, PerSubscriber: r.PerSubscriber, PerStayed: r.PerStayed, CreatedAt: r.Link.CreatedAt.UTC(),
		}
	}
	return sendReport(c, q, "links", out)
}

// lifetimeView shows how long people of a source stayed.
type lifetimeView struct {
	originView
	Joined        int64          `json:"joined"`
	StillIn       int64          `json:"still_in"`
	Left          int64          `json:"left"`
	AverageDays   *float64       `json:"average_days"` // in the bot, of those who left
	Weeks         map[int]int64  `json:"weeks"`        // whole weeks → who left after so many
	PerSubscriber *domain.Amount `json:"revenue_per_subscriber"`
	moneyView
}

// lifetimeLine is the same in a table, without the weeks.
type lifetimeLine struct {
	originView
	Joined        int64          `json:"joined"`
	StillIn       int64          `json:"still_in"`
	Left          int64          `json:"left"`
	AverageDays   *float64       `json:"average_days"`
	PerSubscriber *domain.Amount `json:"revenue_per_subscriber"`
	moneyView
}

func (s *Server) reportLifetime(ctx context.Context, c *fiber.Ctx) error {
	q, err := s.reportQuery(ctx, c, reportDays)
	if err != nil {
		return err
	}
	g, err := report.ParseGrouping(query(c, "group_by"))
	if err != nil {
		return err
	}
	rows, err := s.Reports.Lifetime(ctx, &q.project, q.rng, q.filter, g)
	if err != nil {
		return err
	}
	out, lines := make([]lifetimeView, len(rows)), make([]lifetimeLine, len(rows))
	for i := range rows {
		r := &rows[i]
		weeks := map[int]int64{}
		for _, w := range r.Weeks {
			weeks[w.Weeks] = w.Left
		}
		out[i] = lifetimeView{viewOrigin(&r.Source), r.Joined, r.StillIn(), r.Left, r.AverageDays, weeks, r.PerSubscriber, viewMoney(r.Money)}
		lines[i] = lifetimeLine{viewOrigin(&r.Source), r.Joined, r.StillIn(), r.Left, r.AverageDays, r.PerSubscriber, viewMoney(r.Money)}
	}
	if q.csv {
		return sendReport(c, q, "lifetime", lines)
	}
	return sendReport(c, q, "lifetime", out)
}
