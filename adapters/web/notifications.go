package web

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

func (w *Cabinet) notificationsRoutes() []route {
	const page = project + "/notifications"
	return []route{
		{get, page, viewer, (*visit).notifications},
		{post, page, editor, (*visit).saveNotifications},
		{post, page + "/code", editor, (*visit).makeCode},
		// What makes a code or a secret shows it in its answer; a reload asks for
		// the page.
		{get, page + "/code", viewer, (*visit).notifications},
		{post, page + "/test", editor, (*visit).testNotifications},
		{post, page + "/chats/:chat/unlink", editor, (*visit).unlinkChat},
	}
}

// notificationsPage is what a project is told, where, and what became of it.
type notificationsPage struct {
	notify.Settings
	Webhook  string // masked
	Secret   string // made just now
	Faults   faults
	Code     *notify.MadeCode
	Chats    []notify.Chat
	Table    *table // of the chats
	Messages []notify.Notice
	Cut      string // that there are more messages
	Alerts   []shownAlert
	Hours    []int
}

// shownAlert is an alert in the language of the page.
type shownAlert struct {
	Since time.Time
	Text  string
}

func (v *visit) notifications() error {
	s, err := v.Notices.Settings(v.ctx, v.project.ID, v.lang)
	if err != nil {
		return err
	}
	return v.sendNotifications(notificationsPage{Settings: s, Webhook: s.MaskedURL()})
}

func (v *visit) sendNotifications(p notificationsPage) error {
	var err error
	if p.Chats, err = v.Notices.Chats(v.ctx, v.project.ID); err != nil {
		return err
	}
	if p.Messages, err = v.Notices.Recent(v.ctx, v.project.ID); err != nil {
		return err
	}
	p.Cut = v.newest(len(p.Messages), notify.RecentNotices)
	p.Table, err = makeTable(v, listing[notify.Chat]{
		ID: "chats", Label: v.text("notifications.chats"), Columns: v.chatColumns(), Rows: p.Chats, Cards: true,
		Path: v.url("notifications"),
	})
	if err != nil {
		return err
	}
	as, err := v.Notices.OpenAlerts(v.ctx, v.project.ID)
	if err != nil {
		return err
	}
	for i := range as {
		p.Alerts = append(p.Alerts, shownAlert{as[i].OpenedAt, v.Notices.AlertText(v.lang, v.project, &as[i])})
	}
	for h := range 24 {
		p.Hours = append(p.Hours, h)
	}
	status := http.StatusOK
	if p.Faults != nil {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "notifications", p, v.text("nav.notifications"))
}

func (v *visit) chatColumns() []column[notify.Chat] {
	type chat = notify.Chat
	return []column[chat]{
		wordColumn("chat", v.text("notifications.chat"), func(c *chat) cell {
			return cell{Text: cmp.Or(c.Title, strconv.FormatInt(c.ChatID, 10))}
		}),
		momentColumn("linked", v.text("notifications.linked"), func(c *chat) time.Time { return c.LinkedAt }),
		wordColumn("by", v.text("notifications.by"), func(c *chat) cell { return cell{Text: page{v: v}.Actor(c.LinkedBy)} }),
		partColumn[chat](v.text("notifications.unlink"), "chat_unlink"),
	}
}

func (v *visit) saveNotifications() error {
	f := faults{}
	text := func(field string) *string { s := v.form(field); return &s }
	tick := func(field string) *bool { on := v.form(field) != ""; return &on }
	in := notify.SettingsInput{
		Language: text("language"), Digest: tick("digest"), DigestHour: v.whole("digest_hour", f),
		DigestEmpty: tick("digest_empty"), Alerts: tick("alerts"),
		SilenceHours: v.whole("silence_hours", f), WebhookURL: text("webhook_url"),
	}
	if v.form("new_secret") != "" {
		in.WebhookSecret = new(string) // a new one is made
	}
	made := ""
	if len(f) == 0 {
		var err error
		if _, made, err = v.Notices.Update(v.ctx, v.project.ID, in); err == nil && made == "" {
			v.say("profile.saved")
			return v.redirect(v.url("notifications"))
		}
		if err != nil {
			if f = v.faultsOf(err); f == nil {
				return err
			}
		}
	}
	s, err := v.Notices.Settings(v.ctx, v.project.ID, v.lang)
	if err != nil {
		return err
	}
	p := notificationsPage{Settings: s, Webhook: s.MaskedURL(), Secret: made}
	if len(f) > 0 {
		p.Faults, p.Webhook = f, *in.WebhookURL
	}
	return v.sendNotifications(p)
}

// makeCode shows a code that links a chat; the page then waits for it.
func (v *visit) makeCode() error {
	code, err := v.Notices.MakeCode(v.ctx, v.project.ID, v.lang)
	f := v.faultsOf(err)
	if err != nil && f == nil {
		return err
	}
	s, err := v.Notices.Settings(v.ctx, v.project.ID, v.lang)
	if err != nil {
		return err
	}
	p := notificationsPage{Settings: s, Webhook: s.MaskedURL(), Faults: f}
	if f == nil {
		p.Code = &code
	}
	return v.sendNotifications(p)
}

func (v *visit) testNotifications() error {
	err := v.Notices.Test(v.ctx, v.project.ID)
	if f := v.faultsOf(err); f != nil {
		s, err := v.Notices.Settings(v.ctx, v.project.ID, v.lang)
		if err != nil {
			return err
		}
		return v.sendNotifications(notificationsPage{Settings: s, Webhook: s.MaskedURL(), Faults: f})
	}
	if err != nil {
		return err
	}
	return v.redirect(v.url("notifications") + "#messages")
}

func (v *visit) unlinkChat() error {
	id, err := strconv.ParseInt(v.param("chat"), 10, 64)
	if err != nil {
		return domain.ErrNotFound
	}
	if err := v.Notices.Unlink(v.ctx, v.project.ID, id); err != nil {
		return err
	}
	return v.redirect(v.url("notifications"))
}
