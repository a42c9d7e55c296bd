package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
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

// forgetClicks deletes old clicks that nothing will ask for. What a link
// counts goes on counting them.
func (s *Store) forgetClicks(ctx context.Context, until, current time.Time) error {
	return s.inSteps(ctx, "clicks", "at", until, func(ctx context.Context, tx bun.Tx, ids []string) error {
		lock := " FOR UPDATE"
		if s.lite {
			lock = ""
		}
		// Locked before looking who needs them, since one may be claimed
		// meanwhile.
		ids, err := texts(ctx, tx, "SELECT c.id FROM clicks c WHERE c.id IN (?) ORDER BY c.id"+lock, bun.List(ids))
		if err != nil || len(ids) == 0 {
			return err
		}
		needed, err := neededClicks(ctx, tx, ids, current)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return needed[id] })
		if len(ids) == 0 {
			return nil
		}
		_, err = tx.ExecContext(ctx, `UPDATE links SET clicks_gone = clicks_gone + n FROM (SELECT c.link_id AS of_link, count(*) AS n FROM clicks c
			WHERE c.id IN (?) AND c.robot = FALSE GROUP BY c.link_id) AS counted WHERE links.id = counted.of_link`, bun.List(ids))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM clicks WHERE id IN (?)", bun.List(ids))
		return err
	})
}

// neededClicks tells which clicks a conversion under way, a goal that waits or
// somebody's next goal will ask for: the current click is that of a start
// within the window.
func neededClicks(ctx context.Context, tx bun.Tx, ids []string, current time.Time) (map[string]bool, error) {
	open, err := texts(ctx, tx, `SELECT c.id FROM clicks c JOIN conversions v ON v.subscriber_id = c.claimed_by AND v.click_id = c.id
		WHERE c.id IN (?) AND v.status IN ('pending', 'retrying', 'parked', 'accepted')`, bun.List(ids))
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{}
	for _, id := range open {
		needed[id] = true
	}
	rows, err := tx.QueryContext(ctx, "SELECT c.id, s.waiting_goals, s.touches FROM clicks c JOIN subscribers s ON s.id = c.claimed_by WHERE c.id IN (?)", bun.List(ids))
	if err != nil {
		return nil, err
	}
	err = each(rows, func(r scanner) error {
		var id string
		var waiting int
		var touches []domain.Touch
		err := r.Scan(&id, &waiting, jsonInto{&touches})
		for _, t := range touches {
			if t.ClickID == id && (waiting > 0 || !t.At.Before(current)) {
				needed[id] = true
			}
		}
		return err
	})
	return needed, err
}
