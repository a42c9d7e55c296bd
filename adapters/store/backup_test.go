package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

// opened is the store of a snapshot.
func opened(t *testing.T, dir string) *fixture {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{Dir: dir, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{Store: newStore(t, db), t: t, db: db, keys: map[string]domain.SubscriberKey{}}
}

// A copy is of one moment, while clicks go on to be written.
func TestSnapshotWhileWriting(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.SQLite(t))
	f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("before", 0)}))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := f.SaveClicks(t.Context(), []domain.Click{f.click(fmt.Sprintf("c%06d", i), 0)}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	dir := t.TempDir()
	err := f.Snapshot(t.Context(), filepath.Join(dir, database.FileName))
	close(stop)
	wg.Wait()
	f.ok(err)
	c := opened(t, dir)
	f.ok(c.Intact(t.Context()))
	if c.count("clicks WHERE id = ?", key("before")) != 1 {
		t.Error("the copy lacks what was there before")
	}
	have, err := c.Schema(t.Context())
	latest, latestErr := store.LatestSchema()
	if err != nil || latestErr != nil || have != latest {
		t.Errorf("schema %d of %d: %v, %v", have, latest, err, latestErr)
	}
	if err := f.Snapshot(t.Context(), filepath.Join(dir, database.FileName)); err == nil {
		t.Error("a copy went over another")
	}
}

func TestSnapshotOfPostgres(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	if err := f.Snapshot(t.Context(), filepath.Join(t.TempDir(), "x")); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("Snapshot = %v, want ErrConflict", err)
	}
}

func TestRestored(t *testing.T) {
	t.Parallel()
	for _, live := range []bool{true, false} {
		t.Run(fmt.Sprintf("live %v", live), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.SQLite(t))
			f.account("a")
			f.events(2)
			var repeats store.Repeats
			if live {
				repeats = func(*domain.Account, time.Time, time.Time) bool { return true }
			}
			sent := map[string]*time.Time{
				"due":      later(-time.Second),
				"later":    later(time.Hour),
				"parked":   nil,
				"accepted": later(-time.Second),
			}
			status := map[string]domain.Status{
				"due":      domain.Pending,
				"later":    domain.Retrying,
				"parked":   domain.Parked,
				"accepted": domain.Accepted,
			}
			changes := &usecase.IngestChanges{}
			for id, next := range sent {
				v := f.conversion(id)
				v.Status, v.NextAttemptAt = status[id], next
				changes.Conversions = append(changes.Conversions, v)
			}
			f.save(changes)
			f.exec(
				"UPDATE sends SET handed_over = TRUE, due_at = ?, lease_owner = 'w', lease_until = ?",
				f.time(noon.Add(day)),
				f.time(noon.Add(day)),
			)
			f.ok(f.Restored(t.Context(), []string{"e-000001", "e9"}, repeats, noon))
			var left []string
			_, err := f.RelayEvents(t.Context(), 100, func(_ context.Context, es []usecase.OutboxEvent) error {
				for _, e := range es {
					left = append(left, e.EventID)
				}
				return nil
			})
			f.ok(err)
			if d := cmp.Diff([]string{"e-000002"}, left); d != "" {
				t.Errorf("events that wait for the stream (-want +got):\n%s", d)
			}
			want := map[string]bool{"due": live, "later": false, "parked": live, "accepted": false}
			got := map[string]bool{}
			for id := range want {
				got[id] = f.count(
					"sends s JOIN conversions v ON v.no = s.conversion_no WHERE v.id = ? AND s.attempt_open AND "+
						"s.upload <> ''",
					key(id),
				) == 1
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("attempts that may have been made (-want +got):\n%s", d)
			}
			if n := f.count(
				"sends WHERE handed_over OR lease_until IS NOT NULL OR coalesce(due_at, 0) <> coalesce(next_at, 0)",
			); n != 0 {
				t.Errorf("%d conversions are handed over or leased", n)
			}
		})
	}
}

// TestRestoredAsksWhoDropsRepeats: what was due may have been sent since the
// copy was made, and by an attempt that the copy can not name.
func TestRestoredAsksWhoDropsRepeats(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.account("a")
		due, begun, paused := f.conversion("due"), f.conversion("begun"), f.conversion("later")
		due.NextAttemptAt, begun.NextAttemptAt = later(-time.Second), later(-time.Second)
		paused.NextAttemptAt = later(time.Hour)
		f.save(&usecase.IngestChanges{Conversions: []usecase.NewConversion{due, begun, paused}})
		f.exec("UPDATE sends SET attempt_open = TRUE, upload = 'u' WHERE conversion_no = "+
			"(SELECT no FROM conversions WHERE id = ?)", key("begun"))
		f.ok(f.Restored(t.Context(), nil, func(a *domain.Account, first, again time.Time) bool {
			if a.Network == "" || first.IsZero() || again.Before(noon) {
				t.Errorf("asked of %q, first at %s, again at %s", a.Network, first, again)
			}
			return false
		}, noon))
		for id, want := range map[string]domain.Status{
			"due": domain.Uncertain, "begun": domain.Uncertain, "later": domain.Pending,
		} {
			c := f.stored(id)
			if c.Status != want || want == domain.Uncertain && c.ReasonCode != domain.ReasonRestored {
				t.Errorf("%s is %s, %s; want %s", id, c.Status, c.ReasonCode, want)
			}
		}
	})
}

func TestKnownEvents(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.events(2)
		known, err := f.KnownEvents(t.Context(), []string{"e-000001", "e1"})
		f.ok(err)
		if d := cmp.Diff(map[string]bool{"e-000001": true}, known); d != "" {
			t.Errorf("KnownEvents (-want +got):\n%s", d)
		}
	})
}
