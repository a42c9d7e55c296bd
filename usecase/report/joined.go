package report

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// JoinedStore reads what people brought by when they joined.
type JoinedStore interface {
	// MoneyOfJoined reads the events with a sum that happened from one time up to
	// another, of the subscriptions that were opened within a range.
	MoneyOfJoined(
		ctx context.Context, projectID string, opened Range, from, to time.Time, take func(*EventFact),
	) error
}

// lastDay is after all days.
const lastDay = "9999-12-31"

// moneyOfJoined adds up what the people who joined in the range have brought
// since, by the source that they came from. It is counted from the rows, but
// only those of days that have any money.
func (x *reading) moneyOfJoined(ctx context.Context, add func(Source, Money)) error {
	opened := Range{From: x.spans[0].lo, To: x.spans[len(x.spans)-1].hi, Zone: x.zone}
	b := &dayBook{
		networks: x.cfg.Networks, project: x.project, unit: cmp.Or(x.project.AmountUnit, x.cfg.AmountUnit),
	}
	spells, err := x.moneySince(ctx, opened.From)
	if err != nil {
		return err
	}
	for _, s := range spells {
		err := x.store.MoneyOfJoined(ctx, x.project.ID, opened, s.From, s.To, func(e *EventFact) {
			source := b.episodeSource(&e.Episode).shown(x.links)
			if money := b.money(e); money != (Money{}) && e.Type != domain.BotStarted && x.selects(&source) {
				add(source, money)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// moneySince gives the days with money at or after a moment, those that follow
// each other together; all that is after it where no rollups tell.
func (x *reading) moneySince(ctx context.Context, at time.Time) ([]Range, error) {
	if !x.hasRollups {
		return []Range{{From: at, To: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}}, nil
	}
	day, _, _ := DayOf(at, x.zone)
	days, err := x.store.RollupDays(ctx, RollupQuery{ProjectID: x.project.ID, First: day, Last: lastDay})
	if err != nil {
		return nil, err
	}
	var out []Range
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if days[day].Money == (Money{}) {
			continue
		}
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			continue // days come from dates
		}
		y, m, d := t.Date()
		r := Range{From: later(at, dayStart(y, m, d, x.zone)), To: dayStart(y, m, d+1, x.zone), Zone: x.zone}
		if n := len(out); n > 0 && out[n-1].To.Equal(r.From) {
			out[n-1].To = r.To
			continue
		}
		out = append(out, r)
	}
	return out, nil
}
