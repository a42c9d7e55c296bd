package domain

import (
	"time"

	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Kind of a project.
type Kind string

// A project stands for one bot or one channel.
const (
	KindBot     Kind = "bot"
	KindChannel Kind = "channel"
)

// Mode of a project: in the sandbox everything is counted, nothing is sent.
type Mode string

// Modes.
const (
	Production Mode = "production"
	Sandbox    Mode = "sandbox"
)

// Model chooses which of a person's clicks is the current one.
type Model string

// Attribution models.
const (
	LastClick  Model = "last"
	FirstClick Model = "first"
)

// Reading of what a messenger tells by itself.
type Reading string

// Readings.
const (
	ReadAuto Reading = "auto"
	ReadOff  Reading = "off"
)

// Reads tells whether what a signal says is to be taken.
func (p *Project) Reads(s *Signal) bool { return !s.NativePayment || p.TelegramPayments != ReadOff }

// Worth gives a sum as it is told to ad networks and counted as money: stars at
// the project's rate, in its currency; nil while they have none.
func (p *Project) Worth(sum *Amount, currency string) (*Amount, string) {
	switch {
	case currency != Stars || p.Currency == Stars:
		return sum, currency
	case sum == nil || p.StarRate <= 0:
		return nil, ""
	}
	money := sum.Times(p.StarRate)
	return &money, p.Currency
}

// Project is one bot or channel whose subscribers are tracked.
type Project struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Kind        Kind   `json:"kind"`
	Messenger   string `json:"messenger"`
	ChannelID   ChatID `json:"channel_id"` // of a channel project: set, or learned; 0 while none is known
	Username    string `json:"username"`   // of the bot or channel, without @
	Constructor string `json:"constructor"`
	Mode        Mode   `json:"mode"`
	Timezone    string `json:"timezone"` // IANA name
	Currency    string `json:"currency"` // ISO 4217
	Attribution Model  `json:"attribution"`
	SendGuesses bool   `json:"send_guesses"`
	Enabled     bool   `json:"enabled"`
	AmountUnit  string `json:"amount_unit,omitempty"` // "major" or "minor" for RawAmount, "" unknown
	// TelegramPayments says whether payments are read of which Telegram tells.
	TelegramPayments Reading `json:"telegram_payments"`
	// StarRate is what one of Telegram's stars is worth, in the project's
	// currency; 0 while nobody said: then stars are counted apart.
	StarRate Amount `json:"star_rate"`
	Limits   Limits `json:"limits"`
	// KeepPeople is after how many days people are erased who left; 0: as the service is set.
	KeepPeople int `json:"keep_people_days"`
	// WebhookSecrets are those with which constructors sign, by the name that
	// their decoder gives: without one their requests are taken unsigned.
	WebhookSecrets Secrets   `json:"webhook_secrets"`
	CreatedAt      time.Time `json:"created_at"`
}

// Zone is the time zone in which the project's days are counted: UTC where its
// name is not known, or no longer.
func (p *Project) Zone() *time.Location {
	zone, err := time.LoadLocation(p.Timezone)
	if err != nil || p.Timezone == "Local" { // the server's own, and nobody's
		return time.UTC
	}
	return zone
}

// Limits of a project's requests, in fixed windows of UTC; 0 is no limit.
type Limits struct {
	PerSecond int `json:"per_second"`
	PerHour   int `json:"per_hour"`
	PerDay    int `json:"per_day"`
}

// Account is an ad account: the place in one ad network to which a project's
// conversions go. Settings are the network's own and hold secrets.
type Account struct {
	ID             string            `json:"id"`
	ProjectID      string            `json:"project_id"`
	Network        string            `json:"network"`
	Name           string            `json:"name"`
	Settings       map[string]any    `json:"-"`
	ActivationGoal string            `json:"activation_goal"`
	Goals          map[string]string `json:"goals,omitempty"` // target → the network's name for it
	Currency       string            `json:"currency,omitempty"`
	Paused         bool              `json:"paused"`
	Health         Health            `json:"health"`
	HealthReason   string            `json:"health_reason,omitempty"`
	Warnings       []string          `json:"warnings,omitempty"`
	// NetworkWarning is what the network said last when it took something and
	// was not content, and NetworkWarnedAt when it did.
	NetworkWarning  string    `json:"-"`
	NetworkWarnedAt time.Time `json:"-"`

	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// Version counts the changes that users made: a call is made with the last.
	Version int `json:"-"`
}

// Health of an ad account, as its last answers show it.
type Health string

// Healths.
const (
	Healthy       Health = "healthy"
	Degraded      Health = "degraded"
	Throttled     Health = "throttled"
	Reauth        Health = "reauth"
	Misconfigured Health = "misconfigured"
	Disabled      Health = "disabled"
	// Untried is how a healthy account is shown whose network was never asked to
	// take anything. It is never stored.
	Untried Health = "untried"
	// Unsupported is how an account is shown whose network this build of the
	// service lacks. It is never stored: another build may have it.
	Unsupported Health = "unsupported"
)

// HealthTexts say each health in every language.
func HealthTexts() map[Health]i18n.Text {
	return map[Health]i18n.Text{
		Untried:       {EN: "not tried yet", RU: "ещё не проверен"},
		Healthy:       {EN: "healthy", RU: "работает"},
		Degraded:      {EN: "degraded", RU: "с перебоями"},
		Throttled:     {EN: "the network asks to wait", RU: "сеть просит подождать"},
		Reauth:        {EN: "needs a new access", RU: "нужен новый доступ"},
		Misconfigured: {EN: "settings are wrong", RU: "неверные настройки"},
		Disabled:      {EN: "off", RU: "выключен"},
		Unsupported:   {EN: "not in this version of tgtrack", RU: "нет в этой версии tgtrack"},
	}
}

// Stopped tells whether nothing is sent until a person has done something.
func (h Health) Stopped() bool {
	return h == Reauth || h == Misconfigured || h == Disabled || h == Unsupported
}
