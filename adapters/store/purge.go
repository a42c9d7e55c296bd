package store

import (
	"context"

	"github.com/uptrace/bun"
)

// A deleted project's rows go in pieces, so that nobody waits long for a lock.
// Not every table has an index by project: episodes and people whom nobody can
// name are found by the events and clicks that made them.

// purgeChunk is how many rows are deleted in one transaction.
const purgeChunk = 2000

// purge deletes all rows of a deleted project, and the project last.
func (s *Store) purge(ctx context.Context, id string) error {
	no, err := s.projectNo(ctx, id)
	if err != nil {
		return mapError("delete what belonged to project "+id, err)
	}
	if err := s.EraseTest(ctx, id); err != nil {
		return err
	}
	if err := s.purgeRows(ctx, id, no); err != nil {
		return err
	}
	for _, t := range projectTables {
		if err := s.purgeTable(ctx, t, id, no); err != nil {
			return err
		}
	}
	return s.inTx(ctx, "delete project "+id, func(ctx context.Context, tx bun.Tx) error {
		if err := dropRollups(ctx, tx, id, no); err != nil {
			return err
		}
		_, err := tx.NewDelete().Model((*projectRow)(nil)).Where("p.id = ?", id).Exec(ctx)
		return err
	})
}

// purgeRows deletes the people of a project with all that they did, and its
// clicks and conversions.
func (s *Store) purgeRows(ctx context.Context, id string, no int64) error {
	for _, step := range []func(ctx context.Context, tx bun.Tx, projectNo int64) (n int, err error){
		purgePeople, purgeEvents, purgeClicks, purgeConversions,
	} {
		for n := 1; n > 0; {
			err := s.inTx(ctx, "delete what belonged to project "+id,
				func(ctx context.Context, tx bun.Tx) (err error) {
					if err := s.holdWords(ctx, tx); err != nil {
						return err
					}
					n, err = step(ctx, tx, no)
					return err
				})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// projectTable is a table with an index that begins with the project, and the
// columns that tell its rows apart.
type projectTable struct {
	name, key string
	byID      bool // it names projects by id
}

var projectTables = []projectTable{
	{"event_keys", "project_no, messenger, key", false}, {"idempotency_keys", "project_no, method, key", false},
	{"people_words", "person_no", false}, {"counters", "project_no", false},
	{"conversion_totals", "project_no, network", false}, {"notices", "id", true}, {"alerts", "id", true},
}

func (s *Store) purgeTable(ctx context.Context, t projectTable, id string, no int64) error {
	for n := 1; n > 0; {
		deleted, err := s.execute(ctx, "delete what belonged to project "+id, func(tx bun.Tx) execer {
			some := tx.NewSelect().Table(t.name).ColumnExpr(t.key).Limit(purgeChunk)
			if t.byID {
				some = some.Where("project_id = ?", id)
			} else {
				some = some.Where("project_no = ?", no)
			}
			return tx.NewDelete().Table(t.name).Where("(?) IN (?)", bun.Safe(t.key), some)
		})
		if err != nil {
			return err
		}
		n = deleted
	}
	return nil
}

// purgePeople deletes people who can be named.
func purgePeople(ctx context.Context, tx bun.Tx, projectNo int64) (int, error) {
	var nos []int64
	err := tx.NewSelect().Model((*personRow)(nil)).Column("no").
		Where("p.project_no = ?", projectNo).Where("p.user_id <> 0").OrderExpr("p.no").Limit(purgeChunk).
		Scan(ctx, &nos)
	if err != nil {
		return 0, err
	}
	return len(nos), deletePeople(ctx, tx, nos)
}

// purgeEvents deletes events, and the people whose they are.
func purgeEvents(ctx context.Context, tx bun.Tx, projectNo int64) (int, error) {
	var rows []eventRow
	err := tx.NewSelect().Model(&rows).Column("recorded_at", "person_no", "id").Where("v.project_no = ?", projectNo).
		Limit(purgeChunk).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	first, last := rows[0].RecordedAt, rows[0].RecordedAt // of the months that have them
	for _, r := range rows {
		if r.RecordedAt.time().Before(first.time()) {
			first = r.RecordedAt
		}
		if r.RecordedAt.time().After(last.time()) {
			last = r.RecordedAt
		}
	}
	if err := deletePeople(ctx, tx, convert(rows, func(r eventRow) int64 { return r.PersonNo })); err != nil {
		return 0, err
	}
	ids := convert(rows, func(r eventRow) key { return r.ID })
	return changed(tx.NewDelete().Model((*eventRow)(nil)).Where("v.id IN (?)", bun.List(ids)).
		Where("v.recorded_at BETWEEN ? AND ?", first, last).Exec(ctx))
}

// purgeClicks deletes clicks, and who started with them.
func purgeClicks(ctx context.Context, tx bun.Tx, projectNo int64) (int, error) {
	var rows []struct {
		No        int64 `bun:"no"`
		ClaimedBy int64 `bun:"claimed_by"`
	}
	err := tx.NewSelect().Model((*clickRow)(nil)).ColumnExpr("c.no, coalesce(c.claimed_by, 0) AS claimed_by").
		Where("c.project_no = ?", projectNo).Limit(purgeChunk).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var nos, people []int64
	for _, r := range rows {
		nos, people = append(nos, r.No), append(people, r.ClaimedBy)
	}
	if err := deletePeople(ctx, tx, people); err != nil {
		return 0, err
	}
	return changed(tx.NewDelete().Model((*clickRow)(nil)).Where("c.no IN (?)", bun.List(nos)).Exec(ctx))
}

// deletePeople deletes people with their episodes and waiting goals.
func deletePeople(ctx context.Context, tx bun.Tx, nos []int64) error {
	if len(nos) == 0 {
		return nil
	}
	for _, of := range []struct{ table, column string }{
		{"episodes", "person_no"}, {"waiting_goals", "person_no"}, {"unknown_starts", "person_no"},
		{"memberships", "person_no"},
		{"people_words", "person_no"}, {"people", "no"},
	} {
		column := bun.Ident(of.column)
		_, err := tx.NewDelete().Table(of.table).Where("? IN (?)", column, bun.List(nos)).
			Where("? <> 0", column).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// purgeConversions deletes conversions with all that was tried.
func purgeConversions(ctx context.Context, tx bun.Tx, projectNo int64) (int, error) {
	var nos, calls []int64
	err := tx.NewSelect().Model((*conversionRow)(nil)).Column("no").Where("v.project_no = ?", projectNo).
		Limit(purgeChunk).Scan(ctx, &nos)
	if err != nil || len(nos) == 0 {
		return 0, err
	}
	err = tx.NewSelect().Model((*attemptRow)(nil)).ColumnExpr("DISTINCT a.call_no").
		Where("a.conversion_no IN (?)", bun.List(nos)).Scan(ctx, &calls)
	if err != nil {
		return 0, err
	}
	for _, of := range []struct {
		table, column string
		nos           []int64
	}{
		{"attempts", "conversion_no", nos}, {"calls", "no", calls}, {"sends", "conversion_no", nos},
		{"conversions", "no", nos},
	} {
		_, err := tx.NewDelete().Table(of.table).Where("? IN (?)", bun.Ident(of.column), bun.List(of.nos)).Exec(ctx)
		if err != nil {
			return 0, err
		}
	}
	return len(nos), nil
}

// purgeDeleted finishes deletions that were interrupted.
func (s *Store) purgeDeleted(ctx context.Context) error {
	var ids []string
	err := s.read.NewSelect().Model((*projectRow)(nil)).Column("id").Where("p.deleted_at IS NOT NULL").Scan(ctx, &ids)
	if err != nil {
		return mapError("look for deleted projects", err)
	}
	for _, id := range ids {
		if err := s.purge(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
