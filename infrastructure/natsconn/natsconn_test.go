package natsconn_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/infrastructure/freeport"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
)

func open(t *testing.T, o natsconn.Options) *natsconn.Conn {
	t.Helper()
	c, err := natsconn.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func closeConn(t *testing.T, c *natsconn.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
}

func stream(t *testing.T, c *natsconn.Conn) jetstream.Stream {
	t.Helper()
	s, err := c.JS.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{
		Name: "THINGS", Subjects: []string{"things.>"}, MaxBytes: 1 << 40,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("waited in vain: " + what)
		}
	}
}

func TestEmbeddedKeepsMessages(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	for n := uint64(1); n <= 2; n++ {
		c := open(t, natsconn.Options{Dir: dir, SyncAlways: true})
		if !c.Embedded() || c.ClientURL() != "" {
			t.Errorf("embedded %v, address %q, want no port", c.Embedded(), c.ClientURL())
		}
		if err := c.Ready(); err != nil {
			t.Error(err)
		}
		s := stream(t, c)
		if _, err := c.JS.Publish(t.Context(), "things.a", []byte("x")); err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.State.Msgs != n {
			t.Errorf("start %d: %d messages, want %d", n, info.State.Msgs, n)
		}
		closeConn(t, c)
		if err := c.Ready(); !errors.Is(err, natsconn.ErrAway) {
			t.Errorf("Ready after Close = %v, want ErrAway", err)
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("folder has mode %o, want 700", info.Mode().Perm())
	}
}

// What a subscriber has received is finished before Close returns.
func TestCloseDrains(t *testing.T) {
	t.Parallel()
	c := open(t, natsconn.Options{Dir: t.TempDir()})
	var mu sync.Mutex
	got, first := 0, make(chan struct{})
	_, err := c.NC.Subscribe("plain", func(*nats.Msg) {
		mu.Lock()
		defer mu.Unlock()
		if got++; got == 1 {
			close(first)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if err := c.NC.Publish("plain", nil); err != nil {
			t.Fatal(err)
		}
	}
	<-first
	closeConn(t, c)
	mu.Lock()
	defer mu.Unlock()
	if got != 500 {
		t.Errorf("%d of 500 messages handled", got)
	}
}

// Messages that were never acknowledged, as those to a stream without a leader,
// do not keep others from being published.
func TestLostAcknowledgementsAreForgotten(t *testing.T) {
	t.Parallel()
	c := open(t, natsconn.Options{Dir: t.TempDir()})
	defer closeConn(t, c)
	stream(t, c)
	if _, err := c.NC.Subscribe("silent", func(*nats.Msg) {}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "too many without an answer", func() bool {
		for range 500 {
			if _, err := c.JS.PublishAsync("silent", nil, jetstream.WithStallWait(time.Millisecond)); err != nil {
				return true
			}
		}
		return false
	})
	eventually(t, "publishing to go on", func() bool {
		_, err := c.JS.PublishAsync("things.a", nil, jetstream.WithStallWait(time.Millisecond))
		return err == nil
	})
}

func TestListenAsksForTheToken(t *testing.T) {
	t.Parallel()
	c := open(t, natsconn.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", Access: natsconn.Access{Token: "let-me-in"}})
	defer closeConn(t, c)
	if nc, err := nats.Connect(c.ClientURL()); err == nil {
		nc.Close()
		t.Error("connected without the token")
	}
	outside := open(t, natsconn.Options{URL: c.ClientURL(), Access: natsconn.Access{Token: "let-me-in"}})
	defer closeConn(t, outside)
	eventually(t, "the connection with the token", func() bool { return outside.Ready() == nil })
	stream(t, outside)
	if _, err := c.JS.Stream(t.Context(), "THINGS"); err != nil {
		t.Errorf("the stream made outside is not there: %v", err)
	}
}

// A server that is not there yet must not hold up the start, nor one that was
// there and comes back need a restart.
func TestOutsideServerComesAndGoes(t *testing.T) {
	t.Parallel()
	address, err := freeport.Addr()
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, natsconn.Options{URL: "nats://127.0.0.1:1,nats://" + address})
	defer closeConn(t, c)
	if err := c.Ready(); !errors.Is(err, natsconn.ErrAway) {
		t.Fatalf("Ready = %v, want ErrAway", err)
	}
	dir := t.TempDir()
	for range 2 {
		s := open(t, natsconn.Options{Dir: dir, Listen: address})
		eventually(t, "the connection", func() bool { return c.Ready() == nil })
		stream(t, c)
		closeConn(t, s)
		eventually(t, "the loss to be noticed", func() bool { return c.Ready() != nil })
		if err := c.NC.Publish("things.a", nil); err == nil {
			t.Error("published into the void")
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	inTheWay := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]natsconn.Options{
		"no folder":        {},
		"a file as folder": {Dir: inTheWay},
		"a bad port":       {Dir: t.TempDir(), Listen: "127.0.0.1:many"},
		"a broken address": {URL: "nats://u:hush@local host:x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := natsconn.Open(t.Context(), o)
			if err == nil {
				closeConn(t, c)
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := natsconn.Open(t.Context(), natsconn.Options{Dir: t.TempDir(), Listen: l.Addr().String()})
	if err == nil {
		closeConn(t, c)
		t.Fatal("opened on a port that is taken")
	}
	if !strings.Contains(err.Error(), "in use") {
		t.Errorf("the reason is missing: %v", err)
	}
}

func TestServerLogs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	closeConn(t, open(t, natsconn.Options{Dir: t.TempDir(), Log: log}))
	if !strings.Contains(out.String(), "level=DEBUG") || strings.Contains(out.String(), "level=INFO") {
		t.Errorf("the server's notices belong at debug:\n%s", out.String())
	}
}
