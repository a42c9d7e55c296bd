package domain

import (
	"strings"
	"time"
)

// Reason says how a start found its source.
type Reason string

// Reasons of attribution, from the surest to none.
const (
	ByClick       Reason = "click"        // the click's own start value, first person who used it
	BySharedClick Reason = "shared_click" // somebody else's click: link and UTM known, click ids not ours
	ByLink        Reason = "link"         // the link's permanent start value
	ByInviteLink  Reason = "invite_link"  // the channel's invite link, by address or name
	ByCutLink     Reason = "cut_link"     // the only invite link whose address begins as the join's, which was cut
	ByGuess       Reason = "auto_detect"  // newest click that nobody started with
	ByStartValue  Reason = "start_value"  // a value that is not ours is its own source
	Organic       Reason = "organic"      // nothing known
)

// Touch is one start or join together with what it was attributed to.
type Touch struct {
	At         time.Time `json:"at"`
	StartValue string    `json:"start_value,omitempty"`
	LinkID     string    `json:"link_id,omitempty"`
	ClickID    string    `json:"click_id,omitempty"`
	Source     string    `json:"source,omitempty"` // name shown to people
	UTM        UTM       `json:"utm,omitzero"`
	// ClickUTM is what the click itself had of UTM: the link's, which fills
	// the rest, may be changed later.
	ClickUTM UTM    `json:"click_utm,omitzero"`
	Reason   Reason `json:"reason"`
	// Confidence of the click: 1, or 1/n among n candidates; 0 when organic.
	Confidence float64 `json:"confidence"`
}

// Attributed tells whether the touch came by a tracking link.
func (t Touch) Attributed() bool { return t.LinkID != "" }

// Guess tells whether the click is only probable.
func (t Touch) Guess() bool {
	return t.ClickID != "" && (t.Reason == ByGuess || t.Reason == ByInviteLink || t.Reason == ByCutLink)
}

// Today gives the touch the name and UTM that its link has by now.
func (t *Touch) Today(l *Link) {
	if t.LinkID == l.ID {
		t.Source, t.UTM = l.Name, t.ClickUTM.Or(l.UTM)
	}
}

// OrganicTouch is a start without a known source; a start value that is not
// ours is a source of its own.
func OrganicTouch(at time.Time, startValue string) Touch {
	if startValue == "" || startValue == AutoDetect {
		return Touch{At: at, Reason: Organic}
	}
	return Touch{At: at, StartValue: startValue, Source: startValue, Reason: ByStartValue, Confidence: 1}
}

// LinkTouch is a start by a link, with the link's name and UTM as source.
func LinkTouch(at time.Time, l *Link, reason Reason) Touch {
	return Touch{At: at, StartValue: l.StartValue, LinkID: l.ID, Source: l.Name, UTM: l.UTM, Reason: reason,
		Confidence: 1}
}

// ClickTouch is a start by a click of a link. The click's UTM wins over the
// link's, field by field. The click is left out when it is somebody else's.
func ClickTouch(at time.Time, l *Link, c *Click, reason Reason, confidence float64) Touch {
	t := LinkTouch(at, l, reason)
	t.StartValue, t.ClickUTM, t.Confidence = c.StartValue, c.UTM(), confidence
	t.UTM = t.ClickUTM.Or(l.UTM)
	if reason != BySharedClick {
		t.ClickID = c.ID
	}
	return t
}

// maxTouches bounds the touches kept with a person; the oldest and the newest
// decide, those between are history that events keep, too.
const maxTouches = 16

// AddTouch appends an attributed touch, in the order of time, and forgets
// those that lie so long before the newest that not even a goal told as late as
// may be goes by them, or are too many.
func AddTouch(touches []Touch, t Touch, window time.Duration) []Touch {
	if !t.Attributed() {
		return touches
	}
	i := len(touches)
	for i > 0 && touches[i-1].At.After(t.At) {
		i--
	}
	out := make([]Touch, 0, len(touches)+1)
	out = append(append(append(out, touches[:i]...), t), touches[i:]...)
	newest := out[len(out)-1].At
	for len(out) > 1 && newest.Sub(out[0].At) > 2*window {
		out = out[1:]
	}
	if len(out) > maxTouches {
		out = append(out[:1], out[len(out)-maxTouches+1:]...)
	}
	return out
}

// DropClick takes a click away from a person: a guess that somebody's exact
// start proved wrong.
func DropClick(touches []Touch, clickID string) []Touch {
	out := make([]Touch, 0, len(touches))
	for _, t := range touches {
		if t.ClickID != clickID {
			out = append(out, t)
		}
	}
	return out
}

// clockSlack is how far senders' clocks may differ: a start this much after a
// time counts as one before it.
const clockSlack = 5 * time.Minute

// Current gives the touch whose click is a person's current one at a time:
// the latest attributed start within the window before it, or the first.
func Current(touches []Touch, model Model, at time.Time, window time.Duration) (Touch, bool) {
	return current(touches, model, at, window, clockSlack)
}

func current(touches []Touch, model Model, at time.Time, window, slack time.Duration) (Touch, bool) {
	var found Touch
	ok := false
	for _, t := range touches {
		if at.Sub(t.At) > window || before(at.Add(slack), t.At) {
			continue
		}
		if ok && before(at, t.At) { // only for want of an earlier one
			break
		}
		found, ok = t, true
		if model == FirstClick {
			break
		}
	}
	return found, ok
}

// CutLink tells whether the address of an invite link was cut, as Telegram does
// with those that another administrator made, and gives how it begins.
func CutLink(address string) (begins string, cut bool) {
	for _, end := range []string{"…", "..."} {
		if begins, cut = strings.CutSuffix(strings.TrimSpace(address), end); cut {
			return begins, begins != ""
		}
	}
	return "", false
}
