package domain

import "time"

// Use is what a request takes of a project's limits: one of the requests in a
// second, and as many of the signals in an hour and a day as it brings. What is
// sent together with others is a request of its own only once.
type Use struct{ Requests, Signals int }

// Plus adds up.
func (u Use) Plus(v Use) Use { return Use{u.Requests + v.Requests, u.Signals + v.Signals} }

// Names of the limits, as answers and metrics have them.
const (
	LimitPerSecond = "per second"
	LimitPerHour   = "per hour"
	LimitPerDay    = "per day"
)

// Under gives the limits as they are in force below the caps of an installation,
// 0 of which caps nothing.
func (l Limits) Under(caps Limits) Limits {
	return Limits{under(l.PerSecond, caps.PerSecond), under(l.PerHour, caps.PerHour), under(l.PerDay, caps.PerDay)}
}

func under(limit, most int) int {
	if most > 0 && (limit == 0 || limit > most) {
		return most
	}
	return limit
}

// Excess says which limit a request does not fit into.
type Excess struct {
	Limit string
	Max   int
	Left  int // of the window, less than the request takes
	Until time.Time
	Never bool // it takes more than a whole window has
}

// Counters count what a project's requests took in the current windows.
type Counters struct {
	ProjectID               string
	SecondAt, HourAt, DayAt time.Time
	Second, Hour, Day       int
	changed                 bool
}

// Take counts a request as a whole or not at all, and then says why not.
// Windows are fixed: the UTC second, hour and day.
func (c *Counters) Take(l Limits, u Use, now time.Time) (e Excess, fits bool) {
	now = now.UTC()
	c.roll(now)
	windows := [...]Excess{
		{Limit: LimitPerSecond, Max: l.PerSecond, Left: l.PerSecond - c.Second, Until: c.SecondAt.Add(time.Second)},
		{Limit: LimitPerHour, Max: l.PerHour, Left: l.PerHour - c.Hour, Until: c.HourAt.Add(time.Hour)},
		{Limit: LimitPerDay, Max: l.PerDay, Left: l.PerDay - c.Day, Until: c.DayAt.Add(24 * time.Hour)},
	}
	takes := [...]int{u.Requests, u.Signals, u.Signals}
	for i := range windows {
		if w := &windows[i]; w.Max > 0 && takes[i] > w.Max {
			w.Left, w.Never = max(0, w.Left), true
			return *w, false
		}
	}
	for i := range windows {
		if w := &windows[i]; w.Max > 0 && takes[i] > w.Left {
			w.Left = max(0, w.Left)
			return *w, false
		}
	}
	c.Second, c.Hour, c.Day, c.changed = c.Second+u.Requests, c.Hour+u.Signals, c.Day+u.Signals, true
	return Excess{}, true
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
