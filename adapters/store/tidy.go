package store

import (
	"context"
	"time"
)

const (
	// A body's key counts for seconds; the others count as long as the
	// events they belong to are kept.
	shortKeysKept = time.Hour
	answersKept   = 48 * time.Hour
)

// Tidy is to be called every day or so: it makes the partitions of the months
// to come, forgets keys that nobody asks for any more and finishes deleting
// projects.
func (s *Store) Tidy(ctx context.Context, now time.Time) error {
	if err := s.EnsurePartitions(ctx, now); err != nil {
		return err
	}
	_, err := s.change(ctx, "forget old keys", "DELETE FROM event_keys WHERE substr(key, 1, 5) = 'same:' AND at < ?", stamp(now.Add(-shortKeysKept)))
	if err != nil {
		return err
	}
	if _, err := s.change(ctx, "forget old answers", "DELETE FROM idempotency_keys WHERE created_at < ?", stamp(now.Add(-answersKept))); err != nil {
		return err
	}
	rows, err := s.read.QueryContext(ctx, "SELECT id FROM projects WHERE deleted_at IS NOT NULL")
	if err != nil {
		return mapError("look for deleted projects", err)
	}
	var ids []string
	err = each(rows, func(r scanner) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return mapError("look for deleted projects", err)
	}
	for _, id := range ids {
		if err := s.purge(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
