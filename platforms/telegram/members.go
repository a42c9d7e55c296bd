package telegram

import (
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// myChatMember reads a block or unblock by the person. The same kind comes for
// groups and channels, where it is about the bot's own rights.
//
// https://core.telegram.org/bots/api#chatmemberupdated
func myChatMember(m platforms.Value, receivedAt time.Time) (s domain.Signal, ok bool, err error) {
	if user, _ := from(m); !private(m.Get("chat")) || isBot(user) {
		return s, false, nil
	}
	was, is := status(m.Get("old_chat_member")), status(m.Get("new_chat_member"))
	switch {
	case is == "kicked" || is == "left":
		s.Type = domain.BotStopped
	case is == "member" && (was == "kicked" || was == "left"):
		s.Type = domain.BotUnblocked
	default:
		return s, false, nil
	}
	if s.Person, err = personOf(m); err != nil {
		return s, false, err
	}
	s.At = dateOf(m, receivedAt)
	return s, true, nil
}

// chatMember reads who came to or left a channel or group: whoever was in
// before or after, not whoever acted, who may be an administrator.
func chatMember(m platforms.Value, receivedAt time.Time) (s domain.Signal, ok bool, err error) {
	chat, user := m.Get("chat"), m.At("new_chat_member", "user")
	if !chat.Exists() || !user.Exists() || isBot(user) || private(chat) {
		return s, false, nil
	}
	is, known := inChat(m.Get("new_chat_member"))
	was, knownBefore := inChat(m.Get("old_chat_member"))
	if !m.Get("old_chat_member").Exists() {
		was, knownBefore = !is, true
	}
	if !known || !knownBefore || was == is {
		return s, false, nil
	}
	s.Type = domain.MemberLeft
	if is {
		s.Type = domain.MemberJoined
	}
	if s.Person, err = person(user); err != nil {
		return s, false, platforms.Within("new_chat_member.user", err)
	}
	return inChannel(s, m, receivedAt)
}

// joinRequest reads a request to join; the join itself follows as chat_member.
//
// https://core.telegram.org/bots/api#chatjoinrequest
func joinRequest(m platforms.Value, receivedAt time.Time) (s domain.Signal, ok bool, err error) {
	user, key := from(m)
	if !m.Get("chat").Exists() || !user.Exists() || isBot(user) {
		return s, false, nil
	}
	s.Type = domain.JoinRequested
	if s.Person, err = person(user); err != nil {
		return s, false, platforms.Within(key, err)
	}
	return inChannel(s, m, receivedAt)
}

func inChannel(s domain.Signal, m platforms.Value, receivedAt time.Time) (domain.Signal, bool, error) {
	id, err := platforms.ChatID(m.Get("chat"), "id")
	if err != nil {
		return s, false, platforms.Within("chat", err)
	}
	s.ChatID, s.Group = id, group(m.Get("chat"))
	s.At = dateOf(m, receivedAt)
	if link := m.Get("invite_link"); link.IsString() {
		s.InviteLink = platforms.Link(link)
	} else {
		s.InviteLink = platforms.Link(link.Get("invite_link"))
		s.InviteLinkName = platforms.Plain(link.Get("name"))
	}
	return s, true, nil
}

func status(member platforms.Value) string {
	return strings.ToLower(platforms.Plain(member.Get("status")))
}

// inChat tells whether a member is in the chat; known is false for a status
// that the Bot API did not have when this was written.
func inChat(member platforms.Value) (in, known bool) {
	switch status(member) {
	case "creator", "administrator", "member":
		return true, true
	case "restricted":
		in, _ := member.Get("is_member").Bool()
		return in, true
	case "left", "kicked":
		return false, true
	}
	return false, false
}

// group tells whether a chat is said to be a group and not a channel.
func group(chat platforms.Value) bool {
	kind := strings.ToLower(platforms.Plain(chat.Get("type")))
	return kind == "group" || kind == "supergroup"
}
