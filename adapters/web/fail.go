package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
)

// Errors of pages, beside those of the domain.
var (
	errSignIn      = errors.New("log in first")
	errForbidden   = errors.New("not for this role")
	errForeignForm = errors.New("the form is not ours or too old")
)

// failPage is what a page of an error shows.
type failPage struct{ Status int }

// fail answers an error in words that help whoever reads them.
func (v *visit) fail(err error) error {
	if v.lang == "" {
		v.lang = v.language()
	}
	status, key := http.StatusInternalServerError, "fail.internal"
	var fe *fiber.Error
	switch {
	case errors.Is(err, errSignIn):
		if v.c.Method() == get {
			return v.redirect("/login?next=" + url.QueryEscape(v.c.OriginalURL()))
		}
		return v.redirect("/login")
	case errors.Is(err, errForbidden):
		status, key = http.StatusForbidden, "fail.forbidden"
	case errors.Is(err, errForeignForm):
		status, key = http.StatusForbidden, "fail.form"
	case errors.Is(err, domain.ErrNotFound):
		status, key = http.StatusNotFound, "fail.not_found"
	case errors.Is(err, domain.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		status, key = http.StatusServiceUnavailable, "fail.unavailable"
		v.c.Set(fiber.HeaderRetryAfter, "2")
	case errors.Is(err, domain.ErrInvalid), errors.Is(err, domain.ErrConflict), errors.Is(err, domain.ErrMalformed):
		return v.render(http.StatusUnprocessableEntity, "fail", failPage{http.StatusUnprocessableEntity}, v.faultText(err))
	case errors.As(err, &fe):
		status, key = fe.Code, "fail.request"
	}
	if status == http.StatusInternalServerError || status == http.StatusServiceUnavailable {
		v.Logger.Error("page failed", "path", v.c.Route().Path, "request_id", v.c.GetRespHeader(fiber.HeaderXRequestID), "error", err)
	}
	return v.render(status, "fail", failPage{status}, v.text(key))
}

// faults are the texts of what is wrong with a form, by field; those of no
// field are under "".
type faults map[string]string

// faultsOf tells apart what is wrong with an input. nil where the error is
// about something else.
func (v *visit) faultsOf(err error) faults {
	out := faults{}
	v.collect(err, out)
	if len(out) == 0 {
		return nil
	}
	return out
}

func (v *visit) collect(err error, out faults) {
	var fe *domain.FieldError
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			v.collect(e, out)
		}
		return
	}
	switch {
	case errors.As(err, &fe):
		if _, seen := out[fe.Field]; !seen {
			out[fe.Field] = v.fieldText(fe)
		}
	case errors.Is(err, domain.ErrInvalid), errors.Is(err, domain.ErrConflict), errors.Is(err, domain.ErrMalformed):
		out[""] = err.Error()
	}
}

// fieldText says in the language of the page what is wrong with a field.
func (v *visit) fieldText(e *domain.FieldError) string {
	return v.words.fault(v.lang, e)
}

// faultText is all that is wrong, in one text.
func (v *visit) faultText(err error) string {
	text := ""
	for field, t := range v.faultsOf(err) {
		if text != "" {
			text += "; "
		}
		if field != "" {
			text += field + ": "
		}
		text += t
	}
	return text
}
