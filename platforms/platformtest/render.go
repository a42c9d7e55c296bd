package platformtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// result is the content of want.json.
type result struct {
	Signals []signal `json:"signals,omitempty"`
	// Warnings are what was repaired and what was left out.
	Warnings []domain.Warning `json:"warnings,omitempty"`
	// Error is the text that the sender is shown. Kind is invalid, malformed or
	// media_type.
	Error string `json:"error,omitempty"`
	Kind  string `json:"kind,omitempty"`
}

// signal is domain.Signal without its empty fields.
type signal struct {
	Type           domain.EventType `json:"type"`
	Messenger      string           `json:"messenger,omitempty"`
	Person         *domain.Person   `json:"person,omitempty"`
	At             time.Time        `json:"at,omitzero"`
	StartValue     string           `json:"start_value,omitempty"`
	UTM            domain.UTM       `json:"utm,omitzero"`
	SenderKey      string           `json:"sender_key,omitempty"`
	ChatID         int64            `json:"chat_id,omitempty"`
	Group          bool             `json:"group,omitempty"`
	InviteLink     string           `json:"invite_link,omitempty"`
	InviteLinkName string           `json:"invite_link_name,omitempty"`
	LinkUnknown    bool             `json:"link_unknown,omitempty"`
	Name           string           `json:"name,omitempty"`
	Target         string           `json:"target,omitempty"`
	Result         domain.Result    `json:"result,omitempty"`
	Amount         *domain.Amount   `json:"amount,omitempty"`
	NativePayment  bool             `json:"native_payment,omitempty"`
	RawAmount      *domain.Amount   `json:"raw_amount,omitempty"`
	Currency       string           `json:"currency,omitempty"`
	Labels         []domain.Label   `json:"labels,omitempty"`
}

func (s *suite) render(t testing.TB, in platforms.Inbound) []byte {
	t.Helper()
	return rendered(t, s.check(t, in))
}

func rendered(t testing.TB, o outcome) []byte {
	t.Helper()
	r := result{Warnings: o.warnings}
	for _, s := range o.signals {
		r.Signals = append(r.Signals, signal(s))
	}
	if o.err != nil {
		r.Error, r.Kind = o.err.Error(), kind(o.err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		t.Fatalf("render signals: %v", err)
	}
	return b.Bytes()
}

func kind(err error) string {
	switch {
	case errors.Is(err, domain.ErrMalformed):
		return "malformed"
	case errors.Is(err, platforms.ErrMediaType):
		return "media_type"
	case errors.Is(err, domain.ErrInvalid):
		return "invalid"
	}
	return "other"
}
