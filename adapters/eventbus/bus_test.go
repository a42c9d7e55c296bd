package eventbus_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
)

// bus is an embedded server without a port that a test can stop, wipe and
// start again, and a connection that finds it again.
type bus struct {
	t   *testing.T
	dir string
	js  jetstream.JetStream

	mu  sync.Mutex
	srv *server.Server // nil while stopped
}

func newBus(t *testing.T) *bus {
	t.Helper()
	b := &bus{t: t, dir: t.TempDir()}
	b.start()
	b.js = b.connect()
	t.Cleanup(b.stop)
	b.ensure(eventbus.Limits{})
	return b
}

// connect registers its closing before that of the server runs.
func (b *bus) connect() jetstream.JetStream {
	b.t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(b), nats.MaxReconnects(-1),
		nats.ReconnectWait(10*time.Millisecond), nats.ReconnectJitter(0, 0))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		b.t.Fatal(err)
	}
	return js
}

// InProcessConn connects to the server of the moment.
func (b *bus) InProcessConn() (net.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.srv == nil {
		return nil, errors.New("stopped")
	}
	return b.srv.InProcessConn()
}

func (b *bus) start() {
	b.t.Helper()
	s, err := server.NewServer(&server.Options{
		DontListen: true, JetStream: true, StoreDir: b.dir, NoSigs: true,
		JetStreamMaxStore: 1 << 40, JetStreamMaxMemory: 1 << 28,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		b.t.Fatal("server does not start")
	}
	b.mu.Lock()
	b.srv = s
	b.mu.Unlock()
}

func (b *bus) stop() {
	b.mu.Lock()
	s := b.srv
	b.srv = nil
	b.mu.Unlock()
	if s != nil {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// wipe loses everything the server kept.
func (b *bus) wipe() {
	b.t.Helper()
	b.stop()
	if err := os.RemoveAll(b.dir + "/jetstream"); err != nil {
		b.t.Fatal(err)
	}
	b.start()
}

func (b *bus) ensure(l eventbus.Limits) {
	b.t.Helper()
	if err := eventbus.Ensure(b.t.Context(), b.js, l); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bus) again(ctx context.Context) error {
	return eventbus.Ensure(ctx, b.js, eventbus.Limits{})
}

func (b *bus) info(stream string) *jetstream.StreamInfo {
	b.t.Helper()
	s, err := b.js.Stream(b.t.Context(), stream)
	if err != nil {
		b.t.Fatal(err)
	}
	info, err := s.Info(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return info
}

func (b *bus) count(stream string) int { return int(b.info(stream).State.Msgs) }

// messages reads a whole stream without consuming it.
func (b *bus) messages(stream string) []*jetstream.RawStreamMsg {
	b.t.Helper()
	s, err := b.js.Stream(b.t.Context(), stream)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []*jetstream.RawStreamMsg
	state := s.CachedInfo().State
	for seq := state.FirstSeq; seq > 0 && seq <= state.LastSeq; seq++ {
		m, err := s.GetMsg(b.t.Context(), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			b.t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func (b *bus) publish(subject, id string, data []byte) {
	b.t.Helper()
	m := nats.NewMsg(subject)
	m.Data = data
	if id != "" {
		m.Header.Set(jetstream.MsgIDHeader, id)
	}
	if _, err := b.js.PublishMsg(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

// until polls until done is true; it fails the test after a while.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("still not: " + what)
		}
	}
}

// run starts f and gives a function that ends it and waits.
func run(t *testing.T, f func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Error("does not stop")
		}
	})
	t.Cleanup(stop)
	return stop
}

// testLog shows what is logged when a test fails.
func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// tally is an Observer.
type tally struct {
	mu                sync.Mutex
	published, failed map[string]int
	ages              map[string]time.Duration
	dropped, leftOut  int
	trimmed           map[string]int
}

func newTally() *tally {
	return &tally{published: map[string]int{}, failed: map[string]int{}, ages: map[string]time.Duration{},
		trimmed: map[string]int{}}
}

func (y *tally) Published(stream string, n int) { y.with(func() { y.published[stream] += n }) }
func (y *tally) Failed(stream string, n int)    { y.with(func() { y.failed[stream] += n }) }
func (y *tally) Dropped(n int)                  { y.with(func() { y.dropped += n }) }
func (y *tally) LeftOut(n int)                  { y.with(func() { y.leftOut += n }) }
func (y *tally) Trimmed(stream string, n int)   { y.with(func() { y.trimmed[stream] += n }) }
func (y *tally) OldestAge(stream string, age time.Duration) {
	y.with(func() { y.ages[stream] = max(age, y.ages[stream]) })
}

func (y *tally) publishedOf(stream string) (n int) {
	y.with(func() { n = y.published[stream] })
	return n
}

func (y *tally) with(f func()) {
	y.mu.Lock()
	defer y.mu.Unlock()
	f()
}
