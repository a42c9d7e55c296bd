package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// ExpireDue implements usecase.DeliveryStore.
func (s *Store) ExpireDue(ctx context.Context, now time.Time, limit int) (int, error) {
	expired, err := s.ExpireSends(ctx, now, limit)
	if err != nil {
		return 0, err
	}
	waited, err := s.ExpireWaiting(ctx, now, limit)
	return expired + waited, err
}

// overRow tells of a send that is over whether its last attempt has no
// outcome.
type overRow struct {
	No   int64 `bun:"conversion_no"`
	Open bool  `bun:"attempt_open"`
}

// ExpireSends ends conversions whose window is over. What the network has
// accepted is its own to end.
func (s *Store) ExpireSends(ctx context.Context, now time.Time, limit int) (n int, err error) {
	over := func(db bun.IDB) *bun.SelectQuery {
		return db.NewSelect().Model((*sendRow)(nil)).Column("conversion_no", "attempt_open").
			Where("s.expires_at <= ?", stamp(now)).
			Where("s.status IN (?)", bun.List(domain.StatusesThat(domain.Status.Open))).
			Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now)).Order("s.expires_at").Limit(int64(limit))
	}
	// Looked for first without a lock: this runs often and finds little.
	if found, err := over(s.read).Exists(ctx); err != nil || !found {
		return 0, mapError("look for conversions whose window is over", err)
	}
	err = s.inTx(ctx, "expire conversions", func(ctx context.Context, tx bun.Tx) error {
		var rows []overRow
		q := over(tx)
		if !s.sqlite {
			q = q.For("UPDATE SKIP LOCKED")
		}
		if err := q.Scan(ctx, &rows); err != nil {
			return err
		}
		n = 0
		for _, open := range []bool{false, true} {
			ended, err := s.endOverdue(ctx, tx, rows, open)
			if err != nil {
				return err
			}
			n += ended
		}
		return nil
	})
	return n, err
}

// endOverdue ends those of the rows whose last attempt is open, or those whose
// is not.
func (s *Store) endOverdue(ctx context.Context, tx bun.Tx, rows []overRow, open bool) (int, error) {
	var nos []int64
	for _, r := range rows {
		if r.Open == open {
			nos = append(nos, r.No)
		}
	}
	if len(nos) == 0 {
		return 0, nil
	}
	status, why := domain.Overdue(open)
	return s.endSends(ctx, tx, status, why, numbered(nos))
}

// numbered are the sends of these conversions.
func numbered(nos []int64) which {
	return func(q bun.QueryBuilder) bun.QueryBuilder { return q.Where("s.conversion_no IN (?)", bun.List(nos)) }
}

// overdue is a waiting goal whose start did not come, with what its conversion
// needs of the person and the project.
type overdue struct {
	waitingRow
	PersonID  key    `bun:"person_id"`
	Messenger string `bun:"messenger"`
	UserID    int64  `bun:"user_id"`
	ProjectID string `bun:"project_id"`
	Standard  string `bun:"standard"` // the project's currency
}

func (o *overdue) goal() usecase.WaitingGoal {
	return o.waitingRow.goal(o.ProjectID, o.PersonID.text())
}

// droppedRow names a goal that waits no more.
type droppedRow struct {
	EventID key `bun:"event_id"`
}

var (
	lockOverdue = bulk.Define[noRow](`SELECT p.no FROM {rows} people p WHERE p.no = {no} ORDER BY p.no {lock p}`)
	dropWaiting = bulk.Define[droppedRow](`DELETE FROM waiting_goals {using} WHERE waiting_goals.event_id = {event_id}
		RETURNING waiting_goals.event_id`)
	// Counted anew: a start that joined some of them meanwhile set it, too.
	countWaiting = bulk.Define[noRow](`UPDATE people SET
		waiting_goals = (SELECT count(*) FROM waiting_goals w WHERE w.person_no = {no}) {from} WHERE people.no = {no}`)
)

// ExpireWaiting ends goals whose start never came. The people are locked
// first, as a batch of arrivals locks them, since a start may come right now.
func (s *Store) ExpireWaiting(ctx context.Context, now time.Time, limit int) (n int, err error) {
	var goals []overdue
	err = s.read.NewSelect().Model((*waitingRow)(nil)).
		ColumnExpr("w.*, p.id AS person_id, p.messenger, p.user_id, j.id AS project_id, j.currency AS standard").
		Join("JOIN people AS p ON p.no = w.person_no").Join("JOIN projects AS j ON j.no = w.project_no").
		Where("w.until < ?", stamp(now)).Order("w.until").Limit(int64(limit)).Scan(ctx, &goals)
	if err != nil || len(goals) == 0 {
		return 0, mapError("look for goals whose start never came", err)
	}
	var people []noRow
	drop := make([]droppedRow, len(goals))
	projects, persons := map[string]int64{}, map[string]int64{}
	for i := range goals {
		g := &goals[i]
		drop[i] = droppedRow{g.EventID}
		if _, ok := persons[g.PersonID.text()]; !ok {
			people = append(people, noRow{g.PersonNo})
		}
		projects[g.ProjectID], persons[g.PersonID.text()] = g.ProjectNo, g.PersonNo
	}
	of := func(in map[string]int64) func(id string) int64 { return func(id string) int64 { return in[id] } }
	refs := conversionRefs{projectNo: of(projects), personNo: of(persons), clickNo: of(nil), episodeNo: of(nil)}
	err = s.bulk(ctx, "end goals whose start never came", func(ctx context.Context, tx *bulk.Tx) error {
		gone := map[string]bool{}
		lockOverdue.Queue(tx, people, nil)
		dropWaiting.Queue(tx, drop, func(r bulk.Scanner) error {
			var id key
			err := r.Scan(&id)
			gone[string(id)] = true
			return err
		})
		countWaiting.Queue(tx, people, nil)
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		var cs []usecase.NewConversion
		counted := map[int64][]time.Time{} // by project: the reports count these goals
		for i := range goals {
			if g := &goals[i]; gone[string(g.EventID)] {
				cs = append(cs, usecase.NeverStarted(g.goal(), g.Messenger, g.UserID, g.Standard, now))
				counted[g.ProjectNo] = append(counted[g.ProjectNo], g.OccurredAt.time())
			}
		}
		var marks []rollupMarkRow
		for no, at := range counted {
			marks = append(marks, marksOf(no, at)...)
		}
		insertMarks.Queue(tx, marks, nil)
		n = len(cs)
		totals, err := s.saveConversions(ctx, tx, s.numbers(), cs, refs)
		if err != nil {
			return err
		}
		if err := tx.Flush(ctx); err != nil {
			return err
		}
		totals()
		return tx.Flush(ctx)
	})
	return n, err
}
