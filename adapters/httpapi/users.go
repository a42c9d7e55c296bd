package httpapi

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
)

func (s *Server) userRoutes() []route {
	return []route{
		{http.MethodGet, "/users", s.listUsers},
		{http.MethodPost, "/users/:user/reset-link", s.makeResetLink},
		{http.MethodDelete, "/users/:user", s.deleteUser},
	}
}

// listUsers has all users of the cabinet on one page.
func (s *Server) listUsers(ctx context.Context, c *fiber.Ctx) error {
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
func (s *Server) makeResetLink(ctx context.Context, c *fiber.Ctx) error {
	secret, err := s.Access.MakeReset(ctx, param(c, "user"))
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(resetView{s.PublicURL + "/reset/" + secret})
}

func (s *Server) deleteUser(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Access.DeleteUser(ctx, param(c, "user")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}
