package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// place is an empty database for one run, and a folder.
type place struct {
	dir string
	url string // of PostgreSQL; SQLite in dir without it

	admin, name string // of the PostgreSQL server, and of the database in it
}

// place makes one for a run.
func (b *benchmark) place(ctx context.Context, db string) (*place, error) {
	dir, err := os.MkdirTemp(b.dir, "run-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	p := &place{dir: dir}
	if db != database.Postgres {
		return p, nil
	}
	b.places++
	p.admin, p.name = b.postgres.URL, fmt.Sprintf("run%d", b.places)
	u, err := url.Parse(p.admin)
	if err != nil {
		return nil, errors.New("the address of the PostgreSQL server can not be read")
	}
	u.Path = "/" + p.name
	p.url = u.String()
	// What the run before has left to write is none of this one's work.
	return p, tell(ctx, p.admin, `CREATE DATABASE `+p.name, `CHECKPOINT`)
}

// settings of the PostgreSQL server: no checkpoint falls into a run, which
// would have every page written whole once more.
var settings = []string{
	`ALTER SYSTEM SET max_wal_size = '16GB'`, `ALTER SYSTEM SET checkpoint_timeout = '1d'`, `SELECT pg_reload_conf()`,
}

// settleDown lets PostgreSQL do what it does by itself, some time after a
// database was filled.
func (p *place) settleDown(ctx context.Context) error {
	if p.url == "" {
		return nil
	}
	return tell(ctx, p.url, `VACUUM ANALYZE`, `CHECKPOINT`)
}

// checkpoint leaves nothing to write from before.
func (p *place) checkpoint(ctx context.Context) error {
	if p.url == "" {
		return nil
	}
	return tell(ctx, p.url, `CHECKPOINT`)
}

// log is how far PostgreSQL has written its log, in bytes, and the checkpoint
// that it would begin with after a crash.
func (p *place) log(ctx context.Context) (at float64, checkpoint string, err error) {
	conn, err := pgx.Connect(ctx, p.url)
	if err != nil {
		return 0, "", fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(ctx)
	const now = `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8, checkpoint_lsn::text
		FROM pg_control_checkpoint()`
	if err := conn.QueryRow(ctx, now).Scan(&at, &checkpoint); err != nil {
		return 0, "", fmt.Errorf("ask how much was written: %w", err)
	}
	return at, checkpoint, nil
}

// remove deletes everything.
func (p *place) remove() error {
	err := os.RemoveAll(p.dir)
	if p.name != "" {
		err = errors.Join(err, tell(context.Background(), p.admin, `DROP DATABASE `+p.name+` WITH (FORCE)`))
	}
	return err
}

func tell(ctx context.Context, address string, statements ...string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer conn.Close(ctx)
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// events is how many there are in the database.
func (p *place) events(ctx context.Context) (n int, err error) {
	db, err := database.Open(ctx, database.Options{URL: p.url, Dir: p.dir, MaxConns: 2})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Read.DB.QueryRowContext(ctx, `SELECT count(*) FROM events`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the events: %w", err)
	}
	return n, nil
}
