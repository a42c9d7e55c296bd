package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// poolSize is how many connections the service has by default.
const poolSize = 16

// The tables of the server with a transaction per request, with what it needs
// and no more.
const plainTables = `
CREATE TABLE subscribers (project_id TEXT NOT NULL, user_id BIGINT NOT NULL, username TEXT NOT NULL, first_name TEXT NOT NULL,
	last_name TEXT NOT NULL, language TEXT NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, PRIMARY KEY (project_id, user_id));
CREATE TABLE events (id TEXT PRIMARY KEY, project_id TEXT NOT NULL, user_id BIGINT NOT NULL, type TEXT NOT NULL, occurred_at BIGINT NOT NULL,
	received_at BIGINT NOT NULL, start_value TEXT NOT NULL);
CREATE INDEX events_person ON events (project_id, user_id);
CREATE TABLE outbox (id {identity}, event_id TEXT NOT NULL, project_id TEXT NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL);`

const (
	upsertPlain = `INSERT INTO subscribers (project_id, user_id, username, first_name, last_name, language, first_seen, last_seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (project_id, user_id) DO UPDATE SET username = excluded.username,
		first_name = excluded.first_name, last_name = excluded.last_name, language = excluded.language, last_seen = excluded.last_seen`
	insertPlainEvent = `INSERT INTO events (id, project_id, user_id, type, occurred_at, received_at, start_value)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	insertPlainOutbox = `INSERT INTO outbox (event_id, project_id, type, payload) VALUES ($1, $2, $3, $4)`
)

// serveTransaction stores each request in a transaction of its own: three
// statements and a commit that waits for the disk. The statements are
// prepared and the tables narrow: it is to be a good service of its kind.
func serveTransaction(ctx context.Context, args []string, out, errOut io.Writer) (err error) {
	var o database.Options
	f := flag.NewFlagSet("loadgen serve-transaction", flag.ContinueOnError)
	f.SetOutput(errOut)
	f.StringVar(&o.URL, "database-url", "", "of PostgreSQL; SQLite in --dir without it")
	f.StringVar(&o.Dir, "dir", "", "folder of the SQLite file")
	if err := f.Parse(args); err != nil {
		return err
	}
	p, err := openPlain(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	app, err := comparison(p.write)
	if err != nil {
		return err
	}
	return serve(ctx, app, out)
}

// plain is the database of the server with a transaction per request.
type plain struct {
	db    *database.DB
	pool  *sql.DB
	texts [3]string
	// prepared is for SQLite alone: pgx prepares by itself what comes often.
	prepared [3]*sql.Stmt
}

func openPlain(ctx context.Context, o database.Options) (_ *plain, err error) {
	o.MaxConns = poolSize
	identity := "INTEGER PRIMARY KEY AUTOINCREMENT"
	if o.URL != "" {
		identity = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
		if o.URL, err = preparing(o.URL); err != nil {
			return nil, err
		}
	}
	db, err := database.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	p := &plain{db: db, pool: db.Write.DB, texts: [3]string{upsertPlain, insertPlainEvent, insertPlainOutbox}}
	for _, table := range strings.Split(strings.ReplaceAll(plainTables, "{identity}", identity), ";") {
		if strings.TrimSpace(table) == "" {
			continue
		}
		if _, err := p.pool.ExecContext(ctx, table); err != nil {
			return nil, errors.Join(fmt.Errorf("make the tables: %w", err), db.Close())
		}
	}
	if db.Dialect == database.SQLite {
		for i, text := range p.texts {
			if p.prepared[i], err = p.pool.PrepareContext(ctx, strings.ReplaceAll(text, "$", "?")); err != nil {
				return nil, errors.Join(fmt.Errorf("prepare: %w", err), db.Close())
			}
		}
	}
	return p, nil
}

// preparing makes pgx prepare statements, which the service, whose statements
// bun writes, does not.
func preparing(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("--database-url can not be read")
	}
	q := u.Query()
	q.Set("default_query_exec_mode", "cache_statement")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

func (p *plain) close() error {
	var errs []error
	for _, s := range p.prepared {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(append(errs, p.db.Close())...)
}

func (p *plain) write(ctx context.Context, project string, now time.Time, signals []domain.Signal) (err error) {
	tx, err := p.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	for i := range signals {
		if err := p.writeSignal(ctx, tx, project, now, &signals[i]); err != nil {
			return err
		}
	}
	if commit := tx.Commit(); commit != nil {
		return fmt.Errorf("commit: %w", commit)
	}
	return nil
}

func (p *plain) writeSignal(ctx context.Context, tx *sql.Tx, project string, now time.Time, s *domain.Signal) error {
	who := s.Person
	if who == nil {
		return errors.New("the start names nobody")
	}
	if err := p.exec(ctx, tx, 0, project, who.ID, who.Username, who.FirstName, who.LastName, who.Language, now.UnixMicro()); err != nil {
		return err
	}
	id := project + ":" + s.SenderKey
	if err := p.exec(ctx, tx, 1, id, project, who.ID, string(s.Type), s.At.UnixMicro(), now.UnixMicro(), s.StartValue); err != nil {
		return err
	}
	payload := fmt.Sprintf(`{"id":%q,"project_id":%q,"type":%q,"user_id":%d,"occurred_at":%q,"start_value":%q}`,
		id, project, s.Type, who.ID, s.At.Format(time.RFC3339), s.StartValue)
	return p.exec(ctx, tx, 2, id, project, string(s.Type), payload)
}

func (p *plain) exec(ctx context.Context, tx *sql.Tx, n int, args ...any) (err error) {
	if s := p.prepared[n]; s != nil {
		_, err = tx.StmtContext(ctx, s).ExecContext(ctx, args...)
	} else {
		_, err = tx.ExecContext(ctx, p.texts[n], args...)
	}
	return err
}
