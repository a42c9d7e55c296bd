// Package salebot reads what bots made on SaleBot send to on_telegram_webhook:
// the update that SaleBot keeps in the variable tg_request, in whatever
// template people put it, and SaleBot's own project webhook. It asks nothing
// of SaleBot's API.
//
// https://docs.salebot.pro/chatbots/channels/telegram/webhook
package salebot

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
	"github.com/tgtrack/tgtrack/platforms/telegram"
)

// Decoder decodes on_telegram_webhook for SaleBot's projects.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "salebot", Title: "SaleBot",
		Serves: []string{"on_telegram_webhook"},
		Tier:   platforms.Full, Evidence: platforms.Documented,
		Docs:  "https://docs.salebot.pro/chatbots/channels/telegram/webhook",
		Guide: guide(),
	}
}

// Decode reads an update or an event of the project webhook.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	if v, err := platforms.Object(in, "client", "update_id"); err == nil && isProjectWebhook(v) {
		return projectEvent(v, in)
	}
	return telegram.Unwrapped(in, "")
}

// isProjectWebhook knows the project webhook by the client inside, whose id in
// the messenger SaleBot calls "recepient".
func isProjectWebhook(v platforms.Value) bool {
	return !v.Get("update_id").Exists() && recipientKey(platforms.Embedded(v.Get("client"))) != ""
}

func recipientKey(client platforms.Value) string {
	for _, k := range [...]string{"recepient", "recipient"} {
		if client.Get(k).Exists() {
			return k
		}
	}
	return ""
}

// projectEvent reads one message of the project webhook, which carries every
// message in and out. Blocking and coming back are messages, too, with texts
// that SaleBot makes up. created_at is the client's, not the event's, so the
// event has no time.
func projectEvent(v platforms.Value, in platforms.Inbound) ([]domain.Signal, error) {
	client := platforms.Embedded(v.Get("client"))
	s := domain.Signal{}
	text := platforms.Plain(v.Get("message"))
	switch value, isStart := platforms.StartCommand(text, in.BotUsername); {
	case text == "client_unsubscribed":
		s.Type = domain.BotStopped
	case text == "client_returned":
		s.Type = domain.BotUnblocked
	case isStart && incoming(v):
		s.Type = domain.BotStarted
		if s.StartValue = value; value == "" {
			s.StartValue = platforms.StartValue(client, "tag")
		}
	default:
		return nil, nil
	}
	key := recipientKey(client)
	id, err := platforms.ID(client, key)
	if err != nil {
		return nil, platforms.Within("client", err)
	}
	s.Person = platforms.TemplatedPerson(client, id)
	if n := platforms.Plain(v.Get("id")); n != "" {
		s.SenderKey = "salebot:" + n + ":" + string(s.Type)
	}
	return []domain.Signal{s}, nil
}

// incoming tells a client's message from the bot's; one that does not say is
// taken for a client's, because bots do not write /start.
func incoming(v platforms.Value) bool {
	is, said := v.Get("is_input").Bool()
	return is || !said
}
