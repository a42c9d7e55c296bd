// Package sendpulse reads the webhooks of SendPulse's chatbots: starts and
// stops of Telegram bots; other messengers and events are none of our
// business. It does not ask SendPulse's API for what a webhook leaves out.
//
// https://sendpulse.com/integrations/api/chatbot/webhooks
package sendpulse

import (
	"fmt"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// maxEvents of one request; SendPulse sends one, now and then a few.
const maxEvents = 1000

// Decoder decodes on_send_pulse_event.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "sendpulse", Title: "SendPulse",
		Methods: []string{"on_send_pulse_event"},
		Tier:    platforms.Full, Evidence: platforms.Documented,
		Docs:  "https://sendpulse.com/integrations/api/chatbot/webhooks",
		Guide: guide(), Texts: texts(),
	}
}

// Decode reads a list of events, or one. Events that can not be read are left
// out with a warning when others can.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.List(in, "title", "contact")
	if err != nil {
		return nil, err
	}
	switch {
	case v.IsObject():
		s, ok, err := event(v, in)
		if !ok || err != nil {
			return nil, err
		}
		return []domain.Signal{s}, nil
	case v.IsArray():
		return events(v, in)
	}
	return nil, domain.InvalidAs(domain.RefusedShape, "", "", "the body must be a list of SendPulse's events")
}

func events(list platforms.Value, in platforms.Inbound) ([]domain.Signal, error) {
	var signals []domain.Signal
	var first error
	left := 0
	for i, e := range list.Elements() {
		if i >= maxEvents {
			return nil, domain.InvalidAs(domain.RefusedTooMany, "", "",
				"the body holds more than %d events; send fewer at once", maxEvents)
		}
		s, ok, err := event(platforms.Inside(e, "title", "contact"), in)
		if err != nil {
			if left++; first == nil {
				first = platforms.Within(fmt.Sprintf("[%d]", i), err)
			}
			continue
		}
		if ok {
			signals = append(signals, s)
		}
	}
	if first != nil && len(signals) > 0 {
		in.Warn(domain.WarnElements, "", fmt.Sprintf("%d (%s)", left, platforms.FieldOf(first)))
		return signals, nil
	}
	return signals, first
}

func event(e platforms.Value, in platforms.Inbound) (s domain.Signal, ok bool, err error) {
	if !e.IsObject() {
		return s, false, domain.InvalidAs(domain.RefusedShape, "", "",
			"must be an event of SendPulse, an object with title and contact")
	}
	if !isTelegram(e) {
		return s, false, nil
	}
	s.Messenger, s.At = domain.Telegram, platforms.Time(e, "date", in.ReceivedAt)
	switch strings.ToLower(platforms.Plain(e.Get("title"))) {
	case "new_subscriber", "subscribed":
		return start(s, e, newSubscriber(e))
	case "incoming_message":
		value, isStart := messageStart(e, in)
		if !isStart {
			return s, false, nil
		}
		return start(s, e, value)
	case "bot_block", "bot_blocked", "unsubscribe", "unsubscribed", "bot_unsubscribe":
		return stop(s, e)
	case "run_custom_flow", "open_chat", "opened_live_chat", "link_click", "outgoing_message", "outbound_message",
		"message_delivered", "message_read":
		return s, false, nil
	}
	in.Warn(domain.WarnUnknownContent, "", platforms.Plain(e.Get("title")))
	return s, false, nil
}

// isTelegram goes by the service, and where it is missing by the bot's channel.
func isTelegram(e platforms.Value) bool {
	service := platforms.Plain(e.Get("service"))
	if service == "" {
		service = platforms.Plain(e.At("bot", "channel"))
	}
	return strings.EqualFold(service, "telegram")
}

func stop(s domain.Signal, e platforms.Value) (domain.Signal, bool, error) {
	s.Type = domain.BotStopped
	p, err := person(e.Get("contact"))
	if err != nil {
		return s, false, err
	}
	if p == nil {
		return s, false, domain.InvalidAs(domain.RefusedMissing, "contact.telegram_id", "",
			"is missing; a stop can not be joined to anybody without it")
	}
	s.Person = p
	s.SenderKey = platforms.Key(s, "")
	return s, true, nil
}

func start(s domain.Signal, e platforms.Value, value string) (_ domain.Signal, ok bool, err error) {
	contact := e.Get("contact")
	s.Type, s.StartValue = domain.BotStarted, value
	if s.Person, err = person(contact); err != nil {
		return s, false, err
	}
	s.UTM = platforms.UTM(contact.Get("variables")).Or(platforms.UTM(tracking(contact)))
	s.SenderKey = startKey(s, platforms.Plain(contact.Get("id")))
	return s, true, nil
}

// person reads the contact; nil when nothing in it is a Telegram id, for
// contact.id is SendPulse's own.
func person(contact platforms.Value) (*domain.Person, error) {
	last := contact.Get("last_message_data")
	for _, f := range []struct {
		in   platforms.Value
		path string
		key  string
	}{
		{contact, "contact", "telegram_id"},
		{last, "contact.last_message_data", "chat_id"},
		{last, "contact.last_message_data", "telegram_id"},
	} {
		id, ok, err := platforms.OptionalID(f.in, f.key)
		if err != nil {
			return nil, platforms.Within(f.path, err)
		}
		if ok {
			return named(contact, id), nil
		}
	}
	return nil, nil
}

func named(contact platforms.Value, id int64) *domain.Person {
	p := platforms.TemplatedPerson(contact.Get("channel_data"), id)
	if p.Username == "" {
		p.Username = platforms.Username(platforms.Optional(contact, "username"))
	}
	if p.FirstName == "" {
		p.FirstName = platforms.Optional(contact, "name")
	}
	return p
}
