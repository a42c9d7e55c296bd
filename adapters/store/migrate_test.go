package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

func TestMigrationsHaveEqualNames(t *testing.T) {
	t.Parallel()
	names := func(dialect string) []string {
		files, err := fs.Glob(os.DirFS("migrations"), dialect+"/*")
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range files {
			files[i] = filepath.Base(f)
		}
		return files
	}
	if diff := cmp.Diff(names("postgres"), names("sqlite")); diff != "" {
		t.Errorf("migrations of postgres and sqlite:\n%s", diff)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newStore(t, db)
		if empty, err := s.Empty(t.Context()); err != nil || !empty {
			t.Errorf("a new database is empty: %v, %v", empty, err)
		}
		before, err := s.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range before {
			if !m.AppliedAt.IsZero() {
				t.Errorf("%d is applied before Migrate", m.Version)
			}
		}
		for range 2 {
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if empty, err := s.Empty(t.Context()); err != nil || empty {
			t.Errorf("a migrated database is empty: %v, %v", empty, err)
		}
		after, err := s.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range after {
			if !m.AppliedAt.Equal(noon) {
				t.Errorf("%d was applied at %v", m.Version, m.AppliedAt)
			}
		}
	})
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var wg sync.WaitGroup
		for range 4 {
			s := newStore(t, db)
			wg.Go(func() {
				if err := s.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

// A process that dies in the middle of a migration leaves nothing behind that
// the next one has to mend: its connection is gone, and with it the lock.
func TestMigrateAfterAKill(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, kill := context.WithCancel(t.Context())
		tx, err := db.Write.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if db.Dialect == database.Postgres {
			const lock = "SELECT pg_advisory_xact_lock(hashtext('tgtrack migrate ' || current_schema()))"
			if _, err := tx.ExecContext(ctx, lock); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tx.ExecContext(ctx, "CREATE TABLE projects (half INTEGER)"); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- newStore(t, db).Migrate(t.Context()) }()
		kill() // the transaction ends without anybody's help
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the second migration waits for the killed one")
		}
	})
}

func TestMigrateRefusesANewerDatabase(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.exec(`INSERT INTO schema_migrations (version, name, applied_at)
			SELECT 9000, 'of tomorrow', max(applied_at) FROM schema_migrations`)
		if err := f.Migrate(t.Context()); !errors.Is(err, store.ErrNewer) {
			t.Errorf("Migrate: %v, want ErrNewer", err)
		}
		if _, err := f.Status(t.Context()); !errors.Is(err, store.ErrNewer) {
			t.Errorf("Status: %v, want ErrNewer", err)
		}
	})
}

// Before the first release there were other migrations. A database of them is
// left as it is, whether it has as many as ours or more.
func TestMigrateRefusesADatabaseOfBefore(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		at := "TIMESTAMPTZ"
		if db.Dialect == database.SQLite {
			at = "INTEGER"
		}
		ctx, s := t.Context(), newStore(t, db)
		exec := func(query string) {
			t.Helper()
			if _, err := db.Write.ExecContext(ctx, query); err != nil {
				t.Fatal(err)
			}
		}
		exec("CREATE TABLE projects (id TEXT PRIMARY KEY)")
		exec("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT, applied_at " + at + ")")
		for i, name := range []string{
			"of before", "people", "events", "conversions", "rollups", "replays", "keeping", "users", "seen", "costs",
			"notify", "search", "step_people", "lists",
		} {
			exec(fmt.Sprintf("INSERT INTO schema_migrations (version, name) VALUES (%d, '%s')", i+1, name))
			if err := s.Migrate(ctx); !errors.Is(err, store.ErrUnreleased) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Migrate: %v, want ErrUnreleased in one line", err)
			}
			if _, err := s.Status(ctx); !errors.Is(err, store.ErrUnreleased) {
				t.Errorf("Status: %v, want ErrUnreleased", err)
			}
		}
		var n int
		err := db.Read.QueryRowContext(ctx, "SELECT count(*) FROM schema_migrations").Scan(&n)
		if err != nil || n != 14 {
			t.Errorf("%d migrations are left, want 14: %v", n, err)
		}
	})
}

func TestMeta(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		got, err := f.Meta(t.Context(), "fingerprint")
		f.ok(err)
		if got != "" {
			t.Errorf("an unset fact is %q", got)
		}
		f.ok(f.SetMeta(t.Context(), "fingerprint", "one"))
		f.ok(f.SetMeta(t.Context(), "fingerprint", "two ? $1 '"))
		got, err = f.Meta(t.Context(), "fingerprint")
		f.ok(err)
		if got != "two ? $1 '" {
			t.Errorf("the fact is %q", got)
		}
	})
}

func TestPartitions(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	f.ok(f.EnsurePartitions(t.Context(), noon))
	f.ok(f.EnsurePartitions(t.Context(), noon.AddDate(0, 1, 0)))
	var got string
	f.scan(&got, `SELECT string_agg(c.relname, ' ' ORDER BY c.relname)
		FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'events'::regclass`)
	want := "events_2031_02 events_2031_03 events_2031_04 events_2031_05 events_2031_06 events_2031_07"
	if got != want {
		t.Errorf("partitions: %s\nwant: %s", got, want)
	}
}
