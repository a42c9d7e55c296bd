//go:build linux

package faults_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/smalldisk"
)

// TestDiskFull: the disk of the data is full, although some of it should have
// been left, with the database and the
// embedded NATS server on it, and has room again. Nothing that was answered 200
// is lost, everything goes on by itself, and the process stops cleanly.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	smalldisk.In(t, "256m", func(dir string) { fullDisk(t, dir) })
}

func fullDisk(t *testing.T, dir string) {
	t.Helper()
	w := newWorld(t, options{dir: dir, env: []string{"TGTRACK_DISK_RESERVE=0B", "TGTRACK_DISK_CLICKS_BELOW=0%"}})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	l.goesOn(time.Second)
	ballast := filepath.Join(dir, "ballast")
	smalldisk.Fill(t, ballast)
	l.refuses(30 * time.Second)
	goOn(3 * time.Second)
	w.saysFull()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	l.recovers()
	w.carriesWithin(10 * time.Second)
	stop()
	// The server acknowledges what it writes a moment later: what it could not
	// write then is put back.
	job := w.s.API(201, "POST", "/replays", map[string]any{"kind": "refill"})["id"].(string)
	e2e.Eventually(t, 30*time.Second, func() error {
		if j := w.s.API(200, "GET", "/replays/"+job, nil); j["state"] != "done" {
			return fmt.Errorf("the refill is %v", j)
		}
		return nil
	})
	l.judge()
	w.s.Stop()
}

// saysFull: readiness names the disk while it is full.
func (w *world) saysFull() {
	w.t.Helper()
	e2e.Eventually(w.t, 10*time.Second, func() error {
		res, err := e2e.Do(w.t.Context(), http.MethodGet, w.s.URL+"/readyz", "")
		if err != nil {
			return err
		}
		if !strings.Contains(string(res.Body), "make room on that disk") {
			return fmt.Errorf("readyz says %d %s\n%.3000s", res.Code, res.Body, w.s.Log())
		}
		return nil
	})
}
