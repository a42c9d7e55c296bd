package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) loginRoutes() []route {
	return []route{
		{get, "/", public, (*visit).home},
		{get, "/login", public, (*visit).askLogin},
		{post, "/login", public, (*visit).login},
		{post, "/logout", public, (*visit).logout},
		{get, "/setup/:secret", public, (*visit).askSetup},
		{post, "/setup/:secret", public, (*visit).setup},
		{get, "/invite/:secret", public, (*visit).askInvite},
		{post, "/invite/:secret", public, (*visit).acceptInvite},
		{get, "/reset/:secret", public, (*visit).askReset},
		{post, "/reset/:secret", public, (*visit).reset},
		{post, "/language", public, (*visit).chooseLanguage},
		{post, "/theme", public, (*visit).chooseTheme},
	}
}

// home leads to the projects, or says how to begin.
func (v *visit) home() error {
	if v.user != nil {
		return v.redirect("/projects")
	}
	return v.redirect("/login")
}

// loginPage is what the form to log in shows.
type loginPage struct {
	Email, Next, Problem string
	Invited              bool // by an invitation that was accepted just now
}

func (v *visit) askLogin() error {
	next := localPath(v.query("next"))
	if v.user != nil {
		return v.redirect(next)
	}
	return v.show("login", loginPage{Next: next, Invited: v.has("invited")}, v.text("login.title"))
}

func (v *visit) login() error {
	p := loginPage{Email: v.form("email"), Next: localPath(v.form("next"))}
	in, err := v.Access.Login(v.ctx, usecase.LoginInput{
		Email: p.Email, Password: v.secret("password"), IP: v.ClientIP(v.c),
		UserAgent: strings.Clone(v.c.Get(fiber.HeaderUserAgent)), Marks: v.saved(knownCookie),
	})
	status := http.StatusUnprocessableEntity
	switch {
	case err == nil && in.Pending != "":
		v.cookie(pendingCookie, in.Pending, pendingTime)
		return v.redirect("/login/code?next=" + url.QueryEscape(p.Next))
	case err == nil:
		return v.enter(in, p.Next)
	case errors.Is(err, domain.ErrLimited):
		status, p.Problem = http.StatusTooManyRequests, v.text("login.limited")
		v.c.Set(fiber.HeaderRetryAfter, "900")
	case errors.Is(err, domain.ErrNotFound):
		p.Problem = v.text("login.wrong")
	case errors.Is(err, domain.ErrInvalid):
		p.Problem = v.faultText(err)
	default:
		return err
	}
	return v.render(status, "login", p, v.text("login.title"))
}

// startSession hands a session to the browser. The one of before is over: a
// browser has one.
func (v *visit) startSession(secret string) error {
	if v.session != "" {
		if err := v.Access.Logout(v.ctx, v.session); err != nil {
			return err
		}
	}
	v.cookie(SessionCookie, secret, int(v.Session.Seconds()))
	return nil
}

// enter goes on as somebody who has just logged in.
func (v *visit) enter(in usecase.LoggedIn, next string) error {
	if err := v.startSession(in.Session); err != nil {
		return err
	}
	v.cookie(knownCookie, in.Marks, year)
	return v.redirect(next)
}

// remember lets the browser be known to an account that signed in.
func (v *visit) remember(u domain.User) {
	v.cookie(knownCookie, v.Access.Remember(v.saved(knownCookie), u), year)
}

func (v *visit) logout() error {
	if v.session != "" {
		if err := v.Access.Logout(v.ctx, v.session); err != nil {
			return err
		}
	}
	v.cookie(SessionCookie, "", 0)
	// What pages left in the browser is not for whoever uses it next. The mark
	// of a known browser, a cookie, stays.
	v.c.Set("Clear-Site-Data", `"cache", "storage"`)
	return v.redirect("/login")
}

// registerPage is what the form of a new user shows.
type registerPage struct {
	Setup       bool // makes the first owner
	Email, Name string
	Project     string // of an invitation
	Role        domain.Role
	By          string
	Faults      faults
}

func (v *visit) askSetup() error {
	if _, err := v.Access.OpenLink(v.ctx, usecase.SetupLink, v.param("secret")); err != nil {
		return v.linkFailed(err)
	}
	return v.show("register", registerPage{Setup: true}, v.text("setup.title"))
}

// linkFailed explains a one-time link that leads nowhere.
func (v *visit) linkFailed(err error) error {
	if !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	return v.render(http.StatusNotFound, "fail", failPage{Status: http.StatusNotFound}, v.text("fail.link"))
}

func (v *visit) setup() error {
	return v.register(usecase.SetupLink, registerPage{Setup: true}, v.text("setup.title"))
}

// register makes the user. The first owner is logged in; who was invited logs in
// themselves, be the account new or not.
func (v *visit) register(kind usecase.LinkKind, p registerPage, title string) error {
	p.Email, p.Name = v.form("email"), v.form("name")
	u, err := v.Access.Register(v.ctx, kind, v.param("secret"), usecase.UserInput{
		Email: p.Email, Name: p.Name, Password: v.secret("password"), Language: string(v.lang),
	})
	if errors.Is(err, domain.ErrNotFound) {
		return v.linkFailed(err)
	}
	if p.Faults = v.faultsOf(err); err != nil && p.Faults == nil {
		return err
	}
	if p.Faults != nil {
		return v.render(http.StatusUnprocessableEntity, "register", p, title)
	}
	if kind == usecase.InviteLink {
		return v.redirect("/login?invited=1&next=/projects")
	}
	ctx := usecase.WithActor(v.ctx, usecase.Actor{User: &u})
	session, err := v.Access.OpenSession(ctx, u.ID, strings.Clone(v.c.Get(fiber.HeaderUserAgent)))
	if err != nil {
		return err
	}
	if err := v.startSession(session); err != nil {
		return err
	}
	v.remember(u)
	ps, _, err := v.Store.Projects(v.ctx, usecase.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(ps) == 0 { // the first thing that is needed
		return v.redirect("/projects/new")
	}
	return v.redirect("/projects")
}

// invitation reads what an invitation is for.
func (v *visit) invitation() (registerPage, error) {
	l, err := v.Access.OpenLink(v.ctx, usecase.InviteLink, v.param("secret"))
	if err != nil {
		return registerPage{}, err
	}
	p := registerPage{Role: l.Role, By: l.CreatedBy}
	if l.ProjectID != "" {
		project, err := v.Store.Project(v.ctx, l.ProjectID)
		if err != nil {
			return p, err
		}
		p.Project = project.Name
	}
	return p, nil
}

func (v *visit) askInvite() error {
	p, err := v.invitation()
	if err != nil {
		return v.linkFailed(err)
	}
	return v.show("register", p, v.text("invite.title"))
}

// acceptInvite makes a user, or gives the one who is logged in what the
// invitation is for.
func (v *visit) acceptInvite() error {
	p, err := v.invitation()
	if err != nil {
		return v.linkFailed(err)
	}
	if v.user == nil {
		return v.register(usecase.InviteLink, p, v.text("invite.title"))
	}
	l, err := v.Access.Accept(v.ctx, v.param("secret"), v.user)
	if err != nil {
		return v.linkFailed(err)
	}
	if l.ProjectID == "" {
		return v.redirect("/projects")
	}
	return v.redirect("/projects/" + l.ProjectID)
}

// resetPage is what the form of a new password shows.
type resetPage struct{ Faults faults }

func (v *visit) askReset() error {
	if _, err := v.Access.OpenLink(v.ctx, usecase.ResetLink, v.param("secret")); err != nil {
		return v.linkFailed(err)
	}
	return v.show("reset", resetPage{}, v.text("reset.title"))
}

func (v *visit) reset() error {
	_, err := v.Access.Reset(v.ctx, v.param("secret"), v.newPassword())
	if f := v.faultsOf(err); f != nil {
		return v.render(http.StatusUnprocessableEntity, "reset", resetPage{f}, v.text("reset.title"))
	}
	if err != nil {
		return v.linkFailed(err)
	}
	return v.redirect("/login")
}

// year is how long a choice is remembered, in seconds.
const year = 365 * 24 * 60 * 60

func (v *visit) chooseLanguage() error {
	lang := string(i18n.Parse(v.form("lang")))
	v.cookie(languageCookie, lang, year)
	if v.user != nil {
		if _, err := v.Access.UpdateUser(v.ctx, *v.user,
			usecase.UserInput{Name: v.user.Name, Language: lang}); err != nil {
			return err
		}
	}
	return v.redirect(localPath(v.form("back")))
}

func (v *visit) chooseTheme() error {
	v.cookie(themeCookie, oneOf(v.form("theme"), "light", "dark"), year)
	return v.redirect(localPath(v.form("back")))
}
