package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/usecase"
)

// A process is listed from its first sign until it stops; of one that died
// whoever takes its place says so, or an hour.
func TestProcesses(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		sign := func(id, host string, at time.Time) usecase.Process {
			t.Helper()
			p := usecase.Process{
				ID: id, Host: host, Address: "127.0.0.1:8080", Version: "v2", Roles: []string{"api", "relay"},
				MaxConns: 16, StartedAt: noon, SeenAt: at,
			}
			bound, err := f.SignProcess(t.Context(), p, at.Add(-usecase.ProcessGoneAfter))
			f.ok(err)
			if !bound {
				t.Error("all processes open what is sealed for its place")
			}
			return p
		}
		listed := func(want ...usecase.Process) {
			t.Helper()
			got, err := f.Processes(t.Context())
			f.ok(err)
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		}
		sign("a", "one", noon)
		a := sign("a", "one", noon.Add(10*time.Second))
		listed(a)
		// The same place, and a has been seen a moment ago: another host of that name.
		b := sign("b", "one", noon.Add(20*time.Second))
		listed(a, b)
		b = sign("b", "one", noon.Add(41*time.Second)) // a was there before b
		listed(b)
		c := sign("c", "two", noon.Add(50*time.Second))
		f.ok(f.EndProcess(t.Context(), "b"))
		listed(c)
		f.ok(f.Upkeep(t.Context(), noon.Add(time.Hour), store.Ages{}))
		listed(c)
		f.ok(f.Upkeep(t.Context(), noon.Add(2*time.Hour), store.Ages{}))
		listed()
	})
}

// On PostgreSQL a process of another place stays listed as gone; SQLite has
// one at a time.
func TestProcessesElsewhere(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		for i, host := range []string{"one", "two"} {
			at := noon.Add(time.Duration(i) * time.Minute)
			_, err := f.SignProcess(t.Context(), usecase.Process{ID: host, Host: host, StartedAt: at, SeenAt: at},
				at.Add(-usecase.ProcessGoneAfter))
			f.ok(err)
		}
		want := 2
		if f.db.Dialect == "sqlite" {
			want = 1
		}
		if n := f.count("processes"); n != want {
			t.Errorf("%d processes, want %d", n, want)
		}
	})
}

// While a process of a version before lives, nothing is sealed that it can not
// open: it says nothing of it. SQLite has one process at a time.
func TestOlderProcesses(t *testing.T) {
	eachEmpty(t, func(t *testing.T, f *fixture) {
		sign := func(id string, at time.Time) bool {
			t.Helper()
			bound, err := f.SignProcess(t.Context(), usecase.Process{ID: id, Host: id, StartedAt: noon, SeenAt: at},
				at.Add(-usecase.ProcessGoneAfter))
			f.ok(err)
			return bound
		}
		sign("old", noon)
		f.exec("UPDATE processes SET opens_bound = FALSE")
		lite := f.db.Dialect == "sqlite"
		if got := sign("new", noon.Add(20*time.Second)); got != lite {
			t.Errorf("beside an older process: %t", got)
		}
		if !sign("new", noon.Add(31*time.Second)) {
			t.Error("the older process is gone")
		}
	})
}
