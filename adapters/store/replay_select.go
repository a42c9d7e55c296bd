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
		rows, err := s.read.QueryContext(ctx, "SELECT e.id, e.type FROM events e WHERE e.id IN (?)", bun.List(part))
		if err != nil {
			return nil, mapError("look for events", err)
		}
		err = each(rows, func(r scanner) error {
			var id string
			var t domain.EventType
			err := r.Scan(&id, &t)
			out[id] = t
			return err
		})
		if err != nil {
			return nil, mapError("look for events", err)
		}
	}
	return out, nil
}

// retryConditions gives a selection as a WHERE over conversions named v.
func retryConditions(sel usecase.RetrySelection) (where string, args []any) {
	where, args = conditions(sel.ConversionFilter)
	statuses := make([]string, len(sel.Statuses))
	for i, st := range sel.Statuses {
		statuses[i] = string(st)
	}
	return where + " AND v.status IN (?)" + sendableAgain, append(args, bun.List(statuses))
}

// CountRetry implements usecase.ConversionRetrier.
func (s *Store) CountRetry(ctx context.Context, sel usecase.RetrySelection) (n int64, err error) {
	where, args := retryConditions(sel)
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM conversions v WHERE "+where, args...).Scan(&n)
	return n, mapError("count conversions", err)
}

// RetrySome implements usecase.ConversionRetrier.
func (s *Store) RetrySome(ctx context.Context, sel usecase.RetrySelection, after string, limit int, dryRun bool, now time.Time) (out usecase.Retried, err error) {
	where, args := retryConditions(sel)
	query, found := merged("v.id", "conversions v", "v.id", limit, byStatus(sel.ConversionFilter, sel.Statuses, where+" AND v.id > ?", append(slices.Clip(args), after)))
	ids, err := texts(ctx, s.read, query, found...)
	if err != nil || len(ids) == 0 {
		return out, mapError("look for conversions to be sent again", err)
	}
	out.Matched, out.Last = len(ids), ids[len(ids)-1]
	where = "v.id IN (?) AND " + where
	args = append([]any{bun.List(ids)}, args...)
	if dryRun {
		query, args = sendAgain(where, args, now)
		err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM conversions v WHERE "+query, args...).Scan(&out.Scheduled)
		return out, mapError("count conversions to be sent again", err)
	}
	err = s.inTx(ctx, "retry conversions", func(ctx context.Context, tx bun.Tx) (err error) {
		out.Scheduled, err = scheduleAgain(ctx, tx, where, args, now)
		return err
	})
	return out, err
}

// Unschedule implements usecase.ConversionRetrier.
func (s *Store) Unschedule(ctx context.Context, projectID string, now time.Time) (int64, error) {
	n, err := s.change(ctx, "let conversions be handed over anew", `UPDATE conversions SET scheduled_at = NULL
		WHERE scheduled_at IS NOT NULL AND status IN ('pending', 'retrying', 'accepted', 'parked') AND next_attempt_at <= ?
		AND (lease_until IS NULL OR lease_until <= ?) AND (? = '' OR project_id = ?)`, stamp(now), stamp(now), projectID, projectID)
	return int64(n), err
}

// eventConditions gives a selection as a WHERE over events named e, behind an
// id.
func eventConditions(sel usecase.EventSelection, after string) (where string, args []any) {
	where, args = "e.id > ?", []any{after}
	add := func(use bool, condition string, arg any) {
		if use {
			where, args = where+" AND "+condition, append(args, arg)
		}
	}
	add(sel.UpTo != "", "e.id <= ?", sel.UpTo)
	add(sel.ProjectID != "", "e.project_id = ?", sel.ProjectID)
	add(sel.Type != "", "e.type = ?", string(sel.Type))
	add(!sel.From.IsZero(), "e.received_at >= ?", stamp(sel.From))
	add(!sel.To.IsZero(), "e.received_at < ?", stamp(sel.To))
	return where, args
}

// CountEvents implements usecase.EventSource.
func (s *Store) CountEvents(ctx context.Context, sel usecase.EventSelection) (n int64, err error) {
	where, args := eventConditions(sel, "")
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM events e WHERE "+where, args...).Scan(&n)
	return n, mapError("count events", err)
}

// EventsAfter implements usecase.EventSource.
func (s *Store) EventsAfter(ctx context.Context, sel usecase.EventSelection, after string, limit int) ([]domain.Event, error) {
	where, args := eventConditions(sel, after)
	rows, err := s.read.QueryContext(ctx, "SELECT "+eventColumns+" FROM events e WHERE "+where+" ORDER BY e.id LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, mapError("read events", err)
	}
	var out []domain.Event
	err = each(rows, func(r scanner) error {
		e, err := scanEvent(r)
		out = append(out, e)
		return err
	})
	return out, mapError("read events", err)
}

// EventIDs implements usecase.EventSource.
func (s *Store) EventIDs(ctx context.Context, sel usecase.EventSelection, after string, limit int) ([]string, error) {
	where, args := eventConditions(sel, after)
	ids, err := texts(ctx, s.read, "SELECT e.id FROM events e WHERE "+where+" ORDER BY e.id LIMIT ?", append(args, limit)...)
	return ids, mapError("read the ids of events", err)
}

// Unpublished implements usecase.EventSource.
func (s *Store) Unpublished(ctx context.Context, after, upTo string) ([]string, error) {
	ids, err := texts(ctx, s.read, "SELECT o.event_id FROM outbox o WHERE o.event_id > ? AND o.event_id <= ?", after, upTo)
	return ids, mapError("read the outbox", err)
}

// EventDays implements usecase.EventSource. A click may be all there is of a
// day.
func (s *Store) EventDays(ctx context.Context, projectID string) (first, last time.Time, err error) {
	for _, query := range []string{
		"SELECT min(occurred_at), max(occurred_at) FROM events WHERE project_id = ?", "SELECT min(at), max(at) FROM clicks WHERE project_id = ?",
	} {
		var lo, hi time.Time
		err := s.read.QueryRowContext(ctx, query, projectID).Scan(into{&lo}, into{&hi})
		if err != nil {
			return first, last, mapError("look for the days of a project", err)
		}
		if !lo.IsZero() && (first.IsZero() || lo.Before(first)) {
			first = lo
		}
		if hi.After(last) {
			last = hi
		}
	}
	return first, last, nil
}
