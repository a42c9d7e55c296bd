package manageapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

func (s *API) noticeRoutes() []route {
	const notifications = "/projects/:project/notifications"
	return []route{
		{http.MethodGet, notifications, usecase.ForViewer, s.showNotifications},
		{http.MethodPut, notifications, usecase.ForEditor, s.setNotifications},
		{http.MethodPost, notifications + "/codes", usecase.ForEditor, s.makeNoticeCode},
		{http.MethodGet, notifications + "/chats", usecase.ForViewer, s.listNoticeChats},
		{http.MethodDelete, notifications + "/chats/:chat", usecase.ForEditor, s.unlinkNoticeChat},
		{http.MethodPost, notifications + "/test", usecase.ForEditor, s.testNotifications},
		{http.MethodGet, notifications + "/messages", usecase.ForViewer, s.listNotices},
		{http.MethodGet, "/projects/:project/alerts", usecase.ForViewer, s.listAlerts},
	}
}

// notificationsView shows what a project is told. The secret of the webhook is
// there once, when it was made.
type notificationsView struct {
	Language      i18n.Language `json:"language"`
	Digest        bool          `json:"digest"`
	DigestHour    int           `json:"digest_hour"`
	DigestEmpty   bool          `json:"digest_empty"`
	Alerts        bool          `json:"alerts"`
	SilenceHours  int           `json:"silence_hours"`
	WebhookURL    string        `json:"webhook_url"`
	WebhookSecret string        `json:"webhook_secret,omitempty"`
}

func viewNotifications(n *notify.Settings, secret string) notificationsView {
	return notificationsView{
		n.Language, n.Digest, n.DigestHour, n.DigestEmpty, n.Alerts, n.SilenceHours, n.MaskedURL(), secret,
	}
}

func (s *API) showNotifications(ctx context.Context, c *fiber.Ctx) error {
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	n, err := s.Notices.Settings(ctx, id, i18n.English)
	if err != nil {
		return err
	}
	return c.JSON(viewNotifications(&n, ""))
}

func (s *API) setNotifications(ctx context.Context, c *fiber.Ctx) error {
	var in notify.SettingsInput
	if err := httpapi.ReadJSON(c, &in); err != nil {
		return err
	}
	n, made, err := s.Notices.Update(ctx, param(c, "project"), in)
	if err != nil {
		return err
	}
	return c.JSON(viewNotifications(&n, made))
}

func (s *API) makeNoticeCode(ctx context.Context, c *fiber.Ctx) error {
	code, err := s.Notices.MakeCode(ctx, param(c, "project"), i18n.English)
	if err != nil {
		return err
	}
	return c.Status(http.StatusCreated).JSON(code)
}

// noticeChatView shows a chat that is linked.
type noticeChatView struct {
	ChatID   string    `json:"chat_id"`
	Kind     string    `json:"kind"`
	Title    string    `json:"title"`
	LinkedBy string    `json:"linked_by"`
	LinkedAt time.Time `json:"linked_at"`
}

func viewNoticeChat(n *notify.Chat) noticeChatView {
	return noticeChatView{strconv.FormatInt(n.ChatID, 10), n.Kind, n.Title, n.LinkedBy, n.LinkedAt}
}

func (s *API) listNoticeChats(ctx context.Context, c *fiber.Ctx) error {
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	chats, err := s.Notices.Chats(ctx, id)
	if err != nil {
		return err
	}
	return list(c, chats, "", viewNoticeChat)
}

func (s *API) unlinkNoticeChat(ctx context.Context, c *fiber.Ctx) error {
	chat, err := strconv.ParseInt(param(c, "chat"), 10, 64)
	if err != nil {
		return domain.ErrNotFound
	}
	if err := s.Notices.Unlink(ctx, param(c, "project"), chat); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

func (s *API) testNotifications(ctx context.Context, c *fiber.Ctx) error {
	if err := s.Notices.Test(ctx, param(c, "project")); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// noticeView shows a message. A chat of 0 is the webhook.
type noticeView struct {
	ID        string       `json:"id"`
	Kind      string       `json:"kind"`
	ChatID    string       `json:"chat_id"`
	State     notify.State `json:"state"`
	Reason    string       `json:"reason"`
	Attempts  int          `json:"attempts"`
	CreatedAt time.Time    `json:"created_at"`
	SentAt    *time.Time   `json:"sent_at"`
}

func viewNotice(n *notify.Notice) noticeView {
	return noticeView{
		n.ID, n.Kind, strconv.FormatInt(n.ChatID, 10), n.State, n.Reason, n.Attempts, n.CreatedAt, n.SentAt,
	}
}

func (s *API) listNotices(ctx context.Context, c *fiber.Ctx) error {
	id, err := s.project(ctx, c)
	if err != nil {
		return err
	}
	ns, err := s.Notices.Recent(ctx, id)
	if err != nil {
		return err
	}
	return list(c, ns, "", viewNotice)
}

// alertView shows an alert that is not over.
type alertView struct {
	ID       string             `json:"id"`
	Kind     notify.AlertKind   `json:"kind"`
	Subject  string             `json:"subject"`
	Detail   notify.AlertDetail `json:"detail"`
	Text     string             `json:"text"`
	OpenedAt time.Time          `json:"opened_at"`
	ToldAt   time.Time          `json:"told_at"`
}

func (s *API) listAlerts(ctx context.Context, c *fiber.Ctx) error {
	p, err := s.Store.Project(ctx, param(c, "project"))
	if err != nil {
		return err
	}
	as, err := s.Notices.OpenAlerts(ctx, p.ID)
	if err != nil {
		return err
	}
	return list(c, as, "", func(a *notify.Alert) alertView {
		text := s.Notices.AlertText(i18n.English, &p, a)
		return alertView{a.ID, a.Kind, a.Subject, a.Detail, text, a.OpenedAt, a.ToldAt}
	})
}
