package main

import (
	"io"
	"os"
	"strings"
	"testing"

	// The go command does not see that this test builds the program.
	_ "github.com/tgtrack/tgtrack/cmd"
	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Clean()
	os.Exit(code)
}

// TestPages makes a small crowd and asks the built binary for every page.
func TestPages(t *testing.T) {
	t.Parallel()
	b := &benchmark{options: options{binary: e2e.Binary(t), people: 1000, databases: []string{database.SQLite}, dir: t.TempDir()}, progress: io.Discard}
	if err := b.measurePages(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.served) != len(crowdPages()) {
		t.Errorf("%d pages were measured of %d", len(b.served), len(crowdPages()))
	}
	table := pagesTable(b.served, b.databases, b.people)
	for _, want := range []string{"| page | SQLite, ms |", "| `/projects/P/funnel?period=365d` |", "1000 people, 10000 events"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
}

// TestCrowd: a crowd is as large as was asked for, has a past, and no future.
func TestCrowd(t *testing.T) {
	t.Parallel()
	b := &benchmark{options: options{people: 1500}, progress: io.Discard}
	p := &place{dir: t.TempDir()}
	if _, err := b.fill(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), p.options())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]int{
		`SELECT count(*) FROM subscribers`: 1500, `SELECT count(DISTINCT user_id) FROM subscribers`: 1500, `SELECT count(*) FROM episodes`: 1500,
		`SELECT count(*) FROM conversions`: 1050, `SELECT created FROM conversion_totals`: 1050, `SELECT count(*) FROM outbox`: 0,
		`SELECT count(*) FROM events WHERE occurred_at > unixepoch() * 1000000`:                                                  0,
		`SELECT count(*) FROM events v LEFT JOIN subscribers s ON s.id = v.subscriber_id WHERE s.id IS NULL`:                     0,
		`SELECT count(*) FROM episodes e WHERE e.click_id <> '' AND NOT EXISTS (SELECT 1 FROM clicks c WHERE c.id = e.click_id)`: 0,
	} {
		var got int
		if err := db.Read.DB.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", query, got, err, want)
		}
	}
}
