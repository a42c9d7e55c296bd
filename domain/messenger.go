package domain

import (
	"cmp"
	"strconv"
)

// Messengers in which bots and channels live. Ids of people and chats of
// different messengers never meet.
const (
	Telegram = "telegram"
	MAX      = "max"
)

// Messengers lists the messengers, the default first.
func Messengers() []string { return []string{Telegram, MAX} }

// MessengerOf is the messenger that somebody meant who may have named one: a
// decoder, a request, a page. Defaults to the project's.
func (p *Project) MessengerOf(said string) string { return cmp.Or(said, p.Messenger, Telegram) }

// Host is where addresses of the project's bot and channel lead.
func (p *Project) Host() string {
	if p.MessengerOf("") == MAX {
		return "max.ru"
	}
	return "t.me"
}

// ChatID is the id of a channel or group, which is text outside.
type ChatID int64

// MarshalText implements encoding.TextMarshaler.
func (id ChatID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ChatID) UnmarshalText(text []byte) (err error) {
	*id = 0
	if len(text) > 0 {
		var n int64
		n, err = strconv.ParseInt(string(text), 10, 64)
		*id = ChatID(n)
	}
	return err
}

// String is the id, empty for none.
func (id ChatID) String() string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}
