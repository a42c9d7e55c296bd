package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// TestLarge fills a small large database, and looks at its pages.
func TestLarge(t *testing.T) {
	t.Parallel()
	o := options{
		binary: e2e.Binary(t), people: 1200, copies: 6, projects: []int{4}, quiet: 300 * time.Millisecond,
		pageRounds:  1,
		connections: []int{8}, measure: 200 * time.Millisecond, databases: []string{database.SQLite}, dir: t.TempDir(),
	}
	b, err := openBenchmark(t.Context(), o, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	}()
	s, err := b.serve(t.Context(), b.contenders[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	ts, links, err := s.past(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.fillLarge(t.Context(), s, ts, links); err != nil {
		t.Fatal(err)
	}
	isFilled(t, b, s, ts[0].id)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	of := subjectOf(ts, links)
	if err := b.measurePages(t.Context(), s, of, session); err != nil {
		t.Fatal(err)
	}
	if len(b.report.Pages) != len(of.pages()) {
		t.Errorf("%d pages were measured of %d", len(b.report.Pages), len(of.pages()))
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	s.counted = true
	if got, err := b.runLarge(t.Context(), s, ts, row{Part: starts, Connections: 8, Projects: 4,
		seconds: b.measure}); err != nil || got.PerSecond <= 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// isFilled holds that a database is as large as was asked for, has a past, and
// no future.
func isFilled(t *testing.T, b *benchmark, s *service, largest string) {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{Dir: s.place.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]int{
		`SELECT count(*) FROM people`: b.people, `SELECT count(DISTINCT user_id) FROM people`: b.people,
		`SELECT count(*) FROM events`:           b.report.Machine.Events,
		`SELECT count(DISTINCT id) FROM events`: b.report.Machine.Events,
		`SELECT count(*) FROM people p JOIN projects r ON r.no = p.project_no
			WHERE r.id = '` + largest + `'`: b.people / 10,
		`SELECT count(*) FROM events WHERE occurred_at > unixepoch() * 1000000`:                        0,
		`SELECT count(*) > 0 FROM events WHERE occurred_at < unixepoch('now', '-11 months') * 1000000`: 1,
		`SELECT count(*) > 0 FROM events WHERE occurred_at > unixepoch('now', '-1 months') * 1000000`:  1,
		`SELECT count(*) FROM events v WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.no = v.person_no
			AND p.project_no = v.project_no)`: 0,
		`SELECT count(*) FROM people p WHERE p.seq <> (SELECT count(*) FROM events v WHERE v.person_no = p.no)`: 0,
		`SELECT count(*) FROM episodes e WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.no = e.person_no)`:    0,
		`SELECT count(*) FROM episodes e WHERE e.click_no <> 0 AND NOT EXISTS (SELECT 1 FROM clicks c
			WHERE c.no = e.click_no AND c.claimed_by = e.person_no AND c.at < e.opened_at)`: 0,
		`SELECT count(*) > 0 FROM episodes WHERE click_no <> 0`:                                                1,
		`SELECT count(*) > 0 FROM episodes WHERE closed_at > opened_at`:                                        1,
		`SELECT count(*) FROM conversions c WHERE NOT EXISTS (SELECT 1 FROM events v WHERE v.id = c.event_id)`: 0,
		`SELECT count(*) FROM sqlite_master WHERE name LIKE 'slice%'`:                                          0,
		`SELECT count(*) FROM sqlite_master WHERE name = 'events_person'`:                                      1,
	} {
		var got int
		if err := db.Read.DB.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", query, got, err, want)
		}
	}
}

// Of a life, everything happens once, and the large project's people do as
// much as was said of it.
func TestLives(t *testing.T) {
	t.Parallel()
	ts, links := unknownTargets("http://server", 5), unknownTargets("http://server", 3)
	const n = 1000
	var people atomic.Int64
	s := &lifeScript{w: newWriter(0, time.Now()), people: &people, total: n,
		life: func(n int) life { return lifeOf(ts, links, n) }}
	bodies, clicks, events := map[string]bool{}, 0, 0
	for c := s.next(); c.address != ""; c = s.next() {
		if c.body == nil {
			clicks++
			s.answered("https://t.me/bench_bot?start=TGTrack-PJ" + fmt.Sprintf("%020x", clicks))
			continue
		}
		if events++; bodies[c.address+string(c.body)] {
			t.Errorf("%s came twice", c.body)
		}
		bodies[c.address+string(c.body)] = true
	}
	if events < 4*n || events > 6*n || clicks == 0 {
		t.Errorf("%d people have %d events and %d clicks", n, events, clicks)
	}
}
