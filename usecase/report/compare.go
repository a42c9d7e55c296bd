package report

import (
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Comparison is what a range is held against. The names are part of the
// addresses of pages.
type Comparison string

// Comparisons.
const (
	WithPrevious Comparison = "previous" // as many days right before, or the month before a month
	WithLastYear Comparison = "year"     // the same dates a year before
	WithDates    Comparison = "dates"    // dates of one's choice
	WithNothing  Comparison = "none"
)

// Comparisons are all of them, in the order in which they are offered.
func Comparisons() []Comparison {
	return []Comparison{WithPrevious, WithLastYear, WithDates, WithNothing}
}

// CompareInput says what a range is to be held against.
type CompareInput struct {
	With Comparison
	// Month tells that the range is a calendar month, or what has passed of one.
	Month    bool
	From, To string // of WithDates, both included
}

// Compared is what a range is held against. Of a range that is not over, only
// as much of the other counts as has passed of it: Until is where that ends, to
// the minute of the clock. Until is To for a range that is over.
type Compared struct {
	Range
	Until time.Time
}

// Passed is the part that is counted.
func (c *Compared) Passed() Range { return Range{From: c.From, To: c.Until, Zone: c.Zone} }

// Compare finds what a range is held against, nil for nothing.
func (r *Reader) Compare(p *domain.Project, rng Range, in CompareInput) (*Compared, error) {
	out := &Compared{Range: Range{Zone: rng.Zone}}
	switch in.With {
	case WithNothing:
		return nil, nil
	case WithDates:
		var err error
		out.Range, err = r.Range(p, RangeInput{
			From: in.From, To: in.To, Timezone: rng.Zone.String(), Days: 1,
			Fields: [2]string{"compare_from", "compare_to"},
		})
		if err != nil {
			return nil, err
		}
	case WithLastYear:
		out.From = moved(rng.From, rng.Zone, -1, 0, 0)
		out.To = moved(out.From, rng.Zone, 0, 0, rng.days()) // 29 February has no year before
	case WithPrevious, "":
		out.From, out.To = rng.previous(in.Month)
	default:
		return nil, domain.Invalid("compare", "%q is not known", string(in.With))
	}
	out.Until = out.until(rng, r.now())
	return out, nil
}

// previous gives the days right before a range, or the month before a month. A
// month that is not over is held against as many days of the other.
func (r Range) previous(month bool) (from, to time.Time) {
	if !month {
		return moved(r.From, r.Zone, 0, 0, -r.days()), r.From
	}
	from = moved(r.From, r.Zone, 0, -1, 0)
	if r.To.Equal(moved(r.From, r.Zone, 0, 1, 0)) {
		return from, r.From
	}
	return from, earlier(moved(from, r.Zone, 0, 0, r.days()), r.From)
}

// days is how many local days a range has, a part of one counted whole.
func (r Range) days() int {
	first, last := r.From.In(r.Zone), r.To.Add(-time.Nanosecond).In(r.Zone)
	y, m, d := first.Date()
	a := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	y, m, d = last.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(a)/(24*time.Hour)) + 1
}

// Days is how many local days the range has.
func (r Range) Days() int { return r.days() }

// moved gives the local moment some years, months and days away: the same time
// of the clock, however long the days between are.
func moved(t time.Time, zone *time.Location, years, months, days int) time.Time {
	l := t.In(zone)
	if _, lo, _ := DayOf(l, zone); lo.Equal(t) {
		y, m, d := l.Date()
		return dayStart(y+years, m+time.Month(months), d+days, zone)
	}
	return l.AddDate(years, months, days)
}

// until is the moment of a range that is as far from its beginning, by calendar
// and clock, as now is from that of another.
func (c *Compared) until(of Range, now time.Time) time.Time {
	if now.Before(of.From) || !now.Before(of.To) {
		return c.To
	}
	l := now.In(of.Zone)
	passed := Range{From: of.From, To: now.Add(time.Nanosecond), Zone: of.Zone}.days() - 1
	y, m, d := c.From.In(of.Zone).Date()
	at := time.Date(y, m, d+passed, l.Hour(), l.Minute(), 0, 0, of.Zone)
	return later(c.From, earlier(at, c.To))
}
