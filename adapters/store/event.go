package store

import (
	"strings"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// eventRow is an event. Its id is that of the request and the place in it.
type eventRow struct {
	bun.BaseModel `bun:"table:events,alias:v"`
	RecordedAt    stamp                 `bun:"recorded_at"`
	OccurredAt    stamp                 `bun:"occurred_at"`
	ReceivedAt    stamp                 `bun:"received_at"`
	PersonNo      int64                 `bun:"person_no"`
	EpisodeNo     int64                 `bun:"episode_no"`
	Seq           int64                 `bun:"seq"`
	Place         int64                 `bun:"place"`
	ProjectNo     int64                 `bun:"project_no"`
	ID            key                   `bun:"id"`
	Type          domain.EventType      `bun:"type"`
	Change        domain.Change         `bun:"change"`
	Detail        jsonText[eventDetail] `bun:"detail"`
}

// eventDetail is what few events have. The touch of a start without a known
// source is left out.
type eventDetail struct {
	Touch      *touchRow        `json:"touch,omitempty"`
	InviteLink string           `json:"invite_link,omitempty"`
	Name       string           `json:"name,omitempty"`
	Target     string           `json:"target,omitempty"`
	Result     domain.Result    `json:"result,omitempty"`
	Amount     *int64           `json:"amount,omitempty"` // of the units of domain.Amount
	RawAmount  *int64           `json:"raw_amount,omitempty"`
	Currency   string           `json:"currency,omitempty"`
	Labels     []domain.Label   `json:"labels,omitempty"`
	GoalState  domain.GoalState `json:"goal_state,omitempty"`
}

func eventRowOf(e *domain.Event, recorded stamp, projectNo, personNo, episodeNo int64) eventRow {
	r := eventRow{
		RecordedAt: recorded, OccurredAt: stamp(e.OccurredAt), ReceivedAt: stamp(e.ReceivedAt),
		PersonNo: personNo, EpisodeNo: episodeNo, Seq: e.Seq, Place: e.ChatID, ProjectNo: projectNo, ID: keyOf(e.ID),
		Type: e.Type, Change: e.Change,
		Detail: jsonOf(eventDetail{
			InviteLink: e.InviteLink, Name: e.Name, Target: e.Target, Result: e.Result,
			Amount: (*int64)(e.Amount), RawAmount: (*int64)(e.RawAmount), Currency: e.Currency,
			Labels: e.Labels, GoalState: e.GoalState,
		}),
	}
	if e.Touch != nil {
		if t := touchRowOf(*e.Touch, r.OccurredAt); t != (touchRow{}) {
			r.Detail.v.Touch = &t
		}
	}
	return r
}

// touch of an event; nil where it is none that opens.
func (d *eventDetail) touch(t domain.EventType, occurred stamp) *domain.Touch {
	if d.Touch == nil && !t.Opens() {
		return nil
	}
	var row touchRow
	if d.Touch != nil {
		row = *d.Touch
	}
	touch := row.touch(occurred)
	return &touch
}

// event gives the event with the ids of what its row names by numbers.
func (r *eventRow) event(projectID, subscriberID, episodeID string) domain.Event {
	d := &r.Detail.v
	e := domain.Event{
		ID: r.ID.text(), ProjectID: projectID, SubscriberID: subscriberID, EpisodeID: episodeID, Type: r.Type,
		OccurredAt: r.OccurredAt.time(), ReceivedAt: r.ReceivedAt.time(), Seq: r.Seq, Change: r.Change,
		Touch: d.touch(r.Type, r.OccurredAt), ChatID: r.Place, InviteLink: d.InviteLink, Name: d.Name,
		Target: d.Target, Result: d.Result, Amount: (*domain.Amount)(d.Amount),
		RawAmount: (*domain.Amount)(d.RawAmount),
		Currency:  d.Currency, Labels: d.Labels, GoalState: d.GoalState,
	}
	if i := strings.LastIndexByte(e.ID, '-'); i >= 0 {
		e.RequestID = e.ID[:i]
	}
	return e
}
