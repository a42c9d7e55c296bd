// Package telegram reads updates of the Telegram Bot API, as Telegram sends
// them and as forwarders re-serialise them. It reads the few kinds that say
// who started, stopped, joined, left or paid; every other kind, known or not, is
// none of our business. It does not talk to Telegram.
//
// https://core.telegram.org/bots/api#update
package telegram

import (
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// Decoder decodes on_telegram_webhook.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "telegram", Title: "Telegram Bot API (own bots)", TitleRU: "Telegram Bot API (свои боты)",
		Methods: []string{"on_telegram_webhook"},
		Tier:    platforms.Full, Evidence: platforms.Captured,
		Docs:  "https://core.telegram.org/bots/api#update",
		Guide: guide(),
		Signature: platforms.Signature{
			Header: "X-Telegram-Bot-Api-Secret-Token", Algorithm: platforms.PlainSecret, Secret: "telegram",
			Form: `[A-Za-z0-9_-]{1,256}`,
			Title: i18n.Text{
				EN: "Telegram: secret_token of setWebhook, 1 to 256 letters, digits, _ and -",
				RU: "Telegram: secret_token из setWebhook, 1–256 латинских букв, цифр, _ и -",
			},
		},
	}
}

// Decode reads one update, also behind the wrapping that templates and
// workflow tools put around it.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) { return Unwrapped(in, "") }

// Unwrapped finds the update of a request and reads it. blame is the field to
// name when there is none; empty for the body.
func Unwrapped(in platforms.Inbound, blame string) ([]domain.Signal, error) {
	u, err := platforms.Update(in, blame)
	if err != nil {
		return nil, err
	}
	return Read(u, in)
}

// Read reads an update that was found already.
func Read(u platforms.Value, in platforms.Inbound) ([]domain.Signal, error) {
	var s domain.Signal
	var ok bool
	var err error
	unknown, why := "", domain.WarnUnknownContent
	for kind, v := range u.Members() {
		if ok || err != nil {
			break
		}
		switch kind {
		case "message":
			s, ok, err = message(platforms.Embedded(v), in)
		case "my_chat_member":
			s, ok, err = myChatMember(platforms.Embedded(v), in.ReceivedAt)
		case "chat_member":
			s, ok, err = chatMember(platforms.Embedded(v), in.ReceivedAt)
		case "chat_join_request":
			s, ok, err = joinRequest(platforms.Embedded(v), in.ReceivedAt)
		case "purchased_paid_media":
			s, ok, err = paidMedia(platforms.Embedded(v))
		case "subscription":
			s, ok, err = subscription(platforms.Embedded(v))
		default:
			if v.IsObject() && !platforms.IsKind(kind) {
				unknown, why = kind, domain.WarnUnknownKind
			}
			continue
		}
		if !ok && err == nil && hasChat(kind) && !platforms.Embedded(v).Get("chat").Exists() {
			unknown, why = kind+" without a chat", domain.WarnUnknownContent
		}
		err = platforms.Within(kind, err)
	}
	if err != nil || !ok {
		if err == nil && unknown != "" {
			in.Warn(why, "", unknown)
		}
		return nil, err
	}
	s.Messenger = domain.Telegram
	if s.SenderKey == "" {
		s.SenderKey = senderKey(u, s)
	}
	return []domain.Signal{s}, nil
}

// hasChat tells whether updates of a kind that is read name a chat.
func hasChat(kind string) bool { return kind != "purchased_paid_media" && kind != "subscription" }

func senderKey(u platforms.Value, s domain.Signal) string {
	text, _ := u.Get("update_id").Text()
	if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
		return platforms.UpdateKey(n, s)
	}
	return platforms.Key(s, s.StartValue)
}

// from gives the person who acted: "from", or "from_user" where the program in
// between could not use a word of its language.
func from(v platforms.Value) (user platforms.Value, key string) {
	if f := v.Get("from"); f.Exists() {
		return f, "from"
	}
	return v.Get("from_user"), "from_user"
}

// private tells whether a chat is one with a person; of a chat without a type
// the id does.
func private(chat platforms.Value) bool {
	if kind := platforms.Plain(chat.Get("type")); kind != "" {
		return strings.EqualFold(kind, "private")
	}
	id, err := platforms.ChatID(chat, "id")
	return err == nil && id > 0
}

// personOf reads who acted in a private chat, whose id is the person's own.
func personOf(v platforms.Value) (*domain.Person, error) {
	user, key := from(v)
	if user.Get("id").Exists() {
		p, err := person(user)
		return p, platforms.Within(key, err)
	}
	id, err := platforms.ID(v.Get("chat"), "id")
	if err != nil {
		return nil, platforms.Within("chat", err)
	}
	p := names(user)
	if p.FirstName == "" && p.Username == "" {
		p = names(v.Get("chat"))
	}
	p.ID = id
	return p, nil
}

func person(user platforms.Value) (*domain.Person, error) {
	id, err := platforms.ID(user, "id")
	if err != nil {
		return nil, err
	}
	p := names(user)
	p.ID = id
	return p, nil
}

func names(user platforms.Value) *domain.Person {
	return &domain.Person{
		Username:  platforms.Username(platforms.Plain(user.Get("username"))),
		FirstName: platforms.Plain(user.Get("first_name")),
		LastName:  platforms.Plain(user.Get("last_name")),
		Language:  platforms.Plain(user.Get("language_code")),
		IsPremium: platforms.Premium(user),
	}
}

func isBot(user platforms.Value) bool {
	b, _ := user.Get("is_bot").Bool()
	return b
}

func dateOf(v platforms.Value, receivedAt time.Time) time.Time {
	return platforms.Time(v, "date", receivedAt)
}
