package usecase

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// LifetimeRow says how long those stayed who came by a source, or by several
// that are not told apart, and what they brought.
type LifetimeRow struct {
	Source ReportSource
	Joined int64
	Left   int64 // of those who joined, whenever they left
	// Weeks is how many left after so many whole weeks, in their order and
	// without those after which nobody did.
	Weeks []LifetimeWeek
	// AverageDays in the bot of those who left; nil where nobody did.
	AverageDays *float64
	// Money of the events of the range, whoever they are of.
	Money
	// PerSubscriber is the revenue for each who joined; nil where nobody did.
	PerSubscriber *domain.Amount

	seconds int64 // that those who left lasted together
}

// LifetimeWeek is how many left after so many whole weeks.
type LifetimeWeek struct {
	Weeks int
	Left  int64
}

// StillIn is how many have not left.
func (r *LifetimeRow) StillIn() int64 { return r.Joined - r.Left }

// lifetimes adds up by source.
type lifetimes struct {
	group Grouping
	rows  map[ReportSource]*LifetimeRow
	weeks map[ReportSource]map[int]int64
}

func (l *lifetimes) joined(s ReportSource, f *Figures) {
	row := l.row(l.group.Of(s))
	row.Joined += f.Joins
	row.Money.Add(f.Money)
}

func (l *lifetimes) left(s ReportSource, weeks int, durations Durations) {
	k := l.group.Of(s)
	row := l.row(k)
	row.Left += durations.People
	row.seconds += durations.Seconds
	l.weeks[k][weeks] += durations.People
}

func (l *lifetimes) row(k ReportSource) *LifetimeRow {
	if l.rows[k] == nil {
		l.rows[k], l.weeks[k] = &LifetimeRow{Source: k}, map[int]int64{}
	}
	return l.rows[k]
}

// Lifetime gives, of those who joined in a range, how long they stayed, by
// source, and what the sources brought in it. Those with most joins come first.
func (r *Reports) Lifetime(
	ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter, g Grouping,
) ([]LifetimeRow, error) {
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	l := &lifetimes{group: g, rows: map[ReportSource]*LifetimeRow{}, weeks: map[ReportSource]map[int]int64{}}
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
	err = x.eachRaw(ctx, func(_ *span, d DayFigures) {
		for source, day := range d {
			l.joined(source, &day.Figures)
			for weeks, durations := range day.Durations {
				l.left(source, weeks, durations)
			}
		}
	})
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
		row.PerSubscriber = row.Revenue.Per(row.Joined)
		row.seconds = 0 // says nothing by itself
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b LifetimeRow) int {
		return cmp.Or(cmp.Compare(b.Joined, a.Joined), cmp.Compare(b.Revenue, a.Revenue),
			compareSources(&a.Source, &b.Source))
	})
	return out
}
