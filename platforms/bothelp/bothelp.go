// Package bothelp reads what BotHelp's action "send subscriber's data by
// webhook" posts to my_bothelp_was_started. BotHelp tells of no stops; its
// other requests are written by hand and go to the generic methods.
//
// https://help.bothelp.io/en/webhook-bothelp
package bothelp

import (
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// Decoder decodes my_bothelp_was_started.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "bothelp", Title: "BotHelp",
		Methods: []string{"my_bothelp_was_started"},
		Tier:    platforms.Medium, Evidence: platforms.Captured,
		Docs:  "https://help.bothelp.io/en/webhook-bothelp",
		Guide: guide(),
	}
}

// Decode reads a start. bothelp_user_id and cuid are BotHelp's own ids and
// never a person's.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.Object(in, "user_id", "subscriber")
	if err != nil {
		return nil, err
	}
	path := ""
	if inner := platforms.Embedded(v.Get("subscriber")); inner.IsObject() && !v.Get("user_id").Exists() {
		v, path = inner, "subscriber"
	}
	id, err := platforms.ID(v, "user_id")
	if err != nil {
		return nil, platforms.Within(path, err)
	}
	p := platforms.TemplatedPerson(v, id)
	if name := platforms.Optional(v, "messenger_username"); name != "" {
		p.Username = platforms.Username(name)
	}
	s := domain.Signal{
		Type: domain.BotStarted, Person: p, At: sentAt(v, in.ReceivedAt),
		StartValue: platforms.StartValue(v, "ref", "start_value"), UTM: platforms.UTM(v),
	}
	s.SenderKey = platforms.Key(s, s.StartValue)
	return []domain.Signal{s}, nil
}

// sentAt is the moment of sending: created_at in what was captured, a second
// after last_contact_at. The later of the two, lest created_at turn out to be
// the profile's birth in some projects.
func sentAt(v platforms.Value, receivedAt time.Time) time.Time {
	created := platforms.Time(v, "created_at", receivedAt)
	if contact := platforms.Time(v, "last_contact_at", receivedAt); contact.After(created) {
		return contact
	}
	return created
}
