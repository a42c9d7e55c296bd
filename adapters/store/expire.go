package store

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const (
	windowOver = "the ad network's window is over"
	noStart    = "no start within the time goals wait"
)

// ExpireDue implements usecase.DeliveryStore.
func (s *Store) ExpireDue(ctx context.Context, now time.Time, limit int) (int, error) {
	if _, err := s.unpark(ctx, now); err != nil {
		return 0, err
	}
	// Looked for first without a lock: this runs often and finds little.
	var due bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM conversions WHERE expires_at <= ? AND status IN ('pending', 'retrying', 'parked'))
		OR EXISTS (SELECT 1 FROM waiting_goals WHERE until <= ?)`, stamp(now), stamp(now)).Scan(&due)
	if err != nil || !due {
		return 0, mapError("look for what is over", err)
	}
	skip := " FOR UPDATE SKIP LOCKED"
	if s.lite {
		skip = ""
	}
	expired, err := s.change(ctx, "expire conversions",
		`UPDATE conversions SET status = 'expired', status_reason = ?, next_attempt_at = NULL, scheduled_at = NULL, attempt_open = FALSE,
		lease_owner = '', lease_until = NULL WHERE id IN (SELECT id FROM conversions WHERE expires_at <= ?
		AND status IN ('pending', 'retrying', 'parked') AND (lease_until IS NULL OR lease_until <= ?) ORDER BY expires_at LIMIT ?`+skip+`)`,
		windowOver, stamp(now), stamp(now), limit)
	if err != nil {
		return 0, err
	}
	waited, err := s.expireWaiting(ctx, now, limit)
	return expired + waited, err
}

// overdue is a waiting goal with what its conversion needs of the person and
// the project.
type overdue struct {
	usecase.WaitingGoal
	messenger, currency string
	userID              int64
}

var (
	lockOverdue = define("id text", `SELECT s.id FROM {rows} subscribers s WHERE s.id = {id} ORDER BY s.id {lock s}`)
	dropWaiting = define("event_id text",
		`DELETE FROM waiting_goals {using} WHERE waiting_goals.event_id = {event_id} RETURNING waiting_goals.event_id`)
	// Counted anew: a start that joined some of them meanwhile set it, too.
	countWaiting = define("id text",
		`UPDATE subscribers SET waiting_goals = (SELECT count(*) FROM waiting_goals w WHERE w.subscriber_id = {id}) {from} WHERE subscribers.id = {id}`)
)

// expireWaiting ends goals whose start never came. The people are locked
// first, as a batch of arrivals locks them, since a start may come right now.
func (s *Store) expireWaiting(ctx context.Context, now time.Time, limit int) (n int, err error) {
	goals, err := s.overdueGoals(ctx, now, limit)
	if err != nil || len(goals) == 0 {
		return 0, mapError("look for goals whose start never came", err)
	}
	err = s.bulk(ctx, "end goals whose start never came", func(ctx context.Context, r runner) error {
		n = 0
		var people, drop [][]any
		seen := map[string]bool{}
		for _, g := range goals {
			drop = append(drop, row(g.EventID))
			if !seen[g.SubscriberID] {
				seen[g.SubscriberID] = true
				people = append(people, row(g.SubscriberID))
			}
		}
		gone := map[string]bool{}
		r.queue(lockOverdue, people, nil)
		r.queue(dropWaiting, drop, func(r scanner) error {
			var id string
			err := r.Scan(&id)
			gone[id] = true
			return err
		})
		r.queue(countWaiting, people, nil)
		if err := r.flush(ctx); err != nil {
			return err
		}
		var cs []usecase.NewConversion
		for _, g := range goals {
			if gone[g.EventID] {
				cs = append(cs, s.neverStarted(g, now))
			}
		}
		n = len(cs)
		totals := saveConversions(r, cs)
		if err := r.flush(ctx); err != nil {
			return err
		}
		totals()
		return r.flush(ctx)
	})
	return n, err
}

func (s *Store) overdueGoals(ctx context.Context, now time.Time, limit int) ([]overdue, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT w.event_id, w.project_id, w.subscriber_id, w.target, w.amount, w.raw_amount, w.currency, w.occurred_at, w.until,
		coalesce(s.messenger, ''), coalesce(s.user_id, 0), coalesce(p.currency, '') FROM waiting_goals w
		LEFT JOIN subscribers s ON s.id = w.subscriber_id LEFT JOIN projects p ON p.id = w.project_id
		WHERE w.until <= ? ORDER BY w.until LIMIT ?`, stamp(now), limit)
	if err != nil {
		return nil, err
	}
	var out []overdue
	err = each(rows, func(r scanner) error {
		var o overdue
		err := r.Scan(&o.EventID, &o.ProjectID, &o.SubscriberID, &o.Target, amountInto{&o.Amount}, amountInto{&o.RawAmount}, &o.Currency,
			into{&o.OccurredAt}, into{&o.Until}, &o.messenger, &o.userID, &o.currency)
		out = append(out, o)
		return err
	})
	return out, err
}

// neverStarted keeps a goal for the ledger. There is no episode for it to
// count once in, so that it counts once for the person.
func (s *Store) neverStarted(g overdue, now time.Time) usecase.NewConversion {
	counting := g.RawAmount
	if counting == nil {
		counting = g.Amount
	}
	c := usecase.NewConversion{
		SubscriberID: g.SubscriberID,
		CountKey:     domain.CountKey("never:"+g.SubscriberID, domain.Goal, g.Target, "", g.EventID, counting),
		Conversion: domain.Conversion{
			ID: s.newID(), ProjectID: g.ProjectID, Kind: domain.Goal, Target: g.Target, Name: g.Target, Currency: g.Currency,
			OccurredAt: g.OccurredAt, CreatedAt: now, EventID: g.EventID, Messenger: g.messenger, UserID: g.userID,
			Status: domain.Unattributed, StatusReason: noStart,
		},
	}
	if g.Amount != nil && *g.Amount > 0 {
		c.Value = g.Amount
	}
	if c.Currency == "" {
		c.Currency = g.currency
	}
	return c
}
