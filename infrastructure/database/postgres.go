package database

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// MinPostgres is the oldest major version of PostgreSQL that is accepted.
const MinPostgres = 14

// ErrTooOld is returned for a PostgreSQL server older than MinPostgres.
var ErrTooOld = errors.New("PostgreSQL server is too old")

// connectTimeout is for one host.
const connectTimeout = 4 * time.Second

func openPostgres(ctx context.Context, o Options) (_ *DB, err error) {
	cfg, err := postgresConfig(o.URL)
	if err != nil {
		return nil, err
	}
	anyHost := takesAny(o.URL)
	if !anyHost && cfg.ValidateConnect == nil {
		cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	s := newSockets(cfg.ConnectTimeout)
	cfg.DialFunc = s.connect
	dropsSpent(cfg)
	w := newWatch(cfg, anyHost, s, newClock(o.HostClock), o.Logger)
	if err := w.first(ctx); err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	if err := acceptVersion(w.version); err != nil {
		w.leave()
		return nil, err
	}
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(prepare), stdlib.OptionBeforeConnect(w.preferred))
	db.SetMaxOpenConns(o.MaxConns)
	db.SetMaxIdleConns(o.MaxConns)
	// Idle connections go after a while, so that a server behind a changed
	// address (failover) is found again without a restart.
	db.SetConnMaxIdleTime(5 * time.Minute)
	w.start()
	b := bun.NewDB(db, pgdialect.New())
	return &DB{Write: b, Read: b, Dialect: Postgres, watch: w}, nil
}

// takesAny tells whether the address says that a server will do that takes no
// writes.
func takesAny(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Query().Has("target_session_attrs") &&
		!slices.Contains([]string{"read-write", "primary"}, u.Query().Get("target_session_attrs"))
}

// spent are errors that a connection gives again and again, while another is
// well: https://www.postgresql.org/docs/current/errcodes-appendix.html
func spent(code string) bool {
	switch code {
	case "25006", // the server takes no writes any more
		"0A000", // a statement was prepared before its table changed
		"26000", // a statement is not prepared here, behind a pooler
		"42P05": // or is prepared already by another
		return true
	}
	return false
}

// dropsSpent closes connections that are of no use any more.
func dropsSpent(cfg *pgx.ConnConfig) {
	goesOn := cfg.OnPgError
	cfg.OnPgError = func(c *pgconn.PgConn, err *pgconn.PgError) bool {
		return goesOn(c, err) && !spent(err.Code)
	}
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
	if cfg.ConnectTimeout <= 0 || !u.Query().Has("connect_timeout") {
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

// idleWithin is how long a transaction may do nothing before the server ends
// it: a process that was stopped or whose host lost its power holds locks, and
// the server would keep them for hours. Ours wait for a stream at most.
const idleWithin = 20 * time.Second

// prepare makes a new connection fit for use. A session of the server that a
// pooler lends to others, too, is left as it is.
func prepare(ctx context.Context, c *pgx.Conn) error {
	timesInUTC(c)
	_, err := c.Exec(ctx, fmt.Sprintf(
		"SELECT set_config('idle_in_transaction_session_timeout', '%d', false) WHERE pg_backend_pid() = %d AND "+
			"current_setting('idle_in_transaction_session_timeout') = '0'",
		idleWithin.Milliseconds(), c.PgConn().PID()), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return fmt.Errorf("prepare a connection to PostgreSQL: %w", err)
	}
	return nil
}

// timesInUTC makes timestamps come back in UTC, whatever zone the process is in.
func timesInUTC(c *pgx.Conn) {
	c.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
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
