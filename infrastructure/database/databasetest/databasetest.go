// Package databasetest gives tests real databases: a SQLite file in a
// temporary folder, or a schema of its own on a PostgreSQL server. It is for
// tests only and knows no tables.
//
// The server is the one of TGTEST_POSTGRES_URL, which cmd/pgtmp sets. Without
// it every test process starts a throw-away server for itself, which costs a
// few seconds. A test never skips: no PostgreSQL is a failure.
package databasetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// SQLite opens an empty SQLite database that goes with the test.
func SQLite(t testing.TB) *database.DB {
	t.Helper()
	return open(t, database.Options{Dir: t.TempDir(), MaxConns: 4})
}

// Postgres opens a PostgreSQL database whose only schema on the search path is
// new and empty, and goes with the test.
func Postgres(t testing.TB) *database.DB {
	t.Helper()
	return open(t, database.Options{URL: PostgresURL(t), MaxConns: 4})
}

// Each runs the test once on every database.
func Each(t *testing.T, f func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run(database.SQLite, func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run(database.Postgres, func(t *testing.T) {
		t.Parallel()
		f(t, Postgres(t))
	})
}

// PostgresURL makes a schema that is dropped after the test and returns the
// address that leads into it, for what opens its own connections.
func PostgresURL(t testing.TB) string {
	t.Helper()
	base, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL for tests (`make test` provides one): %v", err)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("TGTEST_POSTGRES_URL is not an address: %v", err)
	}
	schema := "t_" + strings.ToLower(rand.Text())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	exec(ctx, t, base, "CREATE SCHEMA "+schema)
	t.Cleanup(func() {
		// The test's context is over by now; the schema must go all the same.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		exec(ctx, t, base, "DROP SCHEMA "+schema+" CASCADE")
	})
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func exec(ctx context.Context, t testing.TB, address, statement string) {
	t.Helper()
	db, err := database.Open(ctx, database.Options{URL: address, MaxConns: 1})
	if err != nil {
		t.Fatalf("reach PostgreSQL: %v", err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	if _, err := db.Write.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func open(t testing.TB, o database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test database: %v", err)
		}
	})
	return db
}

// own starts a server once per process. It is never stopped explicitly: pgtmp
// ends it and removes its files when the process is gone, which is the only end
// a test binary has. The value is kept, since the collector would close its pipe.
var own = sync.OnceValues(func() (*pgtmp.Server, error) {
	return pgtmp.Start(context.Background(), pgtmp.Options{})
})

func server() (string, error) {
	if address := os.Getenv("TGTEST_POSTGRES_URL"); address != "" {
		return address, nil
	}
	s, err := own()
	if err != nil {
		return "", err
	}
	return s.URL, nil
}
