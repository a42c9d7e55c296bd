package report

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// LifetimeRow says how long the people of a source, or of several that are not
// told apart, stayed and what they brought.
type LifetimeRow struct {
	Source Source
	Joined int64
	Left   int64 // of those who joined, whenever they left
	// Weeks says how many left after how many whole weeks, in ascending order;
	// weeks after which nobody left are missing.
	Weeks []LifetimeWeek
	// AverageDays is how long those who left had stayed, nil where nobody left.
	AverageDays *float64
	// Money of all events of the range, whenever their people joined.
	Money
	// OfJoined is the money of those who joined, from then until now.
	OfJoined Money
	// PerSubscriber is the revenue of those who joined for each of them, nil
	// where nobody joined.
	PerSubscriber *domain.Amount

	seconds int64 // for which those who left had stayed, in total
}

// LifetimeWeek says how many left after a number of whole weeks.
type LifetimeWeek struct {
	Weeks int
	Left  int64
}

// StillIn is how many have not left.
func (r *LifetimeRow) StillIn() int64 { return r.Joined - r.Left }

// lifetimes adds up by source.
type lifetimes struct {
	group Grouping
	rows  map[Source]*LifetimeRow
	weeks map[Source]map[int]int64
}

func (l *lifetimes) joined(s Source, f *Figures) {
	row := l.row(l.group.Of(s))
	row.Joined += f.Joins
	row.Money.Add(f.Money)
}

func (l *lifetimes) left(s Source, weeks int, durations Durations) {
	k := l.group.Of(s)
	row := l.row(k)
	row.Left += durations.People
	row.seconds += durations.Seconds
	l.weeks[k][weeks] += durations.People
}

func (l *lifetimes) row(k Source) *LifetimeRow {
	if l.rows[k] == nil {
		l.rows[k], l.weeks[k] = &LifetimeRow{Source: k}, map[int]int64{}
	}
	return l.rows[k]
}

// Lifetime gives, by source, how long the people who joined in a range stayed
// and what they brought. Sources with most joins come first.
func (r *Reader) Lifetime(
	ctx context.Context, p *domain.Project, rng Range, f Filter, g Grouping,
) ([]LifetimeRow, error) {
	done, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer done()
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	l := &lifetimes{group: g, rows: map[Source]*LifetimeRow{}, weeks: map[Source]map[int]int64{}}
	if x.first != "" {
		if err := x.readSources(ctx); err != nil {
			return nil, err
		}
		sums, err := r.store.RollupSources(ctx, x.query(), [3]string{})
		if err != nil {
			return nil, err
		}
		for id, figures := range sums {
			l.joined(x.sources[id], &figures.Figures)
		}
		left := func(id string, weeks int, d Durations) { l.left(x.sources[id], weeks, d) }
		if err := r.store.RollupSourceDurations(ctx, x.query(), left); err != nil {
			return nil, err
		}
	}
	err = x.eachFromRows(ctx, func(_ *span, d DayFigures) {
		for source, day := range d {
			l.joined(source, &day.Figures)
			for weeks, durations := range day.Durations {
				l.left(source, weeks, durations)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	err = x.moneyOfJoined(ctx, func(s Source, m Money) { l.row(l.group.Of(s)).OfJoined.Add(m) })
	return l.finish(), err
}

func (l *lifetimes) finish() []LifetimeRow {
	out := make([]LifetimeRow, 0, len(l.rows))
	for k, row := range l.rows {
		for weeks, n := range l.weeks[k] {
			if n > 0 {
				row.Weeks = append(row.Weeks, LifetimeWeek{weeks, n})
			}
		}
		slices.SortFunc(row.Weeks, func(a, b LifetimeWeek) int { return cmp.Compare(a.Weeks, b.Weeks) })
		if row.Left > 0 {
			days := math.Round(float64(row.seconds)/float64(row.Left)/86400*100) / 100
			row.AverageDays = &days
		}
		row.PerSubscriber = row.OfJoined.Revenue.Per(row.Joined)
		row.seconds = 0 // means nothing by itself
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b LifetimeRow) int {
		return cmp.Or(cmp.Compare(b.Joined, a.Joined), cmp.Compare(b.Revenue, a.Revenue),
			compareSources(&a.Source, &b.Source))
	})
	return out
}

// maxWeeks is how many weeks after joining the retention report shows.
const maxWeeks = 12

// CohortRow is the people who joined in one week, which begins on Monday.
type CohortRow struct {
	Week   string // its Monday
	Days   int    // of the week that the range has; fewer than 7: it is cut
	Joined int64
	// Stayed is how many were still there after 1, 2, 3 … weeks: only weeks that
	// are over for all of them.
	Stayed []int64
}

// Cut tells whether the range has a part of the week only.
func (r *CohortRow) Cut() bool { return r.Days < 7 }

// Stay is the share of people who were still there.
type Stay struct {
	Share float64
	Of    int64 // the people of whom it is known
}

// Average is the share of people who were still there after 1, 2, 3 … weeks. It
// goes from week to week on the rows that have both: a plain average would rise
// when a row that is worse than others has not come so far yet.
func Average(rows []CohortRow) []Stay {
	var out []Stay
	share := 1.0
	for n := 0; ; n++ {
		var before, stayed, of int64
		known := false
		for i := range rows {
			row := &rows[i]
			if n >= len(row.Stayed) {
				continue
			}
			known = true
			of += row.Joined
			stayed += row.Stayed[n]
			if n == 0 {
				before += row.Joined
			} else {
				before += row.Stayed[n-1]
			}
		}
		if !known {
			return out
		}
		if before > 0 {
			share *= float64(stayed) / float64(before)
		}
		out = append(out, Stay{Share: share, Of: of})
	}
}

// Retention gives the weeks of a range.
func (r *Reader) Retention(
	ctx context.Context, p *domain.Project, rng Range, f Filter,
) ([]CohortRow, error) {
	done, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer done()
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	joined := map[string]int64{}
	left := map[string]map[int]int64{} // day → weeks → people
	leave := func(day string, weeks int, n int64) {
		if left[day] == nil {
			left[day] = map[int]int64{}
		}
		left[day][weeks] += n
	}
	if x.first != "" {
		days, err := r.store.RollupDays(ctx, x.query())
		if err != nil {
			return nil, err
		}
		for day, sum := range days {
			joined[day] = sum.Joins
		}
		if err := r.store.RollupDurations(ctx, x.query(), leave); err != nil {
			return nil, err
		}
	}
	err = x.eachFromRows(ctx, func(s *span, d DayFigures) {
		for _, source := range d {
			joined[s.day] += source.Joins
			for weeks, l := range source.Durations {
				leave(s.day, weeks, l.People)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return cohorts(x.spans, joined, left, r.now()), nil
}

func cohorts(spans []span, joined map[string]int64, left map[string]map[int]int64, now time.Time) []CohortRow {
	var out []CohortRow
	var end time.Time
	gone := map[int]int64{}
	finish := func() {
		if len(out) == 0 {
			return
		}
		row := &out[len(out)-1]
		stay := row.Joined
		for w := 1; w <= maxWeeks && !end.Add(time.Duration(w)*week).After(now); w++ {
			stay -= gone[w-1]
			row.Stayed = append(row.Stayed, stay)
		}
	}
	for i := range spans {
		s := &spans[i]
		if monday := mondayOf(s.day); len(out) == 0 || out[len(out)-1].Week != monday {
			finish()
			out, gone = append(out, CohortRow{Week: monday, Stayed: []int64{}}), map[int]int64{}
		}
		out[len(out)-1].Joined += joined[s.day]
		if s.whole {
			out[len(out)-1].Days++
		}
		for weeks, n := range left[s.day] {
			gone[weeks] += n
		}
		end = s.end
	}
	finish()
	return out
}

func mondayOf(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // days come from dates
	}
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
}
