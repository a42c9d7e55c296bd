package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// ledgerRow counts the conversions of a network: those that were created, or
// those that have a status now.
type ledgerRow struct {
	Created bool          `bun:"created"`
	Network string        `bun:"network"`
	Status  domain.Status `bun:"status"`
	Count   int           `bun:"n"`
}

// counts reads the lines of a ledger in one statement, so that a conversion
// that is created or settled meanwhile is in all counts or in none. of selects
// a project, or all.
func (s *Store) counts(ctx context.Context, of which) (rows []ledgerRow, err error) {
	created := s.read.NewSelect().TableExpr("conversion_totals AS v").ApplyQueryBuilder(of).
		ColumnExpr("TRUE AS created, v.network, '' AS status, sum(v.created) AS n").GroupExpr("v.network")
	ended := s.read.NewSelect().Model((*conversionRow)(nil)).ApplyQueryBuilder(of).Where("v.status <> ''").
		ColumnExpr("FALSE AS created, v.network, v.status, count(*) AS n").GroupExpr("v.network, v.status")
	open := s.read.NewSelect().Model((*conversionRow)(nil)).ApplyQueryBuilder(of).Where("v.status = ''").
		Join("JOIN sends AS s ON s.conversion_no = v.no").
		ColumnExpr("FALSE AS created, v.network, s.status, count(*) AS n").GroupExpr("v.network, s.status")
	err = s.read.NewRaw(`SELECT * FROM (?) AS t UNION ALL SELECT * FROM (?) AS e
		UNION ALL SELECT * FROM (?) AS o ORDER BY network, status`,
		created, ended, open).Scan(ctx, &rows)
	return rows, err
}

// Ledger implements usecase.Reader.
func (s *Store) Ledger(ctx context.Context, projectID string) (created int, by []usecase.LedgerLine, err error) {
	const doing = "read the ledger"
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return 0, nil, mapError(doing, err)
	}
	rows, err := s.counts(ctx, func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("v.project_no = ?", no)
	})
	for _, r := range rows {
		if r.Created {
			created += r.Count
			continue
		}
		by = append(by, usecase.LedgerLine{Network: r.Network, Status: r.Status, Count: r.Count})
	}
	return created, by, mapError(doing, err)
}

// LedgerTotals is the ledger of all projects together.
type LedgerTotals struct {
	Created map[string]int       // by network, counted when they were made
	By      []usecase.LedgerLine // as they are now
}

// Balanced tells whether every conversion that was made is still in some
// status, network by network.
func (l LedgerTotals) Balanced() bool {
	left := map[string]int{}
	for network, n := range l.Created {
		left[network] += n
	}
	for _, line := range l.By {
		left[line.Network] -= line.Count
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return true
}

// LedgerTotals counts all conversions but those of test people. It reads each of
// them: not to be called often.
func (s *Store) LedgerTotals(ctx context.Context) (LedgerTotals, error) {
	l := LedgerTotals{Created: map[string]int{}}
	rows, err := s.counts(ctx, func(q bun.QueryBuilder) bun.QueryBuilder { return q.Where("v.project_no > 0") })
	for _, r := range rows {
		if r.Created {
			l.Created[r.Network] = r.Count
			continue
		}
		l.By = append(l.By, usecase.LedgerLine{Network: r.Network, Status: r.Status, Count: r.Count})
	}
	return l, mapError("add up the ledger", err)
}

// Backlogs implements usecase.BacklogReader. Delivered conversions, which are
// most of the table, are not counted.
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
		Over      int           `bun:"past"`
	}
	openOnes, now := bun.List(domain.StatusesThat(domain.Status.Open)), stamp(s.now())
	open := s.read.NewSelect().Model((*sendRow)(nil)).ColumnExpr("s.account_no, s.status, count(*) AS n").
		ColumnExpr("count(CASE WHEN s.expires_at > ? AND s.expires_at < ? AND s.status IN (?) THEN 1 END) AS at_risk",
			now, stamp(risk), openOnes).
		ColumnExpr("count(CASE WHEN s.expires_at <= ? AND s.status IN (?) THEN 1 END) AS past", now, openOnes).
		Where("s.account_no IN (?)", bun.List(accounts)).GroupExpr("s.account_no, s.status")
	ended := s.read.NewSelect().Model((*conversionRow)(nil)).
		ColumnExpr("v.account_no, v.status, count(*) AS n, 0 AS at_risk, 0 AS past").
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
		b.AtRisk, b.Over = b.AtRisk+r.AtRisk, b.Over+r.Over
		out[ids[r.AccountNo]] = b
	}
	return out, s.markDelivered(ctx, accounts, ids, out)
}

// markDelivered notes which of the accounts have delivered anything.
func (s *Store) markDelivered(
	ctx context.Context, accounts []int64, ids map[int64]string, backlogs map[string]usecase.Backlog,
) error {
	some := s.read.NewSelect().Model((*conversionRow)(nil)).ColumnExpr("1").
		Where("v.account_no = a.no").Where("v.status = ?", domain.Delivered)
	var nos []int64
	err := s.read.NewSelect().Model((*accountRow)(nil)).Column("no").Where("a.no IN (?)", bun.List(accounts)).
		Where("EXISTS (?)", some).Scan(ctx, &nos)
	for _, no := range nos {
		b := backlogs[ids[no]]
		b.Delivered = true
		backlogs[ids[no]] = b
	}
	return mapError("look for what was delivered", err)
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
