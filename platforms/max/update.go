package max

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// read reads one update.
func read(u platforms.Value, in platforms.Inbound) (s domain.Signal, ok bool, err error) {
	s = domain.Signal{Messenger: domain.MAX, At: platforms.Time(u, "timestamp", in.ReceivedAt)}
	switch strings.ToLower(platforms.Plain(u.Get("update_type"))) {
	case "bot_started":
		s.Type, s.StartValue = domain.BotStarted, payload(u)
		return dialog(s, u)
	case "bot_stopped", "dialog_removed":
		// A bot is stopped together with its dialog when that is deleted. MAX
		// tells of both, at the same time and so with the same key.
		s.Type = domain.BotStopped
		return dialog(s, u)
	case "user_added":
		s.Type, s.LinkUnknown = domain.MemberJoined, !invited(u)
		return member(s, u)
	case "user_removed":
		s.Type = domain.MemberLeft
		return member(s, u)
	case "bot_added", "bot_removed", "dialog_cleared", "dialog_muted", "dialog_unmuted", "message_created",
		"message_edited", "message_removed", "message_callback", "message_chat_created", "message_construction_request",
		"message_constructed", "chat_title_changed", "bot_admin_permissions_changed", "comment_created":
		return s, false, nil
	}
	in.Warn(domain.WarnUnknownKind, "", platforms.Plain(u.Get("update_type")))
	return s, false, nil
}

// dialog is an event of the chat with the bot.
func dialog(s domain.Signal, u platforms.Value) (domain.Signal, bool, error) {
	user := u.Get("user")
	if isBot(user) {
		return s, false, nil
	}
	id, found, err := platforms.OptionalID(user, "user_id")
	if err != nil {
		return s, false, platforms.Within("user", err)
	}
	if !found { // in dialogs the field beside it is the same person
		if id, err = platforms.ID(u, "user_id"); err != nil {
			return s, false, err
		}
	}
	s.Person = person(user, id)
	s.Person.Language = platforms.Plain(u.Get("user_locale"))
	s.SenderKey = platforms.Key(s, s.StartValue)
	return s, true, nil
}

// member is somebody's coming to or going from a channel or group. It is about
// "user": the user_id beside it is not documented, and is another's at times.
func member(s domain.Signal, u platforms.Value) (domain.Signal, bool, error) {
	user := u.Get("user")
	if isBot(user) {
		return s, false, nil
	}
	id, err := platforms.ID(user, "user_id")
	if err != nil {
		return s, false, platforms.Within("user", err)
	}
	s.Person = person(user, id)
	if s.ChatID, err = platforms.ChatID(u, "chat_id"); err != nil {
		return s, false, err
	}
	if channel, said := u.Get("is_channel").Bool(); said {
		s.Group = !channel
	}
	s.SenderKey = platforms.Key(s, strconv.FormatInt(s.ChatID, 10))
	return s, true, nil
}

// invited tells whether somebody else brought a member in. Who came by a link
// has no inviter, or themselves.
func invited(u platforms.Value) bool {
	inviter := platforms.Plain(u.Get("inviter_id"))
	return inviter != "" && inviter != "0" && inviter != platforms.Plain(u.At("user", "user_id"))
}

func isBot(user platforms.Value) bool {
	b, _ := user.Get("is_bot").Bool()
	return b
}

// person reads the names of a user. Updates of older versions of the API have
// the whole name alone.
func person(user platforms.Value, id int64) *domain.Person {
	p := &domain.Person{
		ID:        id,
		Username:  platforms.Username(platforms.Plain(user.Get("username"))),
		FirstName: platforms.Plain(user.Get("first_name")),
		LastName:  platforms.Plain(user.Get("last_name")),
	}
	if p.FirstName == "" && p.LastName == "" {
		p.FirstName = platforms.Plain(user.Get("name"))
	}
	return p
}

// linkBefore is what stands before the value in a link to a bot, which has two
// forms: https://max.ru/NAME?start=VALUE and https://max.ru/NAME/start/VALUE.
var linkBefore = regexp.MustCompile(
	`^(?i:(?:https?://)?(?:www\.)?max\.ru/[^/?#]+(?:/start/|\?(?:[^#]*&)?start=)|/start/|\?start=)`)

// payload is the value that a link to the bot carried. Where more of the link
// arrives than the value, the value is cut out of it.
func payload(u platforms.Value) string {
	text := strings.TrimSpace(platforms.Link(u.Get("payload")))
	before := linkBefore.FindString(text)
	if before == "" {
		return domain.StartIn(domain.MAX, platforms.Clip(text, platforms.MaxName))
	}
	text, _, _ = strings.Cut(text[len(before):], "&")
	text, _, _ = strings.Cut(text, "#")
	if value, err := url.QueryUnescape(text); err == nil {
		text = strings.ToValidUTF8(strings.ReplaceAll(value, "\x00", ""), "")
	}
	return domain.StartIn(domain.MAX, platforms.Clip(text, platforms.MaxName))
}
