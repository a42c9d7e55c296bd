package store_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// A job of one person that failed keeps whose it was, until they are erased.
func TestEraseForgetsReplaysOfThePerson(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.named(71, domain.Person{FirstName: "A"})
		for id, filter := range map[string]usecase.ReplayFilter{
			"theirs": {ProjectID: "p", UserID: 71}, "longer id": {ProjectID: "p", UserID: 712}, "elsewhere": {ProjectID: "q", UserID: 71},
			"everywhere": {UserID: 71}, "of nobody": {ProjectID: "p"},
		} {
			f.ok(f.CreateReplay(t.Context(), usecase.Replay{ID: id, Kind: "requests", Filter: filter, State: usecase.ReplayFailed, CreatedAt: noon, UpdatedAt: noon}))
		}
		f.ok(f.Erase(t.Context(), personKey(71), noon))
		if n := f.count("replays"); n != 3 {
			t.Errorf("%d jobs are left, want those of others: 3", n)
		}
	})
}
