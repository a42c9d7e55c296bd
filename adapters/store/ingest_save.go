package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var (
	insertAnonymous = define(subscriberFields, `INSERT INTO subscribers ({columns}) {values} ON CONFLICT DO NOTHING`)
	insertPeople    = define(subscriberFields,
		`INSERT INTO subscribers ({columns}) {values} ON CONFLICT (project_id, messenger, user_id) WHERE user_id <> 0 DO NOTHING RETURNING id`)
	updatePeople = define(subscriberFields,
		`UPDATE subscribers SET username = {username}, first_name = {first_name}, last_name = {last_name}, language = {language},
		is_premium = {is_premium}, seq = {seq}, subscribed = {subscribed}, episode_id = {episode_id}, episode_at = {episode_at},
		stopped_at = {stopped_at}, first_join = {first_join}, last_start = {last_start}, first_source = {first_source},
		first_utm = {first_utm}, first_attributed = {first_attributed}, touches = {touches}, waiting_goals = {waiting_goals},
		search = {search}, search_last = {search_last} {from} WHERE subscribers.id = {id}`)
	insertEpisodes = define(`id text, project_id text, subscriber_id text, opened_at time, closed_at time, link_id text, click_id text, touch text`,
		`INSERT INTO episodes ({columns}) {values}`)
	updateEpisodes = define(`id text, opened_at time, closed_at time, has_touch bool, link_id text, click_id text, touch text`,
		`UPDATE episodes SET opened_at = coalesce({opened_at}, episodes.opened_at), closed_at = coalesce({closed_at}, episodes.closed_at),
		link_id = CASE WHEN {has_touch} THEN {link_id} ELSE episodes.link_id END,
		click_id = CASE WHEN {has_touch} THEN {click_id} ELSE episodes.click_id END,
		touch = CASE WHEN {has_touch} THEN {touch} ELSE episodes.touch END {from} WHERE episodes.id = {id}`)
	// former is an anonymous subscriber that turned out to be the claimant.
	claimClicks = define("id text, subscriber_id text, guess bool, at time, former text",
		`UPDATE clicks SET claimed_by = {subscriber_id}, claimed_guess = {guess}, claimed_at = {at} {from}
		WHERE clicks.id = {id} AND (clicks.claimed_by IS NULL OR clicks.claimed_guess OR clicks.claimed_by IN ({subscriber_id}, {former}))`)

	// Only a key that is the body itself grows old and is used again.
	keepKeys = define("project_id text, key text, event_id text, at time",
		`INSERT INTO event_keys AS k ({columns}) {values}
		ON CONFLICT (project_id, key) DO UPDATE SET event_id = EXCLUDED.event_id, at = EXCLUDED.at
		WHERE substr(k.key, 1, 5) = 'same:' AND k.at < EXCLUDED.at`)

	insertWaiting = define(`event_id text, project_id text, subscriber_id text, target text, amount int, raw_amount int, currency text,
		occurred_at time, until time`, `INSERT INTO waiting_goals ({columns}) {values} ON CONFLICT (event_id) DO NOTHING`)
	deleteWaiting = define("subscriber_id text", `DELETE FROM waiting_goals {using} WHERE waiting_goals.subscriber_id = {subscriber_id}`)

	updateAnswers = define("project_id text, method text, key text, body_hash bytes, answer bytes, created_at time",
		`UPDATE idempotency_keys SET body_hash = {body_hash}, answer = {answer}, created_at = {created_at} {from}
		WHERE idempotency_keys.project_id = {project_id} AND idempotency_keys.method = {method} AND idempotency_keys.key = {key}`)
	freeKeys = define("project_id text, method text, key text",
		`DELETE FROM idempotency_keys {using}
		WHERE idempotency_keys.project_id = {project_id} AND idempotency_keys.method = {method} AND idempotency_keys.key = {key}`)
	updateCounters = define("project_id text, second_at time, hour_at time, day_at time, in_second int, in_hour int, in_day int",
		`UPDATE counters SET second_at = {second_at}, hour_at = {hour_at}, day_at = {day_at}, in_second = {in_second}, in_hour = {in_hour},
		in_day = {in_day} {from} WHERE counters.project_id = {project_id}`)
)

// Save implements usecase.IngestTx. All goes in one round trip, but for
// merges and withdrawals, which are rare and need what was written before.
func (t *ingestTx) Save(ctx context.Context, c *usecase.IngestChanges) error {
	t.recorded = c.Now
	missing := t.savePeople(c)
	t.saveEpisodes(c)
	t.saveClaims(c)
	if err := t.saveEvents(c); err != nil {
		return err
	}
	t.saveKeys(c)
	t.saveWaiting(c)
	totals := saveConversions(t, c.Conversions)
	t.saveCounters(c)
	if err := t.flush(ctx); err != nil {
		return err
	}
	if *missing > 0 {
		return errMetAnother
	}
	totals()
	t.merge(c.Merges)
	if err := t.flush(ctx); err != nil {
		return err
	}
	return t.withdraw(ctx, c.Withdrawals)
}

// savePeople queues the people; missing tells after the flush how many of the
// new ones another batch made first.
func (t *ingestTx) savePeople(c *usecase.IngestChanges) (missing *int) {
	var inserted, made, changed [][]any
	for _, s := range c.Inserted {
		inserted = append(inserted, subscriberRow(s))
	}
	for _, s := range lastOf(c.Subscribers, func(s *domain.Subscriber) string { return s.ID }) {
		if t.fresh[s.ID] {
			made = append(made, subscriberRow(s))
		} else {
			changed = append(changed, subscriberRow(s))
		}
	}
	left := len(made)
	t.queue(insertAnonymous, inserted, nil)
	t.queue(insertPeople, sortedPeople(made), func(r scanner) error {
		left--
		var id string
		return r.Scan(&id)
	})
	t.queue(updatePeople, changed, nil)
	return &left
}

// sortedPeople sorts subscriber rows as all batches do, so that two that make
// the same people wait for each other in one order.
func sortedPeople(rows [][]any) [][]any {
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[1].(string), b[1].(string)), cmp.Compare(a[2].(string), b[2].(string)), cmp.Compare(a[3].(int64), b[3].(int64)))
	})
	return rows
}

// errMetAnother is a batch that made the same person as another one; it is
// repeated, and then finds them.
var errMetAnother = errors.New("another batch made the same person")

func (t *ingestTx) saveEpisodes(c *usecase.IngestChanges) {
	var inserted, updated [][]any
	for i := range c.Episodes {
		e := &c.Episodes[i]
		inserted = append(inserted, row(e.ID, e.ProjectID, e.SubscriberID, e.OpenedAt, e.ClosedAt, e.Touch.LinkID, e.Touch.ClickID, asJSON(e.Touch, false)))
	}
	for _, u := range combined(c.Updates) {
		var touch domain.Touch
		if u.Touch != nil {
			touch = *u.Touch
		}
		updated = append(updated, row(u.ID, u.OpenedAt, u.ClosedAt, u.Touch != nil, touch.LinkID, touch.ClickID, asJSON(touch, u.Touch == nil)))
	}
	t.queue(insertEpisodes, inserted, nil)
	t.queue(updateEpisodes, updated, nil)
}

// combined gives one update for each episode: a row that stands twice in an
// UPDATE is changed by either, nobody knows which.
func combined(us []usecase.EpisodeUpdate) []usecase.EpisodeUpdate {
	at := map[string]int{}
	var out []usecase.EpisodeUpdate
	for _, u := range us {
		i, ok := at[u.ID]
		if !ok {
			at[u.ID] = len(out)
			out = append(out, u)
			continue
		}
		if !u.OpenedAt.IsZero() {
			out[i].OpenedAt = u.OpenedAt
		}
		if !u.ClosedAt.IsZero() {
			out[i].ClosedAt = u.ClosedAt
		}
		if u.Touch != nil {
			out[i].Touch = u.Touch
		}
	}
	return out
}

func (t *ingestTx) saveClaims(c *usecase.IngestChanges) {
	former := map[string]string{}
	for _, m := range c.Merges {
		former[m.To] = m.From
	}
	var rows [][]any
	for _, claim := range lastOf(c.Claims, func(c usecase.Claim) string { return c.ClickID }) {
		rows = append(rows, row(claim.ClickID, claim.SubscriberID, claim.Guess, claim.At, former[claim.SubscriberID]))
	}
	t.queue(claimClicks, rows, nil)
}

func (t *ingestTx) saveKeys(c *usecase.IngestChanges) {
	var rows [][]any
	for k, use := range c.SenderKeys {
		rows = append(rows, row(k.ProjectID, k.Key, use.EventID, use.At))
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(string), b[0].(string)), cmp.Compare(a[1].(string), b[1].(string)))
	})
	t.queue(keepKeys, rows, nil)
}

func (t *ingestTx) saveWaiting(c *usecase.IngestChanges) {
	var waiting, joined [][]any
	for _, w := range c.Waiting {
		waiting = append(waiting, row(w.EventID, w.ProjectID, w.SubscriberID, w.Target, w.Amount, w.RawAmount, w.Currency, w.OccurredAt, w.Until))
	}
	for _, id := range c.Joined {
		joined = append(joined, row(id))
	}
	t.queue(insertWaiting, waiting, nil)
	t.queue(deleteWaiting, joined, nil)
}

func (t *ingestTx) saveCounters(c *usecase.IngestChanges) {
	var answers, free, counters [][]any
	for _, a := range c.Answers {
		answers = append(answers, row(a.ProjectID, a.Method, a.Key, a.BodyHash[:], a.Answer, a.CreatedAt))
	}
	for _, k := range c.FreeKeys {
		free = append(free, row(k.ProjectID, k.Method, k.Key))
	}
	for _, n := range t.refused(c) {
		counters = append(counters, row(n.ProjectID, n.SecondAt, n.HourAt, n.DayAt, n.Second, n.Hour, n.Day))
	}
	t.queue(updateAnswers, answers, nil)
	t.queue(freeKeys, free, nil)
	t.queue(updateCounters, counters, nil)
}

// refused gives the counters of projects of which Admit counted more than was
// taken in the end.
func (t *ingestTx) refused(c *usecase.IngestChanges) []domain.Counters {
	after := map[string]*domain.Counters{}
	for _, n := range c.Counters {
		after[n.ProjectID] = n
	}
	var out []domain.Counters
	for id, was := range t.taken {
		final := was.before
		if n := after[id]; n != nil {
			final = *n
		}
		if final.Day != was.before.Day+was.n {
			out = append(out, final)
		}
	}
	slices.SortFunc(out, func(a, b domain.Counters) int { return cmp.Compare(a.ProjectID, b.ProjectID) })
	return out
}

// lastOf keeps the last of those that have the same key, where the first
// stood.
func lastOf[T any](items []T, key func(T) string) []T {
	at := map[string]int{}
	var out []T
	for _, item := range items {
		k := key(item)
		if i, ok := at[k]; ok {
			out[i] = item
			continue
		}
		at[k] = len(out)
		out = append(out, item)
	}
	return out
}
