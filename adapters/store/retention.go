package store

import (
	"context"
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
		if err := s.forgetClicks(ctx, now.Add(-a.Clicks), now.Add(-a.CurrentClick)); err != nil {
			return err
		}
	}
	if a.ClickDetails > 0 {
		return s.forgetClickDetails(ctx, now.Add(-a.ClickDetails))
	}
	return nil
}

// forgetClickDetails takes from old clicks what their visitors' browsers told.
// It goes on behind those that it has done.
func (s *Store) forgetClickDetails(ctx context.Context, until time.Time) error {
	clicks := aging{table: "clicks", no: "no", at: "at", after: s.bareClicks.Load()}
	return s.inSteps(ctx, clicks, until, func(ctx context.Context, tx bun.Tx, nos []int64) error {
		_, err := tx.NewUpdate().Model((*clickRow)(nil)).Set("ip = ''").Set("user_agent = ''").Set("referrer = ''").
			Where("c.no IN (?)", bun.List(nos)).Where("c.ip <> '' OR c.user_agent <> '' OR c.referrer <> ''").Exec(ctx)
		if err == nil {
			s.bareClicks.Store(nos[len(nos)-1])
		}
		return err
	})
}

func (s *Store) forgetEvents(ctx context.Context, until time.Time) error {
	if !s.sqlite {
		return s.dropPartitions(ctx, until)
	}
	events := aging{table: "events", no: "rowid", at: "recorded_at"}
	return s.inSteps(ctx, events, until, func(ctx context.Context, tx bun.Tx, rows []int64) error {
		_, err := tx.NewDelete().Table("events").Where("rowid IN (?)", bun.List(rows)).Exec(ctx)
		return err
	})
}

// partition is a month of events.
type partition struct {
	name string
	from time.Time
}

// partitions lists the months of events that PostgreSQL has, the oldest first;
// not those that somebody else attached.
func (s *Store) partitions(ctx context.Context) ([]partition, error) {
	var names []string
	err := s.read.NewSelect().TableExpr("pg_inherits AS i").ColumnExpr("c.relname").
		Join("JOIN pg_class AS c ON c.oid = i.inhrelid").Where("i.inhparent = to_regclass('events')").
		OrderExpr("c.relname").Scan(ctx, &names)
	var out []partition
	for _, name := range names {
		if month, err := time.Parse("events_2006_01", name); err == nil {
			out = append(out, partition{name, month})
		}
	}
	return out, err
}

// dropLock is how long dropping a partition may wait for others: whoever comes
// after it waits as well.
const dropLock = "SET LOCAL lock_timeout = '2s'"

// dropPartitions drops the months of events that are over for longer than they
// are kept, the oldest first. One that is busy is tried again an hour later.
func (s *Store) dropPartitions(ctx context.Context, until time.Time) error {
	months, err := s.partitions(ctx)
	if err != nil {
		return mapError("look for old partitions", err)
	}
	for _, m := range months {
		if m.from.AddDate(0, 1, 0).After(until) {
			continue // not over for long enough
		}
		name := m.name
		err = s.inTx(ctx, "drop the partition "+name, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, dropLock); err != nil {
				return err
			}
			// Another process may have been first.
			_, err := tx.NewDropTable().Table(name).IfExists().Exec(ctx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// aging is a table whose rows are numbered as they come, with the columns of
// the number and of the time by which a row grows old, and the number behind
// which to begin.
type aging struct {
	table, no, at string
	after         int64
}

// agingRow is what of such a row decides.
type agingRow struct {
	No int64 `bun:"no"`
	At stamp `bun:"at"`
}

// inSteps goes over the rows of a table in the order of their numbers until
// they are younger than until. Each step is a short transaction, so that
// nobody waits long.
func (s *Store) inSteps(
	ctx context.Context, t aging, until time.Time, step func(ctx context.Context, tx bun.Tx, nos []int64) error,
) error {
	for after := t.after; ; {
		var rows []agingRow
		err := s.read.NewSelect().Table(t.table).ColumnExpr("? AS no, ? AS at", bun.Ident(t.no), bun.Ident(t.at)).
			Where("? > ?", bun.Ident(t.no), after).OrderExpr("?", bun.Ident(t.no)).Limit(upkeepStep).Scan(ctx, &rows)
		if err != nil {
			return mapError("look for old "+t.table, err)
		}
		var old []int64
		over := len(rows) < upkeepStep
		for _, r := range rows {
			if !r.At.time().Before(until) {
				over = true
				break
			}
			old, after = append(old, r.No), r.No
		}
		if len(old) > 0 {
			err := s.inTx(ctx, "delete old "+t.table,
				func(ctx context.Context, tx bun.Tx) error { return step(ctx, tx, old) })
			if err != nil {
				return err
			}
		}
		if over {
			return nil
		}
	}
}

// forgetClicks deletes old clicks that nothing will ask for. What a link
// counts goes on counting them.
func (s *Store) forgetClicks(ctx context.Context, until, current time.Time) error {
	clicks := aging{table: "clicks", no: "no", at: "at"}
	return s.inSteps(ctx, clicks, until, func(ctx context.Context, tx bun.Tx, nos []int64) error {
		// Locked before looking who needs them, since one may be claimed
		// meanwhile.
		var rows []clickRow
		q := tx.NewSelect().Model(&rows).Column("no", "link_no", "robot").Where("c.no IN (?)", bun.List(nos)).
			OrderExpr("c.no")
		if !s.sqlite {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		needed, err := neededClicks(ctx, tx, nos, current)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r clickRow) bool { return needed[r.No] })
		return deleteClicks(ctx, tx, rows)
	})
}

func deleteClicks(ctx context.Context, tx bun.Tx, rows []clickRow) error {
	if len(rows) == 0 {
		return nil
	}
	counted := map[int64]int{} // by link
	for _, r := range rows {
		if !r.Robot && r.LinkNo != 0 {
			counted[r.LinkNo]++
		}
	}
	for link, n := range counted {
		_, err := tx.NewUpdate().Table("links").Set("clicks_gone = clicks_gone + ?", n).Where("no = ?", link).Exec(ctx)
		if err != nil {
			return err
		}
	}
	nos := convert(rows, func(r clickRow) int64 { return r.No })
	_, err := tx.NewDelete().Model((*clickRow)(nil)).Where("c.no IN (?)", bun.List(nos)).Exec(ctx)
	return err
}

// claimant is a click with the person who started with it.
type claimant struct {
	ClickNo      int64                 `bun:"click_no"`
	ClickID      key                   `bun:"click_id"`
	WaitingGoals int                   `bun:"waiting_goals"`
	State        jsonText[personState] `bun:"state"`
}

// neededClicks tells which clicks a conversion under way, a goal that waits or
// somebody's next goal will ask for: the current click is that of a start
// within the window.
func neededClicks(ctx context.Context, tx bun.Tx, nos []int64, current time.Time) (map[int64]bool, error) {
	var open []int64
	err := tx.NewSelect().Model((*clickRow)(nil)).Column("no").
		Join("JOIN conversions AS v ON v.person_no = c.claimed_by AND v.person_no <> 0 AND v.click_no = c.no").
		Join("JOIN sends AS s ON s.conversion_no = v.no").Where("c.no IN (?)", bun.List(nos)).Scan(ctx, &open)
	if err != nil {
		return nil, err
	}
	needed := map[int64]bool{}
	for _, no := range open {
		needed[no] = true
	}
	var claimed []claimant
	err = tx.NewSelect().Model((*clickRow)(nil)).
		ColumnExpr("c.no AS click_no, c.id AS click_id, p.waiting_goals, p.state").
		Join("JOIN people AS p ON p.no = c.claimed_by").Where("c.no IN (?)", bun.List(nos)).Scan(ctx, &claimed)
	for _, c := range claimed {
		holds := func(t domain.Touch) bool {
			return t.ClickID == c.ClickID.text() && (c.WaitingGoals > 0 || !t.At.Before(current))
		}
		if slices.ContainsFunc(touchesOf(c.State.v.Touches), holds) {
			needed[c.ClickNo] = true
		}
	}
	return needed, err
}
