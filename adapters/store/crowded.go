package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// crowdedRow is a row of crowded_visits.
type crowdedRow struct {
	bun.BaseModel `bun:"table:crowded_visits,alias:w"`

	ProjectID string `bun:"project_id,pk"`
	LinkID    string `bun:"link_id,pk"`
	Day       string `bun:"day,pk"`
	Visits    int64  `bun:"visits"`
}

// AddCrowdedVisits implements usecase.VisitCounts.
func (s *Store) AddCrowdedVisits(ctx context.Context, at time.Time, visits map[usecase.CrowdedLink]int64) error {
	links := slices.SortedFunc(maps.Keys(visits), func(a, b usecase.CrowdedLink) int {
		return cmp.Or(cmp.Compare(a.ProjectID, b.ProjectID), cmp.Compare(a.LinkID, b.LinkID))
	})
	return s.inTx(ctx, "count visits above the rate", func(ctx context.Context, tx bun.Tx) error {
		for _, l := range links {
			r := &crowdedRow{
				ProjectID: l.ProjectID, LinkID: l.LinkID, Day: at.UTC().Format(time.DateOnly), Visits: visits[l],
			}
			_, err := tx.NewInsert().Model(r).On("CONFLICT (project_id, link_id, day) DO UPDATE").
				Set("visits = w.visits + EXCLUDED.visits").Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// CrowdedVisits counts those of a link since a day.
func (s *Store) CrowdedVisits(ctx context.Context, projectID, linkID string, since time.Time) (n int64, err error) {
	err = s.read.NewSelect().Model((*crowdedRow)(nil)).ColumnExpr("coalesce(sum(w.visits), 0)").
		Where("w.project_id = ?", projectID).Where("w.link_id = ?", linkID).
		Where("w.day >= ?", since.UTC().Format(time.DateOnly)).Scan(ctx, &n)
	return n, mapError("count visits above the rate", err)
}
