package manageapi

import (
	"context"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/usecase"
)

// jobRoutes are for those who manage a project: the jobs that resume, skip or
// send again its conversions. Replays of all kinds are the operator's.
func (s *API) jobRoutes() []route {
	const jobs = "/projects/:project/jobs"
	return []route{
		{http.MethodGet, jobs, usecase.ForViewer, s.listJobs},
		{http.MethodGet, jobs + "/:job", usecase.ForViewer, s.showJob},
		{http.MethodPost, jobs + "/:job/cancel", usecase.ForEditor, s.cancelJob},
		{http.MethodPost, jobs + "/:job/resume", usecase.ForEditor, s.resumeJob},
	}
}

// viewJob shows a job, nil when there is none.
func viewJob(r *usecase.Replay) *replayView {
	if r == nil {
		return nil
	}
	v := viewReplay(r)
	return &v
}

func (s *API) listJobs(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	rs, next, err := s.Replays.Jobs(ctx, id, pg)
	if err != nil {
		return err
	}
	return list(c, rs, next, viewReplay)
}

func (s *API) showJob(ctx context.Context, c *fiber.Ctx) error {
	r, err := s.Replays.Job(ctx, param(c, "project"), param(c, "job"))
	if err != nil {
		return err
	}
	return c.JSON(viewReplay(&r))
}

func (s *API) cancelJob(ctx context.Context, c *fiber.Ctx) error {
	return s.turnJob(ctx, c, s.Replays.Cancel)
}

func (s *API) resumeJob(ctx context.Context, c *fiber.Ctx) error {
	return s.turnJob(ctx, c, s.Replays.Resume)
}

func (s *API) turnJob(
	ctx context.Context, c *fiber.Ctx, turn func(ctx context.Context, id string) (usecase.Replay, error),
) error {
	r, err := s.Replays.Job(ctx, param(c, "project"), param(c, "job"))
	if err != nil {
		return err
	}
	if r, err = turn(ctx, r.ID); err != nil {
		return err
	}
	return c.JSON(viewReplay(&r))
}
