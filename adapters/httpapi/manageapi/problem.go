package manageapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
)

// problem is an error of the management API, a document of
// https://www.rfc-editor.org/rfc/rfc9457.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Field  string  `json:"field,omitempty"`  // the first one at fault
	Errors []fault `json:"errors,omitempty"` // all, where there are several
	// RequestID finds the lines of the log.
	RequestID string `json:"request_id"`
}

type fault struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// problemMedia is the content type of a problem document.
const problemMedia = "application/problem+json"

// newProblem words an error for whoever makes the call.
func newProblem(status int, err error) problem {
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: httpapi.Detail(err)}
	if faults := faultsOf(err); status == http.StatusUnprocessableEntity && len(faults) > 0 {
		p.Detail, p.Field = errorText(faults[0]), faults[0].Field
		if len(faults) > 1 {
			p.Errors = faults
		}
	}
	if p.Detail == "" {
		p.Detail = standing(status, httpapi.IsOfServer(err))
	}
	return p
}

// standing is the detail of errors that have none to show. noRoute tells that
// it came to no call.
func standing(status int, noRoute bool) string {
	switch {
	case status == http.StatusNotFound && noRoute:
		return "there is no such call; /docs lists them"
	case status == http.StatusNotFound:
		return "not found; check the ids in the address"
	case status == http.StatusServiceUnavailable:
		return "storage cannot be reached or is busy; send the same request again"
	case status == http.StatusRequestTimeout:
		return "the request did not arrive in time"
	case status == http.StatusRequestEntityTooLarge:
		return "the body is larger than 1 MiB"
	case status < http.StatusInternalServerError:
		return "the request cannot be read"
	}
	return ""
}

func errorText(f fault) string {
	if f.Field == "" {
		return f.Detail
	}
	return f.Field + ": " + f.Detail
}

// faultsOf finds every field that an error blames.
func faultsOf(err error) []fault {
	switch e := err.(type) {
	case *domain.FieldError:
		return []fault{{e.Field, e.Problem}}
	case interface{ Unwrap() []error }:
		var fs []fault
		for _, one := range e.Unwrap() {
			fs = append(fs, faultsOf(one)...)
		}
		return fs
	case interface{ Unwrap() error }:
		return faultsOf(e.Unwrap())
	}
	return nil
}

// refuse answers an error with a problem document.
func (s *API) refuse(_ context.Context, c *fiber.Ctx, status int, err error) error {
	return s.answerProblem(c, status, err, newProblem(status, err))
}

// refuseElsewhere is refuse in a process without the role api.
func (s *API) refuseElsewhere(_ context.Context, c *fiber.Ctx, status int, err error) error {
	p := newProblem(status, err)
	if status == http.StatusNotFound && httpapi.IsOfServer(err) {
		p.Detail = "this process has no role api and answers /api/v1/doctor alone; ask one that has the role, " +
			"which tgtrack doctor lists"
	}
	return s.answerProblem(c, status, err, p)
}

func (s *API) answerProblem(c *fiber.Ctx, status int, err error, p problem) error {
	p.RequestID = httpapi.RequestID(c)
	switch {
	case errors.Is(err, domain.ErrUnauthenticated):
		p.Detail = "the header Authorization: Bearer must have the admin token or a user's token"
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="tgtrack"`)
	case status == http.StatusMethodNotAllowed:
		p.Detail = "this address takes " + c.GetRespHeader(fiber.HeaderAllow)
	}
	return c.Status(status).JSON(p, problemMedia)
}
