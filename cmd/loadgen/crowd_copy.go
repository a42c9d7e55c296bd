package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// crowdTables hold a crowd, in the order in which they are copied.
var crowdTables = []string{"clicks", "subscribers", "episodes", "events", "conversions"}

// What a copy changes: ids and texts get its number, times move.
var (
	copiedTexts = []string{"id", "subscriber_id", "episode_id", "click_id", "event_id", "claimed_by", "start_value", "count_key", "request_id", "username", "search"}
	copiedTimes = []string{"at", "claimed_at", "first_seen", "episode_at", "first_join", "last_start", "opened_at", "recorded_at", "occurred_at", "received_at", "created_at", "not_before", "expires_at"}
	// copiedEnds are times that are empty until they have come.
	copiedEnds = []string{"closed_at", "stopped_at"}
)

// multiply copies the first slice of a crowd to the others.
func (p *planted) multiply(ctx context.Context, c crowd, progress io.Writer) error {
	if err := p.partitions(ctx, c); err != nil {
		return err
	}
	for _, table := range crowdTables {
		if err := p.tell(ctx, "CREATE TABLE slice_"+table+" AS SELECT * FROM "+table); err != nil {
			return err
		}
	}
	for n := 1; n < c.slices; n++ {
		for _, table := range crowdTables {
			if err := p.copySlice(ctx, c, table, n); err != nil {
				return fmt.Errorf("copy %s: %w", table, err)
			}
		}
		if n%20 == 0 {
			fmt.Fprintf(progress, "%d of %d people\n", (n+1)*c.first(), c.people)
		}
	}
	for _, table := range crowdTables {
		if err := p.tell(ctx, "DROP TABLE slice_"+table); err != nil {
			return err
		}
	}
	return p.tell(ctx, `DELETE FROM outbox`, `DELETE FROM rollup_marks`, `UPDATE conversion_totals SET created = (SELECT count(*) FROM conversions)`)
}

func (p *planted) tell(ctx context.Context, statements ...string) error {
	for _, text := range statements {
		if _, err := p.db.Write.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// partitions makes those of the months of a crowd.
func (p *planted) partitions(ctx context.Context, c crowd) error {
	for at := c.begins(); at.Before(c.ends.AddDate(0, 2, 0)); at = at.AddDate(0, 1, 0) {
		if err := p.store.EnsurePartitions(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// copySlice inserts the n-th copy of the rows of a table; those in the future
// are left out.
func (p *planted) copySlice(ctx context.Context, c crowd, table string, n int) error {
	columns, err := p.columns(ctx, table)
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, name := range columns {
		values[i] = p.copied(c, name, n)
	}
	from := " FROM slice_" + table + " t"
	if table == "events" {
		from += " WHERE " + p.moved(c, "occurred_at", n) + " < " + p.moment(c.ends)
	}
	return p.tell(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") SELECT "+strings.Join(values, ", ")+from)
}

func (p *planted) columns(ctx context.Context, table string) ([]string, error) {
	rows, err := p.db.Read.DB.QueryContext(ctx, "SELECT * FROM "+table+" WHERE 1 = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	return names, rows.Err()
}

// copied is the value of a column in the n-th copy.
func (p *planted) copied(c crowd, name string, n int) string {
	switch {
	case slices.Contains(copiedTexts, name):
		return fmt.Sprintf("CASE WHEN t.%[1]s = '' THEN '' ELSE t.%[1]s || '~%[2]d' END", name, n)
	case slices.Contains(copiedTimes, name):
		return p.moved(c, name, n)
	case slices.Contains(copiedEnds, name):
		return fmt.Sprintf("CASE WHEN %[1]s < %[2]s THEN %[1]s END", p.moved(c, name, n), p.moment(c.ends))
	case name == "subscribed":
		return fmt.Sprintf("t.subscribed OR coalesce(%s >= %s, FALSE)", p.moved(c, "stopped_at", n), p.moment(c.ends))
	case name == "user_id":
		return fmt.Sprintf("t.user_id + %d", n*c.first())
	}
	return "t." + name
}

// moved is a time of the first slice in the n-th copy.
func (p *planted) moved(c crowd, name string, n int) string {
	by := int64(n) * c.span().Microseconds()
	if p.db.Dialect == database.SQLite {
		return fmt.Sprintf("(t.%s + %d)", name, by)
	}
	return fmt.Sprintf("(t.%s + interval '%d microseconds')", name, by)
}

func (p *planted) moment(at time.Time) string {
	if p.db.Dialect == database.SQLite {
		return fmt.Sprint(at.UnixMicro())
	}
	return "'" + at.UTC().Format(time.RFC3339) + "'::timestamptz"
}
