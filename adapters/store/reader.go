package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// personOf reads a person who can be named, with what a lock asks for.
func (s *Store) personOf(
	ctx context.Context, db bun.IDB, k domain.SubscriberKey, lock string,
) (r personRow, err error) {
	projectNo, err := s.projectNo(ctx, k.ProjectID)
	if err != nil {
		return r, err
	}
	q := db.NewSelect().Model(&r).Where("p.project_no = ?", projectNo).Where("p.messenger = ?", k.Messenger).
		Where("p.user_id = ?", k.UserID).Where("p.user_id <> 0")
	if lock != "" && !s.sqlite {
		q = q.For(lock)
	}
	return r, q.Scan(ctx)
}

// Subscriber implements usecase.Reader.
func (s *Store) Subscriber(ctx context.Context, k domain.SubscriberKey) (domain.Subscriber, error) {
	r, err := s.personOf(ctx, s.read, k, "")
	if err != nil {
		return domain.Subscriber{}, mapError("read a subscriber", err)
	}
	return *r.subscriber(k.ProjectID), nil
}

// SubscribersByKey gives those of the people of one project of whom anything is
// known.
func (s *Store) SubscribersByKey(ctx context.Context, ks []domain.SubscriberKey) ([]domain.Subscriber, error) {
	if len(ks) == 0 {
		return nil, nil
	}
	projectID, ids := ks[0].ProjectID, map[string][]int64{}
	for _, k := range ks {
		ids[k.Messenger] = append(ids[k.Messenger], k.UserID)
	}
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return nil, mapError("read subscribers", err)
	}
	var out []domain.Subscriber
	for messenger, of := range ids {
		var rows []personRow
		err := s.read.NewSelect().Model(&rows).Where("p.project_no = ?", no).Where("p.messenger = ?", messenger).
			Where("p.user_id IN (?)", bun.List(of)).Where("p.user_id <> 0").Scan(ctx)
		if err != nil {
			return nil, mapError("read subscribers", err)
		}
		for i := range rows {
			out = append(out, *rows[i].subscriber(projectID))
		}
	}
	return out, nil
}

// Dossier implements usecase.Reader. Everything comes newest first.
func (s *Store) Dossier(ctx context.Context, k domain.SubscriberKey) (usecase.SubscriberRecord, error) {
	person, err := s.personOf(ctx, s.read, k, "")
	if err != nil {
		return usecase.SubscriberRecord{}, mapError("read a subscriber", err)
	}
	out := usecase.SubscriberRecord{Subscriber: *person.subscriber(k.ProjectID)}
	if out.Episodes, err = s.episodesOf(ctx, &person, k.ProjectID); err != nil {
		return out, mapError("read episodes", err)
	}
	if out.Places, err = s.placesOf(ctx, &person); err != nil {
		return out, mapError("read other places", err)
	}
	var events []eventOfPerson
	err = eventsOfPeople(s.read.NewSelect().Model(&events)).Where("v.person_no = ?", person.No).
		OrderExpr("v.seq DESC, v.occurred_at DESC").Limit(usecase.RecordEvents).Scan(ctx)
	if err != nil {
		return out, mapError("read events", err)
	}
	for i := range events {
		out.Events = append(out.Events, events[i].event(k.ProjectID))
	}
	out.Clicks, err = s.clicksOf(ctx, &person, k.ProjectID)
	return out, mapError("read clicks", err)
}

func (s *Store) episodesOf(ctx context.Context, person *personRow, projectID string) ([]domain.Episode, error) {
	var rows []episodeRow
	err := s.read.NewSelect().Model(&rows).Where("e.person_no = ?", person.No).
		OrderExpr("e.opened_at DESC, e.no DESC").
		Limit(usecase.RecordEpisodes).Scan(ctx)
	return convert(rows, func(r episodeRow) domain.Episode { return r.episode(projectID, person.ID.text()) }), err
}

// placesOf reads the other places of a person; the one that their subscription
// tells of was kept there if it was another for a while.
func (s *Store) placesOf(ctx context.Context, person *personRow) ([]domain.Membership, error) {
	var rows []membershipRow
	err := s.read.NewSelect().Model(&rows).Where("m.person_no = ?", person.No).Where("m.place <> ?", person.Place).
		OrderExpr("m.place").Limit(usecase.RecordPlaces).Scan(ctx)
	return convert(rows, membershipRow.membership), err
}

func (s *Store) clicksOf(ctx context.Context, person *personRow, projectID string) ([]domain.Click, error) {
	var rows []clickRow
	err := s.read.NewSelect().Model(&rows).Where("c.claimed_by = ?", person.No).OrderExpr("c.at DESC, c.no DESC").
		Limit(usecase.RecordClicks).Scan(ctx)
	if err != nil {
		return nil, err
	}
	links, err := s.linkIDs(ctx, convert(rows, func(r clickRow) int64 { return r.LinkNo }))
	return convert(rows, func(r clickRow) domain.Click { return r.click(projectID, links[r.LinkNo]) }), err
}

// eventOfPerson is an event with what names its person and episode, which is
// empty where they are gone.
type eventOfPerson struct {
	eventRow  `bun:",extend"`
	PersonID  key    `bun:"person_id,scanonly"`
	Messenger string `bun:"messenger,scanonly"`
	OpenedID  key    `bun:"opened_id,scanonly"` // of the episode
}

// eventsOfPeople completes a query of events by that.
func eventsOfPeople(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("?TableColumns").
		ColumnExpr("h.id AS person_id, coalesce(h.messenger, '') AS messenger, e.id AS opened_id").
		Join("LEFT JOIN people AS h ON h.no = v.person_no").Join("LEFT JOIN episodes AS e ON e.no = v.episode_no")
}

func (r *eventOfPerson) event(projectID string) domain.Event {
	e := r.eventRow.event(projectID, r.PersonID.text(), r.OpenedID.text())
	e.Messenger = r.Messenger
	return e
}
