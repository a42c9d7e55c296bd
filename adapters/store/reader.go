package store

import (
	"context"
	"slices"

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
	sub := r.subscriber(k.ProjectID)
	links, err := s.todaysLinks(ctx, sub.FirstLinkID)
	todaysSource(sub, links)
	return *sub, mapError("read a subscriber", err)
}

// todaysLinks reads links by their ids: what names a source shows the name and
// UTM that its link has by now.
func (s *Store) todaysLinks(ctx context.Context, ids ...string) (map[string]domain.Link, error) {
	ids = slices.DeleteFunc(unique(ids), func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []linkRow
	err := s.read.NewSelect().Model(&rows).Where("l.id IN (?)", bun.List(ids)).Scan(ctx)
	out := make(map[string]domain.Link, len(rows))
	for i := range rows {
		out[rows[i].ID] = rows[i].link()
	}
	return out, err
}

func todaysSource(sub *domain.Subscriber, links map[string]domain.Link) {
	if l, ok := links[sub.FirstLinkID]; ok {
		sub.Today(&l)
	}
}

// todaysSources gives people's sources the names that their links have by now.
func (s *Store) todaysSources(ctx context.Context, subs []domain.Subscriber) error {
	ids := make([]string, len(subs))
	for i := range subs {
		ids[i] = subs[i].FirstLinkID
	}
	links, err := s.todaysLinks(ctx, ids...)
	for i := range subs {
		todaysSource(&subs[i], links)
	}
	return err
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
	return out, mapError("read subscribers", s.todaysSources(ctx, out))
}

// Dossier implements usecase.Reader. Everything comes newest first.
func (s *Store) Dossier(ctx context.Context, k domain.SubscriberKey) (usecase.SubscriberRecord, error) {
	return s.record(ctx, k, func(q *bun.SelectQuery, most int64) *bun.SelectQuery { return q.Limit(most) })
}

// WholeDossier implements usecase.Reader.
func (s *Store) WholeDossier(ctx context.Context, k domain.SubscriberKey) (usecase.SubscriberRecord, error) {
	return s.record(ctx, k, func(q *bun.SelectQuery, _ int64) *bun.SelectQuery { return q })
}

// bounding leaves of a list so much as a record has.
type bounding func(q *bun.SelectQuery, most int64) *bun.SelectQuery

func (s *Store) record(
	ctx context.Context, k domain.SubscriberKey, bounded bounding,
) (usecase.SubscriberRecord, error) {
	person, err := s.personOf(ctx, s.read, k, "")
	if err != nil {
		return usecase.SubscriberRecord{}, mapError("read a subscriber", err)
	}
	out := usecase.SubscriberRecord{Subscriber: *person.subscriber(k.ProjectID)}
	if out.Episodes, err = s.episodesOf(ctx, &person, k.ProjectID, bounded); err != nil {
		return out, mapError("read episodes", err)
	}
	if out.Places, err = s.placesOf(ctx, &person, bounded); err != nil {
		return out, mapError("read other places", err)
	}
	var events []eventOfPerson
	theirs := eventsOfPeople(s.read.NewSelect().Model(&events)).Where("v.person_no = ?", person.No).
		OrderExpr("v.seq DESC, v.occurred_at DESC")
	err = bounded(theirs, usecase.RecordEvents).Scan(ctx)
	if err != nil {
		return out, mapError("read events", err)
	}
	for i := range events {
		out.Events = append(out.Events, events[i].event(k.ProjectID))
	}
	if out.Clicks, err = s.clicksOf(ctx, &person, k.ProjectID, bounded); err != nil {
		return out, mapError("read clicks", err)
	}
	return out, mapError("read links", s.todaysRecord(ctx, &out))
}

// todaysRecord gives all sources of a dossier the names and UTM that their links
// have by now.
func (s *Store) todaysRecord(ctx context.Context, r *usecase.SubscriberRecord) error {
	touches := []*domain.Touch{}
	for i := range r.Episodes {
		touches = append(touches, &r.Episodes[i].Touch)
	}
	for i := range r.Events {
		if t := r.Events[i].Touch; t != nil {
			touches = append(touches, t)
		}
	}
	for i := range r.Touches {
		touches = append(touches, &r.Touches[i])
	}
	ids := []string{r.FirstLinkID}
	for _, t := range touches {
		ids = append(ids, t.LinkID)
	}
	links, err := s.todaysLinks(ctx, ids...)
	todaysSource(&r.Subscriber, links)
	for _, t := range touches {
		if l, ok := links[t.LinkID]; ok {
			t.Today(&l)
		}
	}
	return err
}

func (s *Store) episodesOf(
	ctx context.Context, person *personRow, projectID string, bounded bounding,
) ([]domain.Episode, error) {
	var rows []episodeRow
	q := s.read.NewSelect().Model(&rows).Where("e.person_no = ?", person.No).
		OrderExpr("e.opened_at DESC, e.no DESC")
	err := bounded(q, usecase.RecordEpisodes).Scan(ctx)
	return convert(rows, func(r episodeRow) domain.Episode { return r.episode(projectID, person.ID.text()) }), err
}

// placesOf reads the other places of a person; the one that their subscription
// tells of was kept there if it was another for a while.
func (s *Store) placesOf(ctx context.Context, person *personRow, bounded bounding) ([]domain.Membership, error) {
	var rows []membershipRow
	q := s.read.NewSelect().Model(&rows).Where("m.person_no = ?", person.No).Where("m.place <> ?", person.Place).
		OrderExpr("m.place")
	err := bounded(q, usecase.RecordPlaces).Scan(ctx)
	return convert(rows, membershipRow.membership), err
}

func (s *Store) clicksOf(
	ctx context.Context, person *personRow, projectID string, bounded bounding,
) ([]domain.Click, error) {
	var rows []clickRow
	q := s.read.NewSelect().Model(&rows).Where("c.claimed_by = ?", person.No).OrderExpr("c.at DESC, c.no DESC")
	err := bounded(q, usecase.RecordClicks).Scan(ctx)
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
