package httpapi

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/tgtrack/tgtrack/domain"
)

// readyTimeout bounds the checks of all dependencies together: whoever asks
// whether this process is ready asks again soon.
const readyTimeout = 1500 * time.Millisecond

// mountHealth serves /healthz, /readyz and /metrics.
func (s *Server) mountHealth(r fiber.Router) {
	r.Get("/healthz", func(c *fiber.Ctx) error { return c.JSON(fiber.Map{"status": "ok", "version": s.Version}) })
	r.Get("/readyz", s.ready)
	if s.Metrics != nil {
		r.Get("/metrics", adaptor.HTTPHandler(s.Metrics))
	}
}

// dependencyState is what /readyz shows of one dependency.
type dependencyState struct {
	Status string `json:"status"` // ok or down
	Error  string `json:"error,omitempty"`
}

// ready answers 200 while requests can be accepted: "degraded" when something
// is away that requests do not need.
func (s *Server) ready(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	errs := make([]error, len(s.Dependencies))
	var wg sync.WaitGroup
	for i, d := range s.Dependencies {
		wg.Go(func() { errs[i] = bounded(ctx, d.Check) })
	}
	wg.Wait()
	status, code := "ok", fiber.StatusOK
	states := map[string]dependencyState{}
	for i, d := range s.Dependencies {
		states[d.Name] = dependencyState{Status: "ok"}
		if errs[i] == nil {
			continue
		}
		states[d.Name] = dependencyState{Status: "down", Error: errs[i].Error()}
		if d.Required {
			status, code = "unavailable", fiber.StatusServiceUnavailable
		} else if code == fiber.StatusOK {
			status = "degraded"
		}
	}
	return c.Status(code).JSON(fiber.Map{"status": status, "dependencies": states})
}

// bounded gives up a check that does not end with its context: a driver may
// wait for a connection longer than it was told.
func bounded(ctx context.Context, check func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- check(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: no answer in time", domain.ErrUnavailable)
	}
}
