package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// which is a condition of a query; but for the ledger's, on sends, named s.
type which = func(q bun.QueryBuilder) bun.QueryBuilder

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

// SetNetworkWarning implements usecase.DeliveryStore.
func (s *Store) SetNetworkWarning(ctx context.Context, accountID, warning string, now time.Time) error {
	_, err := s.execute(ctx, "record a warning of an ad network", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model((*accountRow)(nil)).Set("network_warning = ?", storable(warning)).
			Set("network_warned_at = ?", stamp(now)).Where("a.id = ?", accountID)
	})
	return err
}
