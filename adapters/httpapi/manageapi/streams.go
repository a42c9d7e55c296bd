package manageapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// StreamMaker makes a stream anew, empty. Its error wraps domain.ErrNotFound
// for a stream that is not of the service, domain.ErrConflict for one that is
// well unless forced, and domain.ErrUnavailable where it can be asked for again.
type StreamMaker func(ctx context.Context, name string, force bool) error

// recreateTime bounds the making: whoever asked can ask again.
const recreateTime = 8 * time.Second

func (s *API) streamRoutes() []route {
	return []route{{http.MethodPost, "/streams/:stream/recreate", usecase.ForOperatorOnly, s.recreateStream}}
}

// recreateFields say how a stream is made anew.
type recreateFields struct {
	Force  bool `json:"force"`  // also one that is well
	Refill bool `json:"refill"` // begin to fill it from the database
}

// recreated is the answer: what was made, and the replay that fills it.
type recreated struct {
	Stream string      `json:"stream"`
	Refill *replayView `json:"refill"` // null: none was asked for
}

func (s *API) recreateStream(ctx context.Context, c *fiber.Ctx) error {
	if s.Streams == nil {
		return fmt.Errorf("this process makes no streams: %w", domain.ErrConflict)
	}
	var q recreateFields
	if len(c.Body()) > 0 {
		if err := httpapi.ReadJSON(c, &q); err != nil {
			return err
		}
	}
	out := recreated{Stream: param(c, "stream")}
	making, cancel := context.WithTimeout(ctx, recreateTime)
	defer cancel()
	switch err := s.Streams(making, out.Stream, q.Force); {
	case errors.Is(err, domain.ErrNotFound):
		return httpapi.Refused(http.StatusNotFound, "the service has no such stream; tgtrack doctor names those it has")
	case err != nil:
		return err
	}
	if q.Refill {
		r, err := s.Replays.Create(ctx, usecase.Replay{Kind: usecase.ReplayRefill})
		if err != nil {
			return err
		}
		view := viewReplay(&r)
		out.Refill = &view
	}
	return c.JSON(out)
}
