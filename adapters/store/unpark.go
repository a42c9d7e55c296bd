package store

import (
	"context"
	"time"
)

// unparkEvery is how often conversions are looked for that wait for an ad
// account which is not paused.
const unparkEvery = 15

// unpark puts conversions on their way that were parked at the very moment
// when their account went on: a batch of arrivals or a call that began before
// knew it as paused and wrote so afterwards. Nobody would look at them again.
func (s *Store) unpark(ctx context.Context, now time.Time) (int, error) {
	if now.Second()%unparkEvery != 0 {
		return 0, nil
	}
	const forgotten = `v.status = 'parked' AND v.next_attempt_at IS NULL AND (v.lease_until IS NULL OR v.lease_until <= ?)`
	accounts, err := texts(ctx, s.read, `SELECT a.id FROM ad_accounts a WHERE NOT a.paused
		AND EXISTS (SELECT 1 FROM conversions v WHERE v.account_id = a.id AND `+forgotten+`)`, stamp(now))
	if err != nil {
		return 0, mapError("look for conversions parked by mistake", err)
	}
	total := 0
	for _, id := range accounts {
		n, err := s.change(ctx, "put conversions on their way that were parked by mistake",
			`UPDATE conversions AS v SET status = CASE WHEN v.attempts > 0 THEN 'retrying' ELSE 'pending' END, status_reason = '', next_attempt_at = ?,
			scheduled_at = NULL, settlements = v.settlements + 1 WHERE v.account_id = ? AND `+forgotten+`
			AND EXISTS (SELECT 1 FROM ad_accounts a WHERE a.id = v.account_id AND NOT a.paused)`, stamp(now), id, stamp(now))
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
