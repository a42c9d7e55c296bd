package telegram

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// message reads a start: /start that a person wrote in a private chat. The
// parameter stands in the text alone, no field carries it. What has no text may
// be about money.
//
// https://core.telegram.org/bots/features#deep-linking
func message(m platforms.Value, in platforms.Inbound) (s domain.Signal, ok bool, err error) {
	text, isText := m.Get("text").Text()
	if !isText {
		return payment(m, in)
	}
	value, isStart := platforms.StartCommand(text, in.BotUsername)
	if other := platforms.OtherBot(text, in.BotUsername); other != "" && private(m.Get("chat")) {
		in.Warn(domain.WarnOtherBot, "", other)
	}
	if user, _ := from(m); !isStart || !private(m.Get("chat")) || isBot(user) || relayed(m) {
		return s, false, nil
	}
	p, err := personOf(m)
	if err != nil {
		return s, false, err
	}
	s = domain.Signal{Type: domain.BotStarted, Person: p, At: dateOf(m, in.ReceivedAt), StartValue: value}
	return s, true, nil
}

// relayed tells whether somebody else wrote the text: forwarded, or sent
// through an inline bot.
func relayed(m platforms.Value) bool {
	for _, k := range [...]string{
		"forward_origin", "forward_from", "forward_from_chat", "forward_sender_name", "forward_date",
		"via_bot",
	} {
		if m.Get(k).Exists() {
			return true
		}
	}
	return false
}
