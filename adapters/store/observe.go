package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Queue is how much waits, and since when.
type Queue struct {
	Count  int
	Oldest time.Time // zero when nothing waits
}

// OpenCount counts open conversions of one network and status whose window
// ends within a range of time.
type OpenCount struct {
	Network string
	Status  domain.Status
	Range   int // index of the first bound that lies behind the end of the window; len(bounds) past the last
	Count   int
}

// AccountCount counts the ad accounts of one network by health.
type AccountCount struct {
	Network string
	Health  domain.Health
	Paused  bool
	Count   int
}

// Backlog is what waits, as metrics show it.
type Backlog struct {
	Outbox   Queue // events that are not in their stream yet
	Due      Queue // conversions that are due and not in theirs yet
	Open     []OpenCount
	Accounts []AccountCount
}

// Backlog counts what waits. bounds are the times left of Open, ascending.
func (s *Store) Backlog(ctx context.Context, now time.Time, bounds []time.Duration) (b Backlog, err error) {
	err = s.queue(ctx, &b.Outbox, "SELECT (SELECT count(*) FROM outbox), (SELECT min(e.recorded_at) FROM events e WHERE e.id = (SELECT o.event_id FROM outbox o ORDER BY o.id LIMIT 1))")
	if err == nil {
		err = s.queue(ctx, &b.Due, "SELECT count(*), min(v.next_attempt_at) FROM conversions v WHERE v.next_attempt_at <= ? AND v.next_attempt_at IS NOT NULL AND v.scheduled_at IS NULL"+canBeSent, stamp(now), stamp(now))
	}
	if err == nil {
		b.Open, err = s.openCounts(ctx, now, bounds)
	}
	if err == nil {
		b.Accounts, err = s.accountCounts(ctx)
	}
	return b, mapError("count what waits", err)
}

func (s *Store) queue(ctx context.Context, q *Queue, query string, args ...any) error {
	return s.read.QueryRowContext(ctx, query, args...).Scan(&q.Count, into{&q.Oldest})
}

func (s *Store) openCounts(ctx context.Context, now time.Time, bounds []time.Duration) ([]OpenCount, error) {
	var ranges strings.Builder
	var args []any
	for i, d := range bounds {
		fmt.Fprintf(&ranges, " WHEN v.expires_at <= ? THEN %d", i)
		args = append(args, stamp(now.Add(d)))
	}
	rows, err := s.read.QueryContext(ctx, fmt.Sprintf(
		"SELECT v.network, v.status, CASE%s ELSE %d END AS left_range, count(*) FROM conversions v WHERE v.status IN ('pending', 'retrying', 'parked') GROUP BY 1, 2, 3",
		ranges.String(), len(bounds)), args...)
	if err != nil {
		return nil, err
	}
	var out []OpenCount
	err = each(rows, func(r scanner) error {
		var c OpenCount
		err := r.Scan(&c.Network, &c.Status, &c.Range, &c.Count)
		out = append(out, c)
		return err
	})
	return out, err
}

func (s *Store) accountCounts(ctx context.Context) ([]AccountCount, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT a.network, a.health, a.paused, count(*) FROM ad_accounts a GROUP BY 1, 2, 3")
	if err != nil {
		return nil, err
	}
	var out []AccountCount
	err = each(rows, func(r scanner) error {
		var c AccountCount
		err := r.Scan(&c.Network, &c.Health, &c.Paused, &c.Count)
		out = append(out, c)
		return err
	})
	return out, err
}
