package faults_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// natsServer is a NATS server outside the service, with a fixed port.
type natsServer struct {
	t     *testing.T
	o     natsserver.Options
	s     *natsserver.Server
	store string
}

func newNATS(t *testing.T, maxStore int64) *natsServer {
	t.Helper()
	host, port, err := net.SplitHostPort(e2e.FreeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	store := t.TempDir()
	srv := &natsServer{t: t, store: store, o: natsserver.Options{
		Host: host, Port: n, JetStream: true, StoreDir: store, JetStreamMaxStore: maxStore, NoSigs: true, NoLog: true,
	}}
	srv.start()
	t.Cleanup(srv.stop)
	return srv
}

func (n *natsServer) url() string { return fmt.Sprintf("nats://%s:%d", n.o.Host, n.o.Port) }

func (n *natsServer) start() {
	n.t.Helper()
	o := n.o // the server writes into it
	s, err := natsserver.NewServer(&o)
	if err != nil {
		n.t.Fatal(err)
	}
	s.Start()
	n.s = s
	if !s.ReadyForConnections(10 * time.Second) {
		n.t.Fatal("the NATS server does not start")
	}
}

func (n *natsServer) stop() {
	n.s.Shutdown()
	n.s.WaitForShutdown()
}

// TestNATSStopped: requests are taken while NATS is away, and everything is
// carried on when it is back.
func TestNATSStopped(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, postgres string) {
		srv, o := outside(t, postgres, 0)
		w := newWorld(t, o)
		l := newLoad(w)
		stop := l.run(false)
		defer stop()
		for range 2 {
			l.goesOn(500 * time.Millisecond)
			srv.stop()
			l.goesOn(4 * time.Second)
			srv.start()
			w.carries()
		}
		stop()
		l.judge()
	})
}

// outside are options with a NATS server outside.
func outside(t *testing.T, postgres string, maxStore int64) (*natsServer, options) {
	t.Helper()
	srv := newNATS(t, maxStore)
	return srv, options{database: postgres, natsURL: srv.url()}
}

// carries tells that what is taken now is in the stream soon.
func (w *world) carries() {
	w.t.Helper()
	w.carriesWithin(recoverWithin)
}

func (w *world) carriesWithin(d time.Duration) {
	w.t.Helper()
	began := time.Now()
	a := w.s.Event(w.key, "send_reach_goal", fmt.Sprintf(`{"user_id":1,"target":"probe%d"}`, len(w.probes)))
	if a.Code != 200 {
		w.t.Fatalf("a goal while NATS comes back: %d %s", a.Code, a.Body)
	}
	id := a.JSON(w.t)["data"].(map[string]any)["events"].([]any)[0].(map[string]any)["id"].(string)
	w.probes[id] = 1
	e2e.Eventually(w.t, d, func() error {
		got, err := w.published()
		if err != nil {
			return err
		}
		if got[id] != 1 {
			return fmt.Errorf("the event is in the stream %d times\n%.3000s", got[id], w.s.Log())
		}
		return nil
	})
	w.t.Logf("events were carried again %s after it came back", time.Since(began).Round(10*time.Millisecond))
}

// TestNATSWiped: the store of NATS is lost while the service runs. A refill
// puts back what was in it.
func TestNATSWiped(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, postgres string) {
		srv, o := outside(t, postgres, 0)
		w := newWorld(t, o)
		l := newLoad(w)
		stop := l.run(false)
		defer stop()
		l.goesOn(time.Second)
		srv.stop()
		if err := os.RemoveAll(srv.store); err != nil {
			t.Fatal(err)
		}
		l.goesOn(time.Second)
		srv.start()
		w.carries()
		l.goesOn(time.Second)
		stop()
		w.replays("refill")
		l.judge()
	})
}

// TestJetStreamFull: the store has no room left, and later some.
func TestJetStreamFull(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, postgres string) {
		const store = 24 << 20
		_, o := outside(t, postgres, store)
		o.env = []string{"TGTRACK_NATS_MAX_BYTES_EVENTS=8MiB", "TGTRACK_NATS_MAX_BYTES_CONVERSIONS=1MiB",
			"TGTRACK_REQUESTS_MAX_BYTES=1MiB"}
		w := newWorld(t, o)
		l := newLoad(w)
		stop := l.run(false)
		defer stop()
		l.goesOn(time.Second)
		room := takeRoom(t, w.natsURL, store)
		l.goesOn(3 * time.Second)
		if !strings.Contains(w.s.Log(), "relay failed") {
			t.Error("the store was not full")
		}
		room()
		w.carries()
		stop()
		l.judge()
	})
}

// takeRoom fills the store of a NATS server to the brim with a stream of
// another program.
func takeRoom(t *testing.T, url string, size int) (release func()) {
	t.Helper()
	js := connected(t, url)
	if _, err := js.CreateStream(t.Context(),
		jetstream.StreamConfig{Name: "OTHER", Subjects: []string{"other"}}); err != nil {
		t.Fatal(err)
	}
	for chunk := 256 << 10; chunk >= 16; chunk /= 4 {
		for n := 0; ; n++ {
			_, err := js.Publish(t.Context(), "other", make([]byte, chunk))
			if err != nil {
				var api *jetstream.APIError
				if !errors.As(err, &api) {
					t.Fatal(err)
				}
				break
			}
			if n > size/chunk {
				t.Fatal("the store does not get full")
			}
		}
	}
	return func() {
		if err := js.DeleteStream(context.Background(), "OTHER"); err != nil {
			t.Fatal(err)
		}
	}
}

// connected is a connection that goes with the test.
func connected(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// replays starts a replay and waits for its end.
func (w *world) replays(kind string) {
	w.t.Helper()
	job := w.s.API(201, "POST", "/replays", map[string]any{"kind": kind})["id"].(string)
	e2e.Eventually(w.t, time.Minute, func() error {
		if j := w.s.API(200, "GET", "/replays/"+job, nil); j["state"] != "done" {
			return fmt.Errorf("%s is %v", kind, j)
		}
		return nil
	})
}
