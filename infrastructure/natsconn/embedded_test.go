//go:build linux

package natsconn_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
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
	f, err := os.Create(path)
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

// When the disk of the embedded server was full and has room again, streams
// are written again, and Ready says meanwhile what is the matter.
func TestEmbeddedAfterAFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "24m")
	c := open(t, natsconn.Options{Dir: filepath.Join(dir, "jetstream"), Listen: "127.0.0.1:0"})
	defer closeConn(t, c)
	address := c.ClientURL()
	stream(t, c)
	body := make([]byte, 64<<10)
	_, _ = rand.Read(body)
	publish := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.JS.Publish(ctx, "things.a", body, jetstream.WithRetryAttempts(0))
		return err
	}
	if err := publish(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		ballast := filepath.Join(dir, "ballast")
		fillUp(t, ballast)
		eventually(t, "a refusal", func() bool { return publish() != nil })
		eventually(t, "Ready to say it", func() bool {
			_ = publish()
			err := c.Ready()
			return err != nil && strings.Contains(err.Error(), "make room")
		})
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		eventually(t, "streams to be written again", func() bool { return c.Ready() == nil && publish() == nil })
		took := time.Since(began)
		t.Logf("after %s", took)
		if took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
	}
	if got := c.ClientURL(); got != address {
		t.Errorf("the port is %s, was %s", got, address)
	}
}
