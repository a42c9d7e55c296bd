package manageapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (s *API) replayRoutes() []route {
	return []route{
		{http.MethodPost, "/replays", usecase.ForAdmin, s.createReplay},
		{http.MethodGet, "/replays", usecase.ForAdmin, s.listReplays},
		{http.MethodGet, "/replays/:replay", usecase.ForAdmin, s.showReplay},
		{http.MethodDelete, "/replays/:replay", usecase.ForAdmin, s.deleteReplay},
		{http.MethodPost, "/replays/:replay/cancel", usecase.ForAdmin, s.cancelReplay},
		{http.MethodPost, "/replays/:replay/resume", usecase.ForAdmin, s.resumeReplay},
		{http.MethodGet, "/requests", usecase.ForAdmin, s.listKept},
	}
}

// replayFields select what a replay takes.
type replayFields struct {
	Kind    string     `json:"kind"`
	Project string     `json:"project"`
	Method  string     `json:"method"`
	Code    int        `json:"code"`
	Type    string     `json:"type"`
	Network string     `json:"network"`
	Account string     `json:"account"`
	Target  string     `json:"target"`
	Status  string     `json:"status"`
	User    *looseText `json:"user"`
	// Messenger of User; empty: the project's.
	Messenger string `json:"messenger"`
	From      string `json:"from"`
	To        string `json:"to"`
	DryRun    bool   `json:"dry_run"`
	Rate      int    `json:"rate"`
}

func (q *replayFields) replay() (usecase.Replay, error) {
	r := usecase.Replay{Kind: usecase.ReplayKind(q.Kind), DryRun: q.DryRun, Rate: q.Rate,
		Filter: usecase.ReplayFilter{
			ProjectID: q.Project, Method: q.Method, Code: q.Code, Type: domain.EventType(q.Type),
			Network: q.Network, AccountID: q.Account, Target: q.Target, Status: domain.Status(q.Status),
			Messenger: q.Messenger,
		}}
	var errs []error
	var err error
	if q.User != nil && *q.User != "" && *q.User != "null" {
		r.Filter.UserID, err = userID("user", string(*q.User))
		errs = append(errs, err)
	}
	r.Filter.From, err = moment("from", q.From)
	errs = append(errs, err)
	r.Filter.To, err = moment("to", q.To)
	return r, errors.Join(append(errs, err)...)
}

// replayView shows a replay.
type replayView struct {
	ID         string                 `json:"id"`
	Kind       usecase.ReplayKind     `json:"kind"`
	Filter     usecase.ReplayFilter   `json:"filter"`
	DryRun     bool                   `json:"dry_run"`
	Rate       int                    `json:"rate"`
	State      usecase.ReplayState    `json:"state"`
	Error      string                 `json:"error"`
	Progress   usecase.ReplayProgress `json:"progress"`
	CreatedAt  time.Time              `json:"created_at"`
	StartedAt  *time.Time             `json:"started_at"`
	UpdatedAt  time.Time              `json:"updated_at"`
	FinishedAt *time.Time             `json:"finished_at"`
}

func viewReplay(r *usecase.Replay) replayView { return replayView(*r) }

func (s *API) createReplay(ctx context.Context, c *fiber.Ctx) error {
	var q replayFields
	if err := httpapi.ReadJSON(c, &q); err != nil {
		return err
	}
	in, err := q.replay()
	if err != nil {
		return err
	}
	r, err := s.Replays.Create(ctx, in)
	if err != nil {
		return err
	}
	c.Location(httpapi.APIBase + "/replays/" + r.ID)
	return c.Status(http.StatusCreated).JSON(viewReplay(&r))
}

func (s *API) listReplays(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	rs, next, err := s.Replays.List(ctx, pg)
	if err != nil {
		return err
	}
	return list(c, rs, next, viewReplay)
}

func (s *API) showReplay(ctx context.Context, c *fiber.Ctx) error {
	return s.sendReplay(c, func(id string) (usecase.Replay, error) { return s.Replays.Get(ctx, id) })
}

func (s *API) cancelReplay(ctx context.Context, c *fiber.Ctx) error {
	return s.sendReplay(c, func(id string) (usecase.Replay, error) { return s.Replays.Cancel(ctx, id) })
}

func (s *API) resumeReplay(ctx context.Context, c *fiber.Ctx) error {
	return s.sendReplay(c, func(id string) (usecase.Replay, error) { return s.Replays.Resume(ctx, id) })
}

func (s *API) sendReplay(c *fiber.Ctx, do func(id string) (usecase.Replay, error)) error {
	r, err := do(param(c, "replay"))
	if err != nil {
		return err
	}
	return c.JSON(viewReplay(&r))
}

// deleteReplay is another word for cancelling: what was done stays to be seen.
func (s *API) deleteReplay(ctx context.Context, c *fiber.Ctx) error {
	if _, err := s.Replays.Cancel(ctx, param(c, "replay")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// keptView shows a request of any project in the log.
type keptView struct {
	requestView
	ProjectID string `json:"project_id"`
	Code      int    `json:"code"` // of the answer
}

// keptPageBytes ends a page: bodies may have 256 KiB each.
const keptPageBytes = 4 << 20

// listKept reads the log of all projects, oldest first.
func (s *API) listKept(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	sel := usecase.RequestSelection{ProjectID: query(c, "project"), Method: query(c, "method")}
	if q := query(c, "code"); q != "" {
		if sel.Code, err = strconv.Atoi(q); err != nil || sel.Code < 100 || sel.Code > 599 {
			return domain.Invalid("code", "must be the code of an answer, such as 422")
		}
	}
	if sel.From, err = moment("from", query(c, "from")); err != nil {
		return err
	}
	var after uint64
	if pg.Cursor != "" {
		if after, err = strconv.ParseUint(pg.Cursor, 10, 64); err != nil {
			return domain.InvalidCursor()
		}
	}
	kept, err := s.Kept.ReadRequests(ctx, sel, after, pg.Limit)
	if err != nil {
		return err
	}
	size, next := 0, ""
	for n := range kept.Requests {
		if size += len(kept.Requests[n].Body); size > keptPageBytes && n > 0 {
			kept.Requests, kept.Last = kept.Requests[:n], kept.Requests[n-1].Place
			break
		}
	}
	if kept.Last < kept.End && kept.Last > after {
		next = strconv.FormatUint(kept.Last, 10)
	}
	return list(c, kept.Requests, next, func(k *usecase.KeptRequest) keptView {
		return keptView{requestView: viewRequest(&k.RequestRecord), ProjectID: k.ProjectID, Code: k.Code}
	})
}
