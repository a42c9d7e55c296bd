package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// rollupMarkRow says that the day of a moment must be recounted.
type rollupMarkRow struct {
	bun.BaseModel `bun:"table:rollup_marks,alias:m"`
	ProjectNo     int64 `bun:"project_no"`
	At            stamp `bun:"at"`
}

// markStep is the precision of marks: in every time zone days begin at a quarter
// of an hour.
const markStep = 15 * time.Minute

var (
	insertMarks = bulk.Define[rollupMarkRow](`INSERT INTO rollup_marks ({columns}) {values}`)
	// Everything that happened in a subscription whose source has changed.
	insertMarksOfEpisodes = bulk.DefineBoth[noRow](
		marksOfEpisodes("date_bin('15 minutes', x.at, '2000-01-01 00:00:00+00'::timestamptz)"),
		marksOfEpisodes("x.at - x.at % 900000000"))
)

func marksOfEpisodes(quarter string) string {
	return `INSERT INTO rollup_marks (project_no, at) SELECT DISTINCT x.project_no, ` + quarter + ` FROM (
		SELECT e.project_no, e.opened_at AS at FROM {rows} episodes e WHERE e.no = {no}
		UNION ALL SELECT e.project_no, e.closed_at FROM {rows} episodes e
			WHERE e.no = {no} AND e.closed_at IS NOT NULL
		UNION ALL SELECT v.project_no, v.occurred_at FROM {rows} episodes e
			JOIN events v ON v.person_no = e.person_no AND v.episode_no = e.no WHERE e.no = {no}
		UNION ALL SELECT v.project_no, v.occurred_at FROM {rows} episodes e
			JOIN conversions v ON v.person_no = e.person_no AND v.episode_no = e.no AND v.kind = 'goal'
			WHERE e.no = {no} AND v.person_no <> 0
		) AS x`
}

// marksOf gives the marks of moments, one for each quarter of an hour.
func marksOf(projectNo int64, at []time.Time) []rollupMarkRow {
	seen := map[time.Time]bool{}
	var out []rollupMarkRow
	for _, t := range at {
		if quarter := t.UTC().Truncate(markStep); !t.IsZero() && !seen[quarter] {
			seen[quarter] = true
			out = append(out, rollupMarkRow{ProjectNo: projectNo, At: stamp(quarter)})
		}
	}
	return out
}

// markRows gives the rows of marks; projects are numbers by id.
func markRows(marks []report.Mark, projects map[string]int64) []rollupMarkRow {
	moments := map[int64][]time.Time{}
	for _, m := range marks {
		no := projects[m.ProjectID]
		moments[no] = append(moments[no], m.At)
	}
	var out []rollupMarkRow
	for no, at := range moments {
		out = append(out, marksOf(no, at)...)
	}
	return out
}

// saveMarks queues marks of what a batch corrects.
func (t *ingestTx) saveMarks(c *usecase.IngestChanges) {
	nos := make([]int64, len(c.Resourced))
	for i, id := range c.Resourced {
		nos[i] = t.episodes[id]
	}
	markEpisodes(t.Tx, nos)
	insertMarks.Queue(t.Tx, markRows(c.Marks, t.projects), nil)
}

// markEpisodes queues the marks of subscriptions whose source has changed.
func markEpisodes(tx *bulk.Tx, nos []int64) {
	insertMarksOfEpisodes.Queue(tx, noRows(nos), nil)
}

// markDays marks the days of moments.
func markDays(ctx context.Context, db bun.IDB, projectNo int64, at ...time.Time) error {
	rows := marksOf(projectNo, at)
	if len(rows) == 0 {
		return nil
	}
	_, err := db.NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
	return err
}

// MarkDays implements report.RollupStore.
func (s *Store) MarkDays(ctx context.Context, projectID string, at []time.Time) (last int64, err error) {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return 0, err
	}
	err = s.inTx(ctx, "mark days", func(ctx context.Context, tx bun.Tx) error {
		if err := markDays(ctx, tx, no, at...); err != nil {
			return err
		}
		return tx.NewSelect().Model((*rollupMarkRow)(nil)).ColumnExpr("coalesce(max(m.no), 0)").
			Where("m.project_no = ?", no).Scan(ctx, &last)
	})
	return last, err
}

// RollupsMade implements report.RollupStore.
func (s *Store) RollupsMade(ctx context.Context, projectID string, mark int64) (bool, error) {
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return false, err
	}
	marked, err := s.read.NewSelect().Model((*rollupMarkRow)(nil)).
		Where("m.project_no = ?", no).Where("m.no <= ?", mark).Exists(ctx)
	if err != nil || marked {
		return false, mapError("look for marks", err)
	}
	made, err := s.read.NewSelect().Model((*rollupProjectRow)(nil)).
		Where("r.project_no = ?", no).Where("r.made = TRUE").Exists(ctx)
	return made, mapError("look for rollups", err)
}

// RollupsBehind implements report.RollupStore.
func (s *Store) RollupsBehind(ctx context.Context, steps bool) (bool, error) {
	readers := []batchReader{reportsReader}
	if steps {
		readers = append(readers, stepsReader)
	}
	waits, err := s.read.NewSelect().Model((*readerRow)(nil)).Where("w.reader IN (?)", bun.List(readers)).
		Exists(ctx)
	if err == nil && !waits {
		waits, err = s.read.NewSelect().Model((*rollupMarkRow)(nil)).Exists(ctx)
	}
	return waits, mapError("look for what reports have not counted", err)
}

// rollupProjectRow is the state of a project's rollups.
type rollupProjectRow struct {
	bun.BaseModel `bun:"table:rollup_projects,alias:r"`
	ProjectNo     int64  `bun:"project_no,pk"`
	Fingerprint   string `bun:"fingerprint"`
	Made          bool   `bun:"made"`
}

// fingerprintRow is a project with the fingerprint of its rollups.
type fingerprintRow struct {
	projectRow  `bun:",extend"`
	Fingerprint string `bun:"fingerprint,scanonly"`
	Made        bool   `bun:"made,scanonly"`
}

func (r *fingerprintRow) project() report.ProjectFingerprint {
	return report.ProjectFingerprint{Project: r.projectRow.project(), Fingerprint: r.Fingerprint, Made: r.Made}
}

// RollupFingerprints implements report.RollupStore.
func (s *Store) RollupFingerprints(ctx context.Context) ([]report.ProjectFingerprint, error) {
	var rows []fingerprintRow
	err := fingerprints(s.read, &rows).Where("p.deleted_at IS NULL").Scan(ctx)
	var out []report.ProjectFingerprint
	for i := range rows {
		out = append(out, rows[i].project())
	}
	return out, mapError("read the rollups' fingerprints", err)
}

func fingerprints(db bun.IDB, rows *[]fingerprintRow) *bun.SelectQuery {
	return db.NewSelect().Model(rows).ColumnExpr("?TableColumns").
		ColumnExpr("coalesce(r.fingerprint, '') AS fingerprint").
		ColumnExpr("coalesce(r.made, FALSE) AS made").
		Join("LEFT JOIN rollup_projects AS r ON r.project_no = p.no")
}

// dropRollups removes everything that reports keep of a project.
func dropRollups(ctx context.Context, tx bun.IDB, projectID string, no int64) error {
	for _, table := range append([]string{"rollup_marks", "rollup_sources", "rollup_projects"}, dayTables...) {
		if _, err := tx.NewDelete().Table(table).Where("project_no = ?", no).Exec(ctx); err != nil {
			return err
		}
	}
	_, err := tx.NewDelete().Table("utm_tags").Where("project_id = ?", projectID).Exec(ctx)
	return err
}
