package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		_, err := db.Write.ExecContext(ctx, "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, at TIMESTAMPTZ)")
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2031, 4, 5, 6, 7, 8, 123456000, time.UTC)
		name := `it's a "name" with \ and ?` + "\nЖ"
		if _, err := db.Write.ExecContext(ctx, "INSERT INTO things VALUES (?, ?, ?)", 7, name, at); err != nil {
			t.Fatal(err)
		}
		var got struct {
			ID   int64
			Name string
			At   time.Time
		}
		if err := db.Read.NewSelect().Table("things").Scan(ctx, &got); err != nil {
			t.Fatal(err)
		}
		if got.ID != 7 || got.Name != name || !got.At.Equal(at) {
			t.Errorf("read back %+v", got)
		}
		if _, offset := got.At.Zone(); offset != 0 {
			t.Errorf("the time came back as %v, want UTC", got.At)
		}
		if err := db.Ping(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	got := map[string]string{}
	for _, pragma := range []string{"journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete"} {
		var value string
		if err := db.Write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&value); err != nil {
			t.Fatal(err)
		}
		got[pragma] = value
	}
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000",
		"secure_delete": "1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pragmas (-want +got):\n%s", diff)
	}
	if _, err := db.Read.ExecContext(t.Context(), "CREATE TABLE t (x INTEGER)"); err == nil {
		t.Error("the reader pool wrote")
	}
}

// A reader must go on, transaction or not, while the writer holds its lock.
func TestSQLiteReadersDoNotWait(t *testing.T) {
	t.Parallel()
	db := databasetest.SQLite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := db.Write.ExecContext(ctx, "CREATE TABLE t (x INTEGER)"); err != nil {
		t.Fatal(err)
	}
	writing, err := db.Write.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writing.ExecContext(ctx, "INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	reading, err := db.Read.BeginTx(ctx, nil)
	if err != nil {
		t.Fatalf("begin while a writer is at work: %v", err)
	}
	var n int
	if err := reading.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil {
		t.Fatalf("read while a writer is at work: %v", err)
	}
	if n != 0 {
		t.Errorf("saw %d uncommitted rows", n)
	}
	if err := errors.Join(reading.Rollback(), writing.Commit()); err != nil {
		t.Fatal(err)
	}
}

func TestSQLiteFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "odd ?#% name", "data")
	db, err := database.Open(t.Context(), database.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, database.FileName): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("after closing the folder holds %v, want the database file alone", entries)
	}
}

func TestPostgresSettings(t *testing.T) {
	t.Parallel()
	db := databasetest.Postgres(t)
	got := map[string]string{}
	for _, name := range []string{"timezone", "application_name", "standard_conforming_strings"} {
		var value string
		if err := db.Read.QueryRowContext(t.Context(), "SHOW "+name).Scan(&value); err != nil {
			t.Fatal(err)
		}
		got[name] = value
	}
	want := map[string]string{"timezone": "UTC", "application_name": "tgtrack", "standard_conforming_strings": "on"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// Two tests may use the same table names at once.
func TestPostgresSchemasAreApart(t *testing.T) {
	t.Parallel()
	for _, db := range []*database.DB{databasetest.Postgres(t), databasetest.Postgres(t)} {
		if _, err := db.Write.ExecContext(t.Context(), "CREATE TABLE same (x INTEGER)"); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]database.Options{
		"neither address nor folder": {},
		"another scheme":             {URL: "mysql://u:hush-hush@localhost/x"},
		"a broken address":           {URL: "postgres://u:hush-hush@local host:x/y"},
		"a broken setting":           {URL: "postgres://u:hush-hush@localhost/x?sslmode=perhaps"},
		"nobody there":               {URL: "postgres://u:hush-hush@127.0.0.1:1/x?connect_timeout=2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := database.Open(t.Context(), o)
			if err == nil {
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "hush-hush") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
