package store

import (
	"context"
	"time"
)

var beginAttempts = define("id text, owner text, now time",
	`UPDATE conversions SET attempt_open = TRUE {from} WHERE conversions.id = {id} AND conversions.lease_owner = {owner}
	AND conversions.lease_until > {now} AND conversions.status IN ('pending', 'retrying', 'parked') RETURNING conversions.id`)

// Begin implements usecase.DeliveryStore.
func (s *Store) Begin(ctx context.Context, ids []string, owner string, now time.Time) (held []string, err error) {
	var rows [][]any
	for _, id := range sortedIDs(ids) {
		rows = append(rows, row(id, owner, now))
	}
	err = s.bulk(ctx, "note where attempts begin", func(ctx context.Context, r runner) error {
		held = nil
		r.queue(beginAttempts, rows, func(r scanner) error {
			var id string
			err := r.Scan(&id)
			held = append(held, id)
			return err
		})
		return r.flush(ctx)
	})
	return held, err
}
