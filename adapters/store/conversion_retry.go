package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// sendableAgain leaves those statuses from which a person may ask for another
// attempt; none means all of them.
func sendableAgain(statuses ...domain.Status) []domain.Status {
	return slices.DeleteFunc(domain.StatusesThat(domain.Status.SendableAgain), func(st domain.Status) bool {
		return len(statuses) > 0 && !slices.Contains(statuses, st)
	})
}

// retryQuery selects conversions that have an account to go to.
func (s *Store) retryQuery(ctx context.Context, f usecase.ConversionFilter) (conversionQuery, error) {
	q, err := s.conversionQuery(ctx, f)
	q.addressed = true
	return q, err
}

// CountSelected implements usecase.ConversionRetrier.
func (s *Store) CountSelected(ctx context.Context, sel usecase.RetrySelection) (int64, error) {
	const doing = "count conversions"
	q, err := s.retryQuery(ctx, sel.ConversionFilter)
	if err != nil || q.none {
		return 0, mapError(doing, err)
	}
	total := int64(0)
	for _, list := range q.lists(s.read, sel.Statuses) {
		n, err := list.Count(ctx)
		if err != nil {
			return 0, mapError(doing, err)
		}
		total += n
	}
	return total, nil
}

// CountRetry implements usecase.ConversionRetrier.
func (s *Store) CountRetry(
	ctx context.Context, sel usecase.RetrySelection, now time.Time,
) (matched, scheduled int64, err error) {
	const doing = "count conversions to be sent again"
	q, err := s.retryQuery(ctx, sel.ConversionFilter)
	if err != nil || q.none {
		return 0, 0, mapError(doing, err)
	}
	for _, list := range q.lists(s.read, sendableAgain(sel.Statuses...)) {
		var n struct{ Matched, Scheduled int64 }
		err := s.read.NewSelect().With("one", list).TableExpr("one").Join("JOIN conversions AS v ON v.no = one.no").
			Join("LEFT JOIN ad_accounts AS a ON a.no = v.account_no AND a.deleted_at IS NULL").
			Join("LEFT JOIN sends AS s ON s.conversion_no = v.no").ColumnExpr("count(*) AS matched").
			ColumnExpr("coalesce(sum(CASE WHEN a.no IS NOT NULL AND ? THEN 1 ELSE 0 END), 0) AS scheduled",
				sendableNow(now)).Scan(ctx, &n)
		if err != nil {
			return 0, 0, mapError(doing, err)
		}
		matched, scheduled = matched+n.Matched, scheduled+n.Scheduled
	}
	return matched, scheduled, nil
}

// step reads the numbers of a step's conversions. PostgreSQL would start
// workers for each of the thousands of steps: that takes longer than to read a
// few rows in the order of an index.
func (s *Store) step(
	ctx context.Context, q conversionQuery, statuses []domain.Status, behind int64, limit int,
) (nos []int64, err error) {
	if s.sqlite {
		return q.numbers(ctx, s.read, statuses, false, behind, limit)
	}
	err = s.read.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		if _, err := tx.ExecContext(ctx,
			"SELECT set_config('max_parallel_workers_per_gather', '0', true)"); err != nil {
			return err
		}
		nos, err = q.numbers(ctx, tx, statuses, false, behind, limit)
		return err
	})
	return nos, err
}

// RetrySome implements usecase.ConversionRetrier.
func (s *Store) RetrySome(
	ctx context.Context, sel usecase.RetrySelection, after string, limit int, dryRun bool, now time.Time,
	save usecase.SaveStep,
) (out usecase.Retried, err error) {
	const doing = "retry conversions"
	behind, err := cursorNumber(after)
	if err != nil {
		return out, err
	}
	q, err := s.retryQuery(ctx, sel.ConversionFilter)
	if err != nil {
		return out, mapError(doing, err)
	}
	nos, err := s.step(ctx, q, sendableAgain(sel.Statuses...), behind, limit)
	if err != nil || len(nos) == 0 {
		return out, mapError(doing, err)
	}
	out.Matched, out.Last = len(nos), numberCursor(nos[len(nos)-1])
	err = s.inTx(ctx, doing, func(ctx context.Context, tx bun.Tx) (err error) {
		if out.Scheduled, err = s.scheduleAgain(ctx, tx, nos, dryRun, now); err != nil {
			return err
		}
		return saveStep(ctx, tx, save, out)
	})
	return out, err
}

// sendableNow is what of a conversion (v) and its send (s) must be true for it
// to be sent again now: its window is open and nobody is sending it. What came
// after the 21 days stays so: no wish of a person makes them longer.
func sendableNow(now time.Time) schema.QueryWithArgs {
	return bun.SafeQuery(`((v.status IN (?) OR s.status IN (?)) AND NOT (v.status = ? AND v.reason_code = ?)
		AND v.expires_at > ? AND (s.lease_until IS NULL OR s.lease_until <= ?))`,
		bun.List(sendableAgain()), bun.List(domain.StatusesThat(domain.Status.Open)), domain.Expired,
		domain.ReasonTooLate, stamp(now), stamp(now))
}

// againRow is a conversion that may be sent again.
type againRow struct {
	No        int64         `bun:"no"`
	AccountNo int64         `bun:"account_no"`
	Status    domain.Status `bun:"status"` // empty: open
	Attempts  int           `bun:"attempts"`
	Last      int           `bun:"last"` // number of the last attempt that is kept
	ExpiresAt stamp         `bun:"expires_at"`
}

// scheduleAgain makes those of some conversions due that may be sent again
// now and whose account is there, or only counts them. Of an attempt whose outcome was given up the
// person who asks takes the risk; one that may still be asked for goes on.
func (s *Store) scheduleAgain(
	ctx context.Context, tx bun.Tx, nos []int64, dryRun bool, now time.Time,
) (n int, err error) {
	open := bun.List(domain.StatusesThat(domain.Status.Open))
	free := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now))
	}
	var found []againRow
	q := tx.NewSelect().Model((*conversionRow)(nil)).
		Column("no", "account_no", "status", "attempts", "expires_at").
		ColumnExpr("coalesce((SELECT max(t.n) FROM attempts t WHERE t.conversion_no = v.no), 0) AS last").
		Join("JOIN ad_accounts AS a ON a.no = v.account_no AND a.deleted_at IS NULL").
		Join("LEFT JOIN sends AS s ON s.conversion_no = v.no").Where("v.no IN (?)", bun.List(nos)).
		Where("?", sendableNow(now)).Order("v.no")
	if !s.sqlite && !dryRun {
		q = q.For("UPDATE OF v")
	}
	if err := q.Scan(ctx, &found); err != nil || dryRun {
		return len(found), err
	}
	var waiting, ended []int64
	var sends []sendRow
	for _, r := range found {
		if r.Status == "" {
			waiting = append(waiting, r.No)
			continue
		}
		ended = append(ended, r.No)
		sends = append(sends, sendRow{
			ConversionNo: r.No, AccountNo: r.AccountNo, Attempt: max(r.Attempts, r.Last),
			Asked: r.Attempts,
			DueAt: stamp(now), NextAt: stamp(now), ExpiresAt: r.ExpiresAt, Status: domain.Retrying,
			ReasonCode: domain.ReasonAskedAgain,
		})
	}
	if len(waiting) > 0 {
		n, err = changed(tx.NewUpdate().Model((*sendRow)(nil)).Set("status = ?", domain.Retrying).
			Set("reason_code = ?", domain.ReasonAskedAgain).Set("reason = ''").
			Set("next_at = ?", stamp(now)).
			Set("due_at = ?", stamp(now)).Set("handed_over = FALSE").
			Set("lease_owner = ''").Set("lease_until = NULL").
			Set("handle = CASE WHEN s.attempt_open THEN s.handle ELSE '' END").
			ApplyQueryBuilder(numbered(waiting)).Where("s.status IN (?)", open).ApplyQueryBuilder(free).
			Exec(ctx))
		if err != nil {
			return 0, err
		}
	}
	if len(ended) == 0 {
		return n, nil
	}
	if _, err := tx.NewInsert().Model(&sends).Exec(ctx); err != nil {
		return 0, err
	}
	_, err = tx.NewUpdate().Model((*conversionRow)(nil)).Set("status = ''").Set("reason_code = ''").
		Set("reason = ''").
		Set("delivered_at = NULL").Set("upload = ''").Set("handle = ''").Where("v.no IN (?)", bun.List(ended)).
		Exec(ctx)
	return n + len(ended), err
}

// Unschedule implements usecase.ConversionRetrier.
func (s *Store) Unschedule(ctx context.Context, projectID string, now time.Time) (int64, error) {
	n, err := s.execute(ctx, "let conversions be handed over anew", func(tx bun.Tx) execer {
		q := tx.NewUpdate().Model((*sendRow)(nil)).Set("handed_over = FALSE").Set("due_at = next_at").
			Where("s.handed_over").Where("s.next_at <= ?", stamp(now)).
			Where("s.lease_until IS NULL OR s.lease_until <= ?", stamp(now))
		if projectID != "" {
			q = q.Where("s.account_no IN (SELECT no FROM ad_accounts WHERE project_id = ?)", projectID)
		}
		return q
	})
	return int64(n), err
}
