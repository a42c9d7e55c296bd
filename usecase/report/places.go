package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// PlaceKey is a place; in another messenger the same number is another place.
type PlaceKey struct {
	Messenger string
	Place     domain.Place
}

// PlaceRow is a place that is not the project's own: a channel, a group or a
// bot whose joins and leaves count in no other report.
type PlaceRow struct {
	PlaceKey
	In         int64 // people who are in it now
	Subscribed int64 // of these, those who are subscribed to the project's own place
	Joined     int64 // in the range
	Left       int64
}

// PlacePeople is how many people are in a place now whose subscription is in
// one state.
type PlacePeople struct {
	PlaceKey
	Own        domain.Place // the one that their subscription tells of
	Subscribed bool
	People     int64
}

// PlaceMoves is how often something of a kind changed who is in a place.
type PlaceMoves struct {
	Messenger string
	Type      domain.EventType
	ChatID    int64 // as it was told, 0 for none
	Change    domain.Change
	Count     int64
}

// PlaceStore reads other places.
type PlaceStore interface {
	PlacePeople(ctx context.Context, projectID string) ([]PlacePeople, error)
	// PlaceMoves counts joins and leaves from one time up to another.
	PlaceMoves(ctx context.Context, projectID string, from, to time.Time) ([]PlaceMoves, error)
}

// Places lists the places that are not the project's own and in which somebody
// is, or joined or left in a range; those with most people first.
func (r *Reader) Places(ctx context.Context, p *domain.Project, rng Range) ([]PlaceRow, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	rows := map[PlaceKey]*PlaceRow{}
	row := func(k PlaceKey) *PlaceRow {
		if rows[k] == nil {
			rows[k] = &PlaceRow{PlaceKey: k}
		}
		return rows[k]
	}
	people, err := r.store.PlacePeople(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, n := range people {
		x := row(n.PlaceKey)
		x.In += n.People
		if n.Subscribed && n.Own.Same(p.Place()) {
			x.Subscribed += n.People
		}
	}
	moves, err := r.store.PlaceMoves(ctx, p.ID, rng.From, rng.To)
	if err != nil {
		return nil, err
	}
	for _, m := range moves {
		x := row(PlaceKey{m.Messenger, domain.PlaceTold(m.Type, m.Messenger, m.ChatID)})
		switch m.Change {
		case domain.JoinedElsewhere:
			x.Joined += m.Count
		case domain.LeftElsewhere:
			x.Left += m.Count
		}
	}
	out := make([]PlaceRow, 0, len(rows))
	for k, x := range rows {
		if !p.OwnPlace(k.Messenger, k.Place) {
			out = append(out, *x)
		}
	}
	slices.SortFunc(out, func(a, b PlaceRow) int {
		return cmp.Or(cmp.Compare(b.In, a.In), cmp.Compare(b.Joined, a.Joined), cmp.Compare(b.Left, a.Left),
			cmp.Compare(a.Messenger, b.Messenger), cmp.Compare(a.Place, b.Place))
	})
	return out, nil
}
