package sendpulse

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// Where people keep the start value, the surest name first.
var startNames = [...]string{"start", "start_value", "start_param", "ref", "payload", "deeplink"}

// newSubscriber finds the start value of a new contact. No document says where
// it is: a value of our own form wins wherever it lies, then the contact's
// variables, those of the deep link, and the text of the first message.
func newSubscriber(e platforms.Value) string {
	contact := e.Get("contact")
	vars, link := contact.Get("variables"), tracking(contact)
	text, _ := platforms.StartCommand(platforms.Plain(contact.Get("last_message")), "")
	for _, own := range [...]string{ownValue(vars), ownValue(link), ownOnly(text)} {
		if own != "" {
			return own
		}
	}
	for _, value := range [...]string{
		platforms.StartValue(vars, startNames[:]...), platforms.StartValue(link, startNames[:]...), text,
	} {
		if value != "" {
			return value
		}
	}
	return ""
}

// messageStart reads an incoming message: a start when its text is /start. The
// contact's variables may be of an earlier start, so only those of this
// message's link stand in for a missing parameter.
func messageStart(e platforms.Value, in platforms.Inbound) (value string, ok bool) {
	contact := e.Get("contact")
	text := platforms.Plain(contact.Get("last_message"))
	if m := e.At("info", "message", "channel_data", "message"); m.IsObject() {
		text = platforms.Plain(m.Get("text"))
		if kind := platforms.Plain(m.At("chat", "type")); kind != "" && !strings.EqualFold(kind, "private") {
			return "", false
		}
	}
	value, ok = platforms.StartCommand(text, in.BotUsername)
	if !ok || value != "" {
		return value, ok
	}
	link := tracking(contact)
	if own := ownValue(link); own != "" {
		return own, true
	}
	return platforms.StartValue(link, startNames[:]...), true
}

// tracking gives the variables that came with the deep link.
func tracking(contact platforms.Value) platforms.Value {
	return contact.At("last_message_data", "message", "tracking_data", "contact_variables")
}

// ownValue gives the first variable, under any name, that has the form of the
// start values we hand out.
func ownValue(vars platforms.Value) string {
	for _, v := range vars.Members() {
		if own := ownOnly(platforms.StartText(platforms.Plain(v))); own != "" {
			return own
		}
	}
	return ""
}

func ownOnly(value string) string {
	if _, own := domain.OwnStart(value); own {
		return value
	}
	return ""
}
