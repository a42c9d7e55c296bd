package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.ReportShareStore = (*Store)(nil)

// reportShareRow is a row of report_shares.
type reportShareRow struct {
	bun.BaseModel `bun:"table:report_shares,alias:r"`

	ID           string             `bun:"id,pk"`
	Hash         []byte             `bun:"hash"`
	ProjectID    string             `bun:"project_id"`
	Page         usecase.ReportPage `bun:"page"`
	Query        string             `bun:"query"`
	PasswordHash string             `bun:"password_hash"`
	CreatedBy    string             `bun:"created_by"`
	CreatorID    string             `bun:"creator_id"`
	CreatedAt    stamp              `bun:"created_at"`
	ExpiresAt    stamp              `bun:"expires_at"`
}

func (r reportShareRow) share() usecase.ReportShare {
	return usecase.ReportShare{
		ID: r.ID, Hash: r.Hash, ProjectID: r.ProjectID, Page: r.Page, Query: r.Query, PasswordHash: r.PasswordHash,
		CreatedBy: r.CreatedBy, CreatorID: r.CreatorID, CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time(),
	}
}

// CreateReportShare implements usecase.ReportShareStore.
func (s *Store) CreateReportShare(ctx context.Context, v usecase.ReportShare) error {
	r := &reportShareRow{
		ID: v.ID, Hash: v.Hash, ProjectID: v.ProjectID, Page: v.Page, Query: v.Query, PasswordHash: v.PasswordHash,
		CreatedBy: v.CreatedBy, CreatorID: v.CreatorID, CreatedAt: stamp(v.CreatedAt), ExpiresAt: stamp(v.ExpiresAt),
	}
	_, err := s.execute(ctx, "share a report", func(tx bun.Tx) execer { return tx.NewInsert().Model(r) })
	return err
}

// ReportShare implements usecase.ReportShareStore.
func (s *Store) ReportShare(ctx context.Context, hash []byte, now time.Time) (usecase.ReportShare, error) {
	var r reportShareRow
	err := s.read.NewSelect().Model(&r).Where("r.hash = ?", hash).Where("r.expires_at > ?", stamp(now)).Scan(ctx)
	return r.share(), mapError("read a shared report", err)
}

// ReportShares implements usecase.ReportShareStore.
func (s *Store) ReportShares(ctx context.Context, projectID string, now time.Time) ([]usecase.ReportShare, error) {
	var rows []reportShareRow
	err := s.read.NewSelect().Model(&rows).Where("r.project_id = ?", projectID).
		Where("r.expires_at > ?", stamp(now)).Order("r.created_at DESC", "r.id").Scan(ctx)
	return convert(rows, reportShareRow.share), mapError("list shared reports", err)
}

// DeleteReportShare implements usecase.ReportShareStore.
func (s *Store) DeleteReportShare(ctx context.Context, projectID, id string) error {
	n, err := s.execute(ctx, "withdraw a shared report", func(tx bun.Tx) execer {
		return tx.NewDelete().Model(&reportShareRow{ID: id}).WherePK().Where("r.project_id = ?", projectID)
	})
	return orNotFound(n, err, "shared report", id)
}
