package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) profileRoutes() []route {
	return []route{
		{get, "/profile", signedIn, (*visit).profile},
		{post, "/profile", signedIn, (*visit).saveProfile},
		{post, "/profile/password", signedIn, (*visit).changePassword},
		{post, "/profile/sessions/end", signedIn, (*visit).endOtherSessions},
		{post, "/profile/sessions/:session/end", signedIn, (*visit).endSession},
		{post, "/profile/tokens", signedIn, (*visit).createToken},
		{post, "/profile/tokens/:token/delete", signedIn, (*visit).deleteToken},
	}
}

// profilePage is a user's own page.
type profilePage struct {
	Name, Language string
	Sessions       []sessionRow
	Tokens         []usecase.Token
	Tied           bool   // to the provider
	TiedEmail      string // as the provider has it
	NewToken       string // made just now, shown this once
	Done           string // what was done
	Faults         faults
}

func (v *visit) profile() error { return v.sendProfile(profilePage{}) }

func (v *visit) sendProfile(p profilePage) error {
	ts, err := v.Access.Tokens(v.ctx, v.user.ID)
	if err != nil {
		return err
	}
	tie, err := v.OpenID.Tied(v.ctx, v.user)
	if err != nil && !errors.Is(err, domain.ErrNotFound) {
		return err
	}
	p.Tied, p.TiedEmail = err == nil, tie.Email
	if p.Sessions, err = v.sessionRows(); err != nil {
		return err
	}
	p.Tokens, p.Name, p.Language = ts, v.user.Name, string(v.user.Language)
	status := http.StatusOK
	if p.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "profile", p, v.text("profile.title"))
}

// done shows the page after a change, or what was wrong with it.
func (v *visit) profileDone(err error, text string) error {
	f := v.faultsOf(err)
	if err != nil && f == nil {
		return err
	}
	if f != nil {
		text = ""
	}
	return v.sendProfile(profilePage{Faults: f, Done: text})
}

func (v *visit) saveProfile() error {
	u, err := v.Access.UpdateUser(v.ctx, *v.user,
		usecase.UserInput{Name: v.form("name"), Language: v.form("language")})
	if err == nil {
		v.user = &u
		v.lang = v.language()
	}
	return v.profileDone(err, v.text("profile.saved"))
}

func (v *visit) changePassword() error {
	err := v.Access.ChangePassword(v.ctx, v.user, v.session, v.secret("old_password"), v.newPassword())
	if err == nil {
		v.remember(*v.user)
	}
	return v.profileDone(err, v.text("profile.password_changed"))
}

// newPassword is one that a form asks for.
func (v *visit) newPassword() usecase.PasswordInput {
	return usecase.PasswordInput{Password: v.secret("password"), EndTokens: v.form("end_tokens") != ""}
}

func (v *visit) createToken() error {
	in := usecase.TokenInput{Name: v.form("token_name"), Scope: v.form("scope")}
	if days := oneOf(v.form("days"), "30", "90", "365"); days != "" {
		d, err := time.ParseDuration(days + "h")
		if err != nil {
			return err
		}
		at := v.Now().UTC().Add(24 * d)
		in.ExpiresAt = &at
	}
	secret, _, err := v.Access.CreateToken(v.ctx, v.user, in)
	if f := v.faultsOf(err); f != nil {
		return v.sendProfile(profilePage{Faults: f})
	}
	if err != nil {
		return err
	}
	return v.sendProfile(profilePage{NewToken: secret})
}

func (v *visit) deleteToken() error {
	if err := v.Access.DeleteToken(v.ctx, v.user, v.param("token")); err != nil {
		return err
	}
	return v.redirect("/profile")
}
