package domain

import "time"

// ClocksDiffer is how far an event may be dated ahead of its receipt without a
// word.
const ClocksDiffer = 5 * time.Second

// Event is one fact of a project's history, as it was taken.
type Event struct {
	ID           string
	ProjectID    string
	RequestID    string
	SubscriberID string // empty for a start that nobody can be named for and that counted for nobody
	Messenger    string // of the subscriber
	EpisodeID    string
	Type         EventType
	OccurredAt   time.Time
	ReceivedAt   time.Time
	Seq          int64 // order among the events of one person
	Change       Change
	Touch        *Touch // of starts and joins
	ChatID       int64
	InviteLink   string
	Name         string // step of a funnel_event, target of a goal
	Target       string // conversion_target
	Result       Result
	Amount       *Amount
	RawAmount    *Amount
	Currency     string
	Labels       []Label
	// GoalState of an event that carries a goal, empty for others.
	GoalState GoalState
}
