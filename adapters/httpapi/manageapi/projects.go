package manageapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) projectRoutes() []route {
	return []route{
		{http.MethodPost, "/projects", usecase.ForAdmin, s.createProject},
		{http.MethodGet, "/projects", usecase.ForUser, s.listProjects},
		{http.MethodGet, "/projects/:project", usecase.ForViewer, s.showProject},
		{http.MethodPatch, "/projects/:project", usecase.ForOwner, s.updateProject},
		{http.MethodDelete, "/projects/:project", usecase.ForOwner, s.deleteProject},
		{http.MethodPost, "/projects/:project/api-key", usecase.ForEditor, s.rotateKey},
	}
}

// projectView shows a project; its keys only when made.
type projectView struct {
	domain.Project
	APIKey    string            `json:"api_key,omitempty"`
	ReportKey string            `json:"report_key,omitempty"`
	URLs      map[string]string `json:"urls"` // by method
}

// viewProject shows a project without its keys.
func (s *API) viewProject(p *domain.Project) projectView {
	return projectView{Project: *p, URLs: s.methodURLs(usecase.SecretMask)}
}

// methodURLs gives the address of every method of the event API.
func (s *API) methodURLs(key string) map[string]string {
	urls := map[string]string{}
	for _, m := range slices.Concat(s.Methods.Methods(), domain.OwnMethods()) {
		urls[m] = s.PublicURL + "/v1/" + key + "/" + m
	}
	return urls
}

func (s *API) createProject(ctx context.Context, c *fiber.Ctx) error {
	var in usecase.ProjectInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	p, err := s.Projects.Create(ctx, in)
	if err != nil {
		return err
	}
	c.Location(httpapi.APIBase + "/projects/" + p.ID)
	return c.Status(http.StatusCreated).JSON(projectView{p.Project, p.APIKey, p.ReportKey, s.methodURLs(p.APIKey)})
}

func (s *API) listProjects(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	ps, next, err := s.Access.Projects(ctx, usecase.ActorOf(ctx), pg, s.Store.Projects)
	if err != nil {
		return err
	}
	return list(c, ps, next, s.viewProject)
}

func (s *API) showProject(ctx context.Context, c *fiber.Ctx) error {
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	return c.JSON(s.viewProject(&p))
}

func (s *API) updateProject(ctx context.Context, c *fiber.Ctx) error {
	var in usecase.ProjectInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	p, err := s.Projects.Update(ctx, param(c, "project"), in)
	if err != nil {
		return err
	}
	return c.JSON(s.viewProject(&p))
}

func (s *API) deleteProject(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Projects.Delete(ctx, param(c, "project")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// keyView shows a key when made.
type keyView struct {
	APIKey      string            `json:"api_key"`
	ExpiresAt   *time.Time        `json:"expires_at"`
	OldKeyUntil time.Time         `json:"old_key_until"`
	URLs        map[string]string `json:"urls"`
}

func (s *API) rotateKey(ctx context.Context, c *fiber.Ctx) error {
	var in usecase.KeyInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	k, err := s.Projects.RotateKey(ctx, param(c, "project"), usecase.APIKey, in)
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(keyView{k.Key, k.ExpiresAt, k.OldUntil, s.methodURLs(k.Key)})
}

// project answers domain.ErrNotFound for a project that does not exist, for
// lists that would else be empty.
func (s *API) project(ctx context.Context, c *fiber.Ctx) (string, error) {
	id := param(c, "project")
	_, err := s.Store.Project(ctx, id)
	return id, err
}
