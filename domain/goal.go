package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Episode is one subscription of a person, from a start to a stop.
type Episode struct {
	ID           string
	ProjectID    string
	SubscriberID string
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

// JudgeGoal decides about a goal reached at a time. The window runs from the
// start of the current episode; a person's current click is that of an
// attributed start within the window. A goal that came before the start it
// waited for counts by that start; one from before a later start does not
// count by the later one, however late it arrives.
func JudgeGoal(s *Subscriber, model Model, at time.Time, window time.Duration) (GoalState, Touch) {
	if s.EpisodeID == "" {
		return GoalWaits, Touch{}
	}
	t, ok := Current(s.Touches, model, at, window)
	if !ok && before(at, s.EpisodeAt) {
		t, ok = Current(s.Touches, model, s.EpisodeAt, window)
	}
	if at.Sub(s.EpisodeAt) > window {
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

// CountKey is what makes a conversion count once: its episode, goal and
// account, or its event where that counts each time.
func CountKey(episodeID string, kind ConversionKind, target, accountID, eventID string, amount *Amount) string {
	if CountsEachTime(amount) {
		return "e|" + eventID + "|" + accountID
	}
	if kind == Activation {
		return "a|" + episodeID + "|" + accountID
	}
	return "g|" + episodeID + "|" + accountID + "|" + target
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
