package store

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

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

// Backlog is what waits for the networks, as metrics show it.
type Backlog struct {
	Open     []OpenCount
	Accounts []AccountCount
}

// Waiting counts what is not in its stream yet: events, and conversions that are
// due.
func (s *Store) Waiting(ctx context.Context, now time.Time) (outbox, due Queue, err error) {
	outbox.Count, outbox.Oldest, err = s.unread(ctx, streamReader)
	if err == nil {
		due, err = s.dueCount(ctx, now)
	}
	return outbox, due, mapError("count what waits for the streams", err)
}

// Backlog counts what waits. bounds are the times left of Open, ascending.
func (s *Store) Backlog(ctx context.Context, now time.Time, bounds []time.Duration) (b Backlog, err error) {
	b.Open, err = s.openCounts(ctx, now, bounds)
	if err == nil {
		err = s.read.NewSelect().Model((*accountRow)(nil)).
			ColumnExpr("a.network, a.health, a.paused, count(*) AS count").
			Where("a.deleted_at IS NULL").GroupExpr("a.network, a.health, a.paused").Scan(ctx, &b.Accounts)
	}
	return b, mapError("count what waits", err)
}

// dueCount counts what is due and was not handed over yet.
func (s *Store) dueCount(ctx context.Context, now time.Time) (q Queue, err error) {
	var oldest stamp
	err = s.read.NewSelect().Model((*sendRow)(nil)).ColumnExpr("count(*), min(s.due_at)").
		ApplyQueryBuilder(dueBy(now)).Where("NOT s.backlog").Where("NOT s.handed_over").Scan(ctx, &q.Count, &oldest)
	q.Oldest = oldest.time()
	return q, err
}

func (s *Store) openCounts(ctx context.Context, now time.Time, bounds []time.Duration) (out []OpenCount, err error) {
	ranges, args := "0", []any(nil)
	if len(bounds) > 0 {
		var whens strings.Builder
		for i, d := range bounds {
			whens.WriteString(" WHEN s.expires_at <= ? THEN ?")
			args = append(args, stamp(now.Add(d)), i)
		}
		ranges, args = "CASE"+whens.String()+" ELSE ? END", append(args, len(bounds))
	}
	err = s.read.NewSelect().Model((*sendRow)(nil)).Join("JOIN ad_accounts AS a ON a.no = s.account_no").
		ColumnExpr("a.network, s.status").ColumnExpr(ranges+" AS range, count(*) AS count", args...).
		Where("s.status IN (?)", bun.List(domain.StatusesThat(domain.Status.Open))).GroupExpr("1, 2, 3").
		Scan(ctx, &out)
	return out, err
}
