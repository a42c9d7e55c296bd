package store_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// What runs for every request or delivery must not go over a whole table, which
// grows. PostgreSQL chooses by what it knows of the tables; SQLite knows
// nothing and always does the same.
func TestStatementsAreReadFromIndexes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.SQLite(t))
	for _, text := range store.ForSQLite() {
		for _, step := range f.plan(text) {
			if scanned.MatchString(step) && !small.MatchString(step) {
				t.Errorf("%s\n%s", step, text)
			}
		}
	}
}

// scanned is a step that goes over a table: tables and their aliases are in
// small letters, what SQLite makes of the rows of a statement is not. r and x
// are those rows and what was found by them, and row_blocks is one row.
var (
	scanned = regexp.MustCompile(`^SCAN [a-z_]+( |$)`)
	small   = regexp.MustCompile(`^SCAN (r|x|row_blocks)( |$)`)
)

// plan says in which steps SQLite would run a statement.
func (f *fixture) plan(text string) (steps []string) {
	f.t.Helper()
	rows, err := f.db.Write.DB.QueryContext(f.t.Context(), "EXPLAIN QUERY PLAN "+text,
		make([]any, strings.Count(text, "?"))...)
	f.ok(err)
	defer func() { f.ok(rows.Close()) }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		f.ok(rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	f.ok(rows.Err())
	return steps
}

// What is due is read in the order of its index, whatever waits in backlogs;
// and so is a backlog.
func TestDueIsReadInOrder(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.SQLite(t))
	for text, index := range map[string]string{
		`SELECT s.conversion_no FROM sends AS s JOIN ad_accounts AS a ON a.no = s.account_no
			WHERE (s.due_at <= 5) AND (s.lease_until IS NULL OR s.lease_until <= 5) AND (NOT s.backlog)
			ORDER BY s.due_at LIMIT 5`: "sends_due",
		`SELECT b.conversion_no FROM sends b WHERE b.account_no = 1 AND b.backlog AND b.due_at <= 5
			AND (b.lease_until IS NULL OR b.lease_until <= 5) ORDER BY b.due_at LIMIT 5`: "sends_backlog",
		`SELECT min(account_no) FROM sends WHERE backlog`: "sends_backlog",
	} {
		steps := strings.Join(f.plan(text), "\n")
		if !strings.Contains(steps, index) || strings.Contains(steps, "TEMP B-TREE") {
			t.Errorf("%s\n%s", text, steps)
		}
	}
}

// Other places are read without looking at what happened in the project's own.
func TestPlacesAreReadFromTheirIndexes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.SQLite(t))
	for index, text := range store.OfPlaces() {
		text = regexp.MustCompile(`\?\d`).ReplaceAllString(text, "5")
		steps := strings.Join(f.plan(text), "\n")
		if !strings.Contains(steps, index) || strings.Contains(steps, "SCAN") {
			t.Errorf("%s\n%s", text, steps)
		}
	}
}
