package faults_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// ownServer is a PostgreSQL that this test alone may break.
func ownServer(t *testing.T, o pgtmp.Options) *pgtmp.Server {
	t.Helper()
	s, err := pgtmp.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestPostgresStopped: the server crashes and comes back, twice.
func TestPostgresStopped(t *testing.T) {
	t.Parallel()
	pg := ownServer(t, pgtmp.Options{})
	w := newWorld(t, options{database: pg.URL})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	for range 2 {
		l.goesOn(500 * time.Millisecond)
		if err := pg.Halt(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.refuses(answerWithin)
		goOn(3 * time.Second)
		if a := w.s.Call("GET", "/readyz", ""); a.Code != 503 {
			t.Errorf("ready without a database: %d %s", a.Code, a.Body)
		}
		if err := pg.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.recovers()
	}
	l.goesOn(500 * time.Millisecond)
	stop()
	l.judge()
}

// TestPostgresOutOfConnections: others took all connections, and ours were
// cut.
func TestPostgresOutOfConnections(t *testing.T) {
	t.Parallel()
	pg := ownServer(t, pgtmp.Options{MaxConnections: 24})
	w := newWorld(t, options{database: pg.URL})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	l.goesOn(500 * time.Millisecond)
	release := takeConnections(t, w, pg.URL)
	l.refuses(answerWithin)
	goOn(2 * time.Second)
	release()
	l.recovers()
	stop()
	l.judge()
}

// takeConnections takes what is free, cuts off the service, and takes what it
// had, until nothing is left for it.
func takeConnections(t *testing.T, w *world, address string) (release func()) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var taken []*sql.Conn
	round := func() (left int, err error) {
		for {
			c, err := db.Conn(t.Context())
			if err != nil {
				break
			}
			taken = append(taken, c)
		}
		err = taken[0].QueryRowContext(t.Context(),
			"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tgtrack'").
			Scan(&left)
		return left, err
	}
	// A connection that ends or begins is not in the list, but is taken or will
	// be: the list must be empty for some looks, with a pause before each.
	empty := 0
	e2e.Eventually(t, 20*time.Second, func() error {
		for range 50 { // without a pause: the service wants them back
			left, err := round()
			if err != nil {
				return err
			}
			if left > 0 {
				empty = 0
				continue
			}
			if empty++; empty == 5 {
				return nil
			}
			break
		}
		return errStill
	})
	return func() {
		for _, c := range taken {
			_ = c.Close()
		}
		_ = db.Close()
	}
}

const errStill = stillConnected("the service is still connected")

type stillConnected string

func (e stillConnected) Error() string { return string(e) }

// TestPostgresSlow: first each answer of the server takes its time, then none
// comes at all.
func TestPostgresSlow(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	r := newRelay(t, address)
	w := newWorld(t, options{database: address, seenAs: r.address(address)})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	r.slow(30 * time.Millisecond)
	l.goesOn(2 * time.Second)
	r.slow(0)
	l.goesOn(500 * time.Millisecond)
	r.hold()
	l.refuses(answerWithin + time.Second)
	goOn(5 * time.Second)
	r.release()
	l.recovers()
	stop()
	l.judge()
}

// TestPostgresLocked: somebody holds a lock on a table, as a migration by
// hand would.
func TestPostgresLocked(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	w := newWorld(t, options{database: address})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	l.goesOn(500 * time.Millisecond)
	tx, err := w.reader.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec("LOCK TABLE events"); err != nil {
		t.Fatal(err)
	}
	l.refuses(answerWithin + time.Second)
	goOn(4 * time.Second)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	l.recovers()
	stop()
	l.judge()
}
