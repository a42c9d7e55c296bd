package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// takenStep is how many ids one statement has.
const takenStep = 500

// TakenEvents implements usecase.TakenStore.
func (s *Store) TakenEvents(ctx context.Context, ids []string) (map[string]domain.EventType, error) {
	out := map[string]domain.EventType{}
	for part := range slices.Chunk(ids, takenStep) {
		var rows []eventRow
		err := s.read.NewSelect().Model(&rows).Column("id", "type").
			Where("v.id IN (?)", bun.List(keysOf(part))).Scan(ctx)
		if err != nil {
			return nil, mapError("look for events", err)
		}
		for i := range rows {
			out[rows[i].ID.text()] = rows[i].Type
		}
	}
	return out, nil
}

// KnownEvents tells which of the events are in the database.
func (s *Store) KnownEvents(ctx context.Context, ids []string) (map[string]bool, error) {
	taken, err := s.TakenEvents(ctx, ids)
	known := make(map[string]bool, len(taken))
	for id := range taken {
		known[id] = true
	}
	return known, err
}

// selected narrows a query of events to a selection, behind an id. The order
// of keys is that of ids.
func (s *Store) selected(
	ctx context.Context, q *bun.SelectQuery, sel usecase.EventSelection, after string,
) (*bun.SelectQuery, error) {
	if after != "" {
		q = q.Where("v.id > ?", keyOf(after))
	}
	if sel.UpTo != "" {
		q = q.Where("v.id <= ?", keyOf(sel.UpTo))
	}
	if sel.ProjectID != "" {
		no, err := s.projectNo(ctx, sel.ProjectID)
		if err != nil {
			return nil, err
		}
		q = q.Where("v.project_no = ?", no)
	} else {
		q = q.Where("v.project_no > 0") // not those of test people, which no stream has
	}
	if sel.Type != "" {
		q = q.Where("v.type = ?", sel.Type)
	}
	if !sel.From.IsZero() {
		q = q.Where("v.received_at >= ?", stamp(sel.From))
	}
	if !sel.To.IsZero() {
		q = q.Where("v.received_at < ?", stamp(sel.To))
	}
	return q, nil
}

// CountEvents implements usecase.EventSource.
func (s *Store) CountEvents(ctx context.Context, sel usecase.EventSelection) (int64, error) {
	q, err := s.selected(ctx, s.read.NewSelect().Model((*eventRow)(nil)), sel, "")
	if err != nil {
		return 0, mapError("count events", err)
	}
	n, err := q.Count(ctx)
	return int64(n), mapError("count events", err)
}

// EventsAfter implements usecase.EventSource.
func (s *Store) EventsAfter(
	ctx context.Context, sel usecase.EventSelection, after string, limit int,
) ([]domain.Event, error) {
	var rows []eventOfPerson
	q, err := s.selected(ctx, eventsOfPeople(s.read.NewSelect().Model(&rows)), sel, after)
	if err != nil {
		return nil, mapError("read events", err)
	}
	if err := q.OrderExpr("v.id").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, mapError("read events", err)
	}
	projects, err := s.projectIDs(ctx, convert(rows, func(r eventOfPerson) int64 { return r.ProjectNo }))
	es := convert(rows, func(r eventOfPerson) domain.Event { return r.event(projects[r.ProjectNo]) })
	return es, mapError("read events", err)
}

// EventIDs implements usecase.EventSource.
func (s *Store) EventIDs(ctx context.Context, sel usecase.EventSelection, after string, limit int) ([]string, error) {
	q, err := s.selected(ctx, s.read.NewSelect().Model((*eventRow)(nil)).Column("id"), sel, after)
	if err != nil {
		return nil, mapError("read the ids of events", err)
	}
	var ids []key
	err = q.OrderExpr("v.id").Limit(int64(limit)).Scan(ctx, &ids)
	return convert(ids, key.text), mapError("read the ids of events", err)
}

// Unpublished implements usecase.EventSource.
func (s *Store) Unpublished(ctx context.Context, after, upTo string) ([]string, error) {
	waiting, err := s.unpublished(ctx)
	if err != nil {
		return nil, mapError("read what waits for the stream", err)
	}
	var ids []string
	low, high := keyOf(after), keyOf(upTo)
	for _, e := range waiting {
		if k := keyOf(e.EventID); slices.Compare(k, low) > 0 && slices.Compare(k, high) <= 0 {
			ids = append(ids, e.EventID)
		}
	}
	return ids, nil
}

// EventDays implements usecase.EventSource. A click may be all there is of a
// day.
func (s *Store) EventDays(ctx context.Context, projectID string) (first, last time.Time, err error) {
	projectNo, err := s.projectNo(ctx, projectID)
	if err != nil {
		return first, last, mapError("look for the days of a project", err)
	}
	for _, of := range []struct{ table, at string }{{"events", "occurred_at"}, {"clicks", "at"}} {
		// One at a time: only so does SQLite read no more than an index's end.
		for _, end := range []string{"min", "max"} {
			var at stamp
			q := s.read.NewSelect().Table(of.table).ColumnExpr("?(?)", bun.Safe(end), bun.Ident(of.at)).
				Where("project_no = ?", projectNo)
			if of.table == "clicks" {
				q = q.Where("robot = FALSE")
			}
			if err := q.Scan(ctx, &at); err != nil {
				return first, last, mapError("look for the days of a project", err)
			}
			switch t := at.time(); {
			case t.IsZero():
			case first.IsZero() || t.Before(first):
				first = t
				fallthrough
			default:
				if t.After(last) {
					last = t
				}
			}
		}
	}
	return first, last, nil
}

// CountEventsFrom counts the events whose ids were made at a time or later;
// all of them from the zero time on.
func (s *Store) CountEventsFrom(ctx context.Context, from time.Time) (int64, error) {
	since := func() *bun.SelectQuery {
		q := s.read.NewSelect().Model((*eventRow)(nil))
		if !from.IsZero() {
			q = q.Where("v.id >= ?", keyOf(domain.NewID(from, [10]byte{})))
		}
		return q
	}
	n, err := since().Count(ctx)
	if err != nil {
		return 0, mapError("count events", err)
	}
	// Counted apart: each count is one of an index.
	test, err := since().Where("v.project_no < 0").Count(ctx)
	return int64(n - test), mapError("count events", err)
}
