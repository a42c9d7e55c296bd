//go:build linux

package natsconn_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/infrastructure/smalldisk"
)

// When the disk of the embedded server was full and has room again, streams
// are written again, and Ready says meanwhile what is the matter.
func TestEmbeddedAfterAFullDisk(t *testing.T) {
	t.Parallel()
	smalldisk.In(t, "24m", func(dir string) { afterAFullDisk(t, dir) })
}

func afterAFullDisk(t *testing.T, dir string) {
	t.Helper()
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
		smalldisk.Fill(t, ballast)
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
