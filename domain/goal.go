package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Episode is one subscription of a person, from a start to a stop.
type Episode struct {
	ID           string
	ProjectID    string
	SubscriberID string
	Place        Place
	OpenedAt     time.Time
	ClosedAt     *time.Time
	Touch        Touch // of the start that opened it, or that attributed it
}

// GoalState says what a goal of a person comes to.
type GoalState string

// What a goal comes to.
const (
	GoalCounts  GoalState = "counts"
	GoalWaits   GoalState = "waits"   // no start known yet
	GoalOrganic GoalState = "organic" // came by no tracking link
	GoalLate    GoalState = "late"    // the 21 days are over
)

// EpisodeStart is an episode's id and when it began.
type EpisodeStart struct {
	ID string
	At time.Time
	// Next is when the one after it began; zero for the last.
	Next time.Time
}

// EpisodeOf gives the episode that something belongs to which happened at a
// time: the last that began before it, else the first. earlier are a person's
// episodes but for the current one, oldest first; it may lack those that began
// after the time.
func (s *Subscriber) EpisodeOf(at time.Time, earlier []EpisodeStart) EpisodeStart {
	current := EpisodeStart{ID: s.EpisodeID, At: s.EpisodeAt}
	if !before(at, s.EpisodeAt) || len(earlier) == 0 {
		return current
	}
	own := earlier[0]
	for _, e := range earlier {
		if !before(at, e.At) {
			own = e
		}
	}
	if before(current.At, own.At) && before(at, own.At) { // the first of all is the current one
		return current
	}
	own.Next = current.At
	for _, e := range earlier {
		if before(own.At, e.At) && before(e.At, own.Next) {
			own.Next = e.At
		}
	}
	return own
}

// JudgeGoal decides about a goal that was reached at a time and belongs to an
// episode. The window runs from there; a person's current click is that of an
// attributed start within the window. A goal from before the first start counts
// by that very start, which it waited for; one from before a later start does
// not count by the later one, however late it arrives.
func JudgeGoal(s *Subscriber, own EpisodeStart, model Model, at time.Time, window time.Duration) (GoalState, Touch) {
	if s.EpisodeID == "" {
		return GoalWaits, Touch{}
	}
	touches := s.Touches
	if !own.Next.IsZero() {
		touches = slices.DeleteFunc(slices.Clone(touches), func(t Touch) bool { return !before(t.At, own.Next) })
	}
	t, ok := Current(touches, model, at, window)
	if !ok || before(at, own.At) && before(own.At, t.At) {
		t, ok = Touch{}, false
		if before(at, own.At) {
			t, ok = current(touches, model, own.At, window, 0)
		}
	}
	if at.Sub(own.At) > window {
		if len(s.Touches) == 0 {
			return GoalOrganic, Touch{}
		}
		if !ok {
			t = s.Touches[len(s.Touches)-1]
		}
		return GoalLate, t
	}
	if !ok {
		return GoalOrganic, Touch{}
	}
	return GoalCounts, t
}

// CountKey is what makes a goal count once: its episode, target and account, or
// its event where that counts each time.
func CountKey(episodeID, target, accountID, eventID string, amount *Amount) string {
	if CountsEachTime(amount) {
		return "e|" + eventID + "|" + accountID
	}
	return "g|" + episodeID + "|" + accountID + "|" + target
}

// ActivationKey is what makes an activation count once: its click and account,
// since an ad is paid for once, however often the person comes back by it; the
// episode where there is no click.
func ActivationKey(episodeID, clickID, accountID string) string {
	if clickID != "" {
		return "c|" + clickID + "|" + accountID
	}
	return "a|" + episodeID + "|" + accountID
}

// WithdrawGuess takes the click away from a conversion that was not sent yet:
// it turned out to be another person's. An activation leaves its id to theirs,
// which counts by the click.
func (c *Conversion) WithdrawGuess() {
	c.Because(Unattributed, ReasonGuessWithdrawn)
	c.ClickID, c.Click, c.Source = "", nil, ""
	if c.Kind == Activation {
		c.ID = ConversionID("w|" + c.ID)
	}
}

// CountsEachTime tells of the amount that came with an event whether its
// conversions count each time, with it as their value, and not once in their
// episode and without one.
func CountsEachTime(amount *Amount) bool { return amount != nil && *amount > 0 }

// ConversionID makes a conversion's id, 32 hexadecimal digits, from what makes
// it count once: the same fact, taken again after a restore or by a replay, is
// the same conversion at the network.
func ConversionID(countKey string) string {
	sum := sha256.Sum256([]byte(countKey))
	return hex.EncodeToString(sum[:16])
}
