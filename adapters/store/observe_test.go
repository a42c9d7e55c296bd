package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestBacklogOfAnEmptyDatabase(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		b, err := f.Backlog(t.Context(), noon, []time.Duration{0, time.Hour})
		f.ok(err)
		if d := cmp.Diff(store.Backlog{}, b); d != "" {
			t.Error(d)
		}
	})
}

// TestBacklogAndDoctor: what waits is counted by the time it has left, and
// shows where somebody has to do something.
func TestBacklogAndDoctor(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		f.ok(f.CreateProject(t.Context(), domain.Project{ID: "p1", Name: "Loud", Enabled: true, CreatedAt: noon}, nil))
		f.ok(f.CreateProject(t.Context(), domain.Project{ID: "p2", Name: "Silent", Enabled: true,
			CreatedAt: noon}, nil))
		f.ok(f.CreateProject(t.Context(), domain.Project{ID: "p3", Name: "Never used", Enabled: true,
			CreatedAt: noon}, nil))
		f.ok(f.CreateAccount(t.Context(), domain.Account{ID: "a1", ProjectID: "p1", Network: "facebook",
			Health: domain.Reauth, HealthReason: "token expired", Paused: true, CreatedAt: noon, UpdatedAt: noon}))
		f.ok(f.CreateAccount(t.Context(), domain.Account{ID: "a2", ProjectID: "p1", Network: "vk",
			Health: domain.Healthy, CreatedAt: noon, UpdatedAt: noon}))
		for _, c := range []struct {
			id, account, network string
			status               domain.Status
			left                 time.Duration
			due                  bool
		}{
			{"c1", "a1", "facebook", domain.Parked, 30 * time.Minute, false},
			{"c2", "a1", "facebook", domain.Parked, 100 * time.Hour, false},
			{"c3", "a2", "vk", domain.Pending, 100 * time.Hour, true},
			{"c4", "a2", "vk", domain.Delivered, 10 * time.Minute, false},
		} {
			v := f.conversion(c.id)
			v.ProjectID, v.AccountID, v.Network, v.Status, v.NextAttemptAt = "p1", c.account, c.network, c.status, nil
			v.ExpiresAt = noon.Add(c.left)
			if c.due {
				v.NextAttemptAt = later(-time.Minute)
			}
			f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{v}})
		}
		f.save(&usecase.IngestChanges{Now: noon.Add(-time.Hour), Events: []domain.Event{
			{ID: "e1", ProjectID: "p1", Type: domain.BotStarted, OccurredAt: noon.Add(-time.Hour),
				ReceivedAt: noon.Add(-time.Hour)},
		}})
		f.event("p2", "e2", noon.Add(-50*time.Hour))

		b, err := f.Backlog(t.Context(), noon, []time.Duration{0, time.Hour})
		f.ok(err)
		counts := map[store.OpenCount]bool{}
		for _, c := range b.Open {
			counts[c] = true
		}
		want := map[store.OpenCount]bool{
			{Network: "facebook", Status: domain.Parked, Range: 1, Count: 1}: true, {Network: "facebook",
				Status: domain.Parked, Range: 2, Count: 1}: true,
			{Network: "vk", Status: domain.Pending, Range: 2, Count: 1}: true,
		}
		if d := cmp.Diff(want, counts); d != "" {
			t.Error(d)
		}
		outbox, due, err := f.Waiting(t.Context(), noon)
		f.ok(err)
		if outbox.Count != 1 || !outbox.Oldest.Equal(noon.Add(-time.Hour)) || due.Count != 1 ||
			!due.Oldest.Equal(noon.Add(-time.Minute)) {
			t.Errorf("%+v %+v", outbox, due)
		}
		if len(b.Accounts) != 2 {
			t.Errorf("%+v", b.Accounts)
		}

		states, err := f.AccountStates(t.Context(), noon.Add(24*time.Hour), 10)
		f.ok(err)
		if d := cmp.Diff([]store.AccountState{{ID: "a1", ProjectID: "p1", Network: "facebook", Paused: true,
			Health: domain.Reauth, Reason: "token expired", Open: 2, AtRisk: 1}}, states); d != "" {
			t.Error(d)
		}
		silent, err := f.SilentProjects(t.Context(), noon.Add(-24*time.Hour), 10)
		f.ok(err)
		if len(silent) != 1 || silent[0].ID != "p2" || !silent[0].Last.Equal(noon.Add(-50*time.Hour)) {
			t.Errorf("%+v", silent)
		}
		v, err := f.Vitals(t.Context(), noon)
		f.ok(err)
		if v.Version == "" || len(v.Settings) < 3 || v.Bytes < 4096 || !v.NextMonth || v.Newest.IsZero() {
			t.Errorf("%+v", v)
		}
	})
}

// TestPluginsInUse: what projects depend on is counted, deleted ones left out.
func TestPluginsInUse(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		for id, constructor := range map[string]string{
			"p1": "telegram", "p2": "house", "p3": "house", "p4": "gone",
		} {
			p := domain.Project{ID: id, Name: id, Constructor: constructor, CreatedAt: noon}
			f.ok(f.CreateProject(t.Context(), p, nil))
		}
		for id, a := range map[string]domain.Account{
			"a1": {ProjectID: "p1", Network: "vk"}, "a2": {ProjectID: "p2", Network: "acme"},
			"a3": {ProjectID: "p2", Network: "gone"}, "a4": {ProjectID: "p4", Network: "acme"},
		} {
			a.ID, a.Health, a.CreatedAt, a.UpdatedAt = id, domain.Healthy, noon, noon
			f.ok(f.CreateAccount(t.Context(), a))
		}
		f.ok(f.DeleteAccount(t.Context(), "p2", "a3", noon, nil))
		f.ok(f.DeleteProject(t.Context(), "p4"))
		constructors, err := f.ConstructorsInUse(t.Context())
		f.ok(err)
		want := []store.Use{{Name: "house", Count: 2}, {Name: "telegram", Count: 1}}
		if d := cmp.Diff(want, constructors); d != "" {
			t.Error(d)
		}
		networks, err := f.NetworksInUse(t.Context())
		f.ok(err)
		if d := cmp.Diff([]store.Use{{Name: "acme", Count: 1}, {Name: "vk", Count: 1}}, networks); d != "" {
			t.Error(d)
		}
	})
}

// TestRemember: facts of one build are there for the next one, and the newest
// description of a thing counts.
func TestRemember(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		f.ok(f.SetMeta(t.Context(), "networks", "another fact"))
		first := map[string]string{"acme": "old", "vk": "same"}
		for _, c := range []struct{ facts, want map[string]string }{
			{nil, map[string]string{}},
			{first, first},
			{first, first},
			{map[string]string{"acme": "new"}, map[string]string{"acme": "new", "vk": "same"}},
			{nil, map[string]string{"acme": "new", "vk": "same"}},
		} {
			got, err := f.Remember(t.Context(), "network:", c.facts)
			f.ok(err)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("after %v:\n%s", c.facts, d)
			}
		}
	})
}
