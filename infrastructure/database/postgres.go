package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// MinPostgres is the oldest major version of PostgreSQL that is accepted.
const MinPostgres = 14

// ErrTooOld is returned for a PostgreSQL server older than MinPostgres.
var ErrTooOld = errors.New("PostgreSQL server is too old")

const connectTimeout = 10 * time.Second

func openPostgres(ctx context.Context, o Options) (_ *DB, err error) {
	cfg, err := postgresConfig(o.URL)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(timesInUTC))
	defer closeOnError(db, &err)
	db.SetMaxOpenConns(o.MaxConns)
	db.SetMaxIdleConns(o.MaxConns)
	// Idle connections go after a while, so that a server behind a changed
	// address (failover) is found again without a restart.
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := checkVersion(ctx, db); err != nil {
		return nil, err
	}
	b := bun.NewDB(db, pgdialect.New())
	return &DB{Write: b, Read: b, Dialect: Postgres}, nil
}

func postgresConfig(address string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The reason would quote the address, password and all.
		return nil, errors.New("database.url is not a postgres:// address")
	}
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("database.url: %w", err)
	}
	if !u.Query().Has("connect_timeout") {
		cfg.ConnectTimeout = connectTimeout
	}
	if !u.Query().Has("default_query_exec_mode") {
		// bun writes values into the statement, so that hardly any text comes
		// twice: preparing would cost a round trip each and help nobody.
		cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	// What bun quotes is safe only with this, which a server may have off.
	cfg.RuntimeParams["standard_conforming_strings"] = "on"
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "tgtrack"
	}
	return cfg, nil
}

// timesInUTC makes timestamps come back in UTC, whatever zone the process is in.
func timesInUTC(_ context.Context, c *pgx.Conn) error {
	c.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

func checkVersion(ctx context.Context, db *sql.DB) error {
	var text string
	if err := db.QueryRowContext(ctx, "SHOW server_version_num").Scan(&text); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return acceptVersion(text)
}

// acceptVersion takes server_version_num, such as 150007 for version 15.7.
func acceptVersion(num string) error {
	n, err := strconv.Atoi(num)
	if err != nil {
		return fmt.Errorf("read the version of PostgreSQL: %w", err)
	}
	if major := n / 10000; major < MinPostgres {
		return fmt.Errorf("version %d, at least %d is needed: %w", major, MinPostgres, ErrTooOld)
	}
	return nil
}
