package httpapi

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"
)

func (s *Server) doctorRoutes() []route {
	return []route{{http.MethodGet, "/doctor", s.diagnose}}
}

// diagnose answers what is well and what is not. It answers while storage is
// away, too: that is when it is asked.
func (s *Server) diagnose(ctx context.Context, c *fiber.Ctx) error {
	if s.Doctor == nil {
		return refused(http.StatusNotFound, "this server has no doctor")
	}
	return c.JSON(s.Doctor(ctx))
}
