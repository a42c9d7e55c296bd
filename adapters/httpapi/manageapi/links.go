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
	return []route{
		{http.MethodPost, "/projects/:project/links", usecase.ForEditor, s.createLink},
		{http.MethodGet, "/projects/:project/links", usecase.ForViewer, s.listLinks},
		{http.MethodPatch, "/projects/:project/links/:link", usecase.ForEditor, s.updateLink},
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
	OpenPage  domain.OpenPage `json:"open_page"`
	CreatedAt time.Time       `json:"created_at"`
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
		ClickURL: s.PublicURL + httpapi.ClickBase + l.ID,
		DeepLink: usecase.DeepLink(p, l, l.StartValue), StartValue: domain.StartPrefix + l.StartValue,
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
	ls, next, err := s.Store.Links(ctx, p.ID, pg)
	if err != nil {
		return err
	}
	return list(c, ls, next, func(l *usecase.LinkCounts) countedLink {
		return countedLink{s.viewLink(&p, &l.Link), l.Clicks, l.Starts}
	})
}
