package store

import "context"

// scanner is a row of either driver.
type scanner interface{ Scan(dest ...any) error }

// runner executes statements of many rows in one transaction. What is queued
// runs in order at the next flush; on PostgreSQL that is one round trip.
type runner interface {
	// queue adds a statement; one without rows is left out. scan gets each
	// row that it answers; nil where it answers none.
	queue(st *statement, rows [][]any, scan func(scanner) error)
	flush(ctx context.Context) error
}

// bulk runs f in a transaction of the writing pool, again if need be.
func (s *Store) bulk(ctx context.Context, doing string, f func(ctx context.Context, r runner) error) error {
	run := s.pgBulk
	if s.lite {
		run = s.liteBulk
	}
	return s.again(ctx, doing, func() error { return run(ctx, f) })
}

// queued is a statement that waits for the flush.
type queued struct {
	st   *statement
	rows [][]any
	scan func(scanner) error
}
