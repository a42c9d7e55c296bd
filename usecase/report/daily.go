package report

import (
	"context"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// DailyRow is a day of the report.
type DailyRow struct {
	Date string
	Figures
}

// Daily gives every day of a range.
func (r *Reader) Daily(ctx context.Context, p *domain.Project, rng Range, f Filter) ([]DailyRow, error) {
	return r.daily(ctx, p, rng, f, nil)
}

func (r *Reader) daily(
	ctx context.Context, p *domain.Project, rng Range, f Filter, only func(*Source) bool,
) ([]DailyRow, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	x, err := r.readOnly(ctx, p, rng, f, only)
	if err != nil {
		return nil, err
	}
	days := map[string]*Figures{}
	if x.first != "" {
		if days, err = r.store.RollupDays(ctx, x.query()); err != nil {
			return nil, err
		}
	}
	err = x.eachFromRows(ctx, func(s *span, d DayFigures) {
		sum := &Figures{}
		for _, source := range d {
			sum.Add(&source.Figures)
		}
		days[s.day] = sum
	})
	if err != nil {
		return nil, err
	}
	out := make([]DailyRow, len(x.spans))
	for i, s := range x.spans {
		out[i].Date = s.day
		if sum := days[s.day]; sum != nil {
			out[i].Figures = *sum
		}
	}
	return out, nil
}

// HourRow is a local hour of the report, or the part of it within the range.
type HourRow struct {
	From time.Time // in the range's time zone
	Figures
}

// maxHourly bounds the hourly report: three days, and as much as the clocks may
// be put back during them.
const maxHourly = 3*24*time.Hour + 2*time.Hour

// Hourly gives every hour of a range of at most three days. The hours of a day
// add up to its row of Daily.
func (r *Reader) Hourly(ctx context.Context, p *domain.Project, rng Range, f Filter) ([]HourRow, error) {
	return r.hourly(ctx, p, rng, f, nil)
}

func (r *Reader) hourly(
	ctx context.Context, p *domain.Project, rng Range, f Filter, only func(*Source) bool,
) ([]HourRow, error) {
	if rng.To.Sub(rng.From) > maxHourly {
		return nil, domain.Invalid("from",
			"is more than 3 days before to; figures by the hour are of 3 days at most")
	}
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	x, err := r.readOnly(ctx, p, rng, f, only)
	if err != nil {
		return nil, err
	}
	if x.hasRollups {
		x.byHours()
	}
	days := map[string]map[int]*Figures{}
	if x.first != "" {
		if days, err = r.store.RollupHours(ctx, x.query()); err != nil {
			return nil, err
		}
	}
	err = x.eachFromRows(ctx, func(s *span, d DayFigures) {
		sums := map[int]*Figures{}
		for _, source := range d {
			for n, hour := range source.Hours {
				if sums[n] == nil {
					sums[n] = &Figures{}
				}
				sums[n].Add(hour)
			}
		}
		days[s.day] = sums
	})
	if err != nil {
		return nil, err
	}
	var out []HourRow
	for i := range x.spans {
		out = append(out, x.spans[i].hourRows(rng.Zone, days[x.spans[i].day])...)
	}
	return out, nil
}

// byHours chooses again what comes from the rollups: they have every hour, so
// parts of days do as well if they consist of whole hours.
func (x *reading) byHours() {
	x.first, x.last, x.fromRows = "", "", nil
	for i := range x.spans {
		s := &x.spans[i]
		hours := hoursOf(s.lo, x.zone)
		begins := func(t time.Time) bool { return t.Equal(s.end) || slices.ContainsFunc(hours, t.Equal) }
		switch {
		case !begins(s.lo) || !begins(s.hi):
			x.fromRows = append(x.fromRows, *s)
		case x.first == "":
			x.first, x.last = s.day, s.day
		default:
			x.last = s.day
		}
	}
}

// hourRows gives the hours of a span.
func (s *span) hourRows(zone *time.Location, figures map[int]*Figures) []HourRow {
	hours := hoursOf(s.lo, zone)
	var out []HourRow
	for n, at := range hours {
		end := s.end
		if n+1 < len(hours) {
			end = hours[n+1]
		}
		if !end.After(s.lo) || !at.Before(s.hi) {
			continue
		}
		row := HourRow{From: later(at, s.lo).In(zone)}
		if sum := figures[n]; sum != nil {
			row.Figures = *sum
		}
		out = append(out, row)
	}
	return out
}
