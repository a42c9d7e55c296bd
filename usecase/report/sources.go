package report

import (
	"cmp"
	"context"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

// bySource adds up figures by their source.
type bySource map[Source]*SourceFigures

func (b bySource) add(s Source, f *SourceFigures) {
	if b[s] == nil {
		b[s] = &SourceFigures{}
	}
	b[s].Add(f)
}

// Sources gives the figures of a range by source.
func (r *Reader) Sources(
	ctx context.Context, p *domain.Project, rng Range, f Filter,
) (map[Source]*SourceFigures, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	now := r.now()
	out := bySource{}
	if x.first != "" {
		if err := x.readSources(ctx); err != nil {
			return nil, err
		}
		sums, err := r.store.RollupSources(ctx, x.query(), x.eligible())
		if err != nil {
			return nil, err
		}
		for id, sum := range sums {
			out.add(x.sources[id], sum)
		}
	}
	err = x.eachFromRows(ctx, func(s *span, d DayFigures) {
		for source, day := range d {
			sum := SourceFigures{Figures: day.Figures}
			for i, days := range stayDays {
				sum.Left[i] = 0
				if s.eligible(days, now) {
					sum.Eligible[i], sum.Left[i] = day.Joins, day.Left[i]
				}
			}
			out.add(source, &sum)
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

// SourceRow is a source, or several that are not told apart, in the report.
type SourceRow struct {
	Source Source
	SourceFigures
	// Cost is nil where it is not known: costs are those of a whole link.
	Cost *domain.Amount
}

// SourceRows gives the figures of a range by source, those with most joins
// first.
func (r *Reader) SourceRows(
	ctx context.Context, p *domain.Project, rng Range, f Filter, g Grouping,
) ([]SourceRow, error) {
	s, err := r.selection(ctx, p, rng, f, g.byLink())
	if err != nil || !g.byLink() {
		return g.Rows(s.sources), err
	}
	for id := range s.spend { // links that cost something and brought nobody
		if k := (Source{LinkID: id}); s.sources[k] == nil && f.selectsLink(s.links[id]) {
			s.sources[k] = &SourceFigures{}
		}
	}
	out := g.Rows(s.sources)
	for i := range out {
		if id := out[i].Source.LinkID; id != "" {
			out[i].Cost, _ = s.cost(id)
		}
	}
	return out, nil
}

// LinkSpend is what a link cost in a range.
type LinkSpend struct {
	Amount domain.Amount
	// Eligible is the cost of the days that are over for at least 7 days: that
	// of the people of whom it is known whether they stayed.
	Eligible domain.Amount
}

// LinkRow is a tracking link in the report.
type LinkRow struct {
	Link domain.Link
	SourceFigures
	// Cost is nil where the filter selects only some of the people who came by
	// the link: nobody knows what these cost.
	Cost *domain.Amount
	// PerSubscriber and PerStayed are the cost of each person who joined, and of
	// each who was still there after 7 days; nil without people or cost.
	PerSubscriber, PerStayed *domain.Amount
	// EligibleCost is the part of the cost that is divided by those who stayed.
	EligibleCost *domain.Amount
}

// Links gives the tracking links with their figures of a range, those with
// most joins first. Links without any figures are included.
func (r *Reader) Links(ctx context.Context, p *domain.Project, rng Range, f Filter) ([]LinkRow, error) {
	s, err := r.selection(ctx, p, rng, f, true)
	if err != nil {
		return nil, err
	}
	rows := map[string]*LinkRow{}
	for source, figures := range s.sources {
		if source.LinkID == "" {
			continue
		}
		if rows[source.LinkID] == nil {
			l, ok := s.links[source.LinkID]
			if !ok {
				l = domain.Link{ID: source.LinkID, ProjectID: p.ID, Name: source.Name, UTM: source.UTM}
			}
			rows[source.LinkID] = &LinkRow{Link: l}
		}
		rows[source.LinkID].Add(figures)
	}
	for id, l := range s.links {
		if rows[id] == nil && f.selectsLink(l) {
			rows[id] = &LinkRow{Link: l}
		}
	}
	out := make([]LinkRow, 0, len(rows))
	for id, row := range rows {
		var eligible domain.Amount
		if row.Cost, eligible = s.cost(id); row.Cost != nil && *row.Cost > 0 {
			row.PerSubscriber = row.Cost.Per(row.Joins)
		}
		if row.Cost != nil {
			row.EligibleCost = &eligible
		}
		if eligible > 0 {
			row.PerStayed = eligible.Per(row.Stayed(1))
		}
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b LinkRow) int {
		return cmp.Or(cmp.Compare(b.Joins, a.Joins), cmp.Compare(b.Clicks, a.Clicks),
			b.Link.CreatedAt.Compare(a.Link.CreatedAt), cmp.Compare(a.Link.ID, b.Link.ID))
	})
	return out, nil
}

// selection is the sources of a range that a filter selects, with what their
// links cost.
type selection struct {
	sources bySource
	links   map[string]domain.Link
	spend   map[string]LinkSpend
	part    map[string]bool // links of which the filter leaves something out
}

// selection reads the sources that a filter selects. Costs are those of a whole
// link, so with costs it notes of which links the filter selects only a part.
func (r *Reader) selection(
	ctx context.Context, p *domain.Project, rng Range, f Filter, costs bool,
) (s selection, err error) {
	if !costs {
		s.sources, err = r.Sources(ctx, p, rng, f)
		return s, err
	}
	all, err := r.Sources(ctx, p, rng, f.linkOnly())
	if err != nil {
		return s, err
	}
	s.sources, s.part = bySource{}, map[string]bool{}
	for source, figures := range all {
		if f.Selects(&source) {
			s.sources[source] = figures
		} else {
			s.part[source.LinkID] = true
		}
	}
	if s.links, err = r.store.ReportLinks(ctx, p.ID); err != nil {
		return s, err
	}
	s.spend, err = r.spend(ctx, p, rng)
	return s, err
}

// spend reads what links cost in a range.
func (r *Reader) spend(ctx context.Context, p *domain.Project, rng Range) (map[string]LinkSpend, error) {
	days, eligible := rng.spans(), ""
	now := r.now()
	for i := range days {
		if days[i].eligible(stayDays[1], now) {
			eligible = days[i].day
		}
	}
	return r.store.LinkCosts(ctx, p.ID, p.Currency, days[0].day, days[len(days)-1].day, eligible)
}

// cost of a link and the eligible part of it; nil and 0 where it is not known.
func (s *selection) cost(linkID string) (*domain.Amount, domain.Amount) {
	if s.part[linkID] {
		return nil, 0
	}
	spend := s.spend[linkID]
	return &spend.Amount, spend.Eligible
}
