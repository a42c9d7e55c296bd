package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// dueRow is a conversion to be handed over.
type dueRow struct {
	No        int64  `bun:"conversion_no"`
	ID        key    `bun:"id"`
	EventID   key    `bun:"event_id"`
	AccountID string `bun:"account_id"`
	Network   string `bun:"network"`
}

// RelayConversions implements usecase.RelayStore. On PostgreSQL the rows are
// locked until they are marked, and another process skips them. On SQLite
// there is one process and one writer: rows are read, handed over and marked,
// so that a slow stream keeps nobody from writing; a lock in memory keeps two
// from reading the same.
func (s *Store) RelayConversions(
	ctx context.Context, now, republishBefore time.Time, limit int,
	publish func(ctx context.Context, cs []usecase.DueConversion) error,
) (n int, err error) {
	again := now.Add(now.Sub(republishBefore))
	if s.lite {
		s.relayingConversions.Lock()
		defer s.relayingConversions.Unlock()
		ds, err := s.due(ctx, s.read, now, limit)
		if err != nil || len(ds) == 0 {
			return 0, mapError("read what is due", err)
		}
		if err := publish(ctx, handed(ds)); err != nil {
			return 0, err
		}
		return len(ds), s.inTx(ctx, "mark what was handed over", func(ctx context.Context, tx bun.Tx) error {
			return markHanded(ctx, tx, ds, now, again)
		})
	}
	// Not again: publish is not to run twice for a deadlock.
	err = s.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := readInOrder(ctx, tx); err != nil {
			return err
		}
		ds, err := s.due(ctx, tx, now, limit)
		if err != nil || len(ds) == 0 {
			return err
		}
		if err := publish(ctx, handed(ds)); err != nil {
			return err
		}
		n = len(ds)
		return markHanded(ctx, tx, ds, now, again)
	})
	if err != nil {
		n = 0
	}
	return n, mapError("relay conversions", err)
}

// due reads what is to be handed over, or to be handed over again since nobody
// settled it.
func (s *Store) due(ctx context.Context, db bun.IDB, now time.Time, limit int) ([]dueRow, error) {
	var out []dueRow
	q := db.NewSelect().Model((*sendRow)(nil)).
		ColumnExpr("s.conversion_no, v.id, v.event_id, a.id AS account_id, a.network").
		Join("JOIN conversions AS v ON v.no = s.conversion_no").Join("JOIN ad_accounts AS a ON a.no = s.account_no").
		ApplyQueryBuilder(dueBy(now)).Order("s.due_at").Limit(int64(limit))
	if !s.lite {
		q = q.For("UPDATE OF s SKIP LOCKED")
	}
	return out, q.Scan(ctx, &out)
}

// readInOrder keeps PostgreSQL's planner from collecting and sorting all that
// is due to take the first of it: what it knows of a queue is always too old.
func readInOrder(ctx context.Context, tx bun.Tx) error {
	_, err := tx.ExecContext(ctx,
		"SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)")
	return err
}

// dueBy are the sends that the relay is to look at.
func dueBy(now time.Time) which {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.due_at <= ?", stamp(now)).Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now))
	}
}

// markHanded says of sends that a message names them, and when to look again.
// Whoever got the message may have settled one by now: then it waits for
// another time, and for another message.
func markHanded(ctx context.Context, tx bun.Tx, ds []dueRow, now, again time.Time) error {
	nos := make([]int64, len(ds))
	for i := range ds {
		nos[i] = ds[i].No
	}
	_, err := tx.NewUpdate().Model((*sendRow)(nil)).Set("handed_over = TRUE").Set("due_at = ?", stamp(again)).
		Where("s.conversion_no IN (?)", bun.List(nos)).Where("s.due_at <= ?", stamp(now)).Exec(ctx)
	return err
}

func handed(ds []dueRow) []usecase.DueConversion {
	out := make([]usecase.DueConversion, len(ds))
	for i, d := range ds {
		out[i] = usecase.DueConversion{
			ID: d.ID.text(), Network: d.Network, AccountID: d.AccountID, EventID: d.EventID.text(),
		}
	}
	return out
}
