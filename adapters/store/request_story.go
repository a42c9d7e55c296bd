package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.StoryStore = (*Store)(nil)

// EventsByID implements usecase.StoryStore.
func (s *Store) EventsByID(ctx context.Context, projectID string, ids []string) ([]usecase.StoryEvent, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	projectNo, err := s.projectNo(ctx, projectID)
	if err != nil {
		return nil, mapError("read events", err)
	}
	var rows []eventOfPerson
	err = eventsOfPeople(s.read.NewSelect().Model(&rows)).Where("v.id IN (?)", bun.List(keysOf(ids))).
		Where("v.project_no = ?", projectNo).OrderExpr("v.id").Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, mapError("read events", err)
	}
	var people []personRow
	nos := convert(rows, func(r eventOfPerson) int64 { return r.PersonNo })
	err = s.read.NewSelect().Model(&people).Where("p.no IN (?)", bun.List(nos)).Where("p.user_id <> 0").Scan(ctx)
	if err != nil {
		return nil, mapError("read subscribers", err)
	}
	named := map[int64]*domain.Subscriber{}
	for i := range people {
		named[people[i].No] = people[i].subscriber(projectID)
	}
	return convert(rows, func(r eventOfPerson) usecase.StoryEvent {
		return usecase.StoryEvent{Event: r.event(projectID), Subscriber: named[r.PersonNo]}
	}), nil
}

// newestEvents is how many events NewestStart looks at.
const newestEvents = 1000

// NewestStart implements usecase.ConnectionStore.
func (s *Store) NewestStart(ctx context.Context, projectID string) (domain.Event, error) {
	const doing = "look for the newest start"
	no, err := s.projectNo(ctx, projectID)
	if err != nil {
		return domain.Event{}, mapError(doing, err)
	}
	newest := s.read.NewSelect().TableExpr("events").ColumnExpr("*").Where("project_no = ?", no).
		OrderExpr("occurred_at DESC").Limit(newestEvents)
	var row eventRow
	err = s.read.NewSelect().Model(&row).ModelTableExpr("(?) AS v", newest).
		Where("v.type IN (?)", bun.List([]domain.EventType{domain.BotStarted, domain.MemberJoined})).
		Where("v.change NOT IN (?)", bun.List(domain.ChangesElsewhere())).
		OrderExpr("v.occurred_at DESC, v.id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return domain.Event{}, mapError(doing, err)
	}
	return row.event(projectID, "", ""), nil
}
