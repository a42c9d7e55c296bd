package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/tgtrack/tgtrack/usecase/report"
)

// rollupSnapshot implements report.RollupSnapshot.
type rollupSnapshot struct {
	s  *Store
	tx bun.Tx
}

// RollupSnapshot implements report.RollupStore. On SQLite every reading
// transaction sees one moment.
func (s *Store) RollupSnapshot(
	ctx context.Context, look func(ctx context.Context, s report.RollupSnapshot) error,
) error {
	var opts *sql.TxOptions
	if !s.sqlite {
		opts = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	err := s.read.RunInTx(ctx, opts, func(ctx context.Context, tx bun.Tx) error {
		return look(ctx, rollupSnapshot{s, tx})
	})
	return mapError("look at what is to be counted", err)
}

// DayFacts implements report.RollupSnapshot.
func (r rollupSnapshot) DayFacts(
	ctx context.Context, projectID string, from, to time.Time, sink report.FactSink,
) error {
	return r.s.dayFacts(ctx, r.tx, projectID, from, to, sink)
}

// NextFact implements report.RollupSnapshot.
func (r rollupSnapshot) NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error) {
	return r.s.nextFact(ctx, r.tx, projectID, at)
}

// WaitingFacts implements report.RollupSnapshot.
func (r rollupSnapshot) WaitingFacts(
	ctx context.Context, steps bool, limit int,
) (b report.FactBatches, all bool, err error) {
	reader := reportsReader
	if steps {
		reader = stepsReader
	}
	var rows []batchRow
	err = r.tx.NewSelect().Model(&rows).Join("JOIN batch_readers AS w ON w.batch_no = b.no").
		Where("w.reader = ?", reader).
		OrderExpr("w.batch_no").Limit(int64(limit + 1)).Scan(ctx)
	if err != nil {
		return b, false, err
	}
	all = len(rows) <= limit
	for i := range rows[:min(len(rows), limit)] {
		b.Nos = append(b.Nos, rows[i].No)
		if b.Events, err = factsOf(b.Events, &rows[i]); err != nil {
			return b, false, err
		}
	}
	return b, all, nil
}

// factsOf reads the facts of a batch's body.
func factsOf(to []report.CountedEvent, row *batchRow) ([]report.CountedEvent, error) {
	records, err := recordsOf(row)
	if err != nil {
		return nil, err
	}
	for i := range records {
		r := &records[i]
		if len(r.fact) == 0 {
			continue
		}
		e := report.CountedEvent{
			EventID: r.EventID, ProjectID: r.ProjectID, Type: r.Type, Person: r.personNo,
			Episode: r.episodeNo,
		}
		if err := msgpack.Unmarshal(r.fact, &e.Fact); err != nil {
			return nil, err
		}
		to = append(to, e)
	}
	return to, nil
}

// RollupMarks implements report.RollupSnapshot.
func (r rollupSnapshot) RollupMarks(ctx context.Context) ([]report.RollupMark, error) {
	var rows []struct {
		No int64  `bun:"no"`
		At stamp  `bun:"at"`
		ID string `bun:"id"`
	}
	err := r.tx.NewSelect().TableExpr("rollup_marks AS m").ColumnExpr("m.no, m.at, coalesce(p.id, '') AS id").
		Join("LEFT JOIN projects AS p ON p.no = m.project_no AND p.deleted_at IS NULL").Scan(ctx, &rows)
	out := make([]report.RollupMark, len(rows))
	for i := range rows {
		m := &rows[i]
		out[i] = report.RollupMark{No: m.No, Mark: report.Mark{ProjectID: m.ID, At: m.At.time()}}
	}
	return out, err
}

// RollupProjects implements report.RollupSnapshot.
func (r rollupSnapshot) RollupProjects(
	ctx context.Context, ids []string,
) (map[string]report.ProjectFingerprint, error) {
	out := map[string]report.ProjectFingerprint{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []fingerprintRow
	err := fingerprints(r.tx, &rows).Where("p.id IN (?)", bun.List(ids)).Where("p.deleted_at IS NULL").Scan(ctx)
	for i := range rows {
		p := rows[i].project()
		out[p.ID] = p
	}
	return out, err
}

// lookUpAtOnce is how many rows are looked up in one statement.
const lookUpAtOnce = 1000

// FactEpisodes implements report.RollupSnapshot.
func (r rollupSnapshot) FactEpisodes(ctx context.Context, nos []int64) (map[int64]report.EpisodeFact, error) {
	out := map[int64]report.EpisodeFact{}
	linkNos := map[int64]bool{}
	var all []factEpisodeRow
	for some := range slices.Chunk(unique(nos), lookUpAtOnce) {
		var rows []factEpisodeRow
		err := r.tx.NewSelect().TableExpr("episodes AS e").ColumnExpr(factEpisode).
			Join("LEFT JOIN clicks AS c ON c.no = e.click_no").Where("e.no IN (?)", bun.List(some)).
			Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			linkNos[rows[i].LinkNo] = true
		}
		all = append(all, rows...)
	}
	links, err := r.s.linkIDs(ctx, keysIn(linkNos))
	if err != nil {
		return nil, err
	}
	for i := range all {
		out[all[i].No] = all[i].fact(links)
	}
	return out, nil
}

// reachedRow is a conversion to a goal, with what its event's fact needs.
type reachedRow struct {
	factGoalRow
	ID      key   `bun:"id"`
	First   bool  `bun:"first"`
	LaterAt stamp `bun:"later_at"`
}

// FactGoals implements report.RollupSnapshot.
func (r rollupSnapshot) FactGoals(ctx context.Context, ids []string) (map[string]report.ReachedGoal, error) {
	out := map[string]report.ReachedGoal{}
	linkNos := map[int64]bool{}
	var all []reachedRow
	for some := range slices.Chunk(unique(ids), lookUpAtOnce) {
		var rows []reachedRow
		err := r.tx.NewRaw(`SELECT v.id, v.event_id, v.occurred_at,
			g.link_no AS goal_link_no, g.params AS goal_params, `+factEpisode+`, `+firstGoal+` AS first,
			(SELECT max(f.occurred_at) FROM conversions f
				WHERE f.kind = 'goal' AND f.once AND v.once
				AND v.episode_no <> 0 AND f.episode_no = v.episode_no
				AND f.target = v.target AND f.no > v.no AND f.event_id <> v.event_id) AS later_at
			FROM conversions v LEFT JOIN episodes e ON e.no = v.episode_no`+factClick+`
			LEFT JOIN clicks g ON g.no = v.click_no
			WHERE v.id IN (?)`, bun.List(keysOf(some))).Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			linkNos[rows[i].LinkNo], linkNos[rows[i].GoalLinkNo] = true, true
		}
		all = append(all, rows...)
	}
	links, err := r.s.linkIDs(ctx, keysIn(linkNos))
	if err != nil {
		return nil, err
	}
	for i := range all {
		row := &all[i]
		out[row.ID.text()] = report.ReachedGoal{
			GoalFact: row.factGoalRow.fact(links), First: row.First, LaterAt: row.LaterAt.time(),
		}
	}
	return out, nil
}
