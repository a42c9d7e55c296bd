package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func insertErasure(ctx context.Context, tx bun.Tx, e usecase.Erasure, now time.Time) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO erasures (subscriber_id, project_id, user_id, person_hash, erased_at) VALUES (?, ?, ?, ?, ?)",
		e.SubscriberID, e.ProjectID, e.UserID, e.PersonHash, stamp(now))
	return err
}

// Erasures implements usecase.Eraser.
func (s *Store) Erasures(ctx context.Context, personHash string, limit int) ([]usecase.Erasure, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT r.subscriber_id, r.project_id, r.user_id, r.person_hash FROM erasures r
		WHERE ? = '' OR r.person_hash = ? ORDER BY r.erased_at, r.subscriber_id LIMIT ?`, personHash, personHash, limit)
	if err != nil {
		return nil, mapError("read erasures under way", err)
	}
	var out []usecase.Erasure
	err = each(rows, func(r scanner) error {
		var e usecase.Erasure
		err := r.Scan(&e.SubscriberID, &e.ProjectID, &e.UserID, &e.PersonHash)
		out = append(out, e)
		return err
	})
	return out, mapError("read erasures under way", err)
}

// ErasedEvents implements usecase.Eraser.
func (s *Store) ErasedEvents(ctx context.Context, e usecase.Erasure) (ids []string, since time.Time, err error) {
	rows, err := s.write.QueryContext(ctx, "SELECT e.id, e.recorded_at FROM events e WHERE e.project_id = ? AND e.subscriber_id = ?", e.ProjectID, e.SubscriberID)
	if err != nil {
		return nil, since, mapError("read the events of who was erased", err)
	}
	err = each(rows, func(r scanner) error {
		var id string
		var at time.Time
		err := r.Scan(&id, into{&at})
		ids = append(ids, id)
		if since.IsZero() || at.Before(since) {
			since = at
		}
		return err
	})
	return ids, since, mapError("read the events of who was erased", err)
}

// EndErasure implements usecase.Eraser.
func (s *Store) EndErasure(ctx context.Context, e usecase.Erasure) error {
	_, err := s.change(ctx, "end an erasure", "DELETE FROM erasures WHERE subscriber_id = ?", e.SubscriberID)
	return err
}

// LeftBefore implements usecase.Eraser.
func (s *Store) LeftBefore(ctx context.Context, projectID string, before time.Time, limit int) ([]domain.SubscriberKey, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT s.project_id, s.messenger, s.user_id FROM subscribers s
		JOIN projects p ON p.id = s.project_id
		WHERE s.subscribed = FALSE AND s.stopped_at < ? AND s.user_id <> 0 AND (p.id = ? OR ? = '' AND p.keep_people = 0)
		ORDER BY s.stopped_at LIMIT ?`, stamp(before), projectID, projectID, limit)
	if err != nil {
		return nil, mapError("look for people who left", err)
	}
	var out []domain.SubscriberKey
	err = each(rows, func(r scanner) error {
		var k domain.SubscriberKey
		err := r.Scan(&k.ProjectID, &k.Messenger, &k.UserID)
		out = append(out, k)
		return err
	})
	return out, mapError("look for people who left", err)
}

// KeepingPeople implements usecase.Eraser.
func (s *Store) KeepingPeople(ctx context.Context) (map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT p.id, p.keep_people FROM projects p WHERE p.keep_people > 0 AND p.deleted_at IS NULL")
	if err != nil {
		return nil, mapError("look for how long people are kept", err)
	}
	out := map[string]int{}
	err = each(rows, func(r scanner) error {
		var id string
		var days int
		err := r.Scan(&id, &days)
		out[id] = days
		return err
	})
	return out, mapError("look for how long people are kept", err)
}
