package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// The arguments of what Save writes.
type (
	episodeUpdateRow struct {
		No       int64              `bun:"no"`
		OpenedAt stamp              `bun:"opened_at"`
		ClosedAt stamp              `bun:"closed_at"`
		HasTouch bool               `bun:"has_touch"`
		LinkNo   int64              `bun:"link_no"`
		ClickNo  int64              `bun:"click_no"`
		Touch    jsonText[touchRow] `bun:"touch"`
	}
	// former is an anonymous subscriber that turned out to be the claimant.
	clickClaimRow struct {
		No       int64 `bun:"no"`
		PersonNo int64 `bun:"person_no"`
		Guess    bool  `bun:"guess"`
		At       stamp `bun:"at"`
		Former   int64 `bun:"former"`
	}
)

var (
	insertAnonymous = bulk.Define[personRow](`INSERT INTO people ({columns}) {values}`)
	insertPeople    = bulk.Define[personRow](`INSERT INTO people ({columns}) {values}
		ON CONFLICT (project_no, user_id, messenger) WHERE user_id <> 0 DO NOTHING RETURNING no`)
	updatePeople = bulk.Define[personRow](`UPDATE people SET username = {username}, first_name = {first_name},
		last_name = {last_name}, language = {language}, is_premium = {is_premium}, seq = {seq}, subscribed = {subscribed},
		episode_no = {episode_no}, episode_id = {episode_id}, episode_at = {episode_at}, stopped_at = {stopped_at},
		first_join = {first_join}, last_start = {last_start}, place = {place}, state = {state}, waiting_goals = {waiting_goals}
		{from} WHERE people.no = {no}`)
	insertEpisodes = bulk.Define[episodeRow](`INSERT INTO episodes ({columns}) {values}`)
	updateEpisodes = bulk.Define[episodeUpdateRow](`UPDATE episodes SET
		opened_at = coalesce({opened_at}, episodes.opened_at), closed_at = coalesce({closed_at}, episodes.closed_at),
		link_no = CASE WHEN {has_touch} THEN {link_no} ELSE episodes.link_no END,
		click_no = CASE WHEN {has_touch} THEN {click_no} ELSE episodes.click_no END,
		touch = CASE WHEN {has_touch} THEN {touch} ELSE episodes.touch END {from} WHERE episodes.no = {no}`)
	claimClicks = bulk.Define[clickClaimRow](`UPDATE clicks SET claimed_by = {person_no}, claimed_guess = {guess},
		claimed_at = {at} {from} WHERE clicks.no = {no}
		AND (clicks.claimed_by IS NULL OR clicks.claimed_guess OR clicks.claimed_by IN ({person_no}, {former}))`)
	insertEvents = bulk.Define[eventRow](`INSERT INTO events ({columns}) {values}`)

	// Only a key that is the body itself grows old and is used again.
	keepKeys = bulk.Define[keyUseRow](`INSERT INTO event_keys AS k ({columns}) {values}
		ON CONFLICT (project_no, messenger, key) DO UPDATE SET event_id = EXCLUDED.event_id, at = EXCLUDED.at
		WHERE k.same AND k.at < EXCLUDED.at`)

	insertWaiting = bulk.Define[waitingRow](`INSERT INTO waiting_goals ({columns}) {values}
		ON CONFLICT (event_id) DO NOTHING`)
	deleteWaiting = bulk.Define[noRow](`DELETE FROM waiting_goals {using} WHERE waiting_goals.person_no = {no}`)

	updateAnswers = bulk.Define[answerRow](`UPDATE idempotency_keys SET body_hash = {body_hash}, answer = {answer},
		created_at = {created_at} {from} WHERE idempotency_keys.project_no = {project_no}
		AND idempotency_keys.method = {method} AND idempotency_keys.key = {key}`)
	freeKeys = bulk.Define[requestKeyRow](`DELETE FROM idempotency_keys {using}
		WHERE idempotency_keys.project_no = {project_no} AND idempotency_keys.method = {method}
		AND idempotency_keys.key = {key}`)
	updateCounters = bulk.Define[counterRow](`UPDATE counters SET second_at = {second_at}, hour_at = {hour_at},
		day_at = {day_at}, in_second = {in_second}, in_hour = {in_hour}, in_day = {in_day} {from}
		WHERE counters.project_no = {project_no}`)
)

// Save implements usecase.IngestTx. All goes in one round trip, but for
// merges and withdrawals, which are rare and need what was written before.
func (t *ingestTx) Save(ctx context.Context, c *usecase.IngestChanges) error {
	t.recorded = c.Now
	if err := t.number(ctx, c); err != nil {
		return err
	}
	missing := t.savePeople(c)
	t.saveEpisodes(c)
	t.saveOpened(c)
	t.saveClaims(c)
	if err := t.saveEvents(ctx, c); err != nil {
		return err
	}
	t.saveKeys(c)
	t.saveWaiting(c)
	t.saveUnknown(c)
	t.saveMemberships(c)
	// Before the conversions: one of them may count by the click that is free
	// then, or take the place of another.
	if err := t.withdraw(ctx, c.Withdrawals); err != nil {
		return err
	}
	if err := t.saveLate(ctx, c); err != nil {
		return err
	}
	totals, err := t.store.saveConversions(ctx, t.Tx, t.numbers, c.Conversions, t.refs())
	if err != nil {
		return err
	}
	t.saveCounters(c)
	if err := t.Flush(ctx); err != nil {
		return err
	}
	if *missing > 0 {
		return errMetAnother
	}
	totals()
	t.saveClicked(c)
	t.saveMarks(c)
	t.merge(c.Merges)
	return t.Flush(ctx)
}

// number gives the rows numbers that the batch makes, so that others can name
// them.
func (t *ingestTx) number(ctx context.Context, c *usecase.IngestChanges) error {
	if err := t.know(ctx, c.ProjectIDs()); err != nil {
		return err
	}
	give := func(to map[string]int64, id string) error {
		no, err := t.numbers.next(ctx, t.Tx)
		to[id] = no
		return err
	}
	// Those who come first have the lower numbers: lists go by them.
	for _, s := range c.Subscribers {
		if !t.fresh[s.ID] || t.people[s.ID] != 0 {
			continue
		}
		if err := give(t.people, s.ID); err != nil {
			return err
		}
	}
	for _, s := range c.Inserted {
		if err := give(t.people, s.ID); err != nil {
			return err
		}
	}
	for i := range c.Episodes {
		if err := give(t.episodes, c.Episodes[i].ID); err != nil {
			return err
		}
	}
	return nil
}

// refs gives the numbers of what conversions name.
func (t *ingestTx) refs() conversionRefs {
	of := func(in map[string]int64) func(id string) int64 { return func(id string) int64 { return in[id] } }
	return conversionRefs{
		projectNo: of(t.projects), personNo: of(t.people), clickNo: of(t.clicks), episodeNo: of(t.episodes),
	}
}

func (t *ingestTx) personRow(s *domain.Subscriber) personRow {
	return personRowOf(s, t.people[s.ID], t.projects[s.ProjectID], t.episodes[s.EpisodeID])
}

// savePeople queues the people; missing tells after the flush how many of the
// new ones another batch made first.
func (t *ingestTx) savePeople(c *usecase.IngestChanges) (missing *int) {
	var inserted, made, changed []personRow
	for _, s := range c.Inserted {
		inserted = append(inserted, t.personRow(s))
	}
	for _, s := range lastOf(c.Subscribers, func(s *domain.Subscriber) string { return s.ID }) {
		if t.fresh[s.ID] {
			made = append(made, t.personRow(s))
		} else {
			changed = append(changed, t.personRow(s))
		}
	}
	t.noteWords(made)
	t.noteWords(changed)
	left := len(made)
	insertAnonymous.Queue(t.Tx, inserted, nil)
	insertPeople.Queue(t.Tx, sortedPeople(made), func(r bulk.Scanner) error {
		left--
		var no int64
		return r.Scan(&no)
	})
	updatePeople.Queue(t.Tx, changed, nil)
	return &left
}

// sortedPeople sorts people as all batches do, so that two that make the same
// people wait for each other in one order.
func sortedPeople(rows []personRow) []personRow {
	slices.SortFunc(rows, func(a, b personRow) int {
		return cmp.Or(cmp.Compare(a.ProjectNo, b.ProjectNo), cmp.Compare(a.UserID, b.UserID),
			cmp.Compare(a.Messenger, b.Messenger))
	})
	return rows
}

// errMetAnother is a transaction that made the same person, or the same address,
// as another one; it is repeated, and then finds them.
var errMetAnother = errors.New("another transaction made the same at the same time")

func (t *ingestTx) saveEpisodes(c *usecase.IngestChanges) {
	var inserted []episodeRow
	var updated []episodeUpdateRow
	for i := range c.Episodes {
		e := &c.Episodes[i]
		at := stamp(e.OpenedAt)
		inserted = append(inserted, episodeRow{
			No: t.episodes[e.ID], ProjectNo: t.projects[e.ProjectID], LinkNo: t.links[e.Touch.LinkID],
			PersonNo: t.people[e.SubscriberID], ClickNo: t.clicks[e.Touch.ClickID],
			Place: e.Place, OpenedAt: at,
			ClosedAt: stampOf(e.ClosedAt),
			ID:       keyOf(e.ID), Touch: touchText(e.Touch, at),
		})
	}
	for _, u := range c.Updates {
		row := episodeUpdateRow{
			No: t.episodes[u.ID], OpenedAt: stamp(u.OpenedAt), ClosedAt: stamp(u.ClosedAt), HasTouch: u.Touch != nil,
		}
		if u.Touch != nil {
			row.LinkNo, row.ClickNo, row.Touch = t.links[u.Touch.LinkID], t.clicks[u.Touch.ClickID],
				touchText(*u.Touch, stamp{})
		}
		updated = append(updated, row)
	}
	insertEpisodes.Queue(t.Tx, inserted, nil)
	updateEpisodes.Queue(t.Tx, updated, nil)
}

func (t *ingestTx) saveClaims(c *usecase.IngestChanges) {
	former := map[string]int64{}
	for _, m := range c.Merges {
		former[m.To] = t.people[m.From]
	}
	var rows []clickClaimRow
	for _, claim := range lastOf(c.Claims, func(c usecase.Claim) string { return c.ClickID }) {
		rows = append(rows, clickClaimRow{
			t.clicks[claim.ClickID], t.people[claim.SubscriberID], claim.Guess, stamp(claim.At),
			former[claim.SubscriberID],
		})
	}
	claimClicks.Queue(t.Tx, rows, nil)
}

// saveEvents queues the events and what those get who read the batch.
func (t *ingestTx) saveEvents(ctx context.Context, c *usecase.IngestChanges) error {
	if len(c.Events)+len(t.reworded) == 0 {
		return nil
	}
	rows := make([]eventRow, len(c.Events))
	for i := range c.Events {
		e := &c.Events[i]
		rows[i] = eventRowOf(e, stamp(c.Now), t.projects[e.ProjectID], t.people[e.SubscriberID],
			t.episodes[e.EpisodeID])
	}
	insertEvents.Queue(t.Tx, rows, nil)
	return t.saveBatch(ctx, c)
}

func (t *ingestTx) saveKeys(c *usecase.IngestChanges) {
	var rows []keyUseRow
	for k, use := range c.SenderKeys {
		rows = append(rows, keyUseRow{t.projects[k.ProjectID], k.Messenger, k.Key, keyOf(use.EventID),
			stamp(use.At), k.Same})
	}
	slices.SortFunc(rows, func(a, b keyUseRow) int {
		return cmp.Or(cmp.Compare(a.ProjectNo, b.ProjectNo), cmp.Compare(a.Messenger, b.Messenger),
			cmp.Compare(a.Key, b.Key))
	})
	keepKeys.Queue(t.Tx, rows, nil)
}

func (t *ingestTx) saveWaiting(c *usecase.IngestChanges) {
	var waiting []waitingRow
	var joined []noRow
	for _, w := range c.Waiting {
		waiting = append(waiting, waitingRow{
			EventID: keyOf(w.EventID), ProjectNo: t.projects[w.ProjectID], PersonNo: t.people[w.SubscriberID],
			Target: w.Target,
			Amount: w.Amount, RawAmount: w.RawAmount, Currency: w.Currency, OccurredAt: stamp(w.OccurredAt),
			Until: stamp(w.Until), NamedOnly: w.NamedOnly,
		})
	}
	for _, id := range c.Joined {
		joined = append(joined, noRow{t.people[id]})
	}
	insertWaiting.Queue(t.Tx, waiting, nil)
	deleteWaiting.Queue(t.Tx, joined, nil)
}

func (t *ingestTx) saveCounters(c *usecase.IngestChanges) {
	var answers []answerRow
	var free []requestKeyRow
	for _, a := range c.Answers {
		answers = append(answers, answerRow{
			t.projects[a.ProjectID], a.Method, a.Key, a.BodyHash[:], a.Answer, stamp(a.CreatedAt),
		})
	}
	for _, k := range c.FreeKeys {
		free = append(free, requestKeyRow{t.projects[k.ProjectID], k.Method, k.Key})
	}
	updateAnswers.Queue(t.Tx, answers, nil)
	freeKeys.Queue(t.Tx, free, nil)
	updateCounters.Queue(t.Tx, t.refused(c), nil)
}

// refused gives the counters of projects of which Admit counted more than was
// taken in the end.
func (t *ingestTx) refused(c *usecase.IngestChanges) []counterRow {
	after := map[string]*domain.Counters{}
	for _, n := range c.Counters {
		after[n.ProjectID] = n
	}
	var out []counterRow
	for id, was := range t.taken {
		final := was.before
		if n := after[id]; n != nil {
			final = *n
		}
		if final.Second != was.before.Second+was.by.Requests || final.Day != was.before.Day+was.by.Signals {
			out = append(out, counterRow{
				t.projects[id], stamp(final.SecondAt), stamp(final.HourAt), stamp(final.DayAt), final.Second,
				final.Hour, final.Day,
			})
		}
	}
	slices.SortFunc(out, func(a, b counterRow) int { return cmp.Compare(a.ProjectNo, b.ProjectNo) })
	return out
}

// lastOf keeps the last of those that have the same key, where the first
// stood.
func lastOf[T any, K comparable](items []T, key func(T) K) []T {
	at := map[K]int{}
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
