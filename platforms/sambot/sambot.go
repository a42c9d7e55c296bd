// Package sambot reads what bots made on SamBot send to sambot_on_tg_webhook:
// a Telegram update in the field "webhook", as an object or as text, in JSON
// or a form. No vendor's page describes it.
package sambot

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/telegram"
)

// Decoder decodes sambot_on_tg_webhook.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "sambot", Title: "SamBot",
		Methods: []string{"sambot_on_tg_webhook"},
		Tier:    platforms.Full, Evidence: platforms.Unverified,
		Docs:  "https://sambot.ru",
		Guide: guide(),
	}
}

// Decode reads the update. Values of a person without an update say nothing
// about what happened, so they are refused.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	return telegram.Unwrapped(in, "webhook")
}
