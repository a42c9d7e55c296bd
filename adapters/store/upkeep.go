package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// Ages say how long rows are kept.
type Ages struct {
	SenderKeys time.Duration
	Answers    time.Duration // of requests with an Idempotency-Key
	Events     time.Duration // 0 for ever
	Clicks     time.Duration // 0 for ever
	// ClickDetails is how long a click keeps what its visitor's browser told; 0
	// for ever.
	ClickDetails time.Duration
	// LateClicks is how long a click is waited for.
	LateClicks time.Duration
	// Attempts is how long is kept what was said to the ad networks and what
	// they answered; 0 for ever.
	Attempts time.Duration
	// AuditAddresses is how long the audit log knows where things came from; 0
	// for ever.
	AuditAddresses time.Duration
	// CurrentClick is how long a click may be somebody's current one.
	CurrentClick time.Duration
}

// sameBodies is how long the keys of identical bodies are kept: they decide
// for seconds.
const sameBodies = time.Hour

// noticesKept is how long the messages to users are kept, and alerts that are
// over.
const noticesKept = 30 * 24 * time.Hour

// orphansKept is how long a batch that nobody reads is kept: a reader strikes
// itself off before it looks whether it was the last.
const orphansKept = time.Hour

// upkeepStep is how many rows one statement deletes, so that nothing waits
// long for it.
const upkeepStep = 2000

// Upkeep makes the coming months' partitions, deletes what is too old to
// matter or to be kept, and finishes deleting projects. It is to be called
// every hour or so, by any process.
func (s *Store) Upkeep(ctx context.Context, now time.Time, a Ages) error {
	if err := s.EnsurePartitions(ctx, now); err != nil {
		return err
	}
	for _, old := range []struct {
		table, key, where string
		until             time.Time
	}{
		{"event_keys", "project_no, messenger, key", "same AND at < ?", now.Add(-sameBodies)},
		{"event_keys", "project_no, messenger, key", "at < ?", now.Add(-a.SenderKeys)},
		{"idempotency_keys", "project_no, method, key", "created_at < ?", now.Add(-a.Answers)},
		{"batches", "no", "at < ? AND no NOT IN (SELECT batch_no FROM batch_readers)", now.Add(-orphansKept)},
		{"unknown_starts", "event_id", "received_at < ?", now.Add(-a.LateClicks)},
		{"notice_codes", "hash", "expires_at < ?", now},
		{"notices", "id", "created_at < ?", now.Add(-noticesKept)},
		{"alerts", "id", "closed_at < ?", now.Add(-noticesKept)},
		{"project_changes", "project_id", "at < ?", now.Add(-changesKept)},
		{"processes", "id", "seen_at < ?", now.Add(-usecase.ProcessKept)},
	} {
		if err := s.deleteOld(ctx, old.table, old.key, old.where, old.until); err != nil {
			return err
		}
	}
	if a.Attempts > 0 {
		if err := s.forgetAttempts(ctx, now.Add(-a.Attempts)); err != nil {
			return err
		}
	}
	if a.AuditAddresses > 0 {
		if err := s.forgetAddresses(ctx, now.Add(-a.AuditAddresses)); err != nil {
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

func (s *Store) deleteOld(ctx context.Context, table, key, where string, until time.Time) error {
	for {
		n, err := s.execute(ctx, "delete old rows of "+table, func(tx bun.Tx) execer {
			some := tx.NewSelect().Table(table).ColumnExpr(key).Where(where, stamp(until)).Limit(upkeepStep)
			return tx.NewDelete().Table(table).Where("(?) IN (?)", bun.Safe(key), some)
		})
		if err != nil || n < upkeepStep {
			return err
		}
	}
}
