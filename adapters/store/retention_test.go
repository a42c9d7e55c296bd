package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
	"github.com/tgtrack/tgtrack/usecase"
)

const day = 24 * time.Hour

// quiet are ages by which nothing goes.
var quiet = store.Ages{SenderKeys: 1000 * day, Answers: 1000 * day, CurrentClick: 21 * day}

func TestOldClicksGo(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.link("l", "Spring", "")
		old, robot := -100*day, f.click("a-robot", -100*day)
		robot.Robot = true
		f.ok(f.SaveClicks(t.Context(), []domain.Click{
			robot,
			f.click("b-free", old),
			f.click("c-gone-person", old),
			f.click("d-current", old),
			f.click("e-not-current", old),
			f.click("f-open", old),
			f.click("g-done", old),
			f.click("h-waiting", old),
			f.click("z-young", -10*day),
		}))
		changes, open := &usecase.IngestChanges{}, f.conversion("v-open")
		open.Status, open.NextAttemptAt = domain.Parked, nil
		done := f.conversion("v-done")
		done.Status, done.NextAttemptAt = domain.Delivered, nil
		for i, c := range []struct {
			click string
			last  time.Duration
			v     *usecase.NewConversion
			goals int
		}{
			{"c-gone-person", 0, nil, 0}, {"d-current", -20 * day, nil, 0}, {"e-not-current", -22 * day, nil, 0},
			{"f-open", -50 * day, &open, 0},
			{"g-done", -50 * day, &done, 0}, {"h-waiting", -50 * day, nil, 1},
		} {
			s := f.person(int64(i + 1))
			s.WaitingGoals = c.goals
			s.Touches = []domain.Touch{{At: noon, ClickID: "other"}, {At: noon.Add(c.last), ClickID: c.click}}
			changes.Subscribers = append(changes.Subscribers, s)
			changes.Claims = append(changes.Claims, usecase.Claim{ClickID: c.click, SubscriberID: s.ID, At: noon})
			if c.v != nil {
				c.v.SubscriberID, c.v.UserID, c.v.ClickID = s.ID, s.UserID, c.click
				changes.Conversions = append(changes.Conversions, *c.v)
			}
		}
		f.account("a")
		f.save(changes)
		f.exec("DELETE FROM people WHERE user_id = 1") // as a project's people go
		f.ok(f.Upkeep(t.Context(), noon, quiet))
		if n := f.count("clicks"); n != 9 {
			t.Fatalf("%d clicks are left without an age, want all 9", n)
		}
		ages := quiet
		ages.Clicks = 90 * day
		f.ok(f.Upkeep(t.Context(), noon, ages))
		if d := cmp.Diff([]string{"d-current", "f-open", "h-waiting", "z-young"}, f.ids("clicks")); d != "" {
			t.Errorf("clicks left (-want +got):\n%s", d)
		}
		links, _, err := f.Links(t.Context(), "p", usecase.LinkFilter{}, usecase.Page{})
		f.ok(err)
		if len(links) != 1 || links[0].ID != l.ID || links[0].Clicks != 8 {
			t.Errorf("the link counts %+v, want all 8 clicks of browsers", links)
		}
		// When it is done, it goes, too.
		f.exec("DELETE FROM sends")
		f.ok(f.Upkeep(t.Context(), noon.Add(2*day), ages))
		if d := cmp.Diff([]string{"h-waiting", "z-young"}, f.ids("clicks")); d != "" {
			t.Errorf("clicks left two days later (-want +got):\n%s", d)
		}
	})
}

// SQLite deletes by the day, in steps that are many times smaller than what is
// old.
func TestOldEventsGoFromSQLite(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.SQLite(t))
	f.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
		INSERT INTO events (id, project_no, recorded_at, occurred_at, received_at, person_no, episode_no, seq, place, type,
		change, detail)
		SELECT CAST(printf('e%06d', i) AS BLOB), 1, ? + i, 0, 0, 0, 0, 1, 0, 'bot_started', '', '' FROM n`,
		noon.Add(-31*day).UnixMicro())
	f.event("p", "f1", noon.Add(-30*day-time.Second))
	f.event("p", "f2", noon.Add(-30*day+time.Second))
	ages := quiet
	ages.Events = 30 * day
	f.ok(f.Upkeep(t.Context(), noon, ages))
	if d := cmp.Diff([]string{"f2"}, f.ids("events")); d != "" {
		t.Errorf("events left (-want +got):\n%s", d)
	}
}

// PostgreSQL drops whole months; those ahead are there.
func TestOldPartitionsGo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	month := func(n int) time.Time { return time.Date(2031, time.Month(3+n), 1, 0, 0, 0, 0, time.UTC) }
	partitions := func() []string {
		var out []string
		for n := -6; n <= 6; n++ {
			name := "events_" + month(n).Format("2006_01")
			if f.count(
				"pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = current_schema() AND "+
					"c.relname = ?",
				name,
			) == 1 {
				out = append(out, name)
			}
		}
		return out
	}
	for n := -5; n <= 0; n++ {
		f.ok(f.EnsurePartitions(t.Context(), month(n)))
		f.event("p", fmt.Sprintf("e%d", n+5), month(n))
		f.event("p", fmt.Sprintf("f%d", n+5), month(n+1).Add(-time.Second))
	}
	ages := quiet
	ages.Events = 60 * day // from 13 January on
	f.ok(f.Upkeep(t.Context(), noon, ages))
	want := []string{
		"events_2031_01",
		"events_2031_02",
		"events_2031_03",
		"events_2031_04",
		"events_2031_05",
		"events_2031_06",
	}
	if d := cmp.Diff(want, partitions()); d != "" {
		t.Errorf("partitions (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"e3", "e4", "e5", "f3", "f4", "f5"}, f.ids("events")); d != "" {
		t.Errorf("events left (-want +got):\n%s", d)
	}
	// A month goes when its last day is old enough, and not before.
	f.ok(f.Upkeep(t.Context(), month(1).Add(-time.Second), ages))
	if d := cmp.Diff("events_2031_01", partitions()[0]); d != "" {
		t.Errorf("the oldest partition (-want +got):\n%s", d)
	}
	f.ok(f.Upkeep(t.Context(), month(-1).Add(60*day), ages))
	if d := cmp.Diff("events_2031_02", partitions()[0]); d != "" {
		t.Errorf("the oldest partition later (-want +got):\n%s", d)
	}
}

// Who is in somebody's way is waited for a moment, then left for later.
func TestBusyPartitionStays(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Postgres(t))
	f.ok(f.EnsurePartitions(t.Context(), noon.AddDate(0, -6, 0)))
	tx, err := f.db.Write.BeginTx(t.Context(), nil)
	f.ok(err)
	var n int
	f.ok(tx.QueryRowContext(t.Context(), "SELECT count(*) FROM events_2030_09").Scan(&n))
	ages := quiet
	ages.Events = 30 * day
	if err := f.Upkeep(t.Context(), noon, ages); err == nil {
		t.Error("a partition was dropped under a reader")
	}
	f.ok(tx.Rollback())
	f.ok(f.Upkeep(t.Context(), noon, ages))
}

func TestLeftBefore(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for i, left := range []time.Duration{-50 * day, -40 * day, -10 * day, 0} {
			s := f.person(int64(i + 1))
			if s.Subscribed = left == 0; left != 0 {
				s.StoppedAt = noon.Add(left)
			}
			f.save(&usecase.IngestChanges{Subscribers: []*domain.Subscriber{s}})
		}
		f.person(9) // never subscribed
		f.words()
		got, err := f.LeftBefore(t.Context(), "", noon.Add(-30*day), 10)
		f.ok(err)
		if d := cmp.Diff([]domain.SubscriberKey{personKey(1), personKey(2)}, got); d != "" {
			t.Errorf("who left (-want +got):\n%s", d)
		}
		// Once the project says itself how long it keeps people, it is asked for
		// alone.
		p := project("p")
		p.KeepPeople = 5
		f.ok(f.UpdateProject(t.Context(), p))
		keeping, err := f.KeepingPeople(t.Context())
		f.ok(err)
		if d := cmp.Diff(map[string]int{"p": 5}, keeping); d != "" {
			t.Errorf("who keeps people how long (-want +got):\n%s", d)
		}
		others, err := f.LeftBefore(t.Context(), "", noon, 10)
		f.ok(err)
		own, err := f.LeftBefore(t.Context(), "p", noon.Add(-5*day), 10)
		f.ok(err)
		if len(others) != 0 || len(own) != 3 {
			t.Errorf("by the service's setting %d, by its own %d; want 0 and 3", len(others), len(own))
		}
	})
}
