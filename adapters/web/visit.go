package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// visit is one request for a page: who asks, in which language, about which
// project.
type visit struct {
	*Cabinet
	c   *fiber.Ctx
	ctx context.Context

	user    *domain.User // nil before logging in
	session string       // its secret, empty before logging in
	project *domain.Project
	role    domain.Role // in the project

	lang  i18n.Language
	theme string // "light", "dark" or "" for the system's
}

// Names of the cookies.
const (
	// SessionCookie has the secret of a session.
	SessionCookie  = "tgtrack_session"
	languageCookie = "tgtrack_lang"
	themeCookie    = "tgtrack_theme"
)

// serve finds out who asks and whether they may, and answers the page.
func (w *Cabinet) serve(rt route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := w.within()
		defer cancel()
		v := &visit{Cabinet: w, c: c, ctx: ctx, theme: oneOf(c.Cookies(themeCookie), "light", "dark")}
		v.headers()
		err := v.enter(rt)
		if err == nil {
			err = rt.serve(v)
		}
		if err != nil {
			return v.fail(err)
		}
		return nil
	}
}

// enter lets somebody in who may open the page.
func (v *visit) enter(rt route) error {
	err := v.signIn()
	v.lang = v.language()
	if err != nil {
		return err
	}
	if rt.method != get {
		if err := v.ownForm(); err != nil {
			return err
		}
	}
	if rt.needs == public {
		return nil
	}
	if v.user == nil {
		return errSignIn
	}
	if rt.needs == admin && !v.user.Admin {
		return errForbidden
	}
	if asked := rt.needs.role(); asked != "" {
		return v.enterProject(asked)
	}
	return nil
}

// signIn finds the user of the session, if there is one.
func (v *visit) signIn() error {
	secret := strings.Clone(v.c.Cookies(SessionCookie))
	if secret == "" {
		return nil
	}
	u, err := v.Access.Session(v.ctx, secret)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	v.user, v.session = &u, secret
	v.ctx = usecase.WithActor(v.ctx, v.actor())
	return nil
}

func (v *visit) actor() usecase.Actor { return usecase.Actor{User: v.user} }

func (v *visit) enterProject(asked domain.Role) error {
	id := v.param("project")
	role, err := v.Access.RoleOf(v.ctx, v.actor(), id)
	if err != nil {
		return err
	}
	p, err := v.Store.Project(v.ctx, id)
	if err != nil {
		return err
	}
	v.project, v.role = &p, role
	if !role.Allows(asked) {
		return errForbidden
	}
	return nil
}

// ownForm refuses what another site made a browser send. A form of somebody
// who is logged in has the session's token; before that the browser's own word
// must do.
func (v *visit) ownForm() error {
	if site := v.c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return errForeignForm
	}
	if origin := v.c.Get(fiber.HeaderOrigin); origin != "" {
		u, err := url.Parse(origin)
		public, _ := url.Parse(v.PublicURL)
		if err != nil || u.Host != string(v.c.Context().Host()) && (public == nil || u.Host != public.Host) {
			return errForeignForm
		}
	}
	if v.user == nil {
		return nil
	}
	if subtle.ConstantTimeCompare([]byte(v.form(formToken)), []byte(v.Access.FormToken(v.session))) != 1 {
		return errForeignForm
	}
	return nil
}

// formToken is the field of each form that proves it is ours.
const formToken = "form_token"

// language is the user's, else that of the cookie, else the browser's.
func (v *visit) language() i18n.Language {
	if v.user != nil && v.user.Language != "" {
		return v.user.Language
	}
	if l := i18n.Parse(v.c.Cookies(languageCookie)); l != "" {
		return l
	}
	return i18n.Accepted(v.c.Get(fiber.HeaderAcceptLanguage))
}

// headers keep a page from loading anything that is not ours, and from being
// kept or framed by others.
func (v *visit) headers() {
	v.c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	v.c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	v.c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	v.c.Set(fiber.HeaderXFrameOptions, "DENY")
	v.c.Set("Cross-Origin-Opener-Policy", "same-origin")
	v.c.Set(fiber.HeaderCacheControl, "no-store")
	if v.secure {
		v.c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// param gives a part of the path, copied.
func (v *visit) param(name string) string {
	s, err := url.PathUnescape(v.c.Params(name))
	if err != nil {
		return ""
	}
	return strings.Clone(s)
}

// query gives a parameter of the address, copied.
func (v *visit) query(name string) string { return strings.TrimSpace(strings.Clone(v.c.Query(name))) }

// has tells whether the address has a parameter, be it empty.
func (v *visit) has(name string) bool { return v.c.Context().QueryArgs().Has(name) }

// form gives a field of the form that was sent, copied.
func (v *visit) form(name string) string { return strings.TrimSpace(v.secret(name)) }

// secret gives a field as it was typed: blanks belong to a password.
func (v *visit) secret(name string) string {
	if f, err := v.c.MultipartForm(); err == nil {
		if vs := f.Value[name]; len(vs) > 0 {
			return strings.Clone(vs[0])
		}
		return ""
	}
	return string(v.c.Request().PostArgs().Peek(name))
}

// redirect goes to another page, as a browser does after a form.
func (v *visit) redirect(path string) error { return v.c.Redirect(path, http.StatusSeeOther) }

// cookie sets a cookie for the whole cabinet; an empty value removes it.
func (v *visit) cookie(name, value string, seconds int) {
	if value == "" {
		seconds = -1
	}
	v.c.Cookie(&fiber.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HTTPOnly: true, Secure: v.secure, SameSite: fiber.CookieSameSiteLaxMode})
}

// oneOf gives a value if it is one of those allowed, else "".
func oneOf(s string, allowed ...string) string {
	for _, a := range allowed {
		if s == a {
			return a
		}
	}
	return ""
}

// localPath takes only an address of our own to go back to.
func localPath(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n") {
		return "/"
	}
	return s
}
