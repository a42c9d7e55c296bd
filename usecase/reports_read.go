package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// reading is one report being put together: the days that rollups have, and
// the rest.
type reading struct {
	*Reports
	project     *domain.Project
	zone        *time.Location
	filter      ReportFilter
	spans       []span
	rolled      bool   // there are rollups for the range's days
	first, last string // days of the rollups, empty for none
	raw         []span
	links       map[string]domain.Link
	sources     map[string]ReportSource // of the rollups as reports show them, by id; see readSources
	taken       []string                // ids of those that the filter takes; nil: all
}

// read decides where the figures of a range come from.
func (r *Reports) read(ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter) (*reading, error) {
	x := &reading{Reports: r, project: p, zone: rng.Zone, filter: f, spans: rng.spans()}
	if !r.raw && rng.Zone.String() == zoneOf(p).String() {
		fingerprint, err := r.store.RollupFingerprint(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		x.rolled = fingerprint == r.cfg.fingerprint(p)
	}
	for _, s := range x.spans {
		switch {
		case !x.rolled || !s.whole:
			x.raw = append(x.raw, s)
		case x.first == "":
			x.first, x.last = s.day, s.day
		default:
			x.last = s.day
		}
	}
	var err error
	if x.links, err = r.store.ReportLinks(ctx, p.ID); err != nil {
		return nil, err
	}
	if !x.rolled || f.Empty() {
		return x, nil
	}
	if err := x.readSources(ctx); err != nil {
		return nil, err
	}
	x.taken = []string{}
	for id, source := range x.sources {
		if f.Takes(&source) {
			x.taken = append(x.taken, id)
		}
	}
	return x, nil
}

// readSources reads where the figures of the rollups come from.
func (x *reading) readSources(ctx context.Context) error {
	if x.sources != nil {
		return nil
	}
	kept, err := x.store.RollupSourceIDs(ctx, x.project.ID)
	if err != nil {
		return err
	}
	x.sources = make(map[string]ReportSource, len(kept))
	for id, source := range kept {
		x.sources[id] = source.shown(x.links)
	}
	return nil
}

// query asks for the rollups of the report.
func (x *reading) query() RollupQuery {
	return RollupQuery{ProjectID: x.project.ID, First: x.first, Last: x.last, Sources: x.taken}
}

// eachRaw counts the days that no rollup has. Days on which nothing happened
// are passed over.
func (x *reading) eachRaw(ctx context.Context, take func(s *span, d DayFigures)) error {
	for i := 0; i < len(x.raw); i++ {
		next, err := x.store.NextFact(ctx, x.project.ID, x.raw[i].lo)
		if err != nil {
			return err
		}
		for i < len(x.raw) && (next.IsZero() || !next.Before(x.raw[i].hi)) {
			i++
		}
		if i == len(x.raw) {
			return nil
		}
		s := &x.raw[i]
		d, err := x.cfg.computeDay(ctx, x.store, x.project, x.zone, s.lo, s.hi)
		if err != nil {
			return err
		}
		d = d.shown(x.links)
		for source := range d {
			if !x.filter.Takes(&source) {
				delete(d, source)
			}
		}
		take(s, d)
	}
	return nil
}

// DailyRow is a day of the report.
type DailyRow struct {
	Date string
	Figures
}

// Daily gives every day of a range.
func (r *Reports) Daily(ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter) ([]DailyRow, error) {
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	days := map[string]*Figures{}
	if x.first != "" {
		if days, err = r.store.RollupDays(ctx, x.query()); err != nil {
			return nil, err
		}
	}
	err = x.eachRaw(ctx, func(s *span, d DayFigures) {
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

// SourceFigures are a source's. Of those who joined, only those count towards
// who stayed whose days are over; Eligible is how many those are, and Left how
// many of them left.
type SourceFigures struct {
	Figures
	Eligible [3]int64
}

// Stayed after 1, 7 and 30 days.
func (f *SourceFigures) Stayed(i int) int64 { return f.Eligible[i] - f.Left[i] }

// Add adds up.
func (f *SourceFigures) Add(g *SourceFigures) {
	f.Figures.Add(&g.Figures)
	for i := range f.Eligible {
		f.Eligible[i] += g.Eligible[i]
	}
}

// Sources gives the figures of a range by source.
func (r *Reports) Sources(
	ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter,
) (map[ReportSource]*SourceFigures, error) {
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	now := r.now()
	out := map[ReportSource]*SourceFigures{}
	if x.first != "" {
		if err := x.readSources(ctx); err != nil {
			return nil, err
		}
		sums, err := r.store.RollupSources(ctx, x.query(), x.eligible())
		if err != nil {
			return nil, err
		}
		for id, sum := range sums {
			source := x.sources[id]
			if out[source] == nil {
				out[source] = &SourceFigures{}
			}
			out[source].Add(sum)
		}
	}
	err = x.eachRaw(ctx, func(s *span, d DayFigures) {
		for source, day := range d {
			sum := SourceFigures{Figures: day.Figures}
			for i, days := range stayDays {
				sum.Left[i] = 0
				if s.eligible(days, now) {
					sum.Eligible[i], sum.Left[i] = day.Joins, day.Left[i]
				}
			}
			if out[source] == nil {
				out[source] = &SourceFigures{}
			}
			out[source].Add(&sum)
		}
	})
	return out, err
}

// eligible gives the last day of the rollups whose 1, 7 and 30 days are over.
func (x *reading) eligible() (out [3]string) {
	now := x.now()
	for _, s := range x.spans {
		for i, days := range stayDays {
			if s.whole && s.eligible(days, now) {
				out[i] = s.day
			}
		}
	}
	return out
}
