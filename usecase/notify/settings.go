package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/usecase"
)

// Settings say what a project wants to be told.
type Settings struct {
	ProjectID    string
	Language     i18n.Language
	Digest       bool // a message each day
	DigestHour   int  // local hour of it
	DigestEmpty  bool // also when nothing happened
	Alerts       bool
	SilenceHours int // without events that make an alert; 0: none does
	// Webhook takes alerts, too; empty for none.
	WebhookURL, WebhookSecret string
	UpdatedAt                 time.Time
}

// MaskedURL shows whose address the webhook is: the rest may hold a secret.
func (s *Settings) MaskedURL() string {
	u, err := url.Parse(s.WebhookURL)
	if err != nil || s.WebhookURL == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/" + usecase.SecretMask
}

// Settings of a project; one that never said anything has the usual ones, in a
// language.
func (n *Notifier) Settings(ctx context.Context, projectID string, language i18n.Language) (Settings, error) {
	s, err := n.store.NoticeSettings(ctx, projectID)
	if errors.Is(err, domain.ErrNotFound) {
		return Settings{
			ProjectID: projectID, Language: cmp.Or(language, i18n.English), Digest: true, DigestHour: 9,
			Alerts: true, SilenceHours: 24,
		}, nil
	}
	return s, err
}

// SettingsInput is what is said of the settings; nil fields stay.
type SettingsInput struct {
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
func (n *Notifier) Update(
	ctx context.Context, projectID string, in SettingsInput,
) (s Settings, made string, err error) {
	if _, err := n.store.Project(ctx, projectID); err != nil {
		return s, "", err
	}
	if s, err = n.Settings(ctx, projectID, ""); err != nil {
		return s, "", err
	}
	made, err = n.change(&s, in)
	if err != nil {
		return s, "", err
	}
	s.UpdatedAt = n.now()
	ctx = n.audited(ctx, projectID, "notifications.update", changedFields(in))
	return s, made, n.store.SaveNoticeSettings(ctx, s, false)
}

// change puts what is given in its place, or says all that is wrong with it.
func (n *Notifier) change(s *Settings, in SettingsInput) (made string, err error) {
	given(&s.Digest, in.Digest)
	given(&s.DigestEmpty, in.DigestEmpty)
	given(&s.Alerts, in.Alerts)
	made, err = n.changeHook(s, in)
	err = errors.Join(
		chooseLanguage(&s.Language, in.Language),
		upTo("digest_hour", 23, &s.DigestHour, in.DigestHour),
		upTo("silence_hours", maxSilence, &s.SilenceHours, in.SilenceHours),
		err,
	)
	return made, err
}

func given[T any](to, in *T) {
	if in != nil {
		*to = *in
	}
}

func chooseLanguage(to *i18n.Language, in *string) error {
	if in == nil {
		return nil
	}
	l := i18n.Parse(*in)
	if l == "" {
		return domain.Invalid("language", "must be one of %s", `"ru", "en"`)
	}
	*to = l
	return nil
}

func upTo(field string, most int, to, in *int) error {
	if in != nil && (*in < 0 || *in > most) {
		return domain.Invalid(field, "must be from 0 to %d", most)
	}
	given(to, in)
	return nil
}

// changedFields says in the audit log which settings were given.
func changedFields(in SettingsInput) map[string]string {
	out := map[string]string{}
	v := reflect.ValueOf(in)
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		out[name] = fmt.Sprint(v.Field(i).Elem().Interface())
		if strings.HasPrefix(name, "webhook") { // address and secret are nobody's business
			out[name] = "set"
		}
	}
	return out
}

// audited notes in the context of a change who makes it, and what it is.
func (n *Notifier) audited(
	ctx context.Context, projectID, action string, detail map[string]string,
) context.Context {
	return usecase.Audited(ctx, usecase.AuditEntry{
		ID: n.newID(), At: n.now(), ProjectID: projectID, Action: action, Detail: detail,
	})
}

// changeHook sets the webhook, and makes its secret where there is none.
func (n *Notifier) changeHook(s *Settings, in SettingsInput) (made string, err error) {
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
	if in.WebhookSecret != nil && *in.WebhookSecret != usecase.SecretMask {
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
