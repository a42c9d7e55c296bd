package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/infrastructure/freeport"
	"github.com/tgtrack/tgtrack/usecase"
)

// cluster is a NATS cluster of three in this process, each node of which can be
// stopped and started.
type cluster struct {
	t     *testing.T
	nodes [3]*server.Server
	o     [3]server.Options
	js    jetstream.JetStream
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t}
	var routes []*url.URL
	for range c.nodes {
		addr, err := freeport.Addr()
		if err != nil {
			t.Fatal(err)
		}
		routes = append(routes, &url.URL{Scheme: "nats", Host: addr})
	}
	for i := range c.nodes {
		host, port, err := net.SplitHostPort(routes[i].Host)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			t.Fatal(err)
		}
		c.o[i] = server.Options{
			ServerName: fmt.Sprintf("n%d", i+1), Host: host, Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), JetStreamMaxStore: 1 << 50, Routes: routes,
			Cluster: server.ClusterOpts{Name: "test", Host: host, Port: n},
		}
		c.start(i)
	}
	t.Cleanup(func() {
		for i := range c.nodes {
			c.stop(i)
		}
	})
	c.js = c.connect()
	return c
}

func (c *cluster) start(i int) {
	c.t.Helper()
	o := c.o[i] // the server writes into it
	s, err := server.NewServer(&o)
	if err != nil {
		c.t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		c.t.Fatal("the node does not start")
	}
	if c.o[i].Port == server.RANDOM_PORT {
		c.o[i].Port = s.Addr().(*net.TCPAddr).Port // the same from now on
	}
	c.nodes[i] = s
}

func (c *cluster) stop(i int) {
	c.nodes[i].Shutdown()
	c.nodes[i].WaitForShutdown()
}

// index of a node by its name.
func (c *cluster) index(name string) int {
	for i := range c.o {
		if c.o[i].ServerName == name {
			return i
		}
	}
	c.t.Fatalf("no node %q", name)
	return 0
}

func (c *cluster) connect() jetstream.JetStream {
	c.t.Helper()
	var urls []string
	for _, s := range c.nodes {
		urls = append(urls, s.ClientURL())
	}
	nc, err := nats.Connect(strings.Join(urls, ","), nats.MaxReconnects(-1),
		nats.ReconnectWait(50*time.Millisecond), nats.ReconnectJitter(0, 0))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		c.t.Fatal(err)
	}
	within(c.t, time.Minute, "the nodes to find each other", func() error {
		if n := len(nc.Servers()); n < len(c.nodes) {
			return fmt.Errorf("%d servers", n)
		}
		for _, s := range c.nodes {
			if s.JetStreamIsLeader() {
				_, err := js.AccountInfo(c.t.Context())
				return err
			}
		}
		return errors.New("no leader")
	})
	return js
}

// within polls until what is looked for holds.
func within(t *testing.T, d time.Duration, what string, look func() error) {
	t.Helper()
	deadline, tick := time.After(d), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		err := look()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s: %v", what, err)
		}
	}
}

func (c *cluster) replicas(stream string) int {
	c.t.Helper()
	s, err := c.js.Stream(c.t.Context(), stream)
	if err != nil {
		c.t.Fatal(err)
	}
	return s.CachedInfo().Config.Replicas
}

// ensure makes the streams; a cluster that was just made may still be busy.
func (c *cluster) ensure(l eventbus.Limits) {
	c.t.Helper()
	within(c.t, time.Minute, "the streams", func() error { return eventbus.Ensure(c.t.Context(), c.js, l) })
}

// In a cluster of three a stream has three copies, also one that had fewer, and
// so have its consumers; nobody who asks for fewer later lowers that.
func TestReplicasInACluster(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.ensure(eventbus.Limits{Replicas: 1})
	if n := c.replicas(eventbus.StreamEvents); n != 1 {
		t.Fatalf("%d copies, asked for 1", n)
	}
	if _, err := c.js.CreateOrUpdateConsumer(t.Context(), eventbus.StreamEvents,
		jetstream.ConsumerConfig{Durable: "early", AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
		t.Fatal(err)
	}
	for _, l := range []eventbus.Limits{{}, {Replicas: 1}, {Replicas: 5}} {
		c.ensure(l)
		for _, name := range eventbus.Streams() {
			if n := c.replicas(name); n != 3 {
				t.Errorf("%s: %d copies after %+v", name, n, l)
			}
		}
	}
	within(t, 30*time.Second, "the consumer's copies", func() error {
		cons, err := c.js.Consumer(t.Context(), eventbus.StreamEvents, "early")
		if err != nil {
			return err
		}
		if info := cons.CachedInfo(); info.Cluster == nil || len(info.Cluster.Replicas) != 2 {
			return fmt.Errorf("the consumer is on %+v", info.Cluster)
		}
		return nil
	})
	// One that is made again has them at once.
	if err := c.js.DeleteStream(t.Context(), eventbus.StreamEvents); err != nil {
		t.Fatal(err)
	}
	c.ensure(eventbus.Limits{})
	if n := c.replicas(eventbus.StreamEvents); n != 3 {
		t.Errorf("made again: %d copies", n)
	}
}

// Copies that find no nodes keep no stream from being made, and are made when
// the nodes are there.
func TestReplicasComeWithTheirNodes(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.stop(2)
	within(t, time.Minute, "the loss to be known", func() error {
		return eventbus.Ensure(t.Context(), c.js, eventbus.Limits{Replicas: 3})
	})
	c.start(2)
	within(t, 60*time.Second, "the copies", func() error {
		if err := eventbus.Ensure(t.Context(), c.js, eventbus.Limits{Replicas: 3}); err != nil {
			return err
		}
		for _, name := range eventbus.Streams() {
			if n := c.replicas(name); n != 3 {
				return fmt.Errorf("%s: %d copies", name, n)
			}
		}
		return nil
	})
}

// fixed is a connection that always is ready.
type fixed struct{ ready, denied error }

func (f fixed) Ready() error  { return f.ready }
func (f fixed) Denied() error { return f.denied }

// Who asks is told when a stream does not serve, and when it has lost a copy.
func TestHealthInACluster(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.ensure(eventbus.Limits{Replicas: 1})
	h := eventbus.NewHealth(c.js, fixed{}, nil)
	if found := h.Look(t.Context()); len(found) > 0 {
		t.Fatalf("found %+v", found)
	}
	only := c.leader(eventbus.StreamEvents)
	c.stop(only)
	within(t, 20*time.Second, "the dead node to be told of", func() error {
		err := h.Err(t.Context())
		if err == nil || !strings.Contains(err.Error(), "tgtrack streams recreate TGTRACK_EVENTS") {
			return fmt.Errorf("got %w", err)
		}
		return nil
	})
	c.start(only)
	within(t, 20*time.Second, "the node to be back", func() error { return h.Err(t.Context()) })
	within(t, time.Minute, "three copies", func() error {
		// A node that just came back may not take a copy yet: the service asks again.
		if err := eventbus.Ensure(t.Context(), c.js, eventbus.Limits{Replicas: 3}); err != nil {
			return err
		}
		if found := h.Look(t.Context()); len(found) > 0 {
			return found[0]
		}
		return c.inStep()
	})
	c.stop(c.follower(eventbus.StreamEvents))
	within(t, 30*time.Second, "the lost copy to be told of", func() error {
		for _, f := range h.Look(t.Context()) {
			if f.Stream == eventbus.StreamEvents && f.Serves && strings.Contains(f.Is, "2 of 3 copies") {
				return nil
			}
		}
		return errors.New("not told")
	})
	within(t, 30*time.Second, "all to serve", func() error { return h.Err(t.Context()) })
}

// inStep is nil when every stream has three copies that are the same.
func (c *cluster) inStep() error {
	for _, name := range eventbus.Streams() {
		s, err := c.js.Stream(c.t.Context(), name)
		if err != nil {
			return err
		}
		info := s.CachedInfo().Cluster
		if len(info.Replicas) != 2 || !info.Replicas[0].Current || !info.Replicas[1].Current {
			return fmt.Errorf("%s is at %+v", name, info)
		}
	}
	return nil
}

func (c *cluster) leader(stream string) int {
	c.t.Helper()
	s, err := c.js.Stream(c.t.Context(), stream)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.index(s.CachedInfo().Cluster.Leader)
}

func (c *cluster) follower(stream string) int {
	c.t.Helper()
	s, err := c.js.Stream(c.t.Context(), stream)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.index(s.CachedInfo().Cluster.Replicas[0].Name)
}

// The node of a queue dies when the queue has copies already and its consumer
// has not: messages are handed over again soon.
func TestConsumerOutlivesItsOnlyNode(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.ensure(eventbus.Limits{Replicas: 1})
	h := eventbus.NewHealth(c.js, fixed{}, nil)
	got := make(chan string, 10)
	cons := eventbus.NewConversions(c.js, "yandex", eventbus.ConsumerOptions{
		Poll: 500 * time.Millisecond, DeafAfter: 3 * time.Second, Logger: testLog(t), Health: h})
	run(t, func(ctx context.Context) error {
		return cons.Run(ctx, func(_ context.Context, hs []usecase.Handover) error {
			for _, h := range hs {
				got <- h.AccountID
			}
			return nil
		})
	})
	within(t, 20*time.Second, "the consumer", func() error {
		_, err := c.js.Consumer(t.Context(), eventbus.StreamConversions, "deliver-yandex")
		return err
	})
	node := c.leader(eventbus.StreamConversions)
	c.ensure(eventbus.Limits{Replicas: 3})
	within(t, 30*time.Second, "three copies", c.inStep)
	c.stop(node)
	within(t, 30*time.Second, "a message to be taken by the stream", func() error {
		_, err := c.js.Publish(t.Context(), "tgtrack.conversions.yandex.a1", []byte(
			`{"schema":"tgtrack.handover.v1","network":"yandex","ad_account_id":"a1","conversion_ids":["`+
				strings.Repeat("0", 32)+`"]}`), jetstream.WithMsgID("m1"))
		return err
	})
	began := time.Now()
	select {
	case <-got:
		t.Logf("handed over after %s", time.Since(began).Round(time.Millisecond))
	case <-time.After(40 * time.Second):
		t.Fatal("nothing is handed over")
	}
	within(t, 10*time.Second, "all to serve", func() error { return h.Err(t.Context()) })
}
