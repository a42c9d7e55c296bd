package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// fateQuarter is how finely moments are told apart, in seconds: the zones of
// the world begin their days at quarters of an hour.
const fateQuarter = 15 * 60

// fateSlack is how much the numbers of conversions may be out of the order in
// which they were made: batches of several processes overlap.
const fateSlack = time.Hour

// fateRow counts conversions that are alike.
type fateRow struct {
	Quarter    int64             `bun:"quarter"`
	Network    string            `bun:"network"`
	Status     domain.Status     `bun:"status"`
	ReasonCode domain.ReasonCode `bun:"reason_code"`
	Count      int64             `bun:"n"`
	Sent       int64             `bun:"sent"`
}

// Fates implements report.Store. Conversions have no index by time, but are
// numbered in the order in which they were made.
func (s *Store) Fates(
	ctx context.Context, projectID string, from, to time.Time, each func(*report.FateCount),
) error {
	const doing = "count what became of conversions"
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return mapError(doing, err)
	}
	first, err := s.conversionNoAt(ctx, from.Add(-fateSlack))
	if err != nil {
		return mapError(doing, err)
	}
	end, err := s.conversionNoAt(ctx, to.Add(fateSlack))
	if err != nil {
		return mapError(doing, err)
	}
	quarter := "CAST(floor(extract(epoch FROM v.created_at) / ?) AS BIGINT)"
	if s.sqlite {
		quarter = "v.created_at / (? * 1000000)"
	}
	var rows []fateRow
	err = s.read.NewSelect().Model((*conversionRow)(nil)).
		Join("LEFT JOIN sends AS s ON s.conversion_no = v.no AND v.status = ''").
		ColumnExpr(quarter+" AS quarter, v.network", fateQuarter).
		ColumnExpr("coalesce(s.status, v.status) AS status").
		ColumnExpr("coalesce(s.reason_code, v.reason_code) AS reason_code").
		ColumnExpr("count(*) AS n, count(CASE WHEN coalesce(s.asked, v.attempts) > 0 THEN 1 END) AS sent").
		Where("v.project_no = ?", no).Where("v.status IN (?)", bun.List(append(domain.Statuses(), ""))).
		Where("v.no >= ?", first).Where("v.no < ?", end).
		Where("v.created_at >= ?", stamp(from)).Where("v.created_at < ?", stamp(to)).
		GroupExpr("1, 2, 3, 4").Scan(ctx, &rows)
	for i := range rows {
		r := &rows[i]
		each(&report.FateCount{
			At: time.Unix(r.Quarter*fateQuarter, 0).UTC(), Network: r.Network, Status: r.Status,
			Reason: r.ReasonCode, Count: r.Count, Sent: r.Sent,
		})
	}
	return mapError(doing, err)
}

// conversionNoAt is about the first number that conversions have at or after a
// moment, found by halving.
func (s *Store) conversionNoAt(ctx context.Context, at time.Time) (int64, error) {
	var low, high int64
	err := s.read.NewSelect().Model((*conversionRow)(nil)).ColumnExpr("coalesce(max(v.no), 0) + 1").Scan(ctx, &high)
	for err == nil && low < high {
		middle := low + (high-low)/2
		var rows []conversionRow
		err = s.read.NewSelect().Model(&rows).Column("no", "created_at").Where("v.no >= ?", middle).
			OrderExpr("v.no").Limit(1).Scan(ctx)
		switch {
		case err != nil:
		case len(rows) == 0 || !rows[0].CreatedAt.time().Before(at):
			high = middle
		default:
			low = rows[0].No + 1
		}
	}
	return high, err
}
