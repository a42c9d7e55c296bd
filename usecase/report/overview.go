package report

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Grain is how long the pieces are in which a range is shown.
type Grain string

// Grains.
const (
	ByHour  Grain = "hour"
	ByDay   Grain = "day"
	ByWeek  Grain = "week" // from Monday on
	ByMonth Grain = "month"
)

// Grains are those that a range can be shown in, the finest first, and the one
// that shows most.
func (r Range) Grains() (all []Grain, usual Grain) {
	days := r.days()
	if r.To.Sub(r.From) <= maxHourly && days <= hourlyDays {
		all = append(all, ByHour)
	}
	if days <= dailyDays {
		all = append(all, ByDay)
	}
	if days > 7 {
		all = append(all, ByWeek)
	}
	if days > 28 {
		all = append(all, ByMonth)
	}
	switch {
	case days <= 2:
		return all, ByHour
	case days <= 92:
		return all, ByDay
	case days <= 731:
		return all, ByWeek
	}
	return all, ByMonth
}

// How many days are shown by the hour and by the day at most.
const (
	hourlyDays = 3
	dailyDays  = 800
)

// Piece is an hour, a day, a week or a month of a range, or what the range has
// of it.
type Piece struct {
	From, To time.Time // in the range's zone; To excluded
	Cut      bool      // the range has a part of it
	Totals
}

// pieceAt gives when the piece that a moment lies in begins and ends.
func (g Grain) pieceAt(t time.Time, zone *time.Location) (from, to time.Time) {
	l := t.In(zone)
	y, m, d := l.Date()
	switch g {
	case ByWeek:
		d -= (int(l.Weekday()) + 6) % 7
		return dayStart(y, m, d, zone), dayStart(y, m, d+7, zone)
	case ByMonth:
		return dayStart(y, m, 1, zone), dayStart(y, m+1, 1, zone)
	case ByHour:
		hours := hoursOf(t, zone)
		n := hourAt(hours, t)
		if n+1 < len(hours) {
			return hours[n], hours[n+1]
		}
		return hours[n], dayStart(y, m, d+1, zone)
	case ByDay:
	}
	return dayStart(y, m, d, zone), dayStart(y, m, d+1, zone)
}

// pieces cuts a range.
func (r Range) pieces(g Grain) []Piece {
	var out []Piece
	for at := r.From; at.Before(r.To); {
		from, to := g.pieceAt(at, r.Zone)
		p := Piece{From: later(from, r.From).In(r.Zone), To: earlier(to, r.To).In(r.Zone)}
		p.Cut = !p.From.Equal(from) || !p.To.Equal(to)
		out = append(out, p)
		at = to
	}
	return out
}

// OverviewInput is what an overview is about.
type OverviewInput struct {
	Range    Range
	Compared *Compared // nil: with nothing
	Filter   Filter
	Grain    Grain
	// Deep reads of each piece, too, who came by links and what those brought
	// that cost something.
	Deep bool
}

// Overview is a range at a glance, and what it is held against.
type Overview struct {
	Now     Totals
	Sources map[Source]*SourceFigures
	Pieces  []Piece
	// Before and PiecesBefore are those of the other range: Before up to where
	// it is counted, the pieces to its end.
	Before       Totals
	PiecesBefore []Piece
}

// Overview reads a range, by pieces and in one row.
func (r *Reader) Overview(ctx context.Context, p *domain.Project, in OverviewInput) (*Overview, error) {
	out := &Overview{}
	t, s, err := r.totals(ctx, p, in.Range, in.Filter)
	if err != nil {
		return nil, err
	}
	out.Now, out.Sources = t, s.sources
	if out.Pieces, err = r.pieces(ctx, p, in.Range, &in, &s); err != nil {
		return nil, err
	}
	if in.Compared == nil {
		return out, nil
	}
	if out.Before, s, err = r.totals(ctx, p, in.Compared.Passed(), in.Filter); err != nil {
		return nil, err
	}
	if in.Grain == ByHour && in.Compared.To.Sub(in.Compared.From) > maxHourly {
		return out, nil
	}
	if s, err = r.costsToTheEnd(ctx, p, &in, s); err != nil {
		return nil, err
	}
	out.PiecesBefore, err = r.pieces(ctx, p, in.Compared.Range, &in, &s)
	return out, err
}

// costsToTheEnd is what the other range selects up to its end, where anything
// cost something in it: s ends where the other range is counted.
func (r *Reader) costsToTheEnd(
	ctx context.Context, p *domain.Project, in *OverviewInput, s selection,
) (selection, error) {
	c := in.Compared
	if in.Grain == ByHour || c.Until.Equal(c.To) { // costs are those of days
		return s, nil
	}
	spend, err := r.spend(ctx, p, c.Range)
	if err != nil || len(spend) == 0 {
		return s, err
	}
	return r.selection(ctx, p, c.Range, in.Filter, true)
}

// piecing puts days or hours together into the pieces of a range.
type piecing struct {
	*Reader
	project *domain.Project
	rng     Range
	filter  Filter
	grain   Grain
	out     []Piece
}

// pieces reads a range by pieces, with what the selected links cost.
func (r *Reader) pieces(
	ctx context.Context, p *domain.Project, rng Range, in *OverviewInput, s *selection,
) ([]Piece, error) {
	x := &piecing{Reader: r, project: p, rng: rng, filter: in.Filter, grain: in.Grain, out: rng.pieces(in.Grain)}
	err := x.each(ctx, nil, func(piece *Piece, f *SourceFigures) { piece.Add(f) })
	if err != nil || len(x.out) == 0 {
		return x.out, err
	}
	if in.Deep {
		byLink := func(s *Source) bool { return s.LinkID != "" }
		err := x.each(ctx, byLink, func(piece *Piece, f *SourceFigures) { piece.ByLink += f.Joins })
		if err != nil {
			return nil, err
		}
	}
	links, known := s.costing(in.Filter)
	if !known || in.Grain == ByHour {
		return x.out, nil // costs are those of days
	}
	paid := make([]SourceFigures, len(x.out))
	if in.Deep && len(links) > 0 {
		costing := func(s *Source) bool { return links[s.LinkID] }
		err := x.each(ctx, costing, func(piece *Piece, f *SourceFigures) { paid[x.at(piece.From)].Add(f) })
		if err != nil {
			return nil, err
		}
	}
	return x.out, x.costs(ctx, slices.Collect(maps.Keys(links)), paid)
}

// each reads the figures of some sources, all where only is nil, and gives
// those of each day or hour with the piece that it lies in.
func (x *piecing) each(
	ctx context.Context, only func(*Source) bool, add func(piece *Piece, f *SourceFigures),
) error {
	if x.grain == ByHour {
		rows, err := x.hourly(ctx, x.project, x.rng, x.filter, only)
		for i := range rows {
			add(&x.out[x.at(rows[i].From)], &SourceFigures{Figures: rows[i].Figures})
		}
		return err
	}
	rows, err := x.daily(ctx, x.project, x.rng, x.filter, only)
	if err != nil {
		return err
	}
	now := x.now()
	days := x.rng.spans() // as many as rows
	for i := range rows {
		sum := SourceFigures{Figures: rows[i].Figures}
		for n, stay := range stayDays {
			if sum.Left[n] = 0; days[i].eligible(stay, now) {
				sum.Eligible[n], sum.Left[n] = rows[i].Joins, rows[i].Left[n]
			}
		}
		add(&x.out[x.at(days[i].lo)], &sum)
	}
	return nil
}

// costs adds what links cost to the pieces.
func (x *piecing) costs(ctx context.Context, links []string, paid []SourceFigures) error {
	days := x.rng.spans()
	spent, err := x.store.CostsByDay(
		ctx, x.project.ID, x.project.Currency, days[0].day, days[len(days)-1].day, links)
	if err != nil {
		return err
	}
	spends := make([]LinkSpend, len(x.out))
	now := x.now()
	for i := range days {
		s := LinkSpend{Amount: spent[days[i].day]}
		if days[i].eligible(stayDays[1], now) {
			s.Eligible = s.Amount
		}
		spends[x.at(days[i].lo)].add(s)
	}
	for i := range x.out {
		x.out[i].spent(spends[i], &paid[i])
	}
	return nil
}

// at is the number of the piece that a moment lies in.
func (x *piecing) at(at time.Time) int { return pieceAt(x.out, at) }

// pieceAt is the number of the piece that a moment lies in.
func pieceAt(ps []Piece, at time.Time) int {
	n, found := slices.BinarySearchFunc(ps, at, func(p Piece, at time.Time) int { return p.From.Compare(at) })
	if !found {
		n--
	}
	return max(0, n)
}
