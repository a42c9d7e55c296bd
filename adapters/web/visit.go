package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

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

	// fixed stands in for the parameters of the address, where a page is not
	// about what its visitor asks for; nil: nothing does. See sharedReport.
	fixed  url.Values
	shared *usecase.ReportShare // nil: the page is the user's own
	// toShare is the form by which the page is shared, nil for none.
	toShare *shareMenu

	lang  i18n.Language
	theme string // "light", "dark" or "" for the system's
	file  bool   // the form may have one
	terms int    // explained on the page so far, see page.Term
	said  bool   // the next page is told what was done

	formToken string // of the forms of this answer, once one asked for it
}

// Names of the cookies, of which CookieName makes those that browsers get.
const (
	// SessionCookie has the secret of a session.
	SessionCookie = "tgtrack_session"
	// pendingCookie tells that the password was right, until the code is.
	pendingCookie = "tgtrack_pending"
	// openIDCookie has the ticket of who is at the provider of OpenID Connect.
	openIDCookie = "tgtrack_openid"
	// knownCookie has the marks of the accounts that signed in in a browser.
	knownCookie    = "tgtrack_known"
	languageCookie = "tgtrack_lang"
	themeCookie    = "tgtrack_theme"
)

// visitKey is where a request keeps its visit.
type visitKey struct{}

// serve answers a page to whoever was let in.
func (w *Cabinet) serve(rt route) func(context.Context, *fiber.Ctx) error {
	return func(ctx context.Context, c *fiber.Ctx) error {
		v := w.visit(ctx, c)
		v.file = rt.takesFile()
		if rt.method != get {
			if err := v.ownForm(); err != nil {
				return err
			}
		}
		if rt.right.Role() != "" {
			if err := v.enterProject(); err != nil {
				return err
			}
		}
		err := rt.serve(v)
		if err == nil && rt.method != get {
			v.sayDone(rt)
		}
		if w := v.refusePeriod(err); w != nil {
			return v.render(http.StatusUnprocessableEntity, "wrong_period", wrongPeriodPage{w}, v.pageTitle(rt.path))
		}
		return err
	}
}

// pageTitle is what the menu calls the page at the path of a route.
func (v *visit) pageTitle(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, project), "/"), "/")
	if name == "" {
		return v.text("overview.title")
	}
	return v.text("nav." + name)
}

// visit finds the visit that a request is.
func (w *Cabinet) visit(ctx context.Context, c *fiber.Ctx) *visit {
	if v, ok := c.Locals(visitKey{}).(*visit); ok {
		return v
	}
	v := &visit{Cabinet: w, c: c, ctx: ctx, theme: oneOf(w.saved(c, themeCookie), "light", "dark")}
	if who := usecase.AdmissionOf(ctx).Actor; who != nil {
		v.user, v.session = who.User, w.saved(c, SessionCookie)
	}
	v.lang = v.language()
	v.headers()
	c.Locals(visitKey{}, v)
	return v
}

// Caller finds the user of a request's session; nil for nobody.
func (w *Cabinet) Caller(ctx context.Context, c *fiber.Ctx) (*usecase.Actor, error) {
	return w.bySession(ctx, w.saved(c, SessionCookie))
}

// bySession finds the user of a session by its secret; nil for nobody.
func (w *Cabinet) bySession(ctx context.Context, secret string) (*usecase.Actor, error) {
	if secret == "" {
		return nil, nil
	}
	u, err := w.Access.Session(ctx, secret)
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &usecase.Actor{User: &u}, nil
}

func (v *visit) actor() usecase.Actor { return usecase.Actor{User: v.user} }

// enterProject reads the project in which the visitor has a role.
func (v *visit) enterProject() error {
	admission := usecase.AdmissionOf(v.ctx)
	p, err := v.Store.Project(v.ctx, admission.ProjectID)
	if err != nil {
		return err
	}
	v.project, v.role = &p, admission.Role
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
	if !v.Access.IsFormToken(v.session, v.form(formTokenField)) {
		return errForeignForm
	}
	return nil
}

// formTokenField is the field of each form that proves it is ours.
const formTokenField = "form_token"

// language is the user's, else that of the cookie, else the browser's.
func (v *visit) language() i18n.Language {
	if v.user != nil && v.user.Language != "" {
		return v.user.Language
	}
	if l := i18n.Parse(v.saved(languageCookie)); l != "" {
		return l
	}
	return i18n.Accepted(v.c.Get(fiber.HeaderAcceptLanguage))
}

// headers keep a page from loading anything that is not ours, and from being
// kept or framed by others.
func (v *visit) headers() {
	v.c.Set(fiber.HeaderContentSecurityPolicy,
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	v.c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	v.c.Set(fiber.HeaderXFrameOptions, "DENY")
	v.c.Set("Cross-Origin-Opener-Policy", "same-origin")
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
func (v *visit) query(name string) string {
	if v.isFixed(name) {
		return strings.TrimSpace(v.fixed.Get(name))
	}
	return strings.TrimSpace(strings.Clone(v.c.Query(name)))
}

// isFixed tells whether a parameter is not the visitor's to choose.
func (v *visit) isFixed(name string) bool {
	return v.fixed != nil && !(slices.Contains(lookedAt(), name) && v.c.Context().QueryArgs().Has(name))
}

// parameters are all of the address that count, copied.
func (v *visit) parameters() url.Values {
	q := url.Values{}
	for name, value := range v.c.Context().QueryArgs().All() {
		if !v.isFixed(string(name)) {
			q.Add(string(name), string(value))
		}
	}
	return q
}

// has tells whether the address has a parameter, be it empty.
func (v *visit) has(name string) bool {
	if v.isFixed(name) {
		return v.fixed.Has(name)
	}
	return v.c.Context().QueryArgs().Has(name)
}

// form gives a field of the form that was sent, copied.
func (v *visit) form(name string) string { return strings.TrimSpace(v.secret(name)) }

// secret gives a field as it was typed: blanks belong to a password.
func (v *visit) secret(name string) string {
	// Its parts are dear to read, and read anew for each field when they are broken.
	if v.file {
		if f, err := v.c.MultipartForm(); err == nil {
			if vs := f.Value[name]; len(vs) > 0 {
				return strings.Clone(vs[0])
			}
			return ""
		}
	}
	return string(v.c.Request().PostArgs().Peek(name))
}

// redirect goes to another page, as a browser does after a form.
func (v *visit) redirect(path string) error { return v.c.Redirect(path, http.StatusSeeOther) }

// CookieName is how a cookie is named by a server at an address. Over https it
// is one that browsers take only from this very host, for all of it, and over
// https: no neighbour, and nobody on the way, can plant another.
func CookieName(publicURL, name string) string {
	if strings.HasPrefix(publicURL, "https://") {
		return "__Host-" + name
	}
	return name
}

// saved gives a cookie that a browser has, copied.
func (w *Cabinet) saved(c *fiber.Ctx, name string) string {
	return strings.Clone(c.Cookies(CookieName(w.PublicURL, name)))
}

func (v *visit) saved(name string) string { return v.Cabinet.saved(v.c, name) }

// cookie sets a cookie for the whole cabinet; an empty value removes it.
func (v *visit) cookie(name, value string, seconds int) {
	if value == "" {
		seconds = -1
	}
	v.c.Cookie(&fiber.Cookie{
		Name: CookieName(v.PublicURL, name), Value: value, Path: "/", MaxAge: seconds, HTTPOnly: true, Secure: v.secure,
		SameSite: fiber.CookieSameSiteLaxMode,
	})
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

// localPath takes only an address of our own to go back to. Browsers leave
// control characters out of an address, which may make another one of it.
func localPath(s string) string {
	foreign := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsFunc(s, foreign) {
		return "/"
	}
	return s
}
