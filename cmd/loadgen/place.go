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

// place is an empty database for one server, and a folder.
type place struct {
	dir string
	url string // of PostgreSQL; SQLite in dir without it

	admin, name string // of the PostgreSQL server, and of the database in it
}

func (b *benchmark) place(ctx context.Context, server, db string) (*place, error) {
	dir, err := os.MkdirTemp(b.dir, server+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for %s: %w", server, err)
	}
	p := &place{dir: dir}
	if db != database.Postgres {
		return p, nil
	}
	p.admin, p.name = b.postgres.URL, server
	u, err := url.Parse(p.admin)
	if err != nil {
		return nil, errors.New("the address of the PostgreSQL server can not be read")
	}
	u.Path = "/" + p.name
	p.url = u.String()
	// What the server before has left to write is none of this one's work.
	return p, tell(ctx, p.admin, `CREATE DATABASE `+p.name, `CHECKPOINT`)
}

// settleDown lets PostgreSQL do what it does by itself, some time after a
// database was filled.
func (p *place) settleDown(ctx context.Context) error {
	if p.url == "" {
		return nil
	}
	return tell(ctx, p.url, `VACUUM ANALYZE`, `CHECKPOINT`)
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

func (p *place) options() database.Options {
	return database.Options{URL: p.url, Dir: p.dir, MaxConns: poolSize}
}

// count gives the number of events, and of those the relay has still to hand
// on.
func (p *place) count(ctx context.Context) (events, unsent int, err error) {
	db, err := database.Open(ctx, p.options())
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	row := db.Read.DB.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM outbox)`)
	if err := row.Scan(&events, &unsent); err != nil {
		return 0, 0, fmt.Errorf("count the events: %w", err)
	}
	return events, unsent, nil
}
