package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// changeRow is a row of project_changes: the last change of a project.
type changeRow struct {
	bun.BaseModel `bun:"table:project_changes,alias:g"`

	ProjectID string `bun:"project_id,pk"`
	Version   int64  `bun:"version"`
	At        stamp  `bun:"at"`
}

const projectsVersion = "projects_version"

// changesKept is how long the last change of a project is remembered.
const changesKept = 24 * time.Hour

// ProjectChanged counts a change of a project, so that processes that trust
// what they read can tell which one it was. It answers the count. Whoever
// counts keeps the others waiting until the commit, so that no count is seen
// before a lower one.
func (s *Store) ProjectChanged(ctx context.Context, projectID string) (version int64, err error) {
	err = s.inTx(ctx, "count a change of a project", func(ctx context.Context, tx bun.Tx) error {
		err := tx.NewInsert().Model(&metaRow{Key: projectsVersion, Value: "1"}).
			On("CONFLICT (key) DO UPDATE").Set("value = CAST(CAST(m.value AS BIGINT) + 1 AS TEXT)").
			Returning("CAST(value AS BIGINT)").Scan(ctx, &version)
		if err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&changeRow{ProjectID: projectID, Version: version, At: stamp(s.now())}).
			On("CONFLICT (project_id) DO UPDATE").Set("version = EXCLUDED.version, at = EXCLUDED.at").Exec(ctx)
		return err
	})
	return version, err
}

// ProjectChanges lists the projects that were changed behind a count, as far
// back as changes are remembered, and the count now.
func (s *Store) ProjectChanges(ctx context.Context, since int64) (ids []string, version int64, err error) {
	const doing = "look for changes of projects"
	err = s.read.NewSelect().Model((*metaRow)(nil)).ColumnExpr("coalesce(max(CAST(m.value AS BIGINT)), 0)").
		Where("m.key = ?", projectsVersion).Scan(ctx, &version)
	if err != nil || version <= since {
		return nil, version, mapError(doing, err)
	}
	var rows []changeRow
	err = s.read.NewSelect().Model(&rows).Where("g.version > ?", since).Order("g.version").Scan(ctx)
	for _, r := range rows {
		ids, version = append(ids, r.ProjectID), max(version, r.Version)
	}
	return ids, version, mapError(doing, err)
}
