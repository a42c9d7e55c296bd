package store

import (
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// eventColumns in the order of scanEvent, of a table named e.
const eventColumns = `e.id, e.project_id, e.request_id, e.subscriber_id, e.episode_id, e.type, e.occurred_at, e.received_at, e.seq, e.change,
	e.touch, e.chat_id, e.invite_link, e.name, e.target, e.result, e.amount, e.raw_amount, e.currency, e.labels, e.goal_state`

func scanEvent(r scanner) (domain.Event, error) {
	var e domain.Event
	err := r.Scan(&e.ID, &e.ProjectID, &e.RequestID, &e.SubscriberID, &e.EpisodeID, &e.Type, into{&e.OccurredAt}, into{&e.ReceivedAt}, &e.Seq,
		&e.Change, jsonInto{&e.Touch}, &e.ChatID, &e.InviteLink, &e.Name, &e.Target, &e.Result, amountInto{&e.Amount}, amountInto{&e.RawAmount},
		&e.Currency, jsonInto{&e.Labels}, &e.GoalState)
	return e, err
}

var (
	insertEvents = define(`id text, project_id text, recorded_at time, request_id text, subscriber_id text, episode_id text, type text,
		occurred_at time, received_at time, seq int, change text, link_id text, click_id text, touch text, chat_id int, invite_link text,
		name text, target text, result text, amount int, raw_amount int, currency text, labels text, goal_state text`,
		`INSERT INTO events ({columns}) {values}`)
	insertOutbox = define(`event_id text, project_id text, type text, payload bytes`, `INSERT INTO outbox ({columns}) {values}`)
)

// saveEvents queues the events and what the stream gets of them.
func (t *ingestTx) saveEvents(c *usecase.IngestChanges) error {
	events, outbox := make([][]any, len(c.Events)), make([][]any, len(c.Events))
	for i := range c.Events {
		e := &c.Events[i]
		var touch domain.Touch
		if e.Touch != nil {
			touch = *e.Touch
		}
		events[i] = row(e.ID, e.ProjectID, c.Now, e.RequestID, e.SubscriberID, e.EpisodeID, string(e.Type), e.OccurredAt, e.ReceivedAt, e.Seq,
			string(e.Change), touch.LinkID, touch.ClickID, asJSON(e.Touch, e.Touch == nil), e.ChatID, e.InviteLink, e.Name, e.Target,
			string(e.Result), e.Amount, e.RawAmount, e.Currency, asJSON(e.Labels, len(e.Labels) == 0), string(e.GoalState))
		payload, err := usecase.EventDocument(e)
		if err != nil {
			return err
		}
		outbox[i] = row(e.ID, e.ProjectID, string(e.Type), payload)
	}
	t.queue(insertEvents, events, nil)
	t.queue(insertOutbox, outbox, nil)
	return nil
}
