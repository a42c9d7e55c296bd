package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// maxDays bounds a report to a little over ten years.
const maxDays = 3700

// Range is the time a report is about.
type Range struct {
	From, To time.Time // To excluded; From is before To
	Zone     *time.Location
}

// RangeInput is a range as a person asks for it: by dates, the last one
// included, or by moments, the last one excluded.
type RangeInput struct {
	From, To string
	Timezone string // the project's when empty
	Days     int    // how many up to To, where From is empty
	// Fields are what the form calls From and To, where it is not "from" and "to".
	Fields [2]string
}

// Range reads a range for a project.
func (r *Reader) Range(p *domain.Project, in RangeInput) (Range, error) {
	out := Range{}
	from, to := cmp.Or(in.Fields[0], "from"), cmp.Or(in.Fields[1], "to")
	var err error
	if out.Zone, err = zoneNamed(cmp.Or(in.Timezone, p.Timezone)); err != nil {
		return out, err
	}
	now := r.now().In(out.Zone)
	_, _, out.To = DayOf(now, out.Zone)
	if in.To != "" {
		if out.To, err = bound(to, in.To, out.Zone, 1); err != nil {
			return out, err
		}
	}
	y, m, d := out.To.In(out.Zone).Add(-time.Nanosecond).Date()
	out.From = dayStart(y, m, d-in.Days+1, out.Zone)
	if in.From != "" {
		if out.From, err = bound(from, in.From, out.Zone, 0); err != nil {
			return out, err
		}
	}
	switch {
	case !out.From.Before(out.To):
		return out, domain.Invalid(to, "lies before from")
	case out.To.Sub(out.From) > maxDays*24*time.Hour:
		return out, domain.Invalid(from, "is more than %d days before to", maxDays)
	}
	return out, nil
}

// bound reads a date or a moment.
func bound(field, s string, zone *time.Location, days int) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil && t.Year() > 0 {
		y, m, d := t.Date()
		return dayStart(y, m, d+days, zone), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1 || t.Year() > 9998 {
		return t, domain.Invalid(field,
			"must be a day such as 2027-01-31 or a time such as 2027-01-31T09:00:00Z")
	}
	return t, nil
}

// zoneNamed finds a time zone. "Local" is the server's own, which nobody means.
func zoneNamed(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, domain.Invalid("timezone", "%q is not an IANA time zone such as Europe/Moscow", name)
	}
	return zone, nil
}

// span is a local day, or the part of one that a report is about.
type span struct {
	day    string    // 2027-01-31
	lo, hi time.Time // hi excluded
	end    time.Time // of the whole day
	whole  bool
}

// spans cuts a range into local days.
func (r Range) spans() []span {
	var out []span
	for at := r.From; at.Before(r.To); {
		day, lo, end := DayOf(at, r.Zone)
		s := span{day: day, lo: later(lo, r.From), hi: earlier(end, r.To), end: end}
		s.whole = s.lo.Equal(lo) && s.hi.Equal(end)
		out = append(out, s)
		at = end
	}
	return out
}

// eligible tells whether so many days have passed since the end of the day.
func (s *span) eligible(days int, now time.Time) bool {
	return !s.end.Add(time.Duration(days) * 24 * time.Hour).After(now)
}

// DayOf gives the local day of a moment: its name, first moment and end.
func DayOf(t time.Time, zone *time.Location) (day string, lo, end time.Time) {
	t = t.In(zone)
	y, m, d := t.Date()
	return t.Format(time.DateOnly), dayStart(y, m, d, zone), dayStart(y, m, d+1, zone)
}

// dayStart is the first moment of a local date; where the clocks are put
// forward at midnight it is not 00:00.
func dayStart(y int, m time.Month, d int, zone *time.Location) time.Time {
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	for t.Format(time.DateOnly) < want {
		t = t.Add(15 * time.Minute)
	}
	return t
}

// hoursOf gives when each hour of a moment's local day begins. On a day when the
// clocks change there are fewer or more of them, or shorter ones.
func hoursOf(t time.Time, zone *time.Location) []time.Time {
	_, lo, end := DayOf(t, zone)
	var out []time.Time
	for at := lo; at.Before(end); {
		out = append(out, at)
		l := at.In(zone)
		past := time.Duration(l.Minute())*time.Minute + time.Duration(l.Second())*time.Second +
			time.Duration(l.Nanosecond())
		at = at.Add(time.Hour - past)
	}
	return out
}

// hourAt is the number of the hour that a moment lies in.
func hourAt(hours []time.Time, at time.Time) int {
	n, found := slices.BinarySearchFunc(hours, at, time.Time.Compare)
	if !found {
		n--
	}
	return max(0, n)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
