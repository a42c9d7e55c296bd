package store

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// personRow is a subscriber. Every event of theirs reads and writes it whole.
type personRow struct {
	bun.BaseModel `bun:"table:people,alias:p"`
	No            int64                 `bun:"no,pk"`
	ProjectNo     int64                 `bun:"project_no"`
	WaitingGoals  int                   `bun:"waiting_goals"`
	UserID        int64                 `bun:"user_id"`
	Place         domain.Place          `bun:"place"` // whose subscription it tells of
	EpisodeNo     int64                 `bun:"episode_no"`
	Seq           int64                 `bun:"seq"`
	FirstSeen     stamp                 `bun:"first_seen"`
	EpisodeAt     stamp                 `bun:"episode_at"`
	StoppedAt     stamp                 `bun:"stopped_at"`
	FirstJoin     stamp                 `bun:"first_join"`
	LastStart     stamp                 `bun:"last_start"`
	Subscribed    bool                  `bun:"subscribed"`
	IsPremium     *bool                 `bun:"is_premium"`
	Test          bool                  `bun:"test"` // of a test space
	Messenger     string                `bun:"messenger"`
	ID            key                   `bun:"id"`
	EpisodeID     key                   `bun:"episode_id"`
	Username      string                `bun:"username"`
	FirstName     string                `bun:"first_name"`
	LastName      string                `bun:"last_name"`
	Language      string                `bun:"language"`
	State         jsonText[personState] `bun:"state"`
}

// personState is the rest of what decides about a person's next event, in few
// letters: it is written with each.
type personState struct {
	Source     string     `json:"s,omitempty"` // of the first attributed start
	UTM        domain.UTM `json:"u,omitzero"`
	Attributed bool       `json:"a,omitempty"`
	Touches    []touchRow `json:"t,omitempty"`
	Joined     bool       `json:"j,omitempty"`
	LastMove   int64      `json:"m,omitempty"` // where it is none of the columns' times; in microseconds
	// Of the first attributed start, where its touch is no longer kept.
	LinkID   string     `json:"l,omitempty"`
	ClickUTM domain.UTM `json:"o,omitzero"`
}

// lastMove is left out where a column has it.
func lastMove(s *domain.Subscriber) int64 {
	for _, t := range []time.Time{s.EpisodeAt, s.StoppedAt, s.LastStart} {
		if !s.LastMove.After(t) {
			return 0
		}
	}
	return s.LastMove.UnixMicro()
}

func personRowOf(s *domain.Subscriber, no, projectNo, episodeNo int64) personRow {
	return personRow{
		No: no, ProjectNo: projectNo, WaitingGoals: s.WaitingGoals, UserID: s.UserID, Place: s.Place,
		EpisodeNo: episodeNo, Seq: s.Seq,
		FirstSeen: stamp(s.FirstSeen), EpisodeAt: stamp(s.EpisodeAt), StoppedAt: stamp(s.StoppedAt),
		FirstJoin: stamp(s.FirstJoin), LastStart: stamp(s.LastStart), Subscribed: s.Subscribed,
		IsPremium: s.Person.IsPremium, Test: inTestSpace(projectNo),
		Messenger: s.Messenger, ID: keyOf(s.ID), EpisodeID: keyOf(s.EpisodeID), Username: s.Person.Username,
		FirstName: s.Person.FirstName, LastName: s.Person.LastName, Language: s.Person.Language,
		State: jsonOf(stateOf(s)),
	}
}

func stateOf(s *domain.Subscriber) personState {
	state := personState{
		Source: s.FirstSource, UTM: s.FirstUTM, Attributed: s.FirstAttributed,
		Touches: touchRows(s.Touches), Joined: s.Joined, LastMove: lastMove(s),
	}
	if !s.FirstTold() {
		state.LinkID, state.ClickUTM = s.FirstLinkID, s.FirstClickUTM
	}
	return state
}

func (r *personRow) subscriber(projectID string) *domain.Subscriber {
	s := &domain.Subscriber{
		SubscriberKey: domain.SubscriberKey{ProjectID: projectID, Messenger: r.Messenger, UserID: r.UserID},
		ID:            r.ID.text(),
		Person: domain.Person{
			ID: r.UserID, Username: r.Username, FirstName: r.FirstName, LastName: r.LastName,
			Language: r.Language, IsPremium: r.IsPremium,
		},
		FirstSeen: r.FirstSeen.time(), Seq: r.Seq, Place: r.Place, Subscribed: r.Subscribed, EpisodeID: r.EpisodeID.text(),
		EpisodeAt: r.EpisodeAt.time(), StoppedAt: r.StoppedAt.time(), FirstJoin: r.FirstJoin.time(),
		LastStart: r.LastStart.time(), FirstSource: r.State.v.Source, FirstUTM: r.State.v.UTM,
		FirstAttributed: r.State.v.Attributed, Touches: touchesOf(r.State.v.Touches),
		Joined: r.State.v.Joined, WaitingGoals: r.WaitingGoals, LastMove: r.lastMove(),
		FirstLinkID: r.State.v.LinkID, FirstClickUTM: r.State.v.ClickUTM,
	}
	if s.FirstTold() {
		s.FirstLinkID, s.FirstClickUTM = s.Touches[0].LinkID, s.Touches[0].ClickUTM
	}
	return s
}

func (r *personRow) lastMove() time.Time {
	last := int64(0)
	for _, t := range []stamp{r.EpisodeAt, r.StoppedAt, r.LastStart} {
		if at := t.time(); !at.IsZero() {
			last = max(last, at.UnixMicro())
		}
	}
	if last = max(last, r.State.v.LastMove); last == 0 {
		return time.Time{}
	}
	return time.UnixMicro(last).UTC()
}

// episodeRow is a subscription. An empty touch is a start without a known
// source, at the episode's beginning.
type episodeRow struct {
	bun.BaseModel `bun:"table:episodes,alias:e"`
	No            int64              `bun:"no,pk"`
	ProjectNo     int64              `bun:"project_no"`
	LinkNo        int64              `bun:"link_no"`
	PersonNo      int64              `bun:"person_no"`
	ClickNo       int64              `bun:"click_no"`
	Place         domain.Place       `bun:"place"`
	OpenedAt      stamp              `bun:"opened_at"`
	ClosedAt      stamp              `bun:"closed_at"`
	ID            key                `bun:"id"`
	Touch         jsonText[touchRow] `bun:"touch"`
}

func (r *episodeRow) episode(projectID, subscriberID string) domain.Episode {
	return domain.Episode{
		ID: r.ID.text(), ProjectID: projectID, SubscriberID: subscriberID, Place: r.Place,
		OpenedAt: r.OpenedAt.time(),
		ClosedAt: r.ClosedAt.pointer(), Touch: touchOf(r.Touch, r.OpenedAt),
	}
}
