package store

import (
	"context"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// What an anonymous subscriber has goes to the person it turned out to be.
var (
	mergeEpisodes = define(mergeFields, `UPDATE episodes SET subscriber_id = {to_id} {from} WHERE episodes.subscriber_id = {from_id}`)
	mergeEvents   = define(mergeFields,
		`UPDATE events SET subscriber_id = {to_id} {from} WHERE events.subscriber_id = {from_id}
		AND events.project_id = (SELECT s.project_id FROM subscribers s WHERE s.id = {to_id})`)
	mergeConversions = define(mergeFields,
		`UPDATE conversions SET subscriber_id = {to_id}, messenger = (SELECT s.messenger FROM subscribers s WHERE s.id = {to_id}),
		user_id = (SELECT s.user_id FROM subscribers s WHERE s.id = {to_id}) {from} WHERE conversions.subscriber_id = {from_id}`)
	mergeClicks  = define(mergeFields, `UPDATE clicks SET claimed_by = {to_id} {from} WHERE clicks.claimed_by = {from_id}`)
	mergeWaiting = define(mergeFields, `UPDATE waiting_goals SET subscriber_id = {to_id} {from} WHERE waiting_goals.subscriber_id = {from_id}`)
	mergePeople  = define(mergeFields, `DELETE FROM subscribers {using} WHERE subscribers.id = {from_id} AND subscribers.user_id = 0`)
)

const mergeFields = "from_id text, to_id text"

func (t *ingestTx) merge(ms []usecase.Merge) {
	var rows [][]any
	for _, m := range ms {
		rows = append(rows, row(m.From, m.To))
	}
	for _, st := range []*statement{mergeEpisodes, mergeEvents, mergeConversions, mergeClicks, mergeWaiting, mergePeople} {
		t.queue(st, rows, nil)
	}
}

const withdrawn = "guess withdrawn: another person started with this click"

var (
	episodesOfClick = define("click_id text, subscriber_id text",
		`SELECT e.id, e.touch FROM {rows} episodes e WHERE e.subscriber_id = {subscriber_id} AND e.click_id = {click_id}`)
	// An attempt under way may have reached the network already.
	withdrawConversions = define("click_id text, subscriber_id text, reason text",
		`UPDATE conversions SET status = 'unattributed', status_reason = {reason}, click_id = '', source = '', next_attempt_at = NULL,
		scheduled_at = NULL {from}
		WHERE conversions.subscriber_id = {subscriber_id} AND conversions.click_id = {click_id}
		AND conversions.status IN ('pending', 'retrying', 'parked') AND conversions.attempt_open = FALSE`)
)

// withdraw makes organic what a guess had attributed.
func (t *ingestTx) withdraw(ctx context.Context, ws []usecase.Withdrawal) error {
	if len(ws) == 0 {
		return nil
	}
	var find, conversions, episodes [][]any
	for _, w := range ws {
		find = append(find, row(w.ClickID, w.SubscriberID))
		conversions = append(conversions, row(w.ClickID, w.SubscriberID, withdrawn))
	}
	t.queue(withdrawConversions, conversions, nil)
	t.queue(episodesOfClick, find, func(r scanner) error {
		var id string
		var was domain.Touch
		err := r.Scan(&id, jsonInto{&was})
		// The click's start value went with the click.
		organic := domain.OrganicTouch(was.At, "")
		episodes = append(episodes, row(id, nil, nil, true, "", "", asJSON(organic, false)))
		return err
	})
	if err := t.flush(ctx); err != nil {
		return err
	}
	t.queue(updateEpisodes, episodes, nil)
	return t.flush(ctx)
}
