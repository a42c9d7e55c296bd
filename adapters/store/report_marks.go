package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var (
	insertMarks = define("project_id text, at time", `INSERT INTO rollup_marks ({columns}) {values}`)
	// The stream has no time of an event that was too large for it.
	insertMarksOf = define("id text", `INSERT INTO rollup_marks (project_id, at) SELECT e.project_id, e.occurred_at FROM {rows} events e WHERE e.id = {id}`)
	// Goals that waited for this start: their conversions are new, their day
	// is an earlier one.
	insertMarksOfGoals = define("subscriber_id text, since time",
		`INSERT INTO rollup_marks (project_id, at) SELECT v.project_id, v.occurred_at FROM {rows} conversions v
		WHERE v.subscriber_id = {subscriber_id} AND v.kind = 'goal' AND v.created_at >= {since}`)
	finishRollup = define("project_id text, owner text, basis text, next_at time",
		`UPDATE rollup_projects SET basis = {basis}, next_at = {next_at}, lease_owner = '', lease_until = NULL {from}
		WHERE rollup_projects.project_id = {project_id} AND rollup_projects.lease_owner = {owner} RETURNING rollup_projects.project_id`)
	deleteMarks = define("id int", `DELETE FROM rollup_marks {using} WHERE rollup_marks.id = {id}`)
)

// markStep is how exactly marks say when: every time zone's days begin at a
// quarter of an hour.
const markStep = 15 * time.Minute

// clockSlack is how much later than a request came in its batch may have been
// stored, by another process' clock.
const clockSlack = time.Minute

// MarkDays implements usecase.RollupStore.
func (s *Store) MarkDays(ctx context.Context, es []usecase.EventMark) error {
	type mark struct {
		project string
		at      time.Time
	}
	seen := map[mark]bool{}
	waited := map[string]bool{}
	var marks, large, goals [][]any
	for _, e := range es {
		m := mark{e.ProjectID, e.At.Truncate(markStep)}
		switch {
		case e.At.IsZero():
			large = append(large, row(e.ID))
		case !seen[m]:
			seen[m] = true
			marks = append(marks, row(m.project, m.at))
		}
		if e.Opens && e.SubscriberID != "" && !waited[e.SubscriberID] {
			waited[e.SubscriberID] = true
			goals = append(goals, row(e.SubscriberID, e.ReceivedAt.Add(-clockSlack)))
		}
	}
	return s.bulk(ctx, "mark days", func(ctx context.Context, r runner) error {
		r.queue(insertMarks, marks, nil)
		r.queue(insertMarksOf, large, nil)
		r.queue(insertMarksOfGoals, goals, nil)
		return r.flush(ctx)
	})
}

// mostProjects is how many marked projects are worked on in one round.
const mostProjects = 1000

// MarkedProjects implements usecase.RollupStore.
func (s *Store) MarkedProjects(ctx context.Context, now time.Time) ([]string, error) {
	ids, err := texts(ctx, s.read, `SELECT DISTINCT m.project_id FROM rollup_marks m LEFT JOIN rollup_projects r ON r.project_id = m.project_id
		WHERE (r.lease_until IS NULL OR r.lease_until <= ?) AND (r.next_at IS NULL OR r.next_at <= ?) LIMIT ?`, stamp(now), stamp(now), mostProjects)
	return ids, mapError("look for marked projects", err)
}

// RollupBases implements usecase.RollupStore.
func (s *Store) RollupBases(ctx context.Context) ([]usecase.ProjectBasis, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT p.id, p.timezone, p.currency, p.amount_unit, coalesce(r.basis, '') FROM projects p
		LEFT JOIN rollup_projects r ON r.project_id = p.id WHERE p.deleted_at IS NULL
		UNION ALL SELECT r.project_id, '', '', '', r.basis FROM rollup_projects r
		WHERE NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = r.project_id AND p.deleted_at IS NULL) ORDER BY 1`)
	if err != nil {
		return nil, mapError("read the rollups' bases", err)
	}
	var out []usecase.ProjectBasis
	err = each(rows, func(r scanner) error {
		var p usecase.ProjectBasis
		err := r.Scan(&p.ID, &p.Timezone, &p.Currency, &p.AmountUnit, &p.Basis)
		out = append(out, p)
		return err
	})
	return out, mapError("read the rollups' bases", err)
}

// ClaimRollup implements usecase.RollupStore.
func (s *Store) ClaimRollup(ctx context.Context, projectID, owner string, now, until time.Time, urgent bool) (basis string, ok bool, err error) {
	err = s.inTx(ctx, "claim rollups", func(ctx context.Context, tx bun.Tx) error {
		basis, ok = "", false
		if _, err := tx.ExecContext(ctx, "INSERT INTO rollup_projects (project_id) VALUES (?) ON CONFLICT (project_id) DO NOTHING", projectID); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `UPDATE rollup_projects SET lease_owner = ?, lease_until = ? WHERE project_id = ?
			AND (lease_until IS NULL OR lease_until <= ?) AND (? OR next_at IS NULL OR next_at <= ?) RETURNING basis`,
			owner, stamp(until), projectID, stamp(now), urgent, stamp(now))
		if err != nil {
			return err
		}
		return each(rows, func(r scanner) error {
			ok = true
			return r.Scan(&basis)
		})
	})
	return basis, ok, err
}

// RollupMarks implements usecase.RollupStore.
func (s *Store) RollupMarks(ctx context.Context, projectID string) ([]usecase.RollupMark, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT m.id, m.at FROM rollup_marks m WHERE m.project_id = ? ORDER BY m.id LIMIT ?", projectID, mostMarks)
	if err != nil {
		return nil, mapError("read marks", err)
	}
	var out []usecase.RollupMark
	err = each(rows, func(r scanner) error {
		var m usecase.RollupMark
		err := r.Scan(&m.ID, into{&m.At})
		out = append(out, m)
		return err
	})
	return out, mapError("read marks", err)
}

// mostMarks is how many marks are done at once; the rest waits its turn.
const mostMarks = 20000

// holdClaim prolongs a claim and keeps others out for the transaction.
func holdClaim(ctx context.Context, tx bun.IDB, c usecase.RollupClaim) error {
	result, err := tx.ExecContext(ctx, "UPDATE rollup_projects SET lease_until = ? WHERE project_id = ? AND lease_owner = ?", stamp(c.Until), c.ProjectID, c.Owner)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return lostClaim(c, err)
	}
	return nil
}

func lostClaim(c usecase.RollupClaim, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("rollups of project %s: another process has taken them: %w", c.ProjectID, domain.ErrConflict)
}

// HoldRollup implements usecase.RollupStore.
func (s *Store) HoldRollup(ctx context.Context, c usecase.RollupClaim) error {
	return s.inTx(ctx, "hold rollups", func(ctx context.Context, tx bun.Tx) error { return holdClaim(ctx, tx, c) })
}

// ClearRollups implements usecase.RollupStore.
func (s *Store) ClearRollups(ctx context.Context, c usecase.RollupClaim, first string) error {
	return s.inTx(ctx, "clear rollups", func(ctx context.Context, tx bun.Tx) error {
		if err := holdClaim(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE rollup_projects SET basis = '' WHERE project_id = ?", c.ProjectID); err != nil {
			return err
		}
		for _, table := range dayTables {
			if _, err := tx.ExecContext(ctx, "DELETE FROM ? WHERE project_id = ? AND day >= ?", bun.Ident(table), c.ProjectID, first); err != nil {
				return err
			}
		}
		return nil
	})
}

// dayTables hold the figures of days.
var dayTables = []string{"rollup_days", "rollup_hours", "rollup_lives", "rollup_steps", "rollup_people"}

// FinishRollup implements usecase.RollupStore.
func (s *Store) FinishRollup(ctx context.Context, c usecase.RollupClaim, basis string, done []usecase.RollupMark, next time.Time) error {
	marks := make([][]any, len(done))
	for i, m := range done {
		marks[i] = row(m.ID)
	}
	return s.bulk(ctx, "finish rollups", func(ctx context.Context, r runner) error {
		held := false
		r.queue(finishRollup, [][]any{row(c.ProjectID, c.Owner, basis, next)}, func(r scanner) error {
			held = true
			var id string
			return r.Scan(&id)
		})
		r.queue(deleteMarks, marks, nil)
		if err := r.flush(ctx); err != nil || held {
			return err
		}
		return lostClaim(c, nil)
	})
}

// DropRollups implements usecase.RollupStore.
func (s *Store) DropRollups(ctx context.Context, projectID string) error {
	return s.inTx(ctx, "drop rollups", func(ctx context.Context, tx bun.Tx) error {
		for _, table := range append([]string{"rollup_marks", "rollup_sources", "rollup_projects", "rollup_numbers", "utm_tags"}, dayTables...) {
			if _, err := tx.ExecContext(ctx, "DELETE FROM ? WHERE project_id = ?", bun.Ident(table), projectID); err != nil {
				return err
			}
		}
		return nil
	})
}
