package usecase

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// EventSchema names the document of an event in the stream. Fields may be
// added to it; none changes its meaning.
const EventSchema = "tgtrack.event.v1"

// EventPayload is an event as the stream has it (see docs/schemas). Nothing in it names a
// person: whoever needs that asks for the subscriber.
type EventPayload struct {
	Schema       string           `json:"schema"`
	ID           string           `json:"id"`
	ProjectID    string           `json:"project_id"`
	RequestID    string           `json:"request_id,omitempty"`
	SubscriberID string           `json:"subscriber_id,omitempty"`
	Messenger    string           `json:"messenger,omitempty"`
	EpisodeID    string           `json:"episode_id,omitempty"`
	Type         domain.EventType `json:"type"`
	OccurredAt   time.Time        `json:"occurred_at"`
	ReceivedAt   time.Time        `json:"received_at"`
	Seq          int64            `json:"seq"`
	Change       domain.Change    `json:"change,omitempty"`
	Source       string           `json:"source,omitempty"`
	LinkID       string           `json:"link_id,omitempty"`
	ClickID      string           `json:"click_id,omitempty"`
	UTM          domain.UTM       `json:"utm,omitzero"`
	Reason       domain.Reason    `json:"reason,omitempty"`
	Confidence   *float64         `json:"confidence,omitempty"`
	ChatID       int64            `json:"chat_id,omitempty"`
	Name         string           `json:"name,omitempty"`
	Target       string           `json:"target,omitempty"`
	Result       domain.Result    `json:"result,omitempty"`
	Amount       *domain.Amount   `json:"amount,omitempty"`
	RawAmount    *domain.Amount   `json:"raw_amount,omitempty"`
	Currency     string           `json:"currency,omitempty"`
	Labels       []domain.Label   `json:"labels,omitempty"`
	GoalState    domain.GoalState `json:"goal_state,omitempty"`
}

// EventDocument gives an event as the JSON document that goes to the stream.
func EventDocument(e *domain.Event) ([]byte, error) {
	d := EventPayload{
		Schema: EventSchema, ID: e.ID, ProjectID: e.ProjectID, RequestID: e.RequestID, SubscriberID: e.SubscriberID,
		Messenger: e.Messenger, EpisodeID: e.EpisodeID, Type: e.Type, OccurredAt: e.OccurredAt.UTC(),
		ReceivedAt: e.ReceivedAt.UTC(), Seq: e.Seq,
		Change: e.Change, ChatID: e.ChatID, Name: e.Name, Target: e.Target, Result: e.Result, Amount: e.Amount,
		RawAmount: e.RawAmount, Currency: e.Currency, Labels: e.Labels, GoalState: e.GoalState,
	}
	if t := e.Touch; t != nil {
		d.Source, d.LinkID, d.ClickID, d.UTM = t.Source, t.LinkID, t.ClickID, t.UTM
		d.Reason, d.Confidence = t.Reason, &t.Confidence
	}
	b, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write the document of event %s: %w", e.ID, err)
	}
	return b, nil
}
