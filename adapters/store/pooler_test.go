package store_test

import (
	"sync"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// TestBehindAPooler: where each transaction may have another session of the
// server, statements can not be kept prepared. Nobody notices, and it is known
// from then on.
func TestBehindAPooler(t *testing.T) {
	t.Parallel()
	db, err := database.Open(t.Context(), database.Options{
		URL: databasetest.Pooler(t, databasetest.PostgresURL(t)), MaxConns: 6,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	f := newFixture(t, db)
	var all sync.WaitGroup
	for n := range int64(8) {
		all.Go(func() {
			for i := range int64(5) {
				f.person(100*n + i)
			}
		})
	}
	all.Wait()
	if got := f.count("people"); got != 40 {
		t.Errorf("%d people, not 40", got)
	}
	if !f.Unprepared() {
		t.Error("statements are kept prepared still")
	}
	f.ok(f.Upkeep(t.Context(), noon, store.Ages{}))
}
