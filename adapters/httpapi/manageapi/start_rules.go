package manageapi

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) startRuleRoutes() []route {
	const rules = "/projects/:project/start-rules"
	return []route{
		{http.MethodGet, rules, usecase.ForViewer, s.listStartRules},
		{http.MethodPut, rules, usecase.ForEditor, s.setStartRules},
		{http.MethodPost, rules + "/try", usecase.ForEditor, s.tryStartRules},
	}
}

// startRulesInput are rules, and values to try them on besides those that came.
type startRulesInput struct {
	Rules  []usecase.StartRuleInput `json:"rules"`
	Values []string                 `json:"values"`
}

func (s *API) listStartRules(ctx context.Context, c *fiber.Ctx) error {
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	rules, err := s.Projects.StartRules(ctx, id)
	if err != nil {
		return err
	}
	return list(c, rules, "", func(r *usecase.StartRuleView) usecase.StartRuleView { return *r })
}

func (s *API) setStartRules(ctx context.Context, c *fiber.Ctx) error {
	var in startRulesInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	rules, err := s.Projects.SetStartRules(ctx, param(c, "project"), in.Rules)
	if err != nil {
		return err
	}
	return list(c, rules, "", func(r *usecase.StartRuleView) usecase.StartRuleView { return *r })
}

func (s *API) tryStartRules(ctx context.Context, c *fiber.Ctx) error {
	var in startRulesInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	trial, err := s.Projects.TryStartRules(ctx, param(c, "project"), in.Rules, in.Values)
	if err != nil {
		return err
	}
	return c.JSON(trial)
}
