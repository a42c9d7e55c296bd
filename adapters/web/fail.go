package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// errForeignForm is a form that another site made a browser send, or whose
// session is over.
var errForeignForm = fmt.Errorf("%w: the form is not ours, or too old", domain.ErrForbidden)

// failPage is what a page of an error shows.
type failPage struct {
	Status int
	Back   string // where the visitor came from, empty for nowhere of ours
}

// Refuse answers an error in words that help whoever reads them.
func (w *Cabinet) Refuse(ctx context.Context, c *fiber.Ctx, status int, err error) error {
	v := w.visit(ctx, c)
	if errors.Is(err, domain.ErrUnauthenticated) {
		if c.Method() == get {
			return v.redirect("/login?next=" + url.QueryEscape(c.OriginalURL()))
		}
		return v.redirect("/login")
	}
	var lacks *usecase.RightError
	if errors.As(err, &lacks) && lacks.SetUp {
		return v.redirect(factorPath)
	}
	if v.project == nil && usecase.AdmissionOf(ctx).Role != "" { // the project's menu stays
		if err := v.enterProject(); err != nil {
			w.Logger.Warn("the menu of a refused page is left out", "error", err)
		}
	}
	return v.render(status, "fail", failPage{status, v.cameFrom()}, v.refusal(status, err))
}

// cameFrom is the page of ours on which a link to this one was followed.
func (v *visit) cameFrom() string {
	u, err := url.Parse(v.c.Get(fiber.HeaderReferer))
	if err != nil || u.Host != string(v.c.Context().Host()) || u.Path == string(v.c.Request().URI().Path()) {
		return ""
	}
	return localPath(u.RequestURI())
}

// refusal words an error.
func (v *visit) refusal(status int, err error) string {
	switch {
	case errors.Is(err, errForeignForm):
		return v.text("fail.form")
	case v.faultsOf(err) != nil:
		return v.faultText(err)
	}
	key := "fail.request"
	switch status {
	case http.StatusForbidden:
		key = "fail.forbidden"
	case http.StatusNotFound:
		key = "fail.not_found"
	case http.StatusTooManyRequests:
		if key = "login.limited"; errors.Is(err, report.ErrBusy) {
			key = "fail.busy"
		}
	case http.StatusServiceUnavailable:
		key = "fail.unavailable"
	case http.StatusInternalServerError:
		key = "fail.internal"
	}
	return v.text(key)
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
	case errors.Is(err, domain.ErrInvalid), errors.Is(err, domain.ErrConflict),
		errors.Is(err, domain.ErrMalformed):
		out[""] = v.words.failure(v.lang, err)
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
