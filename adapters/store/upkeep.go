package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Ages say how long rows are kept.
type Ages struct {
	SenderKeys time.Duration
	Answers    time.Duration // of requests with an Idempotency-Key
	Events     time.Duration // 0 for ever
	Clicks     time.Duration // 0 for ever
	// CurrentClick is how long a click may be somebody's current one.
	CurrentClick time.Duration
}

// sameBodies is how long the keys of identical bodies are kept: they decide
// for seconds.
const sameBodies = time.Hour

// noticesKept is how long the messages to users are kept, and alerts that are
// over.
const noticesKept = 30 * 24 * time.Hour

// upkeepStep is how many rows one statement deletes, so that nothing waits
// long for it.
const upkeepStep = 2000

// sameBodyKeys are the keys of identical bodies; an index has them so.
const sameBodyKeys = "substr(key, 1, 5) = 'same:'"

// Upkeep makes the coming months' partitions, deletes what is too old to
// matter or to be kept, and finishes deleting projects. It is to be called
// every hour or so, by any process.
func (s *Store) Upkeep(ctx context.Context, now time.Time, a Ages) error {
	if err := s.EnsurePartitions(ctx, now); err != nil {
		return err
	}
	for _, o := range []old{
		{table: "event_keys", key: "project_id, key", column: "at", before: now.Add(-sameBodies), where: sameBodyKeys},
		{table: "event_keys", key: "project_id, key", column: "at", before: now.Add(-a.SenderKeys)},
		{
			table: "idempotency_keys", key: "project_id, method, key", column: "created_at",
			before: now.Add(-a.Answers),
		},
		{table: "notice_codes", key: "hash", column: "expires_at", before: now},
		{table: "notices", key: "id", column: "created_at", before: now.Add(-noticesKept)},
		{table: "alerts", key: "id", column: "closed_at", before: now.Add(-noticesKept)},
	} {
		if err := s.deleteOld(ctx, o); err != nil {
			return err
		}
	}
	if err := s.purgeDeleted(ctx); err != nil {
		return err
	}
	if err := s.purgeAccess(ctx, now); err != nil {
		return err
	}
	return s.forget(ctx, now, a)
}

// old are the rows of a table that have a column before a time.
type old struct {
	table, key, column string
	before             time.Time
	where              string // holds as well; empty for nothing more
}

func (s *Store) deleteOld(ctx context.Context, o old) error {
	for {
		n, err := s.execute(ctx, "delete old rows of "+o.table, func(tx bun.Tx) execer {
			some := tx.NewSelect().Table(o.table).ColumnExpr(o.key).
				Where("? < ?", bun.Ident(o.column), stamp(o.before)).Limit(upkeepStep)
			if o.where != "" {
				some.Where(o.where)
			}
			return tx.NewDelete().Table(o.table).Where("(?) IN (?)", bun.Safe(o.key), some)
		})
		if err != nil || n < upkeepStep {
			return err
		}
	}
}
