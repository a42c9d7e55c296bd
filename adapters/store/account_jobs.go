package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// accountKinds are the jobs over one ad account's conversions.
var accountKinds = bun.List([]usecase.ReplayKind{
	usecase.ReplayResume, usecase.ReplaySkip, usecase.ReplayClose,
})

// insertJob makes a job together with what makes it necessary; nil makes none.
func insertJob(ctx context.Context, tx bun.Tx, job *usecase.ReplaySave) error {
	if job == nil {
		return nil
	}
	_, err := tx.NewInsert().Model(leasedRow(*job)).Exec(ctx)
	return err
}

// stopAccountJobs lets the jobs of an ad account end where they are, since
// another takes their place or the account is paused.
func stopAccountJobs(ctx context.Context, tx bun.Tx, accountID string, now time.Time) error {
	_, err := tx.NewUpdate().Model((*replayRow)(nil)).Where("r.account_id = ?", accountID).
		Where("r.account_id <> ''").Where("r.kind IN (?)", accountKinds).
		Where("r.state IN (?) OR r.state = ?", idleReplays, usecase.ReplayRunning).
		Set("cancel_requested = TRUE").Set("updated_at = ?", stamp(now)).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = endCancelled(tx, now).Where("r.account_id = ?", accountID).Where("r.account_id <> ''").Exec(ctx)
	return err
}

// CountOfAccount implements usecase.ConversionRetrier.
func (s *Store) CountOfAccount(ctx context.Context, accountID string, in []domain.Status) (int64, error) {
	const doing = "count what waits for an ad account"
	no, err := s.accountNo(ctx, accountID)
	if err != nil {
		return 0, mapError(doing, err)
	}
	n, err := s.read.NewSelect().Model((*sendRow)(nil)).Where("s.account_no = ?", no).
		Where("s.status IN (?)", bun.List(in)).Count(ctx)
	return int64(n), mapError(doing, err)
}

// AccountSome implements usecase.ConversionRetrier. What somebody is sending
// just now is left to them, unless the account was deleted.
func (s *Store) AccountSome(
	ctx context.Context, kind usecase.ReplayKind, sel usecase.RetrySelection, after string, limit int,
	now time.Time, save usecase.SaveStep,
) (out usecase.Retried, err error) {
	const doing = "change what waits for an ad account"
	accountNo, nos, out, err := s.someOf(ctx, sel, after, limit)
	if err != nil || len(nos) == 0 {
		return out, mapError(doing, err)
	}
	chosen := sendsOf(nos, sel.Statuses)
	if kind != usecase.ReplayClose {
		chosen = func(q bun.QueryBuilder) bun.QueryBuilder {
			return sendsOf(nos, sel.Statuses)(q).Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now))
		}
	}
	err = s.inTx(ctx, doing, func(ctx context.Context, tx bun.Tx) (err error) {
		if kind != usecase.ReplayClose {
			if err := s.accountIsOn(ctx, tx, accountNo); err != nil {
				return err
			}
		}
		switch kind {
		case usecase.ReplaySkip:
			out.Scheduled, err = s.endSends(ctx, tx, domain.Rejected, domain.ReasonSkipped, chosen)
		case usecase.ReplayClose:
			out.Scheduled, err = s.endSends(ctx, tx, domain.Rejected, domain.ReasonAccountDeleted, chosen)
		default:
			out.Scheduled, err = changed(makeDue(tx.NewUpdate(), now, chosen).Exec(ctx))
		}
		if err != nil {
			return err
		}
		return saveStep(ctx, tx, save, out)
	})
	return out, err
}

// someOf reads the numbers of at most limit selected conversions of an ad
// account, behind an id.
func (s *Store) someOf(
	ctx context.Context, sel usecase.RetrySelection, after string, limit int,
) (accountNo int64, nos []int64, out usecase.Retried, err error) {
	behind, err := cursorNumber(after)
	if err != nil {
		return 0, nil, out, err
	}
	q, err := s.conversionQuery(ctx, sel.ConversionFilter)
	if err != nil {
		return 0, nil, out, err
	}
	if nos, err = s.step(ctx, q, sel.Statuses, behind, limit); len(nos) > 0 {
		out.Matched, out.Last = len(nos), numberCursor(nos[len(nos)-1])
	}
	return q.accountNo, nos, out, err
}

// sendsOf are the sends of some conversions that are in one of some statuses.
func sendsOf(nos []int64, in []domain.Status) which {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.conversion_no IN (?)", bun.List(nos)).Where("s.status IN (?)", bun.List(in))
	}
}

// accountIsOn fails when an ad account is paused or deleted. A pause waits
// until the transaction ends: it is never answered before it holds.
func (s *Store) accountIsOn(ctx context.Context, tx bun.Tx, no int64) error {
	q := tx.NewSelect().Model((*accountRow)(nil)).ColumnExpr("NOT a.paused AND a.deleted_at IS NULL").
		Where("a.no = ?", no)
	if !s.sqlite {
		q = q.For("SHARE")
	}
	var on bool
	if err := q.Scan(ctx, &on); err != nil {
		return err
	}
	if !on {
		return usecase.ErrAccountStopped
	}
	return nil
}

// ParkSome implements usecase.DeliveryStore.
func (s *Store) ParkSome(
	ctx context.Context, a domain.Account, reason, after string, limit int, now time.Time,
) (out usecase.Retried, err error) {
	const doing = "park an ad account's conversions"
	sel := usecase.RetrySelection{
		Statuses:         domain.StatusesThat(domain.Status.Open),
		ConversionFilter: usecase.ConversionFilter{ProjectID: a.ProjectID, AccountID: a.ID},
	}
	_, nos, out, err := s.someOf(ctx, sel, after, limit)
	if err != nil || len(nos) == 0 {
		return out, mapError(doing, err)
	}
	out.Scheduled, err = s.execute(ctx, doing, func(tx bun.Tx) execer {
		return tx.NewUpdate().Model((*sendRow)(nil)).Set("status = ?", domain.Parked).
			Set("reason_code = ?", domain.ReasonNetwork).Set("reason = ?", storable(reason)).
			Set("next_at = NULL").Set("due_at = NULL").Set("handed_over = FALSE").
			Set("backlog = FALSE").ApplyQueryBuilder(sendsOf(nos, sel.Statuses)).
			Where("s.status <> ? OR s.next_at IS NOT NULL", domain.Parked).
			Where("EXISTS (SELECT 1 FROM ad_accounts WHERE no = s.account_no AND paused)")
	})
	return out, err
}

// unparkStep is how many conversions of an ad account are made due at once that
// were parked by mistake.
const unparkStep = 500

// Unpark implements usecase.DeliveryStore. Conversions were parked at the very
// moment when their account was resumed, by a batch of arrivals or a call that
// had read it as paused. Nobody would look at them again. What a job of the
// account is about to resume or skip, or was told to leave, is none of them.
func (s *Store) Unpark(ctx context.Context, now time.Time) (int, error) {
	forgotten := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.status = ?", domain.Parked).Where("s.next_at IS NULL").
			Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now))
	}
	// A job's state is asked for in the statement that makes them due, too.
	const free = `(NOT a.paused OR a.deleted_at IS NOT NULL) AND coalesce((SELECT r.state FROM replays r
		WHERE r.account_id = a.id AND r.account_id <> '' AND r.kind IN (?) ORDER BY r.id DESC LIMIT 1), ?) = ?`
	args := []any{accountKinds, usecase.ReplayDone, usecase.ReplayDone}
	var accounts []int64
	err := s.read.NewSelect().TableExpr("ad_accounts AS a").Column("a.no").
		Where("EXISTS (?)", s.read.NewSelect().Model((*sendRow)(nil)).ColumnExpr("1").
			Where("s.account_no = a.no").ApplyQueryBuilder(forgotten)).Where(free, args...).Scan(ctx, &accounts)
	if err != nil {
		return 0, mapError("look for conversions parked by mistake", err)
	}
	total := 0
	for _, no := range accounts {
		for n := unparkStep; n == unparkStep; total += n {
			n, err = s.execute(ctx, "send conversions that were parked by mistake", func(tx bun.Tx) execer {
				some := tx.NewSelect().Model((*sendRow)(nil)).Column("conversion_no").
					Where("s.account_no = ?", no).ApplyQueryBuilder(forgotten).Limit(unparkStep)
				return makeDue(tx.NewUpdate(), now, forgotten).Where("s.conversion_no IN (?)", some).
					Where("EXISTS (?)", tx.NewSelect().TableExpr("ad_accounts AS a").ColumnExpr("1").
						Where("a.no = s.account_no").Where(free, args...))
			})
			if err != nil {
				return total, err
			}
		}
	}
	return total, nil
}
