package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// conditions gives the filter as a WHERE over conversions named v.
func conditions(f usecase.ConversionFilter) (where string, args []any) {
	parts := []string{"v.project_id = ?"}
	if f.SubscriberID != "" || f.UserID != 0 || f.AccountID != "" {
		parts[0] = unindexed("v.project_id") + " = ?" // there is a better index
	}
	args = append(args, f.ProjectID)
	add := func(use bool, condition string, arg any) {
		if use {
			parts, args = append(parts, condition), append(args, arg)
		}
	}
	add(f.ID != "", "v.id = ?", f.ID)
	if f.UserID != 0 {
		parts = append(parts, "v.subscriber_id IN (SELECT s.id FROM subscribers s WHERE s.project_id = ? AND s.user_id <> 0 AND s.user_id = ?)")
		args = append(args, f.ProjectID, f.UserID)
	}
	add(f.SubscriberID != "", "v.subscriber_id = ?", f.SubscriberID)
	add(f.Target != "", "v.target = ?", f.Target)
	add(f.Network != "", "v.network = ?", f.Network)
	add(f.AccountID != "", "v.account_id = ?", f.AccountID)
	add(f.Status != "", "v.status = ?", string(f.Status))
	add(!f.From.IsZero(), "v.occurred_at >= ?", stamp(f.From))
	add(!f.To.IsZero(), "v.occurred_at < ?", stamp(f.To))
	return strings.Join(parts, " AND "), args
}

// Conversions implements usecase.Reader: newest first, without their clicks.
func (s *Store) Conversions(ctx context.Context, f usecase.ConversionFilter, page usecase.Page) ([]domain.Conversion, string, error) {
	before, err := cursorID(page.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(page)
	where, args := conditions(f)
	if before != "" {
		where, args = where+" AND v.id < ?", append(args, before)
	}
	statuses := domain.Statuses()
	if f.Status != "" {
		statuses = []domain.Status{f.Status}
	}
	query, args := merged(conversionColumns, "conversions v", "v.id DESC", limit+1, byStatus(f, statuses, where, args))
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, "", mapError("list conversions", err)
	}
	var out []domain.Conversion
	err = each(rows, func(r scanner) error {
		var c domain.Conversion
		err := r.Scan(conversionDest(&c)...)
		out = append(out, c)
		return err
	})
	out, next := cut(out, limit, func(c domain.Conversion) string { return idCursor(c.ID) })
	return out, next, mapError("list conversions", err)
}

// byStatus gives a list for each of some statuses: they stand apart in the
// indexes of projects and of ad accounts. What one person has stands together.
func byStatus(f usecase.ConversionFilter, statuses []domain.Status, where string, args []any) (lists []list) {
	if f.ID != "" || f.SubscriberID != "" || f.UserID != 0 {
		return []list{{where, args}}
	}
	for _, status := range statuses {
		lists = append(lists, list{where + " AND v.status = ?", append(slices.Clip(args), string(status))})
	}
	return lists
}

// sendableAgain are the statuses from which a person may ask for another
// attempt: what is not done, and what failed in a way that they may have
// mended or want to take the risk of. It must have an account to go to.
const sendableAgain = ` AND v.account_id <> '' AND v.status IN ('pending', 'retrying', 'parked', 'rejected', 'expired', 'uncertain', 'unmatched')`

// Retry implements usecase.Reader.
func (s *Store) Retry(ctx context.Context, f usecase.ConversionFilter, dryRun bool, now time.Time) (matched, scheduled int, err error) {
	where, args := conditions(f)
	where += sendableAgain
	err = s.inTx(ctx, "retry conversions", func(ctx context.Context, tx bun.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM conversions v WHERE "+where, args...).Scan(&matched); err != nil {
			return err
		}
		sendable, timed := sendAgain(where, args, now)
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM conversions v WHERE "+sendable, timed...).Scan(&scheduled); err != nil || dryRun {
			return err
		}
		scheduled, err = scheduleAgain(ctx, tx, where, args, now)
		return err
	})
	return matched, scheduled, err
}

// sendAgain narrows a WHERE to what may be sent again now: its window is open
// and its account is there. What expired after the 21 days stays so: no wish
// of a person makes them longer.
func sendAgain(where string, args []any, now time.Time) (string, []any) {
	return where + ` AND NOT (v.status = 'expired' AND v.status_reason = ?) AND v.expires_at > ? AND (v.lease_until IS NULL OR v.lease_until <= ?)
		AND EXISTS (SELECT 1 FROM ad_accounts a WHERE a.id = v.account_id)`,
		append(args[:len(args):len(args)], usecase.LateReason, stamp(now), stamp(now))
}

// scheduleAgain makes those conversions of a WHERE due that may be sent again.
// Of an attempt whose outcome was given up the person who asks takes the risk;
// one that may still be asked for keeps its batch.
func scheduleAgain(ctx context.Context, tx bun.Tx, where string, args []any, now time.Time) (int, error) {
	where, args = sendAgain(where, args, now)
	result, err := tx.ExecContext(ctx, `UPDATE conversions AS v SET status = 'retrying', status_reason = 'asked for again', next_attempt_at = ?,
		scheduled_at = NULL, attempt_open = (v.attempt_open AND v.status IN ('pending', 'retrying', 'parked')), lease_owner = '', lease_until = NULL, handle = '', delivered_at = NULL,
		settlements = settlements + 1 WHERE `+where, append([]any{stamp(now)}, args...)...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}
