package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// monthsAhead is how many months of events have their partition before they
// begin.
const monthsAhead = 3

// EnsurePartitions makes the partitions of events from last month to three
// months ahead. It is to be called every day or so; SQLite needs none.
func (s *Store) EnsurePartitions(ctx context.Context, now time.Time) error {
	if s.sqlite {
		return nil
	}
	now = now.UTC()
	this := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return s.inTx(ctx, "make the partitions of events", func(ctx context.Context, tx bun.Tx) error {
		// Two that make the same table at once would both find it missing.
		const lock = "SELECT pg_advisory_xact_lock(hashtext('tgtrack partitions ' || current_schema()))"
		if _, err := tx.ExecContext(ctx, lock); err != nil {
			return err
		}
		for n := -1; n <= monthsAhead; n++ {
			from := this.AddDate(0, n, 0)
			if err := makePartition(ctx, tx, from, from.AddDate(0, 1, 0)); err != nil {
				return err
			}
		}
		return nil
	})
}

func makePartition(ctx context.Context, tx bun.Tx, from, until time.Time) error {
	name := "events_" + from.Format("2006_01")
	var there bool
	if err := tx.QueryRowContext(ctx, "SELECT to_regclass(?) IS NOT NULL", name).Scan(&there); err != nil {
		return err
	}
	if there {
		return nil
	}
	// Attaching takes a weaker lock on events than PARTITION OF: what is
	// written meanwhile does not wait.
	for _, text := range []string{
		"CREATE TABLE %[1]s (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
		"ALTER TABLE events ATTACH PARTITION %[1]s FOR VALUES FROM ('%[2]s') TO ('%[3]s')",
	} {
		text = fmt.Sprintf(text, name, from.Format(time.RFC3339), until.Format(time.RFC3339))
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}
