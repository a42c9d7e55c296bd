package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// On PostgreSQL the rows are locked until they are marked, and another
// process skips them. On SQLite there is one process and one writer: rows are
// read, handed over and marked, so that a slow stream keeps nobody from
// writing; a lock in memory keeps two from reading the same.

const readOutbox = "SELECT o.id, o.event_id, o.project_id, o.type, o.payload FROM outbox o ORDER BY o.id LIMIT ?"

// RelayEvents implements usecase.RelayStore. What was handed over is deleted.
func (s *Store) RelayEvents(ctx context.Context, limit int, publish func(ctx context.Context, es []usecase.OutboxEvent) error) (n int, err error) {
	if s.lite {
		s.relayingEvents.Lock()
		defer s.relayingEvents.Unlock()
		es, err := outbox(ctx, s.read, readOutbox, limit)
		if err != nil || len(es) == 0 {
			return 0, mapError("read the outbox", err)
		}
		if err := publish(ctx, es); err != nil {
			return 0, err
		}
		return len(es), s.inTx(ctx, "empty the outbox", func(ctx context.Context, tx bun.Tx) error { return deleteOutbox(ctx, tx, es) })
	}
	// Not again: publish is not to run twice for a deadlock.
	err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		es, err := outbox(ctx, tx, readOutbox+" FOR UPDATE SKIP LOCKED", limit)
		if err != nil || len(es) == 0 {
			return err
		}
		if err := publish(ctx, es); err != nil {
			return err
		}
		n = len(es)
		return deleteOutbox(ctx, tx, es)
	})
	if err != nil {
		n = 0
	}
	return n, mapError("relay events", err)
}

func outbox(ctx context.Context, db bun.IDB, query string, limit int) ([]usecase.OutboxEvent, error) {
	rows, err := db.QueryContext(ctx, query, limit)
	if err != nil {
		return nil, err
	}
	var out []usecase.OutboxEvent
	err = each(rows, func(r scanner) error {
		var e usecase.OutboxEvent
		err := r.Scan(&e.ID, &e.EventID, &e.ProjectID, &e.Type, &e.Payload)
		out = append(out, e)
		return err
	})
	return out, err
}

func deleteOutbox(ctx context.Context, tx bun.Tx, es []usecase.OutboxEvent) error {
	ids := make([]int64, len(es))
	for i, e := range es {
		ids[i] = e.ID
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE id IN (?)", bun.List(ids))
	return err
}

// due is a conversion to be handed over, and how often it was settled when it
// was read.
type due struct {
	usecase.DueConversion
	settlements int64
}

const (
	dueColumns = "SELECT v.id, v.network, v.account_id, v.schedules, v.event_id, v.settlements FROM conversions v WHERE "
	canBeSent  = " AND v.status IN ('pending', 'retrying', 'accepted', 'parked') AND (v.lease_until IS NULL OR v.lease_until <= ?)"
	// What was never handed over has an index without all that was.
	readDue  = dueColumns + "v.next_attempt_at <= ? AND v.next_attempt_at IS NOT NULL AND v.scheduled_at IS NULL" + canBeSent + " ORDER BY v.next_attempt_at LIMIT ?"
	readLost = dueColumns + "v.scheduled_at <= ? AND v.scheduled_at IS NOT NULL AND v.next_attempt_at <= ?" + canBeSent + " ORDER BY v.scheduled_at LIMIT ?"
)

// RelayConversions implements usecase.RelayStore.
func (s *Store) RelayConversions(ctx context.Context, now, republishBefore time.Time, limit int, publish func(ctx context.Context, cs []usecase.DueConversion) error) (n int, err error) {
	if s.lite {
		s.relayingConversions.Lock()
		defer s.relayingConversions.Unlock()
		ds, err := dueConversions(ctx, s.read, "", now, republishBefore, limit)
		if err != nil || len(ds) == 0 {
			return 0, mapError("read what is due", err)
		}
		if err := publish(ctx, handed(ds)); err != nil {
			return 0, err
		}
		return len(ds), s.bulk(ctx, "mark what was handed over", func(ctx context.Context, r runner) error {
			r.queue(markScheduled, scheduledRows(ds, now), nil)
			return r.flush(ctx)
		})
	}
	err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		ds, err := dueConversions(ctx, tx, " FOR UPDATE OF v SKIP LOCKED", now, republishBefore, limit)
		if err != nil || len(ds) == 0 {
			return err
		}
		if err := publish(ctx, handed(ds)); err != nil {
			return err
		}
		n = len(ds)
		ids := make([]string, len(ds))
		for i, d := range ds {
			ids[i] = d.ID
		}
		_, err = tx.ExecContext(ctx, "UPDATE conversions SET scheduled_at = ?, schedules = schedules + 1 WHERE id IN (?)", stamp(now), bun.List(ids))
		return err
	})
	if err != nil {
		n = 0
	}
	return n, mapError("relay conversions", err)
}

// markScheduled counts the handing over, so that the next message has another
// id. Whoever got the message may have settled it by now: then it is
// scheduled no more.
var markScheduled = define("id text, now time, settlements int",
	`UPDATE conversions SET schedules = schedules + 1,
	scheduled_at = CASE WHEN conversions.settlements = {settlements} THEN {now} ELSE conversions.scheduled_at END {from}
	WHERE conversions.id = {id}`)

func scheduledRows(ds []due, now time.Time) [][]any {
	rows := make([][]any, len(ds))
	for i, d := range ds {
		rows[i] = row(d.ID, now, d.settlements)
	}
	return rows
}

func handed(ds []due) []usecase.DueConversion {
	out := make([]usecase.DueConversion, len(ds))
	for i, d := range ds {
		out[i] = d.DueConversion
	}
	return out
}

func dueConversions(ctx context.Context, db bun.IDB, lock string, now, republishBefore time.Time, limit int) ([]due, error) {
	out, err := queryDue(ctx, db, nil, readDue+lock, stamp(now), stamp(now), limit)
	if err != nil || len(out) >= limit {
		return out, err
	}
	return queryDue(ctx, db, out, readLost+lock, stamp(republishBefore), stamp(now), stamp(now), limit-len(out))
}

func queryDue(ctx context.Context, db bun.IDB, out []due, query string, args ...any) ([]due, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(r scanner) error {
		var d due
		err := r.Scan(&d.ID, &d.Network, &d.AccountID, &d.N, &d.EventID, &d.settlements)
		out = append(out, d)
		return err
	})
	return out, err
}
