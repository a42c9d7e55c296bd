package httpapi

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// readyTimeout bounds the check of one dependency.
const readyTimeout = 2 * time.Second

// mountHealth serves /healthz, /readyz and /metrics.
func (s *Server) mountHealth(r fiber.Router) {
	r.Get("/healthz", func(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "ok", "version": s.Version}) })
	r.Get("/readyz", s.ready)
	if s.Metrics != nil {
		r.Get("/metrics", adaptor.HTTPHandler(s.Metrics))
	}
}

// ready answers 200 while requests can be accepted: "degraded" when something
// is away that requests do not need.
func (s *Server) ready(c *fiber.Ctx) error {
	status, code := "ok", fiber.StatusOK
	states := fiber.Map{}
	for _, d := range s.Dependencies {
		ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
		err := d.Check(ctx)
		cancel()
		if err == nil {
			states[d.Name] = fiber.Map{"status": "ok"}
			continue
		}
		states[d.Name] = fiber.Map{"status": "down", "error": err.Error()}
		if d.Required {
			status, code = "unavailable", fiber.StatusServiceUnavailable
		} else if code == fiber.StatusOK {
			status = "degraded"
		}
	}
	return c.Status(code).JSON(fiber.Map{"status": status, "dependencies": states})
}
