//go:build linux

package faults_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// smallDisk is a folder that takes no more than its size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Fatalf("a folder of limited size can not be made (run as root, where mounting is allowed): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillUp writes until nothing more fits.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}

// TestDiskFull: the disk of the data is full, with the database and the
// embedded NATS server on it, and has room again. Nothing that was answered 200
// is lost, everything goes on by itself, and the process stops cleanly.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "64m")
	w := newWorld(t, options{dir: dir})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	l.goesOn(time.Second)
	ballast := filepath.Join(dir, "ballast")
	fillUp(t, ballast)
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
