package domain

import "time"

// Place is where a person is subscribed: the private chat with the bot, or a
// channel or group by its chat id.
type Place int64

// Places that have no chat id. None of a channel or group is like these.
const (
	BotChat Place = 0
	// UnnamedPlace is a channel or group that nobody named: in a channel project
	// its own, elsewhere any.
	UnnamedPlace Place = 1
)

// supergroups lie below: Telegram's ids of channels and groups are their own
// numbers behind this one, and some programs tell the numbers alone.
const supergroups = -1_000_000_000_000

// ChatPlace is a channel or group by its id.
func ChatPlace(messenger string, id int64) Place {
	if messenger == Telegram && id > 0 {
		id = supergroups - id
	}
	return Place(id)
}

// ChatID is the id of a channel or group, 0 where there is none.
func (p Place) ChatID() ChatID {
	if p == UnnamedPlace {
		return 0
	}
	return ChatID(p)
}

// Kind tells the chat with the bot from channels and groups: "bot" or "chat".
func (p Place) Kind() string {
	if p == BotChat {
		return "bot"
	}
	return "chat"
}

// Place is the project's own: the one whose starts and joins count. A channel
// project does not know it until the first channel is told of.
func (p *Project) Place() Place {
	switch {
	case p.Kind != KindChannel:
		return BotChat
	case p.ChannelID == 0:
		return UnnamedPlace
	}
	return Place(p.ChannelID)
}

// OfMembers tells whether the event happened in a channel or group, not in the
// chat with the bot.
func (t EventType) OfMembers() bool {
	return t == MemberJoined || t == MemberLeft || t == JoinRequested
}

// PlaceOf is where a signal happened. A channel that is not named is the
// project's own where it has one.
func (p *Project) PlaceOf(s *Signal) Place {
	switch {
	case !s.Type.OfMembers():
		return BotChat
	case s.ChatID != 0:
		return ChatPlace(p.MessengerOf(s.Messenger), s.ChatID)
	case p.Kind == KindChannel:
		return p.Place()
	}
	return UnnamedPlace
}

// PlaceTold is where an event happened that is of no place of the project's
// own: the channel that it names, any that nobody named, or the chat with the bot.
func PlaceTold(t EventType, messenger string, chatID int64) Place {
	switch {
	case !t.OfMembers():
		return BotChat
	case chatID != 0:
		return ChatPlace(messenger, chatID)
	}
	return UnnamedPlace
}

// Owns tells whether a signal happened in the project's own place.
func (p *Project) Owns(s *Signal) bool {
	return p.OwnPlace(p.MessengerOf(s.Messenger), p.PlaceOf(s))
}

// OwnPlace tells whether a place of a messenger is the project's own. A
// channel's id is of the project's messenger; bots of a project may be in
// several.
func (p *Project) OwnPlace(messenger string, at Place) bool {
	own := p.Place()
	return at == own && (at.ChatID() == 0 || messenger == p.MessengerOf(""))
}

// Same tells whether two places are the same as far as is known: a channel that
// nobody named may be any.
func (p Place) Same(as Place) bool {
	return p == as || p == UnnamedPlace && as != BotChat || as == UnnamedPlace && p != BotChat
}

// Learns tells whether a signal says which channel the project's own is: the
// first whose members are told, while none is known. A group must be set.
func (p *Project) Learns(s *Signal) bool {
	return p.Kind == KindChannel && p.ChannelID == 0 && (s.Type == MemberJoined || s.Type == MemberLeft) &&
		s.ChatID != 0 && !s.Group && p.MessengerOf(s.Messenger) == p.MessengerOf("")
}

// Membership is a person's subscription to a place that is not the project's
// own. It counts nowhere. Of a place that was the project's own it keeps the
// last episode, for when it is so again.
type Membership struct {
	Place     Place
	In        bool
	JoinedAt  time.Time // the latest join or start known, zero for none
	LeftAt    time.Time // the latest leave or stop known, zero for none
	EpisodeID string
}

// Join applies a join or start at a time and says whether it changed anything.
func (m *Membership) Join(at time.Time) bool {
	if m.In || before(at, m.LeftAt) {
		return false
	}
	m.In, m.JoinedAt = true, at
	return true
}

// Leave applies a leave or stop. One that was told after a later join has been
// overtaken by it.
func (m *Membership) Leave(at time.Time) bool {
	if m.In && before(at, m.JoinedAt) || !m.In && !before(m.LeftAt, at) {
		return false
	}
	was := m.In
	m.In, m.LeftAt = false, at
	return was
}

// MoveTo makes another place the one that the subscription tells of, since the
// project's own is another now, and gives what is to be kept of the one before;
// nil for nothing. known is what was kept of the new one, nil for nothing. What
// was counted stays counted.
func (s *Subscriber) MoveTo(own Place, known *Membership) *Membership {
	was := s.Place
	if own == UnnamedPlace && was != BotChat { // one channel, whose id is not known or no longer
		return nil
	}
	s.Place = own
	if was == own || was == UnnamedPlace && own != BotChat || s.EpisodeID == "" && s.StoppedAt.IsZero() {
		return nil
	}
	kept := &Membership{
		Place: was, In: s.Subscribed, JoinedAt: s.EpisodeAt, LeftAt: s.StoppedAt, EpisodeID: s.EpisodeID,
	}
	s.Subscribed, s.StoppedAt = false, time.Time{}
	if known != nil && known.EpisodeID != "" {
		s.EpisodeID, s.EpisodeAt = known.EpisodeID, known.JoinedAt
		s.Subscribed, s.StoppedAt = known.In, known.LeftAt
	}
	return kept
}
