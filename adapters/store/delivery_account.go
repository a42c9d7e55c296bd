package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// which is a condition of a query; but for the ledger's, on sends, named s.
type which = func(q bun.QueryBuilder) bun.QueryBuilder

// ofAccount are the sends of an ad account that are in one of some statuses.
func ofAccount(no int64, in ...domain.Status) which {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.account_no = ?", no).Where("s.status IN (?)", bun.List(in))
	}
}

// endSends ends the conversions whose sends a condition selects, and tells how
// many. The condition must not name what this changes: on SQLite it is
// evaluated twice.
func (s *Store) endSends(
	ctx context.Context, tx bun.Tx, to domain.Status, why domain.ReasonCode, w which,
) (int, error) {
	var taken bun.Query = tx.NewDelete().Model((*sendRow)(nil)).ApplyQueryBuilder(w).
		Returning("s.conversion_no, s.asked, s.upload, s.handle")
	if s.sqlite {
		taken = tx.NewSelect().Model((*sendRow)(nil)).Column("conversion_no", "asked", "upload", "handle").
			ApplyQueryBuilder(w)
	}
	n, err := changed(tx.NewUpdate().Model((*conversionRow)(nil)).With("taken", taken).TableExpr("taken").
		Set("status = ?", to).Set("reason_code = ?", why).Set("reason = ''").Set("attempts = taken.asked").
		Set("upload = taken.upload").Set("handle = taken.handle").Where("v.no = taken.conversion_no").
		Exec(ctx))
	if err != nil || !s.sqlite {
		return n, err
	}
	_, err = tx.NewDelete().Model((*sendRow)(nil)).ApplyQueryBuilder(w).Exec(ctx)
	return n, err
}

// makeDue makes the sends due that a condition selects. They may be many: they
// wait in the backlogs of their accounts.
func makeDue(q *bun.UpdateQuery, now time.Time, w which) *bun.UpdateQuery {
	return q.Model((*sendRow)(nil)).
		Set("status = CASE WHEN s.asked > 0 THEN ? ELSE ? END", domain.Retrying, domain.Pending).
		Set("reason_code = ''").Set("reason = ''").Set("next_at = ?", stamp(now)).
		Set("due_at = ?", stamp(now)).
		Set("handed_over = FALSE").Set("backlog = TRUE").ApplyQueryBuilder(w)
}

// SetHealth implements usecase.DeliveryStore.
func (s *Store) SetHealth(
	ctx context.Context, accountID string, h domain.Health, reason string, pause bool, now time.Time,
) error {
	_, err := s.execute(ctx, "record the health of an ad account", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model((*accountRow)(nil)).Set("health = ?", h).
			Set("health_reason = ?", storable(reason)).Set("paused = (a.paused OR ?)", pause).
			Set("updated_at = ?", stamp(now)).Where("a.id = ?", accountID)
	})
	return err
}

// ParkAccount implements usecase.DeliveryStore.
func (s *Store) ParkAccount(ctx context.Context, accountID, reason string, now time.Time) (int, error) {
	no, err := s.accountNo(ctx, accountID)
	if err != nil {
		return 0, err
	}
	return s.execute(ctx, "park an ad account's conversions", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model((*sendRow)(nil)).Set("status = ?", domain.Parked).
			Set("reason_code = ?", domain.ReasonNetwork).Set("reason = ?", storable(reason)).
			Set("next_at = NULL").Set("due_at = NULL").Set("handed_over = FALSE").Set("backlog = FALSE").
			ApplyQueryBuilder(ofAccount(no, domain.StatusesThat(domain.Status.Open)...)).
			Where("s.status <> ? OR s.next_at IS NOT NULL", domain.Parked)
	})
}

// ResumeAccount implements usecase.ProjectStore.
func (s *Store) ResumeAccount(ctx context.Context, accountID string, skip bool, now time.Time) (n int, err error) {
	no, err := s.accountNo(ctx, accountID)
	if err != nil {
		return 0, err
	}
	parked := ofAccount(no, domain.Parked)
	err = s.inTx(ctx, "resume an ad account's conversions", func(ctx context.Context, tx bun.Tx) error {
		if skip {
			n, err = s.endSends(ctx, tx, domain.Rejected, domain.ReasonSkipped, parked)
		} else {
			n, err = changed(makeDue(tx.NewUpdate(), now, parked).Exec(ctx))
		}
		return err
	})
	return n, err
}

// endAccount ends the conversions of an ad account that is deleted.
func (s *Store) endAccount(ctx context.Context, tx bun.Tx, no int64) error {
	_, err := s.endSends(ctx, tx, domain.Rejected, domain.ReasonAccountDeleted,
		func(q bun.QueryBuilder) bun.QueryBuilder { return q.Where("s.account_no = ?", no) })
	return err
}

// Unpark implements usecase.DeliveryStore. Conversions were parked at the very
// moment when their account was resumed, by a batch of arrivals or a call that
// had read it as paused. Nobody would look at them again.
func (s *Store) Unpark(ctx context.Context, now time.Time) (int, error) {
	forgotten := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.status = ?", domain.Parked).Where("s.next_at IS NULL").
			Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now))
	}
	var accounts []int64
	err := s.read.NewSelect().Table("ad_accounts").Column("no").Where("NOT paused").
		Where("EXISTS (?)", s.read.NewSelect().Model((*sendRow)(nil)).ColumnExpr("1").
			Where("s.account_no = ad_accounts.no").ApplyQueryBuilder(forgotten)).Scan(ctx, &accounts)
	if err != nil {
		return 0, mapError("look for conversions parked by mistake", err)
	}
	total := 0
	for _, no := range accounts {
		const doing = "put conversions on their way that were parked by mistake"
		n, err := s.execute(ctx, doing, func(tx bun.Tx) execer {
			return makeDue(tx.NewUpdate(), now, forgotten).Where("s.account_no = ?", no).
				Where("EXISTS (SELECT 1 FROM ad_accounts WHERE no = s.account_no AND NOT paused)")
		})
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
