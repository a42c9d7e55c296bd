package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// forget deletes events and clicks that are too old. The figures of their days
// are in the rollups, which are not made anew for days of which rows are gone.
func (s *Store) forget(ctx context.Context, now time.Time, a Ages) error {
	if a.Events > 0 {
		if err := s.forgetEvents(ctx, now.Add(-a.Events)); err != nil {
			return err
		}
	}
	if a.Clicks > 0 {
		return s.forgetClicks(ctx, now.Add(-a.Clicks), now.Add(-a.CurrentClick))
	}
	return nil
}

func (s *Store) forgetEvents(ctx context.Context, until time.Time) error {
	if !s.lite {
		return s.dropPartitions(ctx, until)
	}
	return s.inSteps(ctx, "events", "recorded_at", until, func(ctx context.Context, tx bun.Tx, ids []string) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM events WHERE id IN (?)", bun.List(ids))
		return err
	})
}

// dropLock is how long dropping a partition may wait for others: whoever comes
// after it waits as well.
const dropLock = "SET LOCAL lock_timeout = '2s'"

// dropPartitions drops the months of events that are over for longer than they
// are kept, the oldest first. One that is busy is tried again an hour later.
func (s *Store) dropPartitions(ctx context.Context, until time.Time) error {
	names, err := texts(ctx, s.read, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = to_regclass('events') ORDER BY c.relname`)
	if err != nil {
		return mapError("look for old partitions", err)
	}
	for _, name := range names {
		month, err := time.Parse("events_2006_01", name)
		if err != nil || month.AddDate(0, 1, 0).After(until) {
			continue // not one of ours, or not over for long enough
		}
		err = s.inTx(ctx, "drop the partition "+name, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, dropLock); err != nil {
				return err
			}
			// Another process may have been first.
			_, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS ?", bun.Ident(name))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inSteps goes over the rows of a table in the order of their ids, which is
// that of their making, until they are younger than until. Each step is a
// short transaction, so that nobody waits long.
func (s *Store) inSteps(ctx context.Context, table, at string, until time.Time, step func(ctx context.Context, tx bun.Tx, ids []string) error) error {
	for after := ""; ; {
		var ids []string
		read, over := 0, false
		rows, err := s.read.QueryContext(ctx, fmt.Sprintf("SELECT id, %s FROM %s WHERE id > ? ORDER BY id LIMIT ?", at, table), after, upkeepStep)
		if err != nil {
			return mapError("look for old "+table, err)
		}
		err = each(rows, func(r scanner) error {
			var t time.Time
			read++
			if err := r.Scan(&after, into{&t}); err != nil {
				return err
			}
			if over = !t.Before(until); !over {
				ids = append(ids, after)
			}
			return nil
		})
		if err != nil {
			return mapError("look for old "+table, err)
		}
		if len(ids) > 0 {
			if err := s.inTx(ctx, "delete old "+table, func(ctx context.Context, tx bun.Tx) error { return step(ctx, tx, ids) }); err != nil {
				return err
			}
		}
		if over || read < upkeepStep {
			return nil
		}
	}
}

// stillNeeded are clicks that a conversion under way, a goal that waits or a
// person's next goal will ask for: the current click is that of an attributed
// start within the window, and no start is later than the last one.
const stillNeeded = `EXISTS (SELECT 1 FROM conversions v WHERE v.subscriber_id = c.claimed_by AND v.click_id = c.id
		AND v.status IN ('pending', 'retrying', 'parked', 'accepted'))
	OR EXISTS (SELECT 1 FROM subscribers s WHERE s.id = c.claimed_by AND (s.waiting_goals > 0 OR s.last_start >= ?) AND {holds} > 0)`

// forgetClicks deletes old clicks that nothing will ask for. What a link
// counts goes on counting them.
func (s *Store) forgetClicks(ctx context.Context, until, current time.Time) error {
	holds := "strpos(s.touches, c.id)"
	if s.lite {
		holds = "instr(s.touches, c.id)"
	}
	needed := strings.Replace(stillNeeded, "{holds}", holds, 1)
	return s.inSteps(ctx, "clicks", "at", until, func(ctx context.Context, tx bun.Tx, ids []string) error {
		lock := " FOR UPDATE"
		if s.lite {
			lock = ""
		}
		// Locked and looked at again, since one may be claimed meanwhile.
		if _, err := texts(ctx, tx, "SELECT c.id FROM clicks c WHERE c.id IN (?) ORDER BY c.id"+lock, bun.List(ids)); err != nil {
			return err
		}
		gone, err := texts(ctx, tx, "SELECT c.id FROM clicks c WHERE c.id IN (?) AND NOT (c.claimed_by IS NOT NULL AND ("+needed+"))", bun.List(ids), stamp(current))
		if err != nil || len(gone) == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE links SET clicks_gone = clicks_gone + n FROM (SELECT c.link_id AS of_link, count(*) AS n FROM clicks c
			WHERE c.id IN (?) AND c.robot = FALSE GROUP BY c.link_id) AS counted WHERE links.id = counted.of_link`, bun.List(gone))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM clicks WHERE id IN (?)", bun.List(gone))
		return err
	})
}
