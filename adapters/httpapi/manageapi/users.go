package manageapi

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) userRoutes() []route {
	return []route{
		{http.MethodGet, "/users", usecase.ForAdmin, s.listUsers},
		{http.MethodPost, "/users/:user/reset-link", usecase.ForAdmin, s.makeResetLink},
		{http.MethodDelete, "/users/:user/second-factor", usecase.ForAdmin, s.resetFactor},
		{http.MethodDelete, "/users/:user/sessions", usecase.ForAdmin, s.endSessions},
		{http.MethodDelete, "/users/:user", usecase.ForAdmin, s.deleteUser},
		{http.MethodGet, "/one-time-links", usecase.ForAdmin, s.listOneTime},
		{http.MethodDelete, "/one-time-links/:link", usecase.ForAdmin, s.withdrawOneTime},
		{http.MethodGet, "/projects/:project/invitations", usecase.ForOwner, s.listInvitations},
		{http.MethodDelete, "/projects/:project/invitations/:invitation", usecase.ForOwner, s.withdrawInvitation},
		{http.MethodGet, "/audit", usecase.ForAdmin, s.listAudit},
		{http.MethodGet, "/projects/:project/audit", usecase.ForOwner, s.listAudit},
	}
}

// listUsers has all users of the cabinet on one page.
func (s *API) listUsers(ctx context.Context, c *fiber.Ctx) error {
	us, err := s.Access.Users(ctx)
	if err != nil {
		return err
	}
	return list(c, us, "", func(u *domain.User) domain.User { return *u })
}

// resetView has the link by which a user sets a new password.
type resetView struct {
	URL string `json:"url"`
}

// makeResetLink is how an operator lets an administrator in again who forgot
// the password.
func (s *API) makeResetLink(ctx context.Context, c *fiber.Ctx) error {
	secret, err := s.Access.MakeReset(ctx, param(c, "user"))
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(resetView{s.PublicURL + "/reset/" + secret})
}

func (s *API) deleteUser(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Access.DeleteUser(ctx, param(c, "user")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// listAudit is who did what, newest first: in the project of the address, or
// anywhere.
func (s *API) listAudit(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	es, next, err := s.Access.Audit(ctx, param(c, "project"), pg)
	if err != nil {
		return err
	}
	return list(c, es, next, func(e *usecase.AuditEntry) usecase.AuditEntry {
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		return *e
	})
}

// resetFactor lets somebody in by password alone who lost the second factor.
func (s *API) resetFactor(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Access.ResetFactor(ctx, param(c, "user")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// endSessions logs a user out everywhere.
func (s *API) endSessions(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Access.EndSessionsOf(ctx, param(c, "user")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// oneTimeView is a one-time link, which itself is told to nobody again.
type oneTimeView struct {
	ID        string           `json:"id"`
	Kind      usecase.LinkKind `json:"kind"`
	ProjectID string           `json:"project_id"` // of an invitation; empty: to the whole installation
	Role      domain.Role      `json:"role"`       // that an invitation gives
	Email     string           `json:"email"`      // of whose password is set
	CreatedBy string           `json:"created_by"`
	CreatedAt time.Time        `json:"created_at"`
	ExpiresAt time.Time        `json:"expires_at"`
}

func viewOneTime(l *usecase.OpenLink) oneTimeView {
	return oneTimeView{l.ID(), l.Kind, l.ProjectID, l.Role, l.Email, l.CreatedBy, l.CreatedAt, l.ExpiresAt}
}

// listOneTime lists all invitations and links for a new password that can still
// be used.
func (s *API) listOneTime(ctx context.Context, c *fiber.Ctx) error {
	ls, err := s.Access.OpenLinks(ctx)
	if err != nil {
		return err
	}
	return list(c, ls, "", viewOneTime)
}

func (s *API) withdrawOneTime(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Access.WithdrawLink(ctx, param(c, "link")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

func (s *API) listInvitations(ctx context.Context, c *fiber.Ctx) error {
	ls, err := s.Access.Invitations(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	return list(c, ls, "", func(l *usecase.OneTimeLink) oneTimeView {
		return viewOneTime(&usecase.OpenLink{OneTimeLink: *l})
	})
}

func (s *API) withdrawInvitation(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Access.Withdraw(ctx, param(c, "project"), param(c, "invitation")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}
