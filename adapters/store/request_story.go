package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.StoryStore = (*Store)(nil)

// EventsByID implements usecase.StoryStore.
func (s *Store) EventsByID(ctx context.Context, projectID string, ids []string) ([]domain.Event, error) {
	var out []domain.Event
	err := s.byIDs(ctx, "read events", "SELECT "+eventColumns+" FROM events e WHERE e.project_id = ? AND e.id IN (?) ORDER BY e.id", projectID, ids, func(r scanner) error {
		e, err := scanEvent(r)
		out = append(out, e)
		return err
	})
	return out, err
}

// EventConversions implements usecase.StoryStore.
func (s *Store) EventConversions(ctx context.Context, projectID string, eventIDs []string) ([]domain.Conversion, error) {
	var out []domain.Conversion
	err := s.byIDs(ctx, "read conversions", "SELECT "+conversionColumns+" FROM conversions v WHERE v.project_id = ? AND v.event_id IN (?) ORDER BY v.id", projectID, eventIDs, func(r scanner) error {
		var c domain.Conversion
		err := r.Scan(conversionDest(&c)...)
		out = append(out, c)
		return err
	})
	return out, err
}

// SubscribersByID implements usecase.StoryStore.
func (s *Store) SubscribersByID(ctx context.Context, projectID string, ids []string) (map[string]domain.Subscriber, error) {
	out := map[string]domain.Subscriber{}
	err := s.byIDs(ctx, "read subscribers", "SELECT "+subscriberColumns+" FROM subscribers s WHERE s.project_id = ? AND s.id IN (?) AND s.user_id <> 0", projectID, ids, func(r scanner) error {
		sub, err := scanSubscriber(r)
		if err == nil {
			out[sub.ID] = *sub
		}
		return err
	})
	return out, err
}

// byIDs reads rows of a project that a list of ids names.
func (s *Store) byIDs(ctx context.Context, doing, query, projectID string, ids []string, read func(scanner) error) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := s.read.QueryContext(ctx, query, projectID, bun.List(ids))
	if err != nil {
		return mapError(doing, err)
	}
	return mapError(doing, each(rows, read))
}
