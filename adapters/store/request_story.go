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
