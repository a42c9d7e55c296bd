// Package database opens the relational database: a SQLite file or a
// PostgreSQL server, both behind bun. It knows connections, pools and the
// settings that make an answered write durable. It is not the store: tables,
// migrations and queries live elsewhere.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
)

// The values of DB.Dialect.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
)

// Options say which database to open.
type Options struct {
	// URL is a postgres:// address; empty means SQLite in Dir.
	URL string
	// Dir is the folder of the SQLite file; it is made when missing. Unused
	// with PostgreSQL.
	Dir string
	// MaxConns bounds the pool of PostgreSQL and the readers of SQLite.
	// Defaults to 16.
	MaxConns int
	// Logger hears of a database that goes away and comes back. Defaults to none.
	Logger *slog.Logger
	// HostClock stands in for this host's clock. Defaults to it.
	HostClock func() time.Time
	// MaxBytes bounds the SQLite file. A file that is larger already does not
	// grow. Defaults to 0: no bound.
	MaxBytes int64
}

// DB is an open database.
type DB struct {
	// Write takes everything that changes rows. On SQLite it has exactly one
	// connection, and its transactions take the write lock when they begin.
	Write *bun.DB
	// Read takes queries. On PostgreSQL it is Write; on SQLite it is a pool
	// that cannot write and never waits for the writer.
	Read *bun.DB
	// Dialect is Postgres or SQLite.
	Dialect string

	checkpoints *checkpointer // of SQLite
	watch       *watch        // of PostgreSQL
	host        func() time.Time
}

// Open opens the database and makes sure that it answers and is one we can
// work with.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.MaxConns <= 0 {
		o.MaxConns = 16
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.URL != "" {
		return openPostgres(ctx, o)
	}
	return openSQLite(ctx, o)
}

// Now is the time in UTC by the database's clock: PostgreSQL's own, which is
// the same for all processes, and this host's with SQLite.
func (d *DB) Now() time.Time {
	if d.watch != nil {
		return d.watch.clock.Now()
	}
	return d.host().UTC().Truncate(time.Microsecond)
}

// Pooled tells whether a connection pooler stands before PostgreSQL.
func (d *DB) Pooled() bool { return d.watch != nil && d.watch.pooled.Load() }

// Ping asks the database for a sign of life.
func (d *DB) Ping(ctx context.Context) error {
	if d.watch != nil {
		if err := d.watch.trouble.Load(); err != nil {
			return fmt.Errorf("%s does not answer: %w", d.Dialect, *err)
		}
	}
	if err := d.Read.PingContext(ctx); err != nil {
		return fmt.Errorf("ping %s: %w", d.Dialect, err)
	}
	return nil
}

// Close closes all connections. A SQLite file is folded back into one file.
func (d *DB) Close() error {
	if d.watch != nil {
		d.watch.close()
		return d.Write.Close()
	}
	// The readers go first: the last connection to close checkpoints the
	// write-ahead log and removes it, which a read-only one cannot.
	return errors.Join(d.checkpoints.close(), d.Read.Close(), d.Write.Close())
}

func closeOnError(db *sql.DB, err *error) {
	if *err != nil {
		*err = errors.Join(*err, db.Close())
	}
}
