package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

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

// apiBase is where the management API begins.
const apiBase = "/api/v1"

// statusError is an error of the transport that has a status of its own.
type statusError struct {
	status int
	detail string
}

// Error gives the detail.
func (e *statusError) Error() string { return e.detail }

func refused(status int, detail string) error { return &statusError{status, detail} }

// newProblem turns an error into what the caller is told.
func newProblem(err error) problem {
	var se *statusError
	var fe *fiber.Error
	faults := faultsOf(err)
	switch {
	case errors.As(err, &se):
		return titled(se.status, se.detail)
	case len(faults) > 0:
		p := titled(http.StatusUnprocessableEntity, errorText(faults[0]))
		p.Field = faults[0].Field
		if len(faults) > 1 {
			p.Errors = faults
		}
		return p
	case errors.Is(err, domain.ErrInvalid):
		return titled(http.StatusUnprocessableEntity, err.Error())
	case errors.Is(err, domain.ErrMalformed):
		return titled(http.StatusBadRequest, err.Error())
	case errors.Is(err, domain.ErrNotFound):
		return titled(http.StatusNotFound, "there is no such thing; check the ids in the address")
	case errors.Is(err, domain.ErrConflict):
		return titled(http.StatusConflict, err.Error())
	case errors.Is(err, domain.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return titled(http.StatusServiceUnavailable, "storage can not be reached or is busy; send the same request again")
	case errors.As(err, &fe):
		return titled(fe.Code, fe.Message)
	}
	return titled(http.StatusInternalServerError, "")
}

func titled(status int, detail string) problem {
	return problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
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

// sendProblem answers an error of the management API.
func (s *Server) sendProblem(c *fiber.Ctx, err error) error {
	p := newProblem(err)
	p.RequestID = s.requestID(c)
	switch p.Status {
	case http.StatusInternalServerError:
		s.loggerOf(c).Error("management request failed", "method", c.Method(), "path", strings.Clone(c.Path()), "error", err)
	case http.StatusServiceUnavailable:
		s.loggerOf(c).Warn("management request refused for now", "method", c.Method(), "path", strings.Clone(c.Path()), "error", err)
		c.Set(fiber.HeaderRetryAfter, retrySeconds(retryStorage))
	case http.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="tgtrack"`)
	}
	return c.Status(p.Status).JSON(p, problemMedia)
}

// problem answers what no handler did, outside the event API: a document under
// the management API, a line of text elsewhere.
func (s *Server) problem(c *fiber.Ctx, err error, code int) error {
	if strings.HasPrefix(c.Path(), apiBase+"/") {
		return s.sendProblem(c, err)
	}
	if code >= http.StatusInternalServerError {
		s.loggerOf(c).Error("request failed", "method", c.Method(), "error", err)
	}
	return c.Status(code).SendString(http.StatusText(code))
}
