package domain

import "time"

// Event is one fact of a project's history, as it was taken.
type Event struct {
	ID           string
	ProjectID    string
	RequestID    string
	SubscriberID string // empty for a start that nobody can be named for and that counted for nobody
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

// Counters count a project's accepted requests in the current windows.
type Counters struct {
	ProjectID               string
	SecondAt, HourAt, DayAt time.Time
	Second, Hour, Day       int
	changed                 bool
}

// Take counts one request at a time, or says which limit forbids it and when
// its window ends. Windows are fixed: the UTC second, hour and day.
func (c *Counters) Take(l Limits, now time.Time) (limit string, retryAt time.Time) {
	now = now.UTC()
	c.roll(now)
	switch {
	case l.PerSecond > 0 && c.Second >= l.PerSecond:
		return "per second", c.SecondAt.Add(time.Second)
	case l.PerHour > 0 && c.Hour >= l.PerHour:
		return "per hour", c.HourAt.Add(time.Hour)
	case l.PerDay > 0 && c.Day >= l.PerDay:
		return "per day", c.DayAt.Add(24 * time.Hour)
	}
	c.Second, c.Hour, c.Day, c.changed = c.Second+1, c.Hour+1, c.Day+1, true
	return "", time.Time{}
}

// Changed tells whether Take counted anything.
func (c *Counters) Changed() bool { return c.changed }

// clocksDiffer is how far the clocks of processes may differ at most, which all
// follow the database's.
const clocksDiffer = 2 * time.Second

// roll opens new windows. A clock that is behind another process's counts
// into that one's windows rather than opening old ones again; a window far
// ahead is of a clock that was wrong, and is not waited for.
func (c *Counters) roll(now time.Time) {
	for _, w := range []struct {
		length time.Duration
		at     *time.Time
		n      *int
	}{
		{time.Second, &c.SecondAt, &c.Second}, {time.Hour, &c.HourAt, &c.Hour}, {24 * time.Hour, &c.DayAt, &c.Day},
	} {
		at := now.Truncate(w.length)
		if at.After(*w.at) || w.at.Sub(now) > clocksDiffer {
			*w.at, *w.n = at, 0
		}
	}
}
