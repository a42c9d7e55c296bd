package manageapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/httpapi/sheet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) costRoutes() []route {
	const costs = "/projects/:project/links/:link/costs"
	return []route{
		{http.MethodGet, costs, usecase.ForViewer, s.listCosts},
		{http.MethodPut, costs, usecase.ForEditor, s.setCosts},
		{http.MethodPost, "/projects/:project/costs/import", usecase.ForEditor, s.importCosts},
	}
}

// costView shows what a link cost on a day.
type costView struct {
	Day      string        `json:"day"`
	Amount   domain.Amount `json:"amount"`
	Currency string        `json:"currency"`
}

func viewCost(c *domain.LinkCost) costView { return costView{c.Day, c.Amount, c.Currency} }

func (s *API) listCosts(ctx context.Context, c *fiber.Ctx) error {
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	cs, err := s.Costs.Days(ctx, id, param(c, "link"))
	if err != nil {
		return err
	}
	return list(c, cs, "", viewCost)
}

// costInput is what a link cost from a day to another, both included.
type costInput struct {
	From   string    `json:"from"`
	To     string    `json:"to"`
	Amount looseText `json:"amount"`
}

func (s *API) setCosts(ctx context.Context, c *fiber.Ctx) error {
	var in costInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	if err := s.Costs.Set(ctx, &p, param(c, "link"),
		usecase.CostInput{From: in.From, To: in.To, Amount: string(in.Amount)}); err != nil {
		return err
	}
	return s.listCosts(ctx, c)
}

// importView says what a file of costs comes to.
type importView struct {
	Rows   int           `json:"rows"`
	Links  int           `json:"links"`
	Amount domain.Amount `json:"amount"`
	DryRun bool          `json:"dry_run"`
}

// importCosts takes a CSV file as the body.
func (s *API) importCosts(ctx context.Context, c *fiber.Ctx) error {
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	dry := query(c, "dry_run") == "true"
	got, err := s.Costs.Import(ctx, &p, slices.Clone(c.BodyRaw()), dry)
	if err != nil {
		return err
	}
	return c.JSON(importView{got.Rows, got.Links, got.Amount, dry})
}

// spentView shows what a link cost on a day, in the report of all links.
type spentView struct {
	Day      string        `json:"day" table:"day"`
	LinkID   string        `json:"link_id"`
	Link     string        `json:"link"`
	Amount   domain.Amount `json:"amount"`
	Currency string        `json:"currency"`
}

func viewSpent(c *usecase.CostRow) spentView {
	return spentView{c.Day, c.LinkID, c.Link, c.Amount, c.Currency}
}

// reportCosts lists the costs of all links. They are of a whole link: a filter
// would show those of all as those of a part.
func (s *API) reportCosts(ctx context.Context, q *reportQuery) (reportRows, error) {
	if err := q.unfiltered(); err != nil {
		return nil, err
	}
	f := usecase.CostFilter{ProjectID: q.project.ID}
	f.First, f.Last = q.days()
	read := func(ctx context.Context, at usecase.Page) ([]usecase.CostRow, string, error) {
		return s.Costs.List(ctx, f, at)
	}
	if q.kind != "" {
		all := usecase.Page{Limit: usecase.MaxPage}
		return func(ctx context.Context, q *reportQuery) error {
			many := func(context.Context) (int, error) { return sheet.MaxRows + 1, nil }
			return sendFile(ctx, q.c, s, q.file(), paged(all, viewSpent, read), lengthOf(many, read))
		}, nil
	}
	at, err := page(q.c)
	if err != nil {
		return nil, err
	}
	rows, next, err := read(ctx, at)
	return func(ctx context.Context, q *reportQuery) error {
		return sendRows(ctx, q, views(rows, viewSpent), next)
	}, err
}
