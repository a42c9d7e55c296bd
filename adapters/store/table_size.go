package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// How many rows a table of people can have, before it is read: counted up to a
// number, so that nobody waits for millions.

// CountPeople counts the people of a project who can be named.
func (s *Store) CountPeople(ctx context.Context, projectID string, most int) (int, error) {
	return s.countUpTo(ctx, projectID, most, func(no int64) *bun.SelectQuery {
		return s.read.NewSelect().Model((*personRow)(nil)).Where("p.project_no = ?", no).Where("p.user_id <> 0")
	})
}

// CountConversions counts the conversions of a project.
func (s *Store) CountConversions(ctx context.Context, projectID string, most int) (int, error) {
	return s.countUpTo(ctx, projectID, most, func(no int64) *bun.SelectQuery {
		return s.read.NewSelect().Model((*conversionRow)(nil)).Where("v.project_no = ?", no)
	})
}

// CountJoins counts the events of a project that began a subscription.
func (s *Store) CountJoins(ctx context.Context, projectID string, from, to time.Time, most int) (int, error) {
	return s.countUpTo(ctx, projectID, most, func(no int64) *bun.SelectQuery {
		return s.read.NewSelect().Model((*eventRow)(nil)).Where("v.project_no = ?", no).
			Where("v.occurred_at >= ?", stamp(from)).Where("v.occurred_at < ?", stamp(to)).
			Where("v.change IN (?)", opening())
	})
}

func (s *Store) countUpTo(
	ctx context.Context, projectID string, most int, rows func(projectNo int64) *bun.SelectQuery,
) (n int, err error) {
	const doing = "count the rows of a table"
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return 0, mapError(doing, err)
	}
	some := rows(no).ColumnExpr("1 AS one").Limit(int64(most))
	err = s.read.NewSelect().TableExpr("(?) AS counted", some).ColumnExpr("count(*)").Scan(ctx, &n)
	return n, mapError(doing, err)
}
