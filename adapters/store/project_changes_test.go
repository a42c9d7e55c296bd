package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
)

// Two processes over one database: each finds which projects the other changed,
// not that some were.
func TestProjectChanges(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		other := newStore(t, f.db)
		changed := func(id string, want int64) {
			t.Helper()
			if v, err := other.ProjectChanged(t.Context(), id); err != nil || v != want {
				t.Errorf("change %d, %v; want %d", v, err, want)
			}
		}
		found := func(since, want int64, ids ...string) {
			t.Helper()
			got, v, err := f.ProjectChanges(t.Context(), since)
			if err != nil || v != want || !slices.Equal(got, ids) {
				t.Errorf("since %d: %v %d, %v; want %v %d", since, got, v, err, ids, want)
			}
		}
		found(0, 0)
		changed("p1", 1)
		changed("p2", 2)
		found(0, 2, "p1", "p2")
		found(1, 2, "p2")
		found(2, 2)
		changed("p1", 3)
		found(1, 3, "p2", "p1")
		found(9, 3) // of another database
		f.ok(f.Upkeep(t.Context(), noon.Add(23*time.Hour), store.Ages{}))
		found(0, 3, "p2", "p1")
		f.ok(f.Upkeep(t.Context(), noon.Add(25*time.Hour), store.Ages{}))
		found(0, 3)
		changed("p2", 4)
		found(3, 4, "p2")
	})
}
