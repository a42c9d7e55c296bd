package faults_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// TestLongRestored: the database is lost, and a dump that was made under load
// is restored on another server. What came after the dump is taken again from
// the log of requests, under the ids it had.
func TestLongRestored(t *testing.T) {
	t.Parallel()
	lost := ownServer(t, pgtmp.Options{})
	broker := newNATS(t, 0)
	w := newWorld(t, options{database: lost.URL, natsURL: broker.url(), crew: sharedWork})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	w.slowNetworks() // some conversions are under way, and some due, when the dump is made
	l.goesOn(2 * time.Second)
	file := filepath.Join(t.TempDir(), "tgtrack.dump")
	run(t, ".", program(t, lost, "pg_dump"), "--format=custom", "--file="+file, lost.URL)
	l.goesOn(3 * time.Second)
	stop()
	w.delivered(people + l.goals) // before the loss all was told to the networks
	for _, s := range w.crw.all {
		s.Stop()
	}
	if err := lost.Halt(t.Context()); err != nil {
		t.Fatal(err)
	}

	found := ownServer(t, pgtmp.Options{})
	run(t, ".", program(t, found, "pg_restore"), "--no-owner", "--dbname="+found.URL, file)
	js := connected(t, broker.url())
	for _, name := range []string{"TGTRACK_EVENTS", queue} {
		s, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.database = found.URL
	w.env = append(w.env, "TGTRACK_DATABASE_URL="+found.URL)
	w.open()
	e2e.Eventually(t, 45*time.Second, func() error { // processes that the dump knows are not yet gone
		cmd := exec.Command(e2e.Binary(t), "restore", "--dump")
		cmd.Env = append(append(e2e.Environ(), w.env...), "TGTRACK_DATA_DIR="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	w.start()
	began := time.Now()
	w.replays("refill")
	w.replays("requests")
	w.heals(healsWithin, "the replay")
	t.Logf("what was lost was taken again within %s", time.Since(began).Round(10*time.Millisecond))
	l.judge()
}

func program(t *testing.T, s *pgtmp.Server, name string) string {
	t.Helper()
	path, err := s.Program(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
