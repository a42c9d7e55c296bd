package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var (
	// A conversion may be claimed when the relay has handed it over or it is
	// due by our clock: one that was settled since its message was written
	// waits for its time. attempt_open of the old row says that an attempt
	// was begun and never settled.
	lockClaims = define("id text, now time",
		`SELECT v.id, v.attempt_open FROM {rows} conversions v WHERE v.id = {id}
		AND v.status IN ('pending', 'retrying', 'parked', 'accepted') AND (v.lease_until IS NULL OR v.lease_until <= {now})
		AND (v.scheduled_at IS NOT NULL OR v.next_attempt_at <= {now}) ORDER BY v.id {lock v}`)
	// A poll is no attempt: it asks about the one that was made.
	claimConversions = define("id text, owner text, batch_id text, until time",
		`UPDATE conversions SET lease_owner = {owner}, lease_until = {until},
		batch_id = CASE WHEN conversions.attempt_open OR conversions.status = 'accepted' THEN conversions.batch_id ELSE {batch_id} END {from} WHERE conversions.id = {id}`)
	readClaims = define("id text",
		`SELECT `+conversionColumns+`, c.id IS NOT NULL, `+optionalClickColumns+` FROM {rows} conversions v
		LEFT JOIN clicks c ON c.id = v.click_id AND v.click_id <> '' WHERE v.id = {id}`)
)

// optionalClickColumns are those of a click that may not be there.
const optionalClickColumns = `coalesce(c.id, ''), coalesce(c.project_id, ''), coalesce(c.link_id, ''), coalesce(c.start_value, ''), c.at, coalesce(c.url, ''),
	coalesce(c.raw_query, ''), coalesce(c.params, ''), coalesce(c.ip, ''), coalesce(c.user_agent, ''), coalesce(c.referrer, ''),
	coalesce(c.fbp, ''), coalesce(c.fbc, ''), coalesce(c.robot, FALSE)`

// Claim implements usecase.DeliveryStore.
func (s *Store) Claim(ctx context.Context, ids []string, owner, batchID string, now, until time.Time) ([]domain.Conversion, error) {
	var out []domain.Conversion
	err := s.bulk(ctx, "claim conversions", func(ctx context.Context, r runner) error {
		out = nil
		resumed := map[string]bool{}
		var lock, claim, read [][]any
		for _, id := range sortedIDs(ids) {
			lock = append(lock, row(id, now))
		}
		r.queue(lockClaims, lock, func(r scanner) error {
			var id string
			var open bool
			err := r.Scan(&id, &open)
			resumed[id] = open
			claim = append(claim, row(id, owner, batchID, until))
			read = append(read, row(id))
			return err
		})
		if err := r.flush(ctx); err != nil {
			return err
		}
		r.queue(claimConversions, claim, nil)
		r.queue(readClaims, read, func(r scanner) error {
			c, err := scanClaim(r)
			c.Resumed = resumed[c.ID]
			out = append(out, c)
			return err
		})
		return r.flush(ctx)
	})
	if err != nil {
		return nil, err
	}
	// In the order in which they were handed over.
	at := map[string]int{}
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(out, func(a, b domain.Conversion) int { return at[a.ID] - at[b.ID] })
	return out, nil
}

func sortedIDs(ids []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

func scanClaim(r scanner) (domain.Conversion, error) {
	var c domain.Conversion
	var click domain.Click
	var has bool
	err := r.Scan(append(append(conversionDest(&c), &has), clickDest(&click)...)...)
	if has {
		c.Click = &click
	}
	return c, err
}

var (
	// An outcome does not reopen what was ended meanwhile (the account was
	// deleted, the person erased, the guess withdrawn); that the network has
	// it is true all the same.
	settleConversions = define(`id text, status text, reason text, attempted bool, next_attempt_at time, delivered_at time, handle text, keep_batch bool`,
		`UPDATE conversions SET status = {status}, status_reason = {reason},
		attempts = conversions.attempts + CASE WHEN {attempted} THEN 1 ELSE 0 END,
		next_attempt_at = {next_attempt_at}, delivered_at = {delivered_at}, handle = {handle},
		attempt_open = {keep_batch}, lease_owner = '', lease_until = NULL, scheduled_at = NULL, settlements = conversions.settlements + 1 {from}
		WHERE conversions.id = {id} AND (conversions.status IN ('pending', 'retrying', 'parked', 'accepted') OR {status} = 'delivered')`)
	insertAttempts = define("conversion_id text, at time, verdict text, reason text, evidence bytes",
		`INSERT INTO attempts (conversion_id, project_id, at, verdict, reason, evidence)
		SELECT v.id, v.project_id, {at}, {verdict}, {reason}, {evidence} FROM {rows} conversions v WHERE v.id = {conversion_id}`)
)

// Settle implements usecase.DeliveryStore.
func (s *Store) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	// Sorted, since two that settle the same rows in another order would
	// wait for each other.
	ss = lastOf(slices.SortedStableFunc(slices.Values(ss), func(a, b usecase.Settlement) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	}), func(s usecase.Settlement) string { return s.ID })
	var settle, attempts [][]any
	for _, x := range ss {
		settle = append(settle, row(x.ID, string(x.Status), x.Reason, x.Attempted, x.NextAttemptAt, x.DeliveredAt, x.Handle, x.KeepBatch))
		if x.Attempted || x.Evidence != nil {
			attempts = append(attempts, row(x.ID, now, x.Verdict, x.Reason, x.Evidence))
		}
	}
	return s.bulk(ctx, "settle conversions", func(ctx context.Context, r runner) error {
		r.queue(settleConversions, settle, nil)
		r.queue(insertAttempts, attempts, nil)
		return r.flush(ctx)
	})
}

// SetHealth implements usecase.DeliveryStore.
func (s *Store) SetHealth(ctx context.Context, accountID string, h domain.Health, reason string, pause bool, now time.Time) error {
	return s.inTx(ctx, "record the health of an ad account", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE ad_accounts SET health = ?, health_reason = ?, paused = (paused OR ?), updated_at = ? WHERE id = ?",
			string(h), reason, pause, stamp(now), accountID)
		return err
	})
}

// ParkAccount implements usecase.DeliveryStore.
func (s *Store) ParkAccount(ctx context.Context, accountID, reason string, now time.Time) (int, error) {
	return s.change(ctx, "park an ad account's conversions",
		`UPDATE conversions SET status = 'parked', status_reason = ?, next_attempt_at = NULL, scheduled_at = NULL, settlements = settlements + 1
		WHERE account_id = ? AND status IN ('pending', 'retrying', 'parked') AND (status <> 'parked' OR next_attempt_at IS NOT NULL)`, reason, accountID)
}

// ResumeAccount implements usecase.ProjectStore.
func (s *Store) ResumeAccount(ctx context.Context, accountID string, skip bool, now time.Time) (int, error) {
	if skip {
		return s.change(ctx, "skip an ad account's conversions",
			`UPDATE conversions SET status = 'rejected', status_reason = 'skipped when the ad account was resumed', next_attempt_at = NULL,
			scheduled_at = NULL WHERE account_id = ? AND status = 'parked'`, accountID)
	}
	return s.change(ctx, "resume an ad account's conversions",
		`UPDATE conversions SET status = CASE WHEN attempts > 0 THEN 'retrying' ELSE 'pending' END, status_reason = '', next_attempt_at = ?,
		scheduled_at = NULL WHERE account_id = ? AND status = 'parked'`, stamp(now), accountID)
}

// change runs one statement in a transaction and tells how many rows it
// changed.
func (s *Store) change(ctx context.Context, doing, query string, args ...any) (n int, err error) {
	err = s.inTx(ctx, doing, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		changed, err := result.RowsAffected()
		n = int(changed)
		return err
	})
	return n, err
}
