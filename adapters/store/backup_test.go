package store_test

import (
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
	return &fixture{Store: newStore(t, db), t: t, db: db}
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
	if c.count("clicks WHERE id = 'before'") != 1 {
		t.Error("the copy lacks what was there before")
	}
	have, err := c.Schema(t.Context())
	latest, latestErr := store.LatestSchema()
	if err != nil || latestErr != nil || have != latest || have < 4 {
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
			at := func(d time.Duration) int64 { return noon.Add(d).UnixMicro() }
			for i, c := range []struct {
				id, status string
				next       any
			}{
				{"due", "pending", at(-time.Second)}, {"later", "retrying", at(time.Hour)}, {"parked", "parked", nil},
				{"accepted", "accepted", at(-time.Second)}, {"done", "delivered", nil},
			} {
				f.exec(`INSERT INTO conversions (id, project_id, account_id, network, kind, target, name, currency, occurred_at, created_at, event_id, subscriber_id,
					messenger, user_id, source, click_id, episode_id, status, status_reason, attempts, next_attempt_at, batch_id, handle, count_key, lease_owner, lease_until, scheduled_at)
					VALUES (?, 'p', 'a', 'vk', 'goal', 't', 't', '', 0, 0, '', '', '', 0, '', '', '', ?, '', 0, ?, '', '', ?, 'w', 1, 1)`,
					c.id, c.status, c.next, fmt.Sprint(i))
			}
			for _, id := range []string{"e1", "e2"} {
				f.exec("INSERT INTO outbox (event_id, project_id, type, payload) VALUES (?, 'p', 'bot_started', '')", id)
			}
			f.ok(f.Restored(t.Context(), []string{"e1", "e9"}, live, noon))
			if f.count("outbox") != 1 || f.count("outbox WHERE event_id = 'e2'") != 1 {
				t.Error("the outbox holds what the stream has")
			}
			want := map[string]bool{"due": live, "later": false, "parked": live, "accepted": false, "done": false}
			got := map[string]bool{}
			for id := range want {
				got[id] = f.count("conversions WHERE id = ? AND attempt_open AND batch_id <> ''", id) == 1
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("attempts that may have been made (-want +got):\n%s", d)
			}
			if n := f.count("conversions WHERE scheduled_at IS NOT NULL OR lease_until IS NOT NULL"); n != 1 {
				t.Errorf("%d conversions are handed over or leased, want that which is done", n)
			}
		})
	}
}

func TestKnownEvents(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		none, err := f.KnownEvents(t.Context(), []string{"e1"})
		if err != nil || len(none) != 0 {
			t.Errorf("KnownEvents = %v, %v", none, err)
		}
	})
}
