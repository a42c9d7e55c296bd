package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/notify"
)

// Hook calls a project's own address with what is no conversion, such as
// alerts, in the same form and under the same rules for addresses. It
// implements notify.Hook.
type Hook struct {
	clients *adnet.Clients
	now     func() time.Time
}

var _ notify.Hook = (*Hook)(nil)

// NewHook makes a Hook.
func NewHook(clients *adnet.Clients, now func() time.Time) *Hook {
	return &Hook{clients: clients, now: now}
}

// Check implements notify.Hook. The error never repeats the address.
func (h *Hook) Check(address string) error {
	if err := adnet.CheckAddressText("webhook_url", address); err != nil {
		return err
	}
	u, err := url.Parse(adnet.Sendable(address))
	if err != nil {
		return domain.Invalid("webhook_url", "is not an address")
	}
	if h.clients.AllowPrivate() {
		return nil
	}
	var blocked *adnet.BlockedError
	if err := adnet.CheckAddress(u); errors.As(err, &blocked) {
		return domain.Invalid("webhook_url", "%s", blocked.Why)
	}
	return nil
}

// CheckSecret implements notify.Hook.
func (h *Hook) CheckSecret(secret string) error {
	if _, err := key(secret); err != nil {
		return domain.Invalid("webhook_secret", "must be whsec_ followed by base64 of 24 to 64 random bytes, or empty")
	}
	return nil
}

// NewSecret implements notify.Hook.
func (h *Hook) NewSecret() (string, error) { return NewSecret(rand.Reader) }

// Call implements notify.Hook.
func (h *Hook) Call(ctx context.Context, address, secret, id string, body []byte) error {
	a := adnet.Account{Client: h.clients.For(""), Now: h.now(),
		Settings: adnet.Settings{"url": address, "secret": secret}}
	v := New().post(ctx, a, id, body, adnet.Mask{}.And(address, secret), nil)
	e := &notify.SendError{
		Fault: notify.SendRefused, Reason: strings.ReplaceAll(v.Reason, address, "***"), After: v.After,
	}
	switch v.Class {
	case adnet.Delivered:
		return nil
	case adnet.Disabled:
		e.Fault = notify.SendRejected
	}
	// Others may be mended at the receiver: a message waits for that a while.
	return e
}
