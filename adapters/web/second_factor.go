package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image/png"
	"net/http"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) secondFactorRoutes() []route {
	return []route{
		{get, "/login/code", public, (*visit).askCode},
		{post, "/login/code", public, (*visit).loginCode},
		{get, factorPath, newcomer, (*visit).secondFactor},
		{post, factorPath, newcomer, (*visit).setFactor},
		{post, factorPath + "/codes", signedIn, (*visit).renewRecovery},
		{post, factorPath + "/off", signedIn, (*visit).dropFactor},
	}
}

// factorPath is the page of a user's second factor.
const factorPath = "/profile/second-factor"

// codePage is the second step of a log-in.
type codePage struct{ Next, Problem string }

// pendingTime is how long a browser keeps that the password was right, in
// seconds; the use case looks at it, too.
const pendingTime = 5 * 60

// askCode goes on with a log-in whose password was right.
func (v *visit) askCode() error {
	return v.show("login_code", codePage{Next: localPath(v.query("next"))}, v.text("code.title"))
}

func (v *visit) loginCode() error {
	p := codePage{Next: localPath(v.form("next"))}
	in, err := v.Access.LoginCode(v.ctx, usecase.CodeInput{
		Pending: v.saved(pendingCookie), Code: v.form("code"),
		UserAgent: strings.Clone(v.c.Get(fiber.HeaderUserAgent)), Marks: v.saved(knownCookie),
	})
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil:
		v.cookie(pendingCookie, "", 0)
		return v.enter(in, p.Next)
	case errors.Is(err, domain.ErrUnauthenticated):
		p.Problem = v.text("code.over")
	case errors.Is(err, domain.ErrLimited):
		status, p.Problem = http.StatusTooManyRequests, v.text("login.limited")
		v.c.Set(fiber.HeaderRetryAfter, "900")
	case errors.Is(err, domain.ErrNotFound):
		p.Problem = v.text("code.wrong")
	default:
		return err
	}
	return v.render(status, "login_code", p, v.text("code.title"))
}

// factorPage is a user's second factor, or how to set one up.
type factorPage struct {
	On, Must bool
	Password bool     // is asked for: the user has one
	Left     int      // recovery codes
	Codes    []string // made just now, shown this once
	Done     string
	SetUp    usecase.SetUp
	Picture  template.URL // of the address for the app
	Faults   faults
}

func (v *visit) secondFactor() error { return v.sendFactor(factorPage{}) }

func (v *visit) sendFactor(p factorPage) (err error) {
	p.On, p.Must, p.Password = v.user.SecondFactor, v.Access.MustHave(v.user), v.user.PasswordHash != ""
	if p.On {
		if p.Left, err = v.Access.RecoveryCodes(v.ctx, v.user.ID); err != nil {
			return err
		}
	} else if p.SetUp, err = v.Access.ContinueFactor(v.user, v.form("state")); err != nil {
		return err
	} else if p.Picture, err = pictureOf(p.SetUp.Address); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "second_factor", p, v.text("factor.title"))
}

// Spaced writes a secret in groups, as people type it.
func (p factorPage) Spaced() string {
	var groups []string
	for s := p.SetUp.Secret; s != ""; s = s[min(4, len(s)):] {
		groups = append(groups, s[:min(4, len(s))])
	}
	return strings.Join(groups, " ")
}

// pictureOf makes a QR code that stands in the page itself: nobody else sees the
// secret, nor is it kept.
func pictureOf(text string) (template.URL, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("make a QR code: %w", err)
	}
	if code, err = barcode.Scale(code, 240, 240); err != nil {
		return "", fmt.Errorf("scale a QR code: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code); err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

// factorDone shows the page after a change, or what was wrong with it.
func (v *visit) factorDone(p factorPage, err error, done string) error {
	if p.Faults = v.faultsOf(err); p.Faults == nil {
		if err != nil {
			return err
		}
		p.Done = v.text(done)
	}
	return v.sendFactor(p)
}

func (v *visit) setFactor() error {
	s, err := v.Access.ContinueFactor(v.user, v.form("state"))
	if err != nil {
		return err
	}
	codes, err := v.Access.SetFactor(v.ctx, v.user, v.session, s,
		usecase.FactorInput{Code: v.form("code"), Password: v.secret("password")})
	return v.factorDone(factorPage{Codes: codes}, err, "factor.done_on")
}

func (v *visit) renewRecovery() error {
	codes, err := v.Access.RenewRecovery(v.ctx, v.user, v.session, v.secret("password"))
	return v.factorDone(factorPage{Codes: codes}, err, "factor.done_codes")
}

func (v *visit) dropFactor() error {
	return v.factorDone(factorPage{}, v.Access.DropFactor(v.ctx, v.user, v.session, v.secret("password")),
		"factor.done_off")
}

// resetFactor lets somebody in again who lost their second factor.
func (v *visit) resetFactor() error {
	if err := v.Access.ResetFactor(v.ctx, v.param("user")); err != nil {
		return err
	}
	return v.redirect("/users")
}
