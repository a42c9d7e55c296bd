package database_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// noticed is how soon a server that is gone is noticed, and how soon all is
// well when it is back.
const noticed = 10 * time.Second

// log is what was logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), words)
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// own starts a server that the test may harm.
func own(t *testing.T, o pgtmp.Options) *pgtmp.Server {
	t.Helper()
	s, err := pgtmp.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	return s
}

func open(t *testing.T, o database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// within waits for something to hold.
func within(t *testing.T, d time.Duration, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(d); !holds(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s: not within %s", what, d)
		}
	}
}

// ask asks as requests do, which have little time.
func ask(t *testing.T, db *database.DB) bool {
	ctx, cancel := context.WithTimeout(t.Context(), 1800*time.Millisecond)
	defer cancel()
	_, err := db.Write.ExecContext(ctx, "SELECT 1")
	return err == nil
}

// hang gives the outcomes of statements of loops that forgot a deadline: in a
// transaction, and on a connection that is free.
func hang(t *testing.T, db *database.DB, freeze func()) (inside, free <-chan error) {
	t.Helper()
	tx, err := db.Write.BeginTx(context.WithoutCancel(t.Context()), &sql.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	freeze()
	a, b := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := tx.ExecContext(context.WithoutCancel(t.Context()), "SELECT 1")
		_ = tx.Rollback()
		a <- err
	}()
	go func() {
		_, err := db.Write.ExecContext(context.WithoutCancel(t.Context()), "SELECT 1")
		b <- err
	}()
	return a, b
}

// outcome waits for the end of a statement.
func outcome(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(noticed):
		t.Fatal("a statement waits still")
		return nil
	}
}

// TestAFrozenServer: nobody waits for a server that hangs, and all is well when
// it goes on.
func TestAFrozenServer(t *testing.T) {
	t.Parallel()
	server, said := own(t, pgtmp.Options{}), &log{}
	db := open(t, database.Options{URL: server.URL, MaxConns: 4, Logger: said.logger()})
	inside, free := hang(t, db, func() {
		if err := server.Freeze(); err != nil {
			t.Fatal(err)
		}
	})
	if outcome(t, inside) == nil || outcome(t, free) == nil {
		t.Error("a statement went well on a server that hangs")
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Error("it is said to be well")
	}
	if err := server.Thaw(); err != nil {
		t.Fatal(err)
	}
	within(t, noticed, "answer after it went on", func() bool { return ask(t, db) && db.Ping(t.Context()) == nil })
	if n, m := said.count("does not answer"), said.count("the database answers"); n != 1 || m != 1 {
		t.Errorf("said %d times that it is gone, %d times that it is back", n, m)
	}
}

// TestAnotherHost: the other host of the address takes over from one that
// lost its power, and nobody goes on to talk to that when it is back.
func TestAnotherHost(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	first, second := databasetest.NewProxy(t, address), databasetest.NewProxy(t, address)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = first.Addr + "," + second.Addr
	db := open(t, database.Options{URL: u.String(), MaxConns: 4})
	if !ask(t, db) || second.Open() != 0 {
		t.Fatal("the first host was not used")
	}
	inside, free := hang(t, db, func() { first.Freeze(true) })
	if outcome(t, inside) == nil {
		t.Error("a transaction went on at another host")
	}
	_ = outcome(t, free) // which may have been made at the other host
	within(t, noticed, "answer of the other host", func() bool { return ask(t, db) })
	first.Freeze(false)
	within(t, noticed, "leave the first host", func() bool { return ask(t, db) && first.Open() == 0 })
	second.Freeze(true)
	within(t, 2*noticed, "answer of the first host", func() bool { return ask(t, db) && db.Ping(t.Context()) == nil })
}

// TestAPromotedStandby: the standby is used once it is promoted, and the former
// primary, which hangs meanwhile, no more.
func TestAPromotedStandby(t *testing.T) {
	t.Parallel()
	primary := own(t, pgtmp.Options{})
	standby, err := primary.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = standby.Stop() })
	u, err := url.Parse(primary.URL)
	if err != nil {
		t.Fatal(err)
	}
	other, err := url.Parse(standby.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = other.Host + "," + u.Host // the one that takes no writes is first
	db := open(t, database.Options{URL: u.String(), MaxConns: 4})
	port := func() (n string) {
		ctx, cancel := context.WithTimeout(t.Context(), 1800*time.Millisecond)
		defer cancel()
		_ = db.Write.QueryRowContext(ctx, "SELECT current_setting('port')").Scan(&n)
		return n
	}
	_, atPrimary, _ := net.SplitHostPort(strings.Split(u.Host, ",")[1])
	if got := port(); got != atPrimary {
		t.Fatalf("at port %q, not at the primary's %s", got, atPrimary)
	}
	inside, _ := hang(t, db, func() {
		if err := primary.Freeze(); err != nil {
			t.Fatal(err)
		}
	})
	if outcome(t, inside) == nil {
		t.Error("a transaction went well on a server that hangs")
	}
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, noticed, "answer of the standby", func() bool { return port() == other.Port() })
	if err := primary.Thaw(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if got := port(); got != other.Port() {
			t.Fatalf("at port %q again", got)
		}
	}
}

// TestAServerThatTakesNoWrites is one that was made a standby, or read-only.
func TestAServerThatTakesNoWrites(t *testing.T) {
	t.Parallel()
	server := own(t, pgtmp.Options{})
	db := open(t, database.Options{URL: server.URL, MaxConns: 4})
	admin, err := pgx.Connect(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	set := func(value string) {
		for _, text := range []string{
			"ALTER SYSTEM SET default_transaction_read_only = " + value, "SELECT pg_reload_conf()",
		} {
			if _, err := admin.Exec(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
	}
	make := func(name string) error {
		_, err := db.Write.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS "+name+" (x INTEGER)")
		return err
	}
	if err := make("a"); err != nil {
		t.Fatal(err)
	}
	set("on")
	within(t, noticed, "nobody is connected to it", func() bool {
		var n int
		err := admin.QueryRow(t.Context(),
			"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tgtrack' AND state = 'idle'").Scan(&n)
		return err == nil && n == 0 && db.Ping(t.Context()) != nil
	})
	if make("b") == nil {
		t.Error("it was written to a server that takes no writes")
	}
	set("off")
	within(t, noticed, "write again", func() bool { return make("b") == nil })
}

// TestTransactionsOfDeadProcesses: the server ends them. What a pooler lends is
// left as it is.
func TestTransactionsOfDeadProcesses(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	for at, want := range map[string]string{address: "20s", databasetest.Pooler(t, address): "0"} {
		db := open(t, database.Options{URL: at, MaxConns: 2})
		var got string
		err := db.Read.QueryRowContext(t.Context(), "SHOW idle_in_transaction_session_timeout").Scan(&got)
		if err != nil || got != want || db.Pooled() != (want == "0") {
			t.Errorf("%q, want %q; pooled: %t, %v", got, want, db.Pooled(), err)
		}
	}
}

// TestStatementsOfAChangedTable: an address may ask for statements to be kept.
// They are made anew after their table was changed.
func TestStatementsOfAChangedTable(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	db := open(t, database.Options{URL: address + "&default_query_exec_mode=cache_statement", MaxConns: 2})
	run := func(text string) error {
		_, err := db.Write.ExecContext(t.Context(), text)
		return err
	}
	if err := run("CREATE TABLE things (x TEXT)"); err != nil {
		t.Fatal(err)
	}
	read := func() error {
		var x []string
		return db.Read.NewSelect().Table("things").Column("*").Scan(t.Context(), &x)
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	if err := run(`ALTER TABLE things ALTER COLUMN x TYPE TEXT COLLATE "C"`); err != nil {
		t.Fatal(err)
	}
	_ = read() // may find the statement out of date
	if err := read(); err != nil {
		t.Errorf("the statement is never made anew: %v", err)
	}
}

// TestAFullServer: whoever starts waits for a connection to become free.
func TestAFullServer(t *testing.T) {
	t.Parallel()
	server, said := own(t, pgtmp.Options{MaxConnections: 6}), &log{}
	var taken []*pgx.Conn
	for {
		c, err := pgx.Connect(t.Context(), server.URL)
		if err != nil {
			break
		}
		taken = append(taken, c)
	}
	go func() {
		defer func() {
			for _, c := range taken[2:] {
				_ = c.Close(context.Background())
			}
		}()
		for said.count("takes no connection yet") == 0 && t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		for _, c := range taken[:2] {
			_ = c.Close(context.Background())
		}
	}()
	db := open(t, database.Options{URL: server.URL, MaxConns: 1, Logger: said.logger()})
	if !ask(t, db) {
		t.Error("it does not answer")
	}
}

// TestNowIsTheServers: whatever hosts say.
func TestNowIsTheServers(t *testing.T) {
	t.Parallel()
	address := databasetest.PostgresURL(t)
	for _, ahead := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
		db := open(t, database.Options{
			URL: address, MaxConns: 1, HostClock: func() time.Time { return time.Now().Add(ahead) },
		})
		var said time.Time
		if err := db.Read.QueryRowContext(t.Context(), "SELECT clock_timestamp()").Scan(&said); err != nil {
			t.Fatal(err)
		}
		if off := db.Now().Sub(said).Abs(); off > time.Second {
			t.Errorf("a host that is %s ahead is %s off", ahead, off)
		}
	}
	db := databasetest.SQLite(t)
	if d := time.Since(db.Now()); d < 0 || d > time.Second {
		t.Errorf("on SQLite it is %s late", d)
	}
}
