package cmd

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
)

// readStore counts how often a project is read.
type readStore struct {
	*store.Store
	reads map[string]int
}

func (s *readStore) Project(ctx context.Context, id string) (domain.Project, error) {
	s.reads[id]++
	return s.Store.Project(ctx, id)
}

// TestChangesOfOthers: a change through one process makes the others read that
// project again, and no other.
func TestChangesOfOthers(t *testing.T) {
	t.Parallel()
	box, err := secrets.NewBox("a key for tests")
	if err != nil {
		t.Fatal(err)
	}
	db := databasetest.Postgres(t)
	stores := [2]*store.Store{}
	for i := range stores {
		if stores[i], err = store.New(store.Options{Write: db.Write, Read: db.Read, Vault: box}); err != nil {
			t.Fatal(err)
		}
	}
	here, there := &readStore{stores[0], map[string]int{}}, stores[1]
	if err := here.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		err := there.CreateProject(t.Context(), domain.Project{ID: fmt.Sprint("p", i), CreatedAt: clock()}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	f := &cacheInvalidator{store: here.Store}
	d := usecase.NewDirectory(here, box, time.Hour, clock, func(string) {})
	round := func(want map[string]int) {
		t.Helper()
		f.look(t.Context(), d)
		clear(here.reads)
		for i := range 10 {
			if _, err := d.View(t.Context(), fmt.Sprint("p", i)); err != nil {
				t.Fatal(err)
			}
		}
		if fmt.Sprint(here.reads) != fmt.Sprint(want) {
			t.Errorf("read %v, want %v", here.reads, want)
		}
	}
	f.look(t.Context(), d)
	for i := range 10 {
		if _, err := d.View(t.Context(), fmt.Sprint("p", i)); err != nil {
			t.Fatal(err)
		}
	}
	round(nil)
	for range 3 {
		if _, err := there.ProjectChanged(t.Context(), "p3"); err != nil {
			t.Fatal(err)
		}
		round(map[string]int{"p3": 1})
	}
	// After more time than changes are remembered for everything is read again.
	f.looked = f.looked.Add(-2 * lookedLately)
	all := map[string]int{}
	for i := range 10 {
		all[fmt.Sprint("p", i)] = 1
	}
	round(all)
}
