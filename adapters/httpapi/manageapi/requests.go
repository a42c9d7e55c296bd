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

func (s *API) requestRoutes() []route {
	return []route{
		{http.MethodGet, "/projects/:project/requests", usecase.ForViewer, s.listRequests},
		{http.MethodGet, "/projects/:project/ledger", usecase.ForViewer, s.showLedger},
	}
}

// requestView shows a request of the event API as it was received.
type requestView struct {
	ID          string            `json:"id"`
	CallID      string            `json:"call_id,omitempty"` // of the batch that brought it
	ReceivedAt  time.Time         `json:"received_at"`
	Method      string            `json:"method"`
	Asked       string            `json:"asked_method,omitempty"` // of which no decoder was there
	Status      int               `json:"status"`                 // 0 for success, else the error code
	Error       string            `json:"error"`
	Warning     string            `json:"warning"`
	Warnings    []domain.Warning  `json:"warnings"` // the same, by their codes
	Constructor string            `json:"constructor"`
	ContentType string            `json:"content_type"`
	Body        string            `json:"body"`
	Encoding    string            `json:"encoding"` // "base64" where the body is not UTF-8
	Size        int               `json:"size"`
	Truncated   bool              `json:"truncated"`
	LeftOut     usecase.LeftOut   `json:"body_left_out,omitempty"` // why there is no body
	Ignored     bool              `json:"ignored"`                 // meant nothing to us; only kind and ids were kept
	Decoded     any               `json:"decoded"`
	Events      []usecase.Receipt `json:"events"`
	Replayed    bool              `json:"replayed"`
	Signed      *bool             `json:"signed"` // null where no signature is asked for
}

func viewRequest(r *usecase.RequestRecord) requestView {
	v := requestView{
		ID: r.ID, CallID: r.CallID, ReceivedAt: r.ReceivedAt.UTC(), Method: r.Method, Asked: r.Asked,
		Status: httpapi.RecordStatus(r),
		Error:  r.Error, Warning: r.Warning, Constructor: r.Constructor, ContentType: r.ContentType,
		Body: r.Body, Encoding: r.Encoding, Size: r.Size, Truncated: r.Truncated, LeftOut: r.LeftOut, Ignored: r.Ignored,
		Decoded: httpapi.Tidy(r.Decoded), Events: r.Receipts, Replayed: r.Replayed,
		Signed: r.Signed,
	}
	v.Warnings = r.Warnings
	if v.Warnings == nil {
		v.Warnings = []domain.Warning{}
	}
	if v.Events == nil {
		v.Events = []usecase.Receipt{}
	}
	return v
}

// listRequests shows what the log keeps for it, the last hundred; there is no
// page behind them.
func (s *API) listRequests(ctx context.Context, c *fiber.Ctx) error {
	pg, err := page(c)
	if err != nil {
		return err
	}
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	rs, err := s.Requests.Last(ctx, id, pg.Limit)
	if err != nil {
		return err
	}
	return list(c, rs, "", viewRequest)
}

// ledger shows that no conversion got lost.
type ledger struct {
	Created  int                  `json:"created"`
	By       []usecase.LedgerLine `json:"by"`
	Balanced bool                 `json:"balanced"`
}

func (s *API) showLedger(ctx context.Context, c *fiber.Ctx) error {
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	created, by, err := s.Reader.Ledger(ctx, id)
	if err != nil {
		return err
	}
	return c.JSON(balance(created, by))
}

func balance(created int, by []usecase.LedgerLine) ledger {
	sum := 0
	for _, l := range by {
		sum += l.Count
	}
	if by == nil {
		by = []usecase.LedgerLine{}
	}
	return ledger{Created: created, By: by, Balanced: created == sum}
}
