package generic

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// member reads channel_subscribed and channel_unsubscribed, which carry the
// statuses of Telegram's chat members. Programs call one of the two for every
// change, so the new status decides, and the method's name only where it says
// nothing.
func member(in platforms.Inbound, v platforms.Value) ([]domain.Signal, error) {
	kind := domain.MemberJoined
	if in.Method == "channel_unsubscribed" {
		kind = domain.MemberLeft
	}
	is, known := inChat(v, "new_status")
	was, knownBefore := inChat(v, "old_status")
	switch {
	case known && knownBefore && was == is:
		return nil, nil
	case known && is:
		kind = domain.MemberJoined
	case known:
		kind = domain.MemberLeft
	}
	id, err := platforms.ID(v, "user_id")
	if err != nil {
		return nil, err
	}
	s := domain.Signal{
		Type: kind, Person: platforms.TemplatedPerson(v, id),
		InviteLink:     platforms.Optional(v, "invite_link"),
		InviteLinkName: platforms.Optional(v, "invite_link_name"),
	}
	if s.Messenger, err = platforms.Messenger(v); err != nil {
		return nil, err
	}
	if s.ChatID, err = platforms.ChatID(v, "channel_id"); err != nil {
		return nil, err
	}
	s.At = platforms.Time(v, "date", in.ReceivedAt)
	s.SenderKey = platforms.Key(s, platforms.Plain(v.Get("channel_id")))
	return []domain.Signal{s}, nil
}

// inChat judges a status; known is false when there is none or it is new.
func inChat(v platforms.Value, key string) (in, known bool) {
	switch strings.ToLower(platforms.Optional(v, key)) {
	case "creator", "administrator", "member":
		return true, true
	case "restricted":
		is, said := v.Get("is_member").Bool()
		return is || !said, true
	case "left", "kicked":
		return false, true
	}
	return false, false
}
