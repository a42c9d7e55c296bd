// Package bulk runs statements of many rows below bun and database/sql: on
// PostgreSQL as pipelines with one array for each column, on SQLite as
// prepared statements that live as long as the connection. It knows no table
// and decides nothing. Only what `make bench` measures goes through it: ingest
// and clicks, what readers of batches write of them, and lease, begin and
// settle of deliveries. Everything else is bun's.
package bulk

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// Scanner is a row of either driver.
type Scanner interface{ Scan(dest ...any) error }

// DB runs transactions. It is safe for concurrent use.
type DB struct {
	pool *sql.DB
	// unprepared sends statements whole each time, for a pooler that can not
	// keep prepared ones. It is set once a statement shows that there is one.
	unprepared atomic.Bool
	pooler     func() // is told so
	sqlite     bool
	conn       *liteConn // of SQLite; used by whoever has the one connection
}

// NewPostgres makes a DB over a pool of pgx' standard library driver.
// Statements are sent whole each time where the pool is unprepared; pooler, if
// it is not nil, is called when it shows that they have to be.
func NewPostgres(pool *sql.DB, unprepared bool, pooler func()) *DB {
	d := &DB{pool: pool, pooler: pooler}
	d.unprepared.Store(unprepared)
	return d
}

// NewSQLite makes a DB over a pool of modernc.org/sqlite with one connection.
func NewSQLite(pool *sql.DB) *DB { return &DB{pool: pool, sqlite: true} }

// Tx is a transaction. What is queued runs in order at the next Flush; on
// PostgreSQL that is one round trip.
type Tx struct {
	queued []query
	flush  func(ctx context.Context, qs []query) error
}

// query is a statement with its rows.
type query struct {
	text *text
	rows rows
	scan func(Scanner) error // nil where it answers none
}

// Flush runs what was queued.
func (t *Tx) Flush(ctx context.Context) error {
	if len(t.queued) == 0 {
		return nil
	}
	qs := t.queued
	t.queued = nil
	return t.flush(ctx, qs)
}

// Run runs f in a transaction, which is rolled back when f fails or panics:
// writers run beside the requests they write for, where nobody else would catch
// it.
func (d *DB) Run(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	safe := func(ctx context.Context, tx *Tx) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return f(ctx, tx)
	}
	if d.sqlite {
		return d.runSQLite(ctx, safe)
	}
	return d.runPostgres(ctx, safe)
}
