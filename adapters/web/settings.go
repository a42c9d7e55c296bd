package web

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) settingsRoutes() []route {
	return []route{
		{get, project + "/settings", owner, (*visit).settings},
		{post, project + "/settings", owner, (*visit).saveSettings},
		{post, project + "/settings/delete", owner, (*visit).deleteProject},
		{get, project + "/users", owner, (*visit).users},
		{post, project + "/users/invite", owner, (*visit).invite},
		{post, project + "/users/invitations/:invitation/withdraw", owner, (*visit).withdraw},
		{post, project + "/users/:user/role", owner, (*visit).setRole},
		{post, project + "/users/:user/remove", owner, (*visit).removeUser},
		{get, project + "/audit", owner, (*visit).auditLog},
		{get, "/audit", admin, (*visit).wholeAudit},
		{get, "/users", admin, (*visit).allUsers},
		{post, "/users/invite", admin, (*visit).inviteAdmin},
		{post, "/users/invitations/:invitation/withdraw", admin, (*visit).withdrawAdmin},
		{post, "/users/links/:link/withdraw", admin, (*visit).withdrawLink},
		{post, "/users/:user/reset", admin, (*visit).makeReset},
		{post, "/users/:user/second-factor", admin, (*visit).resetFactor},
		{post, "/users/:user/sessions/end", admin, (*visit).endSessionsOf},
		{post, "/users/:user/delete", admin, (*visit).deleteUser},
	}
}

// settingsPage is the form of a project.
type settingsPage struct {
	domain.Project
	Faults faults
}

func (v *visit) settings() error {
	return v.show("settings", settingsPage{Project: *v.project}, v.text("nav.settings"))
}

// whole reads a whole number from the form; what is none is a fault.
func (v *visit) whole(field string, f faults) *int {
	n, err := strconv.Atoi(v.form(field))
	if err != nil {
		f[field] = v.text("form.whole")
		return nil
	}
	return &n
}

// rate reads a price from the form; an empty field is none.
func (v *visit) rate(field string, f faults) *domain.Amount {
	var a domain.Amount
	if text := strings.TrimSpace(v.form(field)); text != "" {
		var err error
		if a, err = domain.ParseAmount(text); err != nil {
			f[field] = v.text("form.number")
			return nil
		}
	}
	return &a
}

func (v *visit) saveSettings() error {
	f := faults{}
	text := func(field string) *string { s := v.form(field); return &s }
	tick := func(field string) *bool { on := v.form(field) != ""; return &on }
	name := strings.TrimPrefix(v.form("username"), "@")
	in := usecase.ProjectInput{
		Name: text("name"), Kind: optional(v.form("kind")), Messenger: optional(v.form("messenger")),
		ChannelID: (*usecase.Loose)(text("channel_id")), Username: &name,
		Constructor: text("constructor"), Mode: text("mode"),
		Timezone: text("timezone"), Currency: text("currency"),
		Attribution: text("attribution"), AmountUnit: text("amount_unit"), SendGuesses: tick("send_guesses"),
		Enabled: tick("enabled"), TelegramPayments: optional(v.form("telegram_payments")), StarRate: v.rate("star_rate", f),
		KeepPeople: v.whole("keep_people_days", f),
		Limits: &usecase.LimitsInput{PerSecond: v.whole("limits.per_second", f),
			PerHour: v.whole("limits.per_hour", f), PerDay: v.whole("limits.per_day", f)},
	}
	// A rate is one of the currency for which it was said: the form shows the old one.
	if rate := in.StarRate; rate != nil && *rate == v.project.StarRate && *in.Currency != v.project.Currency {
		in.StarRate = nil
	}
	if len(f) == 0 {
		_, err := v.Projects.Update(v.ctx, v.project.ID, in)
		if err == nil {
			v.say("profile.saved")
			return v.redirect(v.url("settings"))
		}
		if f = v.faultsOf(err); f == nil {
			return err
		}
	}
	p := *v.project // with what was typed, so that only what is wrong has to be typed again
	p.Name, p.Username, p.Timezone, p.Currency = *in.Name, name, *in.Timezone, *in.Currency
	p.Constructor, p.Mode, p.Attribution = *in.Constructor, domain.Mode(*in.Mode), domain.Model(*in.Attribution)
	p.Kind, p.Messenger = domain.Kind(v.form("kind")), v.form("messenger")
	p.AmountUnit, p.SendGuesses, p.Enabled = *in.AmountUnit, *in.SendGuesses, *in.Enabled
	return v.render(http.StatusUnprocessableEntity, "settings", settingsPage{Project: p, Faults: f},
		v.text("nav.settings"))
}

// deleteProject asks for the project's name, so that nobody does it by
// mistake.
func (v *visit) deleteProject() error {
	if v.form("confirm") != v.project.Name {
		f := faults{"confirm": v.text("settings.confirm_wrong")}
		return v.render(http.StatusUnprocessableEntity, "settings", settingsPage{Project: *v.project, Faults: f},
			v.text("nav.settings"))
	}
	if err := v.Projects.Delete(v.ctx, v.project.ID); err != nil {
		return err
	}
	return v.redirect("/projects")
}

// usersPage lists who may enter, with a one-time link that was made just now.
type usersPage struct {
	Users       *table // of a project, or of the whole installation
	Invitations []usecase.OneTimeLink
	Resets      []usecase.OpenLink // links for a new password
	Link        string
	Problem     string
}

func (v *visit) users() error { return v.sendUsers("") }

func (v *visit) sendUsers(link string) error {
	ms, err := v.Access.ProjectUsers(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	ls, err := v.Access.Invitations(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	t, err := makeTable(v, listing[domain.ProjectUser]{
		Label: v.text("nav.users"), Columns: v.memberColumns(), Rows: ms, Cards: true,
		Path: v.url("users"), Empty: v.text("users.none"),
	})
	if err != nil {
		return err
	}
	return v.show("users", usersPage{Users: t, Invitations: ls, Link: link}, v.text("nav.users"))
}

func (v *visit) memberColumns() []column[domain.ProjectUser] {
	type member = domain.ProjectUser
	return []column[member]{
		wordColumn("name", v.text("users.user"), func(m *member) cell {
			return cell{Text: cmp.Or(m.User.Name, m.User.Email), Note: m.User.Email}
		}),
		wordColumn("role", v.text("users.role"), func(m *member) cell {
			return cell{Text: v.text("role." + string(m.Role)), Part: "member_role", Data: m}
		}),
		dayColumn("since", v.text("users.since"), func(m *member) time.Time { return m.Since }),
		partColumn[member](v.text("form.delete"), "member_remove"),
	}
}

func (v *visit) invite() error {
	secret, err := v.Access.Invite(v.ctx, v.project.ID, domain.Role(v.form("role")))
	if err != nil {
		return err
	}
	return v.sendUsers(v.PublicURL + "/invite/" + secret)
}

func (v *visit) withdraw() error {
	if err := v.Access.Withdraw(v.ctx, v.project.ID, v.param("invitation")); err != nil {
		return err
	}
	return v.redirect(v.url("users"))
}

func (v *visit) setRole() error {
	if err := v.Access.SetRole(v.ctx, v.project.ID, v.param("user"), domain.Role(v.form("role"))); err != nil {
		return err
	}
	return v.redirect(v.url("users"))
}

func (v *visit) removeUser() error {
	if err := v.Access.RemoveProjectUser(v.ctx, v.project.ID, v.param("user")); err != nil {
		return err
	}
	return v.redirect(v.url("users"))
}

func (v *visit) allUsers() error { return v.sendAllUsers("", "") }

func (v *visit) sendAllUsers(link, problem string) error {
	us, err := v.Access.Users(v.ctx)
	if err != nil {
		return err
	}
	p := usersPage{Link: link, Problem: problem}
	p.Users, err = makeTable(v, listing[domain.User]{
		Label: v.text("nav.users"), Columns: v.userColumns(), Rows: us, Cards: true, Path: "/users",
	})
	if err != nil {
		return err
	}
	ls, err := v.Access.OpenLinks(v.ctx)
	if err != nil {
		return err
	}
	for _, l := range ls {
		if l.Kind == usecase.ResetLink {
			p.Resets = append(p.Resets, l)
		} else if l.ProjectID == "" {
			p.Invitations = append(p.Invitations, l.OneTimeLink)
		}
	}
	return v.show("all_users", p, v.text("nav.users"))
}

func (v *visit) userColumns() []column[domain.User] {
	type user = domain.User
	return []column[user]{
		wordColumn("name", v.text("users.user"), func(u *user) cell {
			return cell{Text: cmp.Or(u.Name, u.Email), Note: u.Email}
		}),
		wordColumn("role", v.text("users.role"), func(u *user) cell {
			c := cell{}
			if u.Admin {
				c.Text = v.text("users.admin")
			}
			if u.SecondFactor {
				c.Marks = []mark{{Class: "secondary", Text: v.text("users.second_factor")}}
			}
			return c
		}),
		dayColumn("since", v.text("users.since"), func(u *user) time.Time { return u.CreatedAt }),
		partColumn[user](v.text("form.change"), "user_do"),
	}
}

func (v *visit) inviteAdmin() error {
	secret, err := v.Access.Invite(v.ctx, "", "")
	if err != nil {
		return err
	}
	return v.sendAllUsers(v.PublicURL+"/invite/"+secret, "")
}

func (v *visit) withdrawAdmin() error {
	if err := v.Access.Withdraw(v.ctx, "", v.param("invitation")); err != nil {
		return err
	}
	return v.redirect("/users")
}

func (v *visit) withdrawLink() error {
	if err := v.Access.WithdrawLink(v.ctx, v.param("link")); err != nil {
		return err
	}
	return v.redirect("/users")
}

func (v *visit) makeReset() error {
	secret, err := v.Access.MakeReset(v.ctx, v.param("user"))
	if err != nil {
		return err
	}
	return v.sendAllUsers(v.PublicURL+"/reset/"+secret, "")
}

// deleteUser wants one's own e-mail typed for one's own account, so that nobody
// locks themselves out by mistake.
func (v *visit) deleteUser() error {
	if v.param("user") == v.user.ID && v.form("confirm") != v.user.Email {
		return v.sendAllUsers("", v.text("users.own_wrong"))
	}
	err := v.Access.DeleteUser(v.ctx, v.param("user"))
	if errors.Is(err, domain.ErrConflict) {
		return v.sendAllUsers("", v.text("users.last_admin"))
	}
	if err != nil {
		return err
	}
	return v.redirect("/users")
}
