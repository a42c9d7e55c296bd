package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// at is a time that is integer microseconds on SQLite.
type at struct{ time.Time }

func (a at) Moment() time.Time { return a.Time }

func (a *at) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		a.Time = time.Time{}
	case int64:
		a.Time = time.UnixMicro(v).UTC()
	case time.Time:
		a.Time = v.UTC()
	default:
		return fmt.Errorf("a time is a %T", v)
	}
	return nil
}

type colour string

// loud is written in capitals.
type loud struct{ text string }

func (l loud) AppendText(b []byte) ([]byte, error) { return append(b, strings.ToUpper(l.text)...), nil }

func (l *loud) Scan(v any) error {
	switch v := v.(type) {
	case string:
		l.text = strings.ToLower(v)
	case []byte:
		l.text = strings.ToLower(string(v))
	}
	return nil
}

type thing struct {
	No     int64  `bun:"no,pk"`
	Count  int    `bun:"n"`
	Maybe  *int64 `bun:"maybe"`
	Truth  bool   `bun:"truth"`
	Unsure *bool  `bun:"unsure"`
	Name   string `bun:"name"`
	Colour colour `bun:"colour"`
	Loud   loud   `bun:"loud"`
	At     at     `bun:"at"`
	Body   []byte `bun:"body"`
	Extra  int    `bun:"extra,scanonly"`
}

var (
	insert = bulk.Define[thing]("INSERT INTO things ({columns}) {values} ON CONFLICT (no) DO NOTHING RETURNING no")
	read   = bulk.Define[number]("SELECT " + bulk.Columns[thing]("t") +
		" FROM {rows} things t WHERE t.no = {no} ORDER BY t.no {lock t}")
	raise  = bulk.Define[number]("UPDATE things SET n = things.n + 1 {from} WHERE things.no = {no}")
	remove = bulk.Define[number]("DELETE FROM things {using} WHERE things.no = {no}")
	count  = bulk.Define[bulk.None]("SELECT count(*) FROM things")
)

type number struct {
	No int64 `bun:"no"`
}

// each runs a test on both databases, over an empty table of things.
func each(t *testing.T, test func(t *testing.T, db *bulk.DB)) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		types := []string{"BIGINT", "TIMESTAMPTZ", "BYTEA"}
		many := bulk.NewPostgres(db.Write.DB, false, nil)
		if db.Dialect == database.SQLite {
			types, many = []string{"INTEGER", "INTEGER", "BLOB"}, bulk.NewSQLite(db.Write.DB)
		}
		_, err := db.Write.DB.ExecContext(t.Context(), fmt.Sprintf(`CREATE TABLE things (
			no %[1]s PRIMARY KEY, n %[1]s NOT NULL, maybe %[1]s, truth BOOLEAN NOT NULL, unsure BOOLEAN,
			name TEXT NOT NULL, colour TEXT NOT NULL, loud TEXT NOT NULL, at %[2]s, body %[3]s)`,
			types[0], types[1], types[2]))
		if err != nil {
			t.Fatal(err)
		}
		test(t, many)
		if db.Dialect == database.Postgres {
			if err := bulk.NewPostgres(db.Write.DB, true, nil).
				Run(t.Context(), func(ctx context.Context, tx *bulk.Tx) error {
					count.Queue(tx, []bulk.None{{}}, nil)
					return tx.Flush(ctx)
				}); err != nil {
				t.Errorf("without prepared statements: %v", err)
			}
		}
	})
}

func run(t *testing.T, db *bulk.DB, f func(tx *bulk.Tx)) {
	t.Helper()
	err := db.Run(t.Context(), func(ctx context.Context, tx *bulk.Tx) error {
		f(tx)
		return tx.Flush(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, db *bulk.DB, nos ...int64) (out []thing) {
	t.Helper()
	var rows []number
	for _, no := range nos {
		rows = append(rows, number{no})
	}
	run(t, db, func(tx *bulk.Tx) {
		read.Queue(tx, rows, func(r bulk.Scanner) error {
			var one thing
			err := r.Scan(bulk.Into(&one)...)
			out = append(out, one)
			return err
		})
	})
	return out
}

func things() []thing {
	five, yes := int64(-5), true
	noon := time.Date(2031, 3, 14, 12, 0, 0, 123456000, time.UTC)
	return []thing{
		{
			No: 1, Count: 7, Maybe: &five, Truth: true, Unsure: &yes, Name: "Вася\"'{}", Colour: "red",
			Loud: loud{"hey"},
			At:   at{noon}, Body: []byte{0, 1, 255},
		},
		{No: 2}, // with nothing in it
		{No: 3, Name: "old", At: at{time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC)}, Body: []byte{}},
	}
}

func TestRowsComeBackAsWritten(t *testing.T) {
	each(t, func(t *testing.T, db *bulk.DB) {
		var made []int64
		run(t, db, func(tx *bulk.Tx) {
			insert.Queue(tx, things(), func(r bulk.Scanner) error {
				var no int64
				err := r.Scan(&no)
				made = append(made, no)
				return err
			})
		})
		if diff := cmp.Diff([]int64{1, 2, 3}, made); diff != "" {
			t.Errorf("made:\n%s", diff)
		}
		got := all(t, db, 1, 2, 3)
		if diff := cmp.Diff(things(), got, cmp.AllowUnexported(loud{}),
			cmp.Comparer(func(a, b []byte) bool { return string(a) == string(b) })); diff != "" {
			t.Errorf("things (-written +read):\n%s", diff)
		}
		if got[1].Body != nil || got[2].Body == nil {
			t.Errorf("no body is %v, an empty one %v", got[1].Body, got[2].Body)
		}
	})
}

func TestStatementsRunInOrderAndTogether(t *testing.T) {
	each(t, func(t *testing.T, db *bulk.DB) {
		var left int
		run(t, db, func(tx *bulk.Tx) {
			insert.Queue(tx, things(), nil)
			insert.Queue(tx, things()[:1], func(bulk.Scanner) error { return errors.New("made twice") })
			raise.Queue(tx, []number{{1}, {2}}, nil)
			remove.Queue(tx, []number{{2}}, nil)
			remove.Queue(tx, nil, nil) // without rows it is left out
			count.Queue(tx, []bulk.None{{}}, func(r bulk.Scanner) error { return r.Scan(&left) })
		})
		if got := all(t, db, 1); left != 2 || len(got) != 1 || got[0].Count != 8 {
			t.Errorf("%d are left, the first is %+v", left, got)
		}
	})
}

func TestFailedTransactionsLeaveNothing(t *testing.T) {
	each(t, func(t *testing.T, db *bulk.DB) {
		why := errors.New("changed our mind")
		for name, f := range map[string]func(ctx context.Context, tx *bulk.Tx) error{
			"the caller fails": func(ctx context.Context, tx *bulk.Tx) error {
				insert.Queue(tx, things(), nil)
				return errors.Join(tx.Flush(ctx), why)
			},
			"a scan fails": func(ctx context.Context, tx *bulk.Tx) error {
				insert.Queue(tx, things(), func(bulk.Scanner) error { return why })
				return tx.Flush(ctx)
			},
		} {
			if err := db.Run(t.Context(), f); !errors.Is(err, why) {
				t.Errorf("%s: %v", name, err)
			}
			if got := all(t, db, 1, 2, 3); len(got) != 0 {
				t.Errorf("%s: %d are left", name, len(got))
			}
		}
		for name, f := range map[string]func(ctx context.Context, tx *bulk.Tx) error{
			"the caller panics": func(ctx context.Context, tx *bulk.Tx) error {
				insert.Queue(tx, things(), nil)
				panic(tx.Flush(ctx))
			},
			"a scan panics": func(ctx context.Context, tx *bulk.Tx) error {
				insert.Queue(tx, things(), func(bulk.Scanner) error { panic("no such luck") })
				return tx.Flush(ctx)
			},
		} {
			if err := db.Run(t.Context(), f); err == nil || !strings.Contains(err.Error(), "panic") {
				t.Errorf("%s: %v", name, err)
			}
			if got := all(t, db, 1, 2, 3); len(got) != 0 {
				t.Errorf("%s: %d are left", name, len(got))
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Run(ctx, func(ctx context.Context, tx *bulk.Tx) error {
			insert.Queue(tx, things(), nil)
			err := tx.Flush(ctx)
			cancel()
			return err
		})
		if err == nil {
			t.Error("a transaction was committed after its time")
		}
		run(t, db, func(tx *bulk.Tx) { insert.Queue(tx, things(), nil) }) // and the connection is fit for the next
	})
}

func TestAnErrorOfTheDataIsTheDrivers(t *testing.T) {
	each(t, func(t *testing.T, db *bulk.DB) {
		bad := bulk.Define[number]("INSERT INTO things (no) {values}") // others may not be NULL
		err := db.Run(t.Context(), func(ctx context.Context, tx *bulk.Tx) error {
			insert.Queue(tx, things(), nil)
			bad.Queue(tx, []number{{9}}, nil)
			return tx.Flush(ctx)
		})
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "null") {
			t.Errorf("got %v", err)
		}
		if got := all(t, db, 1); len(got) != 0 {
			t.Error("what came before it was kept")
		}
	})
}

func TestUnknownWordsAreADefect(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a statement with an unknown word was taken")
		}
	}()
	bulk.Define[number]("SELECT {nonsense}")
}

// A statement that is interrupted costs SQLite its connection. What was
// prepared on it goes with it, so that its file is closed.
func TestAnInterruptedConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := database.Open(t.Context(), database.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	many := bulk.NewSQLite(db.Write.DB)
	one := bulk.Define[bulk.None](`SELECT 1`)
	ask := func() {
		err := many.Run(t.Context(), func(ctx context.Context, tx *bulk.Tx) error {
			one.Queue(tx, []bulk.None{{}}, func(r bulk.Scanner) error { var n int; return r.Scan(&n) })
			return tx.Flush(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = db.Write.ExecContext(ctx, `CREATE TABLE long AS
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`)
	if err == nil {
		t.Fatal("it was not interrupted")
	}
	ask()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*-wal")); err != nil || len(left) > 0 {
		t.Errorf("open still: %v, %v", left, err)
	}
}
