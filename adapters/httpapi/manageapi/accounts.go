package manageapi

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) accountRoutes() []route {
	const accounts = "/projects/:project/ad-accounts"
	return []route{
		{http.MethodPost, accounts, usecase.ForEditor, s.createAccount},
		{http.MethodGet, accounts, usecase.ForViewer, s.listAccounts},
		{http.MethodGet, accounts + "/:account", usecase.ForViewer, s.showAccount},
		{http.MethodPatch, accounts + "/:account", usecase.ForEditor, s.updateAccount},
		{http.MethodDelete, accounts + "/:account", usecase.ForEditor, s.deleteAccount},
		{http.MethodPost, accounts + "/:account/test", usecase.ForEditor, s.testAccount},
	}
}

// accountView shows an ad account, its secrets masked.
type accountView struct {
	domain.Account
	Settings       map[string]any    `json:"settings"`
	Goals          map[string]string `json:"goals"`
	ActivationGoal string            `json:"activation_goal"` // in effect
	Breaker        string            `json:"breaker"`
	LastError      string            `json:"last_error"`
	Warnings       []string          `json:"warnings"`
	// Secrets that were made just now, shown this once.
	Secrets map[string]string `json:"secrets,omitempty"`
	Resumed *int              `json:"resumed,omitempty"` // parked conversions that are sent on their way or skipped
	// Job is the latest over the account's conversions.
	Job *replayView `json:"job,omitempty"`
}

func (s *API) viewAccount(stored *domain.Account) accountView {
	shown := s.Projects.Shown(*stored)
	a := &shown
	v := accountView{
		Account: *a, Settings: s.Networks.Mask(a.Network, a.Settings), Goals: a.Goals,
		ActivationGoal: s.Projects.Activation(a),
		Breaker:        s.Networks.BreakerState(a.ID), LastError: a.HealthReason, Warnings: a.Warnings,
	}
	if v.Goals == nil {
		v.Goals = map[string]string{}
	}
	if v.Warnings == nil {
		v.Warnings = []string{}
	}
	return v
}

func (s *API) viewSaved(a *usecase.SavedAccount) accountView {
	v := s.viewAccount(&a.Account)
	v.Secrets = a.Made
	for name, value := range a.Made {
		v.Settings[name] = value
	}
	return v
}

func (s *API) createAccount(ctx context.Context, c *fiber.Ctx) error {
	var in usecase.AccountInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	a, err := s.Projects.CreateAccount(ctx, param(c, "project"), in)
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(s.viewSaved(&a))
}

// listAccounts has them all on one page: a project has few.
func (s *API) listAccounts(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	as, err := s.Store.Accounts(ctx, id)
	if err != nil {
		return err
	}
	part, next, err := cut(as, pg, func(a *domain.Account) string { return a.ID })
	if err != nil {
		return err
	}
	return list(c, part, next, s.viewAccount)
}

// cut takes a page out of a list that was read as a whole; the cursor is the
// id of the item before.
func cut[T any](items []T, pg usecase.Page, id func(*T) string) ([]T, string, error) {
	if pg.Cursor != "" {
		at := -1
		for i := range items {
			if id(&items[i]) == pg.Cursor {
				at = i
			}
		}
		if at < 0 {
			return nil, "", domain.InvalidCursor()
		}
		items = items[at+1:]
	}
	if len(items) <= pg.Limit {
		return items, "", nil
	}
	return items[:pg.Limit], id(&items[pg.Limit-1]), nil
}

func (s *API) showAccount(ctx context.Context, c *fiber.Ctx) error {
	a, err := s.Store.Account(ctx, param(c, "project"), param(c, "account"))
	if err != nil {
		return err
	}
	v := s.viewAccount(&a)
	job, err := s.Replays.AccountJob(ctx, a.ID)
	if err != nil {
		return err
	}
	v.Job = viewJob(job)
	return c.JSON(v)
}

func (s *API) updateAccount(ctx context.Context, c *fiber.Ctx) error {
	var in usecase.AccountInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	a, err := s.Projects.UpdateAccount(ctx, param(c, "project"), param(c, "account"), in)
	if err != nil {
		return err
	}
	v := s.viewSaved(&a)
	v.Resumed, v.Job = &a.Resumed, viewJob(a.Job)
	return c.JSON(v)
}

func (s *API) deleteAccount(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Projects.DeleteAccount(ctx, param(c, "project"), param(c, "account")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

func (s *API) testAccount(ctx context.Context, c *fiber.Ctx) error {
	t, err := s.Projects.TestAccount(ctx, param(c, "project"), param(c, "account"))
	if err != nil {
		return err
	}
	for _, texts := range []*[]string{&t.Checked, &t.NotChecked, &t.Problems} {
		if *texts == nil {
			*texts = []string{}
		}
	}
	return c.JSON(t)
}
