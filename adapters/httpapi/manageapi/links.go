package manageapi

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) linkRoutes() []route {
	const links, templates = "/projects/:project/links", "/projects/:project/utm-templates"
	return []route{
		{http.MethodPost, links, usecase.ForEditor, s.createLink},
		{http.MethodGet, links, usecase.ForViewer, s.listLinks},
		{http.MethodPost, links + "/bulk", usecase.ForEditor, s.createLinks},
		{http.MethodGet, links + "/:link", usecase.ForViewer, s.showLink},
		{http.MethodPatch, links + "/:link", usecase.ForEditor, s.updateLink},
		{http.MethodDelete, links + "/:link", usecase.ForEditor, s.deleteLink},
		{http.MethodPost, links + "/:link/duplicate", usecase.ForEditor, s.duplicateLink},
		{http.MethodGet, templates, usecase.ForViewer, s.listTemplates},
		{http.MethodPost, templates, usecase.ForEditor, s.saveTemplate},
		{http.MethodDelete, templates + "/:template", usecase.ForEditor, s.deleteTemplate},
	}
}

// linkView shows a tracking link with its two addresses.
type linkView struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	InviteLink string     `json:"invite_link"`
	UTM        domain.UTM `json:"utm"`
	ClickURL   string     `json:"click_url"` // for advertisements: records the click
	DeepLink   string     `json:"deep_link"` // for posts inside Telegram; empty while the project has no username
	StartValue string     `json:"start_value"`
	// OpenPage says whose visit is answered with a page: nobody's, that of a
	// browser inside another app, everybody's.
	OpenPage domain.OpenPage `json:"open_page"`
	// Slug is the readable end of ClickURL, empty where that is the id.
	Slug string   `json:"slug"`
	Tags []string `json:"tags"`
	// ArchivedAt is null for links in use.
	ArchivedAt *time.Time `json:"archived_at"`
	CreatedAt  time.Time  `json:"created_at"`
}

// countedLink is a link in a list.
type countedLink struct {
	linkView
	Clicks int `json:"clicks"`
	Starts int `json:"starts"`
}

func (s *API) viewLink(p *domain.Project, l *domain.Link) linkView {
	return linkView{
		ID: l.ID, Name: l.Name, InviteLink: l.InviteLink, UTM: l.UTM, CreatedAt: l.CreatedAt.UTC(),
		ClickURL: s.PublicURL + httpapi.ClickBase + l.Address(), Slug: l.Slug, Tags: l.Tags.List(),
		ArchivedAt: optional(l.ArchivedAt),
		DeepLink:   usecase.DeepLink(p, l, l.StartValue), StartValue: domain.StartPrefix + l.StartValue,
		OpenPage: l.OpenPage,
	}
}

// linkInput reads what a link is to be, and of which project.
func (s *API) linkInput(ctx context.Context, c *fiber.Ctx) (p domain.Project, in usecase.LinkInput, err error) {
	if err = httpapi.ReadJSON(c, &in); err == nil {
		p, err = s.Store.Project(ctx, param(c, "project"))
	}
	return p, in, err
}

func (s *API) createLink(ctx context.Context, c *fiber.Ctx) error {
	p, in, err := s.linkInput(ctx, c)
	if err != nil {
		return err
	}
	l, err := s.Projects.CreateLink(ctx, p.ID, in)
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(s.viewLink(&p, &l))
}

func (s *API) updateLink(ctx context.Context, c *fiber.Ctx) error {
	p, in, err := s.linkInput(ctx, c)
	if err != nil {
		return err
	}
	l, err := s.Projects.UpdateLink(ctx, p.ID, param(c, "link"), in)
	if err != nil {
		return err
	}
	return c.JSON(s.viewLink(&p, &l))
}

func (s *API) listLinks(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	f := usecase.LinkFilter{Archived: usecase.ArchivedLinks(query(c, "archived")), Tag: query(c, "tag")}
	switch f.Archived {
	case usecase.NotArchived, usecase.ArchivedOnly, usecase.ArchivedToo:
	default:
		return domain.Invalid("archived", "must be one of %s", `"only", "all"`)
	}
	ls, next, err := s.Store.Links(ctx, p.ID, f, pg)
	if err != nil {
		return err
	}
	return list(c, ls, next, func(l *usecase.LinkCounts) countedLink {
		return countedLink{s.viewLink(&p, &l.Link), l.Clicks, l.Starts}
	})
}

func (s *API) showLink(ctx context.Context, c *fiber.Ctx) error {
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	l, err := s.Store.Link(ctx, param(c, "link"))
	if err != nil {
		return err
	}
	if l.ProjectID != p.ID {
		return domain.ErrNotFound
	}
	return c.JSON(s.viewLink(&p, &l))
}

func (s *API) deleteLink(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Projects.DeleteLink(ctx, param(c, "project"), param(c, "link")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// duplicateInput is what a link that is made like another is called; nil: like
// that one, with a number.
type duplicateInput struct {
	Name *string `json:"name"`
}

func (s *API) duplicateLink(ctx context.Context, c *fiber.Ctx) error {
	var in duplicateInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	l, err := s.Projects.DuplicateLink(ctx, p.ID, param(c, "link"), in.Name)
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(s.viewLink(&p, &l))
}

// createLinks makes many links, or says what would be made.
func (s *API) createLinks(ctx context.Context, c *fiber.Ctx) error {
	var in usecase.BulkInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	ls, err := s.Projects.CreateLinks(ctx, p.ID, in)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if in.Rehearse {
		status = http.StatusOK
	}
	c.Status(status)
	return list(c, ls, "", func(l *domain.Link) linkView { return s.viewLink(&p, l) })
}

// templateView shows a UTM template.
type templateView struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	UTM  domain.UTM `json:"utm"`
	// Asks lists the placeholders whose values a link needs.
	Asks []string `json:"asks"`
}

func viewTemplate(t *domain.UTMTemplate) templateView {
	return templateView{t.ID, t.Name, t.UTM, append([]string{}, t.Asked()...)}
}

func (s *API) listTemplates(ctx context.Context, c *fiber.Ctx) error {
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	ts, err := s.Store.UTMTemplates(ctx, id)
	if err != nil {
		return err
	}
	return list(c, ts, "", viewTemplate)
}

func (s *API) saveTemplate(ctx context.Context, c *fiber.Ctx) error {
	var in usecase.UTMTemplateInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	t, err := s.Projects.SaveUTMTemplate(ctx, param(c, "project"), in)
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(viewTemplate(&t))
}

func (s *API) deleteTemplate(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Projects.DeleteUTMTemplate(ctx, param(c, "project"), param(c, "template")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}
