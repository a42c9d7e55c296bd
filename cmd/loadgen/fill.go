package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// filler makes a large database of a small one that the service wrote: each
// row is copied many times, the times of a copy put where it belongs in the
// year. This file alone knows tables and columns of the service.
type filler struct {
	db       *sql.DB
	lite     bool
	copies   int
	began    time.Time // when the small one was begun, and ended
	ended    time.Time
	now      time.Time
	progress io.Writer

	stride int64 // between the numbers of one copy and those of the next
}

// copiedTables are those that are copied.
var copiedTables = []string{"clicks", "people", "people_words", "episodes", "events", "conversions"}

// A copy's time goes faster than that in which the small database was made, so
// that it takes copySpan, and all copies together fill fillSpan.
const (
	copySpan = 60 * 24 * time.Hour
	fillSpan = 365 * 24 * time.Hour
)

// copiedTimes are columns of times whose names do not end in _at.
var copiedTimes = []string{"at", "first_seen", "first_join", "last_start", "not_before"}

// block is in how many numbers the service takes those of its rows.
const block = 1024

// openFiller opens the database of a service that is stopped. Nothing of it
// need outlive the machine meanwhile.
func openFiller(ctx context.Context, p *place) (f *filler, err error) {
	f = &filler{lite: p.url == ""}
	driver, source, statements := "pgx", p.url, []string{
		`ALTER SYSTEM SET fsync = off`, `ALTER SYSTEM SET full_page_writes = off`, `ALTER SYSTEM SET autovacuum = off`,
		`ALTER SYSTEM SET max_wal_size = '2GB'`, `SELECT pg_reload_conf()`, `SET maintenance_work_mem = '1GB'`,
		`SET work_mem = '256MB'`, `SET synchronous_commit = off`,
	}
	if f.lite {
		driver, source = "sqlite", "file:"+filepath.Join(p.dir, database.FileName)
		statements = []string{
			`PRAGMA journal_mode = DELETE`, `PRAGMA journal_mode = OFF`, `PRAGMA synchronous = OFF`,
			`PRAGMA locking_mode = EXCLUSIVE`, `PRAGMA cache_size = -500000`, `PRAGMA temp_store = FILE`,
		}
	}
	if f.db, err = sql.Open(driver, source); err != nil {
		return nil, err
	}
	f.db.SetMaxOpenConns(1) // the settings are a connection's
	if err := f.tell(ctx, statements...); err != nil {
		return nil, errors.Join(err, f.db.Close())
	}
	return f, nil
}

// close makes the database as durable as ever.
func (f *filler) close(ctx context.Context) error {
	var err error
	if !f.lite {
		err = f.tell(ctx, `ALTER SYSTEM SET fsync = on`, `ALTER SYSTEM SET full_page_writes = on`,
			`ALTER SYSTEM RESET autovacuum`, settings[0], `SELECT pg_reload_conf()`, `VACUUM (ANALYZE)`, `CHECKPOINT`)
	}
	err = errors.Join(err, f.db.Close())
	syscall.Sync()
	return err
}

func (f *filler) tell(ctx context.Context, statements ...string) error {
	for _, text := range statements {
		if _, err := f.db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// fill copies everything.
func (f *filler) fill(ctx context.Context) error {
	if err := f.partitions(ctx); err != nil {
		return err
	}
	var rebuild []string
	for _, table := range copiedTables {
		rows := table
		if table == "people_words" {
			rows += " WHERE person_no <> 0" // that of nobody says that they are whole
		}
		if err := f.tell(ctx, "CREATE TABLE slice_"+table+" AS SELECT * FROM "+rows, "DELETE FROM "+rows); err != nil {
			return err
		}
		indexes, err := f.indexes(ctx, table)
		if err != nil {
			return err
		}
		for _, i := range indexes {
			if err := f.tell(ctx, "DROP INDEX "+i.name); err != nil {
				return err
			}
			rebuild = append(rebuild, i.definition)
		}
	}
	if err := f.measureStride(ctx); err != nil {
		return err
	}
	for _, table := range copiedTables {
		begun := time.Now()
		if err := f.copyTable(ctx, table); err != nil {
			return fmt.Errorf("copy %s: %w", table, err)
		}
		fmt.Fprintf(f.progress, "%s copied in %s\n", table, time.Since(begun).Round(time.Second))
	}
	if err := f.keys(ctx); err != nil {
		return err
	}
	begun := time.Now()
	if err := f.tell(ctx, rebuild...); err != nil {
		return err
	}
	fmt.Fprintf(f.progress, "indexes made in %s\n", time.Since(begun).Round(time.Second))
	for _, table := range copiedTables {
		if err := f.tell(ctx, "DROP TABLE slice_"+table); err != nil {
			return err
		}
	}
	return f.finish(ctx)
}

// finish sets right what counts rows.
func (f *filler) finish(ctx context.Context) error {
	last := f.stride*int64(f.copies)/block + 1
	begins := f.moment(f.now.Add(-fillSpan))
	statements := []string{
		fmt.Sprintf(`UPDATE conversion_totals SET created = created * %d`, f.copies),
		`UPDATE projects SET created_at = ` + begins, `UPDATE links SET created_at = ` + begins,
	}
	if f.lite {
		statements = append(statements, fmt.Sprintf(`UPDATE row_blocks SET last = %d`, last))
	} else {
		statements = append(statements, fmt.Sprintf(`SELECT setval('row_blocks', %d)`, last))
	}
	return f.tell(ctx, statements...)
}

// measureStride finds the largest number there is.
func (f *filler) measureStride(ctx context.Context) error {
	for _, table := range []string{"clicks", "people", "episodes", "conversions"} {
		var last int64
		if err := f.db.QueryRowContext(ctx, "SELECT coalesce(max(no), 0) FROM slice_"+table).Scan(&last); err != nil {
			return err
		}
		f.stride = max(f.stride, (last/block+1)*block)
	}
	return nil
}

// copyTable writes all copies of a table's rows.
func (f *filler) copyTable(ctx context.Context, table string) error {
	columns, err := f.columns(ctx, table)
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, name := range columns {
		values[i] = f.copied(name)
	}
	into := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") "
	from := "SELECT " + strings.Join(values, ", ") + " FROM slice_" + table + " t CROSS JOIN "
	for n := range f.copies {
		if err := f.tell(ctx, into+from+fmt.Sprintf("(SELECT %d AS n) g", n)); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) columns(ctx context.Context, table string) ([]string, error) {
	rows, err := f.db.QueryContext(ctx, "SELECT * FROM "+table+" WHERE 1 = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	return names, errors.Join(err, rows.Err())
}

// copied is the value of a column in copy g.n of a row t.
func (f *filler) copied(name string) string {
	t := "t." + name
	switch {
	case slices.Contains([]string{"project_no", "link_no", "account_no"}, name):
		return t
	case name == "no" || strings.HasSuffix(name, "_no") || name == "claimed_by":
		return fmt.Sprintf("CASE WHEN %[1]s = 0 THEN 0 ELSE %[1]s + g.n * %[2]d END", t, f.stride)
	case slices.Contains([]string{"id", "episode_id", "event_id"}, name):
		return f.copiedID(t)
	case name == "user_id":
		return "CASE WHEN t.user_id = 0 THEN 0 ELSE t.user_id + g.n END"
	case name == "start_value":
		return "substr(t.start_value, 1, length(t.start_value) - 4) || " + f.hex()
	case name == "expires_at":
		return f.moved(t, 1)
	case strings.HasSuffix(name, "_at") || slices.Contains(copiedTimes, name):
		return f.moved(t, float64(copySpan)/float64(f.ended.Sub(f.began)))
	}
	return t
}

// hex is the number of the copy in four digits.
func (f *filler) hex() string {
	if f.lite {
		return "printf('%04x', g.n)"
	}
	return "lpad(to_hex(g.n), 4, '0')"
}

// copiedID is an id with the copy's number for its first two bytes.
func (f *filler) copiedID(t string) string {
	id := "overlay(" + t + " placing decode(" + f.hex() + ", 'hex') from 1 for 2)"
	if f.lite {
		id = "CAST(unhex(" + f.hex() + ") || substr(" + t + ", 3) AS BLOB)"
	}
	return "CASE WHEN length(" + t + ") < 16 THEN " + t + " ELSE " + id + " END"
}

// moved is a time of the small database in the copy: so much faster.
func (f *filler) moved(t string, faster float64) string {
	begins, each := f.now.Add(-fillSpan), (fillSpan-copySpan)/time.Duration(max(1, f.copies-1))
	if f.lite {
		return fmt.Sprintf("%d + g.n * %d + CAST((%s - %d) * %f AS INTEGER)", begins.UnixMicro(),
			each.Microseconds(), t,
			f.began.UnixMicro(), faster)
	}
	return fmt.Sprintf("%s + g.n * interval '%d microseconds' + (%s - %s) * %f", f.moment(begins), each.Microseconds(),
		t, f.moment(f.began), faster)
}

func (f *filler) moment(at time.Time) string {
	if f.lite {
		return fmt.Sprint(at.UnixMicro())
	}
	return "'" + at.UTC().Format(time.RFC3339Nano) + "'::timestamptz"
}

// keys writes the senders' keys of the last month's events, a twelfth of all.
func (f *filler) keys(ctx context.Context) error {
	const insert = `INSERT INTO event_keys (project_no, messenger, key, event_id, at, same)
		SELECT t.project_no, 'telegram', 'update:' || (9000000000 + (t.person_no + %d) * 32 + t.seq), %s, %s, FALSE
		FROM slice_events t CROSS JOIN (SELECT %d AS n) g WHERE t.seq < 32`
	for n := f.copies - (f.copies+11)/12; n < f.copies; n++ {
		text := fmt.Sprintf(insert, int64(n)*f.stride, f.copied("id"), f.copied("recorded_at"), n)
		if err := f.tell(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// index of a table, but for those of its keys.
type index struct{ name, definition string }

func (f *filler) indexes(ctx context.Context, table string) (out []index, err error) {
	query := `SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
		WHERE i.indrelid = $1::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)`
	if f.lite {
		query = `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL`
	}
	rows, err := f.db.QueryContext(ctx, query, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i index
		if err := rows.Scan(&i.name, &i.definition); err != nil {
			return nil, err
		}
		// That of a table in parts would be of none of them.
		i.definition = strings.Replace(i.definition, " ON ONLY ", " ON ", 1)
		out = append(out, i)
	}
	return out, rows.Err()
}

// partitions makes those of the events of a year.
func (f *filler) partitions(ctx context.Context) error {
	if f.lite {
		return nil
	}
	for at := f.now.Add(-fillSpan); at.Before(f.now); at = at.AddDate(0, 0, 20) {
		from := time.Date(at.UTC().Year(), at.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
		name := "events_" + from.Format("2006_01")
		var there bool
		if err := f.db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", name).Scan(&there); err != nil {
			return err
		}
		if !there {
			text := fmt.Sprintf("CREATE TABLE %s PARTITION OF events FOR VALUES FROM ('%s') TO ('%s')", name,
				from.Format(time.RFC3339), from.AddDate(0, 1, 0).Format(time.RFC3339))
			if err := f.tell(ctx, text); err != nil {
				return err
			}
		}
	}
	return nil
}
