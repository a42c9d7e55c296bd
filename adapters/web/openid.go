package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// OpenIDCallback is where the provider sends browsers back to.
const OpenIDCallback = "/login/openid/callback"

// openIDSeconds is how long a browser keeps its ticket.
const openIDSeconds = 15 * 60

// maxNext bounds the address that a ticket leads to: a cookie has no room for
// more.
const maxNext = 1000

func (w *Cabinet) openIDRoutes() []route {
	return []route{
		{get, "/login/openid", public, (*visit).openIDLogin},
		{get, OpenIDCallback, public, (*visit).openIDBack},
		{get, "/setup/:secret/openid", public, (*visit).openIDSetup},
		{get, "/invite/:secret/openid", public, (*visit).openIDInvite},
		{post, "/profile/openid", signedIn, (*visit).openIDConnect},
		{post, "/profile/openid/disconnect", signedIn, (*visit).openIDDisconnect},
	}
}

// openIDPage says why somebody was not let in, or leads on to the provider.
type openIDPage struct {
	Problem, Hint string
	Address       string // at the provider; "" where something went wrong
	Again         string // where to begin again
}

// openIDLogin sends somebody to the provider who wants to log in. Whoever came
// to the form from an invitation is on the way to accept it.
func (v *visit) openIDLogin() error {
	next := localPath(v.query("next"))
	if v.user != nil {
		return v.redirect(next)
	}
	if len(next) > maxNext {
		next = "/"
	}
	start := usecase.OpenIDStart{Next: next}
	if secret, ok := strings.CutPrefix(next, "/invite/"); ok {
		start.Kind, start.Secret = usecase.InviteLink, secret
		start.Next = "/projects"
	}
	return v.openIDGo(start)
}

func (v *visit) openIDSetup() error {
	return v.openIDGo(usecase.OpenIDStart{Kind: usecase.SetupLink, Secret: v.param("secret"), Next: "/projects"})
}

func (v *visit) openIDInvite() error {
	return v.openIDGo(usecase.OpenIDStart{Kind: usecase.InviteLink, Secret: v.param("secret"), Next: "/projects"})
}

// openIDGo begins a sign-in that somebody wants who is here: a link of another
// site leads to the page with the button.
func (v *visit) openIDGo(start usecase.OpenIDStart) error {
	if site := v.c.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return v.redirect(strings.TrimSuffix(strings.Clone(v.c.Path()), "/openid"))
	}
	address, err := v.openIDBegin(start)
	switch {
	case err == nil:
		return v.redirect(address)
	case start.Secret != "" && errors.Is(err, domain.ErrNotFound):
		return v.linkFailed(err)
	}
	return v.openIDFailed(err)
}

// openIDBegin leaves the ticket in the browser.
func (v *visit) openIDBegin(start usecase.OpenIDStart) (address string, err error) {
	address, ticket, err := v.OpenID.Begin(v.ctx, start)
	if err == nil {
		v.cookie(openIDCookie, ticket, openIDSeconds)
	}
	return address, err
}

// openIDBack lets in whoever the provider vouches for.
func (v *visit) openIDBack() error {
	got, err := v.OpenID.Finish(v.ctx, usecase.OpenIDAnswer{
		Ticket: v.saved(openIDCookie), State: v.query("state"), Code: v.query("code"),
		Error: v.query("error"), IP: v.ClientIP(v.c), UserAgent: strings.Clone(v.c.Get(fiber.HeaderUserAgent)),
		Session: v.session, User: v.user, Language: v.lang,
	})
	v.cookie(openIDCookie, "", 0) // a ticket is for one time
	if err != nil {
		return v.openIDFailed(err)
	}
	if got.Session != "" {
		if err := v.startSession(got.Session); err != nil {
			return err
		}
		v.remember(got.User)
	}
	return v.redirect(localPath(got.Next))
}

// openIDConnect ties the user to the provider. A form may not lead to another
// site, so the page does.
func (v *visit) openIDConnect() error {
	if err := v.proveForOpenID(); err != nil {
		return v.profileDone(err, "")
	}
	address, err := v.openIDBegin(usecase.OpenIDStart{Connect: v.Access.FormToken(v.session), Next: "/profile"})
	if err != nil {
		return v.openIDFailed(err)
	}
	v.c.Set("Refresh", "0; url="+address)
	return v.show("openid", openIDPage{Address: address}, v.text("openid.title", v.OpenID.Title()))
}

func (v *visit) openIDDisconnect() error {
	if err := v.proveForOpenID(); err != nil {
		return v.profileDone(err, "")
	}
	return v.profileDone(v.OpenID.Disconnect(v.ctx, v.user), v.text("openid.disconnected"))
}

// proveForOpenID asks for the password: who finds a browser open must not make
// a door of their own.
func (v *visit) proveForOpenID() error {
	return v.Access.Prove(v.ctx, v.user, v.session, "openid_password", v.secret("openid_password"))
}

// openIDFailed says why somebody was not let in. What the provider said is for
// the log.
func (v *visit) openIDFailed(err error) error {
	var refused *usecase.OpenIDError
	p, status := openIDPage{Again: "/login"}, http.StatusForbidden
	if v.user != nil {
		p.Again = "/profile"
	}
	title := v.OpenID.Title()
	switch {
	case errors.As(err, &refused):
		v.Logger.Warn("a sign-in by the provider was refused", "error", err, "address", v.ClientIP(v.c))
		p.Problem = v.text("openid_fail."+string(refused.Reason), title)
		if refused.Reason == usecase.OpenIDUnknown || refused.Reason == usecase.OpenIDUnverified {
			p.Hint = v.text("openid.invited_only")
		}
	case errors.Is(err, domain.ErrLimited):
		status, p.Problem = http.StatusTooManyRequests, v.text("login.limited")
		v.c.Set(fiber.HeaderRetryAfter, "900")
	case errors.Is(err, domain.ErrUnavailable):
		v.Logger.Warn("a sign-in by the provider failed for now", "error", err)
		status, p.Problem = http.StatusServiceUnavailable, v.text("openid.away", title)
	default:
		return err
	}
	return v.render(status, "openid", p, v.text("openid.title", title))
}

// Provider is how to call the provider of OpenID Connect; "" where there is
// none.
func (p page) Provider() string { return p.v.OpenID.Title() }

// ProviderHref is where a one-time link that is open leads on by the provider.
func (p page) ProviderHref() string { return strings.Clone(p.v.c.Path()) + "/openid" }

// Passwords tells whether users may have passwords.
func (p page) Passwords() bool { return p.v.Access.Passwords() }
