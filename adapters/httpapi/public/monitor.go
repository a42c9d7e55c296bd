package public

import (
	"context"
	"fmt"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// readyTimeout bounds the checks of all dependencies together: whoever asks
// whether this process is ready asks again soon.
const readyTimeout = 1500 * time.Millisecond

// Dependency is one thing whose state /readyz shows.
type Dependency struct {
	Name string
	// Required: without it requests can not be accepted.
	Required bool
	Check    func(ctx context.Context) error
}

// Degraded is what a required dependency says that is not well and serves all
// the same.
func Degraded(err error) error { return degraded{err} }

type degraded struct{ error }

// Monitor answers monitoring: health, metrics, and profiles for the operator.
type Monitor struct {
	Version      string
	Dependencies []Dependency
	Metrics      http.Handler // nil: there are none
	Access       *usecase.Access
}

// Rooms serve what monitoring asks. Health is answered while storage is away,
// and so asks nobody who they are.
func (m *Monitor) Rooms() []httpapi.Room {
	health := httpapi.Room{Name: "health", Routes: []httpapi.Route{
		{Method: http.MethodGet, Path: "/healthz", Right: usecase.ForAnybody, Serve: m.alive},
		{Method: http.MethodGet, Path: "/readyz", Right: usecase.ForAnybody, Serve: m.ready},
	}}
	if m.Metrics != nil {
		serve := adaptor.HTTPHandler(m.Metrics)
		health.Routes = append(health.Routes, httpapi.Route{
			Method: http.MethodGet, Path: "/metrics", Right: usecase.ForAnybody,
			Serve: func(_ context.Context, c *fiber.Ctx) error { return serve(c) },
		})
	}
	profiles := httpapi.Room{Name: "profiles", Caller: m.operator}
	for _, path := range []string{"/debug/pprof", "/debug/pprof/:profile"} {
		profiles.Routes = append(profiles.Routes, httpapi.Route{
			Method: http.MethodGet, Path: path, Right: usecase.ForOperatorOnly, Serve: profile,
		})
	}
	return []httpapi.Room{health, profiles}
}

// operator knows whoever has the admin token, and no users.
func (m *Monitor) operator(ctx context.Context, c *fiber.Ctx) (*usecase.Actor, error) {
	if httpapi.Bearer(c) == "" {
		return nil, nil
	}
	if who, err := httpapi.ByToken(ctx, c, m.Access); err != nil || who != nil && who.User == nil {
		return who, err
	}
	return nil, nil
}

func (m *Monitor) alive(_ context.Context, c *fiber.Ctx) error {
	return c.JSON(fiber.Map{"status": "ok", "version": m.Version})
}

// dependencyState is what /readyz shows of one dependency.
type dependencyState struct {
	Status string `json:"status"` // ok or down
	Error  string `json:"error,omitempty"`
}

// ready answers 200 while requests can be accepted: "degraded" when something
// is away that requests do not need.
func (m *Monitor) ready(ctx context.Context, c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	errs := make([]error, len(m.Dependencies))
	var wg sync.WaitGroup
	for i, d := range m.Dependencies {
		wg.Go(func() { errs[i] = bounded(ctx, d.Check) })
	}
	wg.Wait()
	status, code := "ok", fiber.StatusOK
	states := map[string]dependencyState{}
	for i, d := range m.Dependencies {
		states[d.Name] = dependencyState{Status: "ok"}
		if errs[i] == nil {
			continue
		}
		states[d.Name] = dependencyState{Status: "down", Error: errs[i].Error()}
		if _, serves := errs[i].(degraded); d.Required && !serves {
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
	go func() {
		var err error
		defer func() {
			if p := recover(); p != nil { // nobody else would catch it in here
				err = fmt.Errorf("panic: %v", p)
			}
			done <- err
		}()
		err = check(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: no answer in time", domain.ErrUnavailable)
	}
}

// longestProfile is how long a profile may be taken, in seconds: an answer is
// written within a minute.
const longestProfile = 50

// profile serves https://pkg.go.dev/net/http/pprof to whoever has the admin
// token: profiles show what the process works on, and taking one costs time.
func profile(_ context.Context, c *fiber.Ctx) error {
	// It runs on when the connection is closed.
	if seconds := c.QueryInt("seconds"); seconds > longestProfile {
		return httpapi.Refused(http.StatusUnprocessableEntity,
			fmt.Sprintf("seconds: %d is the most", longestProfile))
	}
	h := pprof.Index // the list, and the profiles that the runtime keeps by name
	switch c.Params("profile") {
	case "cmdline":
		h = pprof.Cmdline
	case "profile":
		h = pprof.Profile
	case "symbol":
		h = pprof.Symbol
	case "trace":
		h = pprof.Trace
	}
	return adaptor.HTTPHandlerFunc(h)(c)
}
