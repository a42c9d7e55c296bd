package sendpulse

import (
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// firstContact is how long after a contact was made a start is still its first.
const firstContact = 20 * time.Second

// startKey makes one event of the two that SendPulse sends for a first start,
// new_subscriber and the incoming /start.
//
// Their dates may differ, and no cutting of time into minutes puts every pair
// into one piece. But the first start is what makes the contact, and a
// contact's id (a MongoDB ObjectId) begins with the second it was made in. So
// a start close to that second is the contact's first, whichever of the two
// events tells of it, and no other start of the contact ever is. Later starts
// come as incoming messages alone, and their own time tells them apart.
//
// The start value is part of the key: an event that knows the value must not
// be dropped as a repeat of one that does not. Two such starts, and pairs
// whose contact has another kind of id and whose dates differ, are left to the
// rule that a start while subscribed opens nothing.
func startKey(s domain.Signal, contactID string) string {
	if made, ok := madeAt(contactID); ok && !s.At.IsZero() {
		if d := s.At.Sub(made); d > -firstContact && d < firstContact {
			return "sendpulse:first:" + contactID + ":" + s.StartValue
		}
	}
	if s.At.IsZero() || s.Person == nil && contactID == "" {
		return ""
	}
	if s.Person == nil {
		return "sendpulse:" + contactID + ":" + strconv.FormatInt(s.At.Unix(), 10) + ":" + s.StartValue
	}
	s.At = s.At.Truncate(time.Second) // the two events differ in milliseconds
	return platforms.Key(s, s.StartValue)
}

// madeAt reads the time out of an ObjectId.
//
// https://www.mongodb.com/docs/manual/reference/bson-types/#objectid
func madeAt(id string) (time.Time, bool) {
	if len(id) != 24 {
		return time.Time{}, false
	}
	if _, err := strconv.ParseUint(id[8:], 16, 64); err != nil {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseUint(id[:8], 16, 32)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}
