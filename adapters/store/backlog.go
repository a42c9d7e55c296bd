package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.BacklogReader = (*Store)(nil)

// Backlogs implements usecase.BacklogReader. What was delivered is most of the
// table and not counted.
func (s *Store) Backlogs(ctx context.Context, projectID string, risk time.Time) (map[string]usecase.Backlog, error) {
	const doing = "count backlogs"
	var accounts []int64
	err := s.read.NewSelect().Model((*accountRow)(nil)).Column("no").Where("a.project_id = ?", projectID).
		Scan(ctx, &accounts)
	if err != nil || len(accounts) == 0 {
		return map[string]usecase.Backlog{}, mapError(doing, err)
	}
	ids, err := s.accountIDs(ctx, accounts)
	if err != nil {
		return nil, mapError(doing, err)
	}
	var rows []struct {
		AccountNo int64         `bun:"account_no"`
		Status    domain.Status `bun:"status"`
		Count     int           `bun:"n"`
		AtRisk    int           `bun:"at_risk"`
	}
	open := s.read.NewSelect().Model((*sendRow)(nil)).ColumnExpr("s.account_no, s.status, count(*) AS n").
		ColumnExpr("coalesce(sum(CASE WHEN s.expires_at < ? AND s.status IN (?) THEN 1 ELSE 0 END), 0) AS at_risk",
			stamp(risk), bun.List(domain.StatusesThat(domain.Status.Open))).
		Where("s.account_no IN (?)", bun.List(accounts)).GroupExpr("s.account_no, s.status")
	ended := s.read.NewSelect().Model((*conversionRow)(nil)).
		ColumnExpr("v.account_no, v.status, count(*) AS n, 0 AS at_risk").
		Where("v.account_no IN (?)", bun.List(accounts)).
		Where("v.status IN (?)", bun.List(domain.StatusesThat(domain.Status.Unwell))).
		GroupExpr("v.account_no, v.status")
	err = s.read.NewRaw("SELECT * FROM (?) AS o UNION ALL SELECT * FROM (?) AS e", open, ended).Scan(ctx, &rows)
	if err != nil {
		return nil, mapError(doing, err)
	}
	out := map[string]usecase.Backlog{}
	for _, r := range rows {
		b, ok := out[ids[r.AccountNo]]
		if !ok {
			b.By = map[domain.Status]int{}
		}
		b.By[r.Status] = r.Count
		b.AtRisk += r.AtRisk
		out[ids[r.AccountNo]] = b
	}
	return out, nil
}

// LastEvent implements usecase.BacklogReader.
func (s *Store) LastEvent(ctx context.Context, projectID string) (time.Time, error) {
	const doing = "look for the last event"
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return time.Time{}, mapError(doing, err)
	}
	var at stamp
	err = s.read.NewSelect().Model((*eventRow)(nil)).ColumnExpr("max(v.occurred_at)").
		Where("v.project_no = ?", no).Scan(ctx, &at)
	return at.time(), mapError(doing, err)
}
