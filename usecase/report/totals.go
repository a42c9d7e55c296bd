package report

import (
	"context"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

// Totals are the figures of a range in one row, with what its links cost.
type Totals struct {
	SourceFigures
	ByLink int64 // those of Joins that came by a tracking link
	// Cost is nil where it is not known: the filter selects some of the people
	// of a link that cost something, and nobody knows what these cost.
	Cost *domain.Amount
	// PerJoined and PerStayed are the cost of each who joined by a link that
	// cost something, and of each of those who was still there after 7 days; nil
	// without people or cost.
	PerJoined, PerStayed *domain.Amount
	// Return is what these links brought for each unit of their cost, nil
	// without cost.
	Return *float64
}

// Totals gives the figures of a range in one row, and by source. A last day
// that the range has a part of counts up to its moment; who stayed, costs and
// what is held against them are asked of whole days.
func (r *Reader) Totals(
	ctx context.Context, p *domain.Project, rng Range, f Filter,
) (t Totals, sources map[Source]*SourceFigures, err error) {
	t, s, err := r.totals(ctx, p, rng, f)
	return t, s.sources, err
}

func (r *Reader) totals(ctx context.Context, p *domain.Project, rng Range, f Filter) (t Totals, s selection, err error) {
	whole, part := rng.parted()
	s.sources = bySource{}
	if whole.From.Before(whole.To) {
		if s, err = r.selection(ctx, p, whole, f, true); err != nil {
			return t, s, err
		}
		t = s.totals(f)
	}
	if part.From.Before(part.To) {
		day, err := r.partDay(ctx, p, part, f)
		if err != nil {
			return t, s, err
		}
		for source, figures := range day {
			s.sources.add(source, figures)
			t.add(&source, figures)
		}
	}
	return t, s, nil
}

// add adds the figures of a source.
func (t *Totals) add(s *Source, f *SourceFigures) {
	t.Add(f)
	if s.LinkID != "" {
		t.ByLink += f.Joins
	}
}

// totals adds up what is selected.
func (s *selection) totals(f Filter) Totals {
	var t Totals
	var paid SourceFigures
	links, known := s.costing(f)
	for source, figures := range s.sources {
		t.add(&source, figures)
		if links[source.LinkID] {
			paid.Add(figures)
		}
	}
	if !known {
		return t
	}
	var spend LinkSpend
	for id := range links {
		spend.add(s.spend[id])
	}
	t.spent(spend, &paid)
	return t
}

func (s *LinkSpend) add(n LinkSpend) {
	s.Amount, s.Eligible = s.Amount.Add(n.Amount), s.Eligible.Add(n.Eligible)
}

// spent sets the cost, and what of it falls to each of the people whom the links
// brought that cost something.
func (t *Totals) spent(s LinkSpend, paid *SourceFigures) {
	t.Cost = &s.Amount
	if s.Amount > 0 {
		share := paid.Revenue.Float64() / s.Amount.Float64()
		t.PerJoined, t.Return = s.Amount.Per(paid.Joins), &share
	}
	if s.Eligible > 0 {
		t.PerStayed = s.Eligible.Per(paid.Stayed(1))
	}
}

// costing are the selected links that cost something. It is not known what the
// selection cost where it has a part of such a link.
func (s *selection) costing(f Filter) (links map[string]bool, known bool) {
	links, known = map[string]bool{}, true
	seen := map[string]bool{}
	for source := range s.sources {
		seen[source.LinkID] = true
	}
	for id, spend := range s.spend {
		switch {
		case spend.Amount <= 0:
		case s.part[id]:
			known = known && !seen[id]
		case seen[id] || len(f) == 0 || f.selectsLink(s.links[id]):
			links[id] = true
		}
	}
	return links, known
}

// parted divides a range into whole days and the part of its last day.
func (r Range) parted() (whole, part Range) {
	_, lo, _ := DayOf(r.To, r.Zone)
	lo = later(lo, r.From)
	return Range{From: r.From, To: lo, Zone: r.Zone}, Range{From: lo, To: r.To, Zone: r.Zone}
}

// partDay counts a part of one day: its whole hours come from the rollups,
// what is left from the rows. Who stayed is not asked.
func (r *Reader) partDay(
	ctx context.Context, p *domain.Project, rng Range, f Filter,
) (bySource, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	out := bySource{}
	add := func(source Source, figures Figures) {
		figures.Left = [3]int64{}
		out.add(source, &SourceFigures{Figures: figures})
	}
	s := x.spans[0]
	hours := hoursOf(s.lo, x.zone)
	if n := hourAt(hours, s.hi); x.hasRollups && !s.whole && s.lo.Equal(hours[0]) && n > 0 {
		if err := x.readSources(ctx); err != nil {
			return nil, err
		}
		q := x.query()
		q.First, q.Last = s.day, s.day
		sums, err := r.store.RollupSourceHours(ctx, q, n)
		if err != nil {
			return nil, fmt.Errorf("read the hours of %s: %w", s.day, err)
		}
		for id, sum := range sums {
			add(x.sources[id], *sum)
		}
		s.lo, x.fromRows = hours[n], nil
		if s.lo.Before(s.hi) {
			x.fromRows = []span{s}
		}
	}
	err = x.eachFromRows(ctx, func(_ *span, d DayFigures) {
		for source, day := range d {
			add(source, day.Figures)
		}
	})
	return out, err
}
