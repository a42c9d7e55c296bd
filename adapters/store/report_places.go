package store

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// placePeople finds who is in other places by the index memberships_place.
const placePeople = `SELECT p.messenger, m.place, p.place AS own, p.subscribed, count(*) AS people
	FROM memberships m JOIN people p ON p.no = m.person_no
	WHERE m.project_no = ?0 AND m.subscribed AND m.place <> p.place
	GROUP BY p.messenger, m.place, p.place, p.subscribed`

// placeMoves finds what happened there by the index events_elsewhere: the
// changes stand in it as they are written in the index.
const placeMoves = `SELECT p.messenger, v.type, v.place, v.change, count(*) AS count
	FROM events v JOIN people p ON p.no = v.person_no
	WHERE v.project_no = ?0 AND v.occurred_at >= ?1 AND v.occurred_at < ?2
	AND v.change IN ('joined_elsewhere', 'left_elsewhere')
	GROUP BY p.messenger, v.type, v.place, v.change`

// PlacePeople implements report.PlaceStore.
func (s *Store) PlacePeople(ctx context.Context, projectID string) ([]report.PlacePeople, error) {
	var rows []struct {
		Messenger  string       `bun:"messenger"`
		Place      domain.Place `bun:"place"`
		Own        domain.Place `bun:"own"`
		Subscribed bool         `bun:"subscribed"`
		People     int64        `bun:"people"`
	}
	no, err := s.projectNo(ctx, projectID)
	if err == nil {
		err = s.read.NewRaw(placePeople, no).Scan(ctx, &rows)
	}
	if err != nil {
		return nil, mapError("count people of other places", err)
	}
	out := make([]report.PlacePeople, len(rows))
	for i, r := range rows {
		out[i] = report.PlacePeople{
			PlaceKey: report.PlaceKey{Messenger: r.Messenger, Place: r.Place}, Own: r.Own,
			Subscribed: r.Subscribed, People: r.People,
		}
	}
	return out, nil
}

// PlaceMoves implements report.PlaceStore.
func (s *Store) PlaceMoves(
	ctx context.Context, projectID string, from, to time.Time,
) ([]report.PlaceMoves, error) {
	var rows []struct {
		Messenger string           `bun:"messenger"`
		Type      domain.EventType `bun:"type"`
		Place     int64            `bun:"place"`
		Change    domain.Change    `bun:"change"`
		Count     int64            `bun:"count"`
	}
	no, err := s.projectNo(ctx, projectID)
	if err == nil {
		err = s.read.NewRaw(placeMoves, no, stamp(from), stamp(to)).Scan(ctx, &rows)
	}
	if err != nil {
		return nil, mapError("count joins of other places", err)
	}
	out := make([]report.PlaceMoves, len(rows))
	for i, r := range rows {
		out[i] = report.PlaceMoves{
			Messenger: r.Messenger, Type: r.Type, ChatID: r.Place, Change: r.Change, Count: r.Count,
		}
	}
	return out, nil
}
