package usecase

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// NoticeSettings say what a project wants to be told.
type NoticeSettings struct {
	ProjectID    string
	Language     string // "ru" or "en"
	Digest       bool   // a message each day
	DigestHour   int    // local hour of it
	DigestEmpty  bool   // also when nothing happened
	Alerts       bool
	SilenceHours int // without events that make an alert; 0: none does
	// Webhook takes alerts, too; empty for none.
	WebhookURL, WebhookSecret string
	UpdatedAt                 time.Time
}

// MaskedURL shows whose address the webhook is: the rest may hold a secret.
func (s *NoticeSettings) MaskedURL() string {
	u, err := url.Parse(s.WebhookURL)
	if err != nil || s.WebhookURL == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/" + SecretMask
}

// NoticeCode links the chat that sends it.
type NoticeCode struct {
	Hash                 []byte
	ProjectID            string
	CreatedBy            string
	CreatedAt, ExpiresAt time.Time
}

// NoticeChat is a chat that is linked to a project.
type NoticeChat struct {
	ProjectID string
	ChatID    int64
	Kind      string // private, group, supergroup or channel
	Title     string
	LinkedBy  string // e-mail of who made the code
	LinkedAt  time.Time
}

// DigestChat is a chat that gets digests.
type DigestChat struct {
	NoticeSettings
	ChatID int64
	Date   string // of the last digest that was made for it
}

// NoticeState is how far a message came.
type NoticeState string

// States of a message.
const (
	NoticeWaiting   NoticeState = "waiting"
	NoticeSending   NoticeState = "sending"
	NoticeSent      NoticeState = "sent"
	NoticeUncertain NoticeState = "uncertain" // perhaps sent; it is not sent again
	NoticeFailed    NoticeState = "failed"    // given up
)

// Kinds of messages.
const (
	NoticeDigest = "digest"
	NoticeAlert  = "alert"
	NoticeTest   = "test"
)

// Notice is a message to a chat, or with chat 0 to the project's webhook. There
// is one for each key and chat.
type Notice struct {
	ID        string
	ProjectID string
	Kind      string
	Key       string
	ChatID    int64
	Body      string // text; JSON for the webhook
	State     NoticeState
	Reason    string
	Attempts  int
	CreatedAt time.Time
	GiveUpAt  time.Time
	NextAt    *time.Time
	SentAt    *time.Time
}

// NoticeStore keeps what projects are told. Reads answer domain.ErrNotFound
// for what does not exist.
type NoticeStore interface {
	AlertStore
	Project(ctx context.Context, id string) (domain.Project, error)
	NoticeSettings(ctx context.Context, projectID string) (NoticeSettings, error)
	// SaveNoticeSettings writes them; with keep, only where there are none.
	SaveNoticeSettings(ctx context.Context, s NoticeSettings, keep bool) error

	CreateNoticeCode(ctx context.Context, c NoticeCode) error
	// LinkChat uses a code up. The chat that used it may use it again: updates
	// can come twice.
	LinkChat(ctx context.Context, hash []byte, c NoticeChat) (projectID string, err error)
	NoticeChats(ctx context.Context, projectID string) ([]NoticeChat, error)
	// UnlinkChat takes a chat from a project, or with an empty id from all; its
	// messages that wait fail. It answers from how many it was taken.
	UnlinkChat(ctx context.Context, projectID string, chatID int64, reason string) (int, error)
	// MoveChat gives all of a chat to its new id.
	MoveChat(ctx context.Context, from, to int64) error

	// DigestChats lists the chats of enabled projects with digests.
	DigestChats(ctx context.Context) ([]DigestChat, error)
	// SaveDigest notes that a chat's digest of a date was made, with the
	// message, if there is one; nothing happens when it was made before.
	SaveDigest(ctx context.Context, projectID string, chatID int64, date string, n *Notice) error

	AddNotices(ctx context.Context, ns []Notice) error
	// ClaimNotice takes a message that is due for one attempt; of two
	// processes one gets it.
	ClaimNotice(ctx context.Context, now, until time.Time) (Notice, error)
	// SettleNotice writes the state, reason and times of a message claimed.
	SettleNotice(ctx context.Context, n Notice) error
	// AbandonNotices ends attempts whose process died: nobody knows whether a
	// chat got the message, so it is uncertain; a webhook is called again.
	AbandonNotices(ctx context.Context, now time.Time) error
	// Notices lists the last messages of a project, newest first.
	Notices(ctx context.Context, projectID string, limit int) ([]Notice, error)

	// HoldLease takes or prolongs what one owner at a time has.
	HoldLease(ctx context.Context, name, owner string, now, until time.Time) (bool, error)
	ReleaseLease(ctx context.Context, name, owner string) error
}

// Hook calls a project's own address.
type Hook interface {
	// Check refuses an address that may not be called: a domain.FieldError.
	Check(address string) error
	CheckSecret(secret string) error
	NewSecret() (string, error)
	// Call posts a body; its error is a *SendError. Receivers drop repeats by
	// the id.
	Call(ctx context.Context, address, secret, id string, body []byte) error
}

// NoticesConfig sets when things happen.
type NoticesConfig struct {
	// Interval between looks for digests that are due and for alerts.
	Interval time.Duration
	// Wait of a poll for what is written to the bot. Defaults to 25 s.
	Wait time.Duration
	// Timeout of sending one message. Defaults to 15 s.
	Timeout time.Duration
	// Lease is how long a process that died has the work. Defaults to 30 s.
	Lease time.Duration
	// Remind is how long after the last message an alert that goes on is told
	// again. Defaults to 24 h.
	Remind time.Duration
	// BreakerOpen is how long an ad network must fail for an alert. Defaults to
	// 30 min.
	BreakerOpen time.Duration
	// ExpiresWithin is how little time conversions must have left for an
	// alert. Defaults to 24 h.
	ExpiresWithin time.Duration
	// PublicURL is the base of the addresses in messages.
	PublicURL string
}

// Notices tells users of projects in chats of Telegram what happened: a digest
// each day, and alerts.
type Notices struct {
	cfg     NoticesConfig
	store   NoticeStore
	reports *report.Reader
	facts   AlertFacts
	bot     Messenger
	hook    Hook
	newID   func() string
	now     func() time.Time
	logger  *slog.Logger
	audit   auditing
	owner   string
	// wake is told that a message waits.
	wake chan struct{}

	mu     sync.Mutex
	failed map[string]bool // what failed last time, so that it is logged once
}

// NewNotices makes a Notices.
func NewNotices(
	cfg NoticesConfig, store NoticeStore, reports *report.Reader, facts AlertFacts, bot Messenger, hook Hook,
	newID func() string, now func() time.Time, logger *slog.Logger,
) *Notices {
	for value, otherwise := range map[*time.Duration]time.Duration{
		&cfg.Interval: 30 * time.Second, &cfg.Wait: 25 * time.Second, &cfg.Timeout: 15 * time.Second,
		&cfg.Lease: 30 * time.Second, &cfg.Remind: 24 * time.Hour, &cfg.BreakerOpen: 30 * time.Minute,
		&cfg.ExpiresWithin: 24 * time.Hour,
	} {
		if *value <= 0 {
			*value = otherwise
		}
	}
	return &Notices{
		cfg: cfg, store: store, reports: reports, facts: facts, bot: bot, hook: hook, newID: newID, now: now, logger: logger,
		audit: auditing{newID, now}, owner: newID(), wake: make(chan struct{}, 1), failed: map[string]bool{},
	}
}

// Settings of a project; one that never said anything has the usual ones, in a
// language.
func (n *Notices) Settings(ctx context.Context, projectID, language string) (NoticeSettings, error) {
	s, err := n.store.NoticeSettings(ctx, projectID)
	if errors.Is(err, domain.ErrNotFound) {
		if language != "ru" {
			language = "en"
		}
		return NoticeSettings{
			ProjectID: projectID, Language: language, Digest: true, DigestHour: 9, Alerts: true, SilenceHours: 24,
		}, nil
	}
	return s, err
}

// NoticeInput is what is said of the settings; nil fields stay.
type NoticeInput struct {
	Language     *string `json:"language"`
	Digest       *bool   `json:"digest"`
	DigestHour   *int    `json:"digest_hour"`
	DigestEmpty  *bool   `json:"digest_empty"`
	Alerts       *bool   `json:"alerts"`
	SilenceHours *int    `json:"silence_hours"`
	// WebhookURL empty switches the webhook off; masked it stays.
	WebhookURL *string `json:"webhook_url"`
	// WebhookSecret empty makes a new one; so does a first address.
	WebhookSecret *string `json:"webhook_secret"`
}

// maxSilence is the longest silence that can be asked for, in hours.
const maxSilence = 24 * 30

// Update changes what is given. made is a secret that was made just now and is
// never told again.
func (n *Notices) Update(
	ctx context.Context, projectID string, in NoticeInput,
) (s NoticeSettings, made string, err error) {
	if _, err := n.store.Project(ctx, projectID); err != nil {
		return s, "", err
	}
	if s, err = n.Settings(ctx, projectID, ""); err != nil {
		return s, "", err
	}
	var f faults
	same := func(b bool) (bool, error) { return b, nil }
	given(&f, &s.Language, in.Language, oneOf("language", "ru", "en"))
	given(&f, &s.Digest, in.Digest, same)
	given(&f, &s.DigestHour, in.DigestHour, upTo("digest_hour", 23))
	given(&f, &s.DigestEmpty, in.DigestEmpty, same)
	given(&f, &s.Alerts, in.Alerts, same)
	given(&f, &s.SilenceHours, in.SilenceHours, upTo("silence_hours", maxSilence))
	made, err = n.changeHook(&s, in)
	f.add(err)
	if err := f.err(); err != nil {
		return s, "", err
	}
	s.UpdatedAt = n.now()
	ctx = n.audit.note(ctx, projectID, "notifications.update", "", changedNotices(in))
	return s, made, n.store.SaveNoticeSettings(ctx, s, false)
}

func upTo(field string, most int) func(int) (int, error) {
	return func(v int) (int, error) {
		if v < 0 || v > most {
			return 0, domain.Invalid(field, "must be from 0 to %d", most)
		}
		return v, nil
	}
}

// changeHook sets the webhook, and makes its secret where there is none.
func (n *Notices) changeHook(s *NoticeSettings, in NoticeInput) (made string, err error) {
	if in.WebhookURL != nil && (*in.WebhookURL == "" || *in.WebhookURL != s.MaskedURL()) {
		if *in.WebhookURL == "" {
			s.WebhookURL, s.WebhookSecret = "", ""
			return "", nil
		}
		if err := n.hook.Check(*in.WebhookURL); err != nil {
			return "", err
		}
		s.WebhookURL = *in.WebhookURL
	}
	if in.WebhookSecret != nil && *in.WebhookSecret != SecretMask {
		if *in.WebhookSecret != "" {
			if err := n.hook.CheckSecret(*in.WebhookSecret); err != nil {
				return "", err
			}
		}
		s.WebhookSecret = *in.WebhookSecret
	}
	if s.WebhookURL == "" || s.WebhookSecret != "" {
		return "", nil
	}
	s.WebhookSecret, err = n.hook.NewSecret()
	return s.WebhookSecret, err
}
