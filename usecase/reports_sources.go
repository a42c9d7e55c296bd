package usecase

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// Grouping says by what sources are told apart; an empty one by everything.
type Grouping []string

// sourceParts are the names of a source's parts, in the order of parts.
var sourceParts = [...]string{
	"source", "link", "network", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term",
}

func (s *ReportSource) parts() [len(sourceParts)]*string {
	return [...]*string{
		&s.Name, &s.LinkID, &s.Network, &s.UTM.Source, &s.UTM.Medium, &s.UTM.Campaign, &s.UTM.Content, &s.UTM.Term,
	}
}

// ParseGrouping reads names joined by commas.
func ParseGrouping(s string) (Grouping, error) {
	if s == "" {
		return nil, nil
	}
	g := Grouping(strings.Split(s, ","))
	for _, name := range g {
		if !slices.Contains(sourceParts[:], name) {
			return nil, domain.Invalid("group_by", "must be some of %s, joined by commas", strings.Join(sourceParts[:], ", "))
		}
	}
	return g, nil
}

// Of leaves of a source what it is told apart by.
func (g Grouping) Of(s ReportSource) ReportSource {
	if len(g) == 0 {
		return s
	}
	var out ReportSource
	from, to := s.parts(), out.parts()
	for i, name := range sourceParts {
		if slices.Contains(g, name) {
			*to[i] = *from[i]
		}
	}
	return out
}

// byLink tells whether each link is a row of its own.
func (g Grouping) byLink() bool { return len(g) == 1 && g[0] == "link" }

func compareSources(a, b *ReportSource) int {
	pa, pb := a.parts(), b.parts()
	for i := range pa {
		if n := cmp.Compare(*pa[i], *pb[i]); n != 0 {
			return n
		}
	}
	return 0
}

// SourceRow is a source, or several that are not told apart, in the report.
type SourceRow struct {
	Source ReportSource
	SourceFigures
	// Cost is nil where it is not known: it is of links, and of a link as a
	// whole.
	Cost *domain.Amount
}

// SourceRows gives the figures of a range by source, those with most joins
// first.
func (r *Reports) SourceRows(
	ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter, g Grouping,
) ([]SourceRow, error) {
	taken, err := r.take(ctx, p, rng, f, g.byLink())
	if err != nil {
		return nil, err
	}
	sums := map[ReportSource]*SourceFigures{}
	for source, figures := range taken.sources {
		k := g.Of(source)
		if sums[k] == nil {
			sums[k] = &SourceFigures{}
		}
		sums[k].Add(figures)
	}
	if g.byLink() {
		for id := range taken.spend { // what was paid for and brought nothing
			if k := (ReportSource{LinkID: id}); sums[k] == nil && f.takesLink(taken.links[id]) {
				sums[k] = &SourceFigures{}
			}
		}
	}
	out := make([]SourceRow, 0, len(sums))
	for source, sum := range sums {
		row := SourceRow{Source: source, SourceFigures: *sum}
		if g.byLink() && source.LinkID != "" {
			row.Cost, _ = taken.cost(source.LinkID)
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b SourceRow) int {
		return cmp.Or(cmp.Compare(b.Joins, a.Joins), cmp.Compare(b.Clicks, a.Clicks), compareSources(&a.Source, &b.Source))
	})
	return out, nil
}

// takesLink tells whether a filter selects a link of which nothing is known
// but itself.
func (f ReportFilter) takesLink(l domain.Link) bool {
	return f.Takes(&ReportSource{Name: l.Name, LinkID: l.ID, UTM: l.UTM})
}
