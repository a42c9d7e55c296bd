package database

import (
	"context"
	"testing"
	"time"
)

// Somebody who reads for long keeps neither the checkpoints nor the writer
// waiting; when they are done, the log begins anew.
func TestCheckpointsWaitForNobody(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir(), MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := db.checkpoints
	c.stop() // this test makes the rounds
	c.done.Wait()
	write := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Write.DB.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	round := func() {
		t.Helper()
		// Less than the time that SQLite waits for a lock.
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := c.round(ctx, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	log := func() logState {
		t.Helper()
		l, err := checkpoint(t.Context(), c.beside, "NOOP")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}

	write("CREATE TABLE things (no INTEGER PRIMARY KEY, body BLOB)")
	reading, err := db.Read.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRowContext(t.Context(), "SELECT count(*) FROM things").Scan(&n); err != nil {
		t.Fatal(err)
	}
	const body = (restartAfter + 1000) * pageSize
	write("INSERT INTO things (body) VALUES (zeroblob(?))", body)
	round()
	if l := log(); l.left() < restartAfter {
		t.Fatalf("the log is %+v: pages were copied over those that somebody reads", l)
	}
	write("INSERT INTO things (body) VALUES (x'01')")

	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	round()
	if l := log(); l.left() != 0 {
		t.Fatalf("the log is %+v: pages are left to copy", l)
	}
	write("INSERT INTO things (body) VALUES (x'02')")
	if l := log(); l.pages > 100 {
		t.Fatalf("the log is %+v: it did not begin anew", l)
	}
	// A little is left in the log for a while.
	round()
	if l := log(); l.left() == 0 {
		t.Error("a pass was made for a page or two")
	}
	c.copied = c.copied.Add(-copyWithin)
	round()
	if l := log(); l.left() != 0 {
		t.Errorf("the log is %+v: pages were left in it for long", l)
	}
}
