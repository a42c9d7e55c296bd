package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// nodeVariable makes a process of this test one node of a NATS cluster, so
// that it can be killed, frozen and wiped as a server is.
const nodeVariable = "FAULTS_NATS_NODE"

// nodeSettings are what a node is told.
type nodeSettings struct {
	Name, Store, Client, Route string
	Routes                     []string
}

// runNode serves until the process is killed.
func runNode(text string) error {
	var n nodeSettings
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return err
	}
	host, port, err := hostPort(n.Client)
	if err != nil {
		return err
	}
	routeHost, routePort, err := hostPort(n.Route)
	if err != nil {
		return err
	}
	o := &natsserver.Options{
		ServerName: n.Name, Host: host, Port: port, JetStream: true, StoreDir: n.Store,
		JetStreamMaxStore: 16 << 30, JetStreamMaxMemory: 64 << 20, NoSigs: true,
		Cluster: natsserver.ClusterOpts{Name: "faults", Host: routeHost, Port: routePort},
	}
	for _, r := range n.Routes {
		o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: r})
	}
	s, err := natsserver.NewServer(o)
	if err != nil {
		return err
	}
	s.ConfigureLogger()
	s.Start()
	s.WaitForShutdown()
	return nil
}

func hostPort(addr string) (string, int, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.Atoi(text)
	return host, port, err
}

// node is a NATS server of a cluster, a process of its own.
type node struct {
	t *testing.T
	nodeSettings
	cmd *exec.Cmd
	log bytes.Buffer
}

func (n *node) start() {
	n.t.Helper()
	settings, err := json.Marshal(n.nodeSettings)
	if err != nil {
		n.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		n.t.Fatal(err)
	}
	n.cmd = exec.Command(self)
	n.cmd.Env = append(os.Environ(), nodeVariable+"="+string(settings))
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	n.log.Reset()
	n.cmd.Stdout, n.cmd.Stderr = &n.log, &n.log
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
}

func (n *node) wipe() {
	n.t.Helper()
	if err := os.RemoveAll(n.Store); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) signal(sig syscall.Signal) {
	n.t.Helper()
	if err := n.cmd.Process.Signal(sig); err != nil {
		n.t.Fatal(err)
	}
}

// cluster is three nodes.
type cluster struct {
	t     *testing.T
	nodes [3]*node
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t}
	var routes []string
	for i := range c.nodes {
		n := &node{t: t, nodeSettings: nodeSettings{Name: fmt.Sprintf("node%d", i),
			Store: filepath.Join(t.TempDir(), "js"), Client: e2e.FreeAddr(t), Route: e2e.FreeAddr(t)}}
		routes = append(routes, n.Route)
		c.nodes[i] = n
	}
	for _, n := range c.nodes {
		n.Routes = routes
		n.start()
		t.Cleanup(func() {
			n.kill()
			if t.Failed() {
				text := n.log.String()
				t.Logf("%s: %s", n.Name, text[max(0, len(text)-2000):])
			}
		})
	}
	c.forms()
	return c
}

// url names all nodes.
func (c *cluster) url() string {
	var all []string
	for _, n := range c.nodes {
		all = append(all, "nats://"+n.Client)
	}
	return strings.Join(all, ",")
}

func (c *cluster) connect() (jetstream.JetStream, *nats.Conn, error) {
	nc, err := nats.Connect(c.url(), nats.Timeout(time.Second))
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(2*time.Second))
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return js, nc, nil
}

// forms waits until the nodes place three copies of a stream.
func (c *cluster) forms() {
	c.t.Helper()
	e2e.Eventually(c.t, 30*time.Second, func() error {
		js, nc, err := c.connect()
		if err != nil {
			return err
		}
		defer nc.Close()
		if _, err := js.CreateStream(c.t.Context(), jetstream.StreamConfig{Name: "FORMS", Replicas: 3}); err != nil {
			return fmt.Errorf("the cluster does not form: %w", err)
		}
		return js.DeleteStream(c.t.Context(), "FORMS")
	})
}

// replicated waits until each stream and consumer has its three copies, all of
// them up to date.
func (c *cluster) replicated(within time.Duration) {
	c.t.Helper()
	began := time.Now()
	defer func() { c.t.Logf("all copies were up to date after %s", time.Since(began).Round(10*time.Millisecond)) }()
	e2e.Eventually(c.t, within, func() error {
		js, nc, err := c.connect()
		if err != nil {
			return err
		}
		defer nc.Close()
		found := map[string]bool{}
		streams := js.ListStreams(c.t.Context())
		for s := range streams.Info() {
			found[s.Config.Name] = true
			if err := three(s.Config.Name, s.Config.Replicas, s.Cluster); err != nil {
				return err
			}
			stream, err := js.Stream(c.t.Context(), s.Config.Name)
			if err != nil {
				return err
			}
			consumers := stream.ListConsumers(c.t.Context())
			for k := range consumers.Info() {
				if k.Config.Durable == "" {
					continue // somebody's who looks in
				}
				found[k.Name] = true
				replicas := k.Config.Replicas
				if replicas == 0 {
					replicas = s.Config.Replicas
				}
				if err := three(s.Config.Name+" "+k.Name, replicas, k.Cluster); err != nil {
					return err
				}
			}
			if err := consumers.Err(); err != nil {
				return err
			}
		}
		if err := streams.Err(); err != nil {
			return err
		}
		for _, name := range []string{"TGTRACK_EVENTS", queue, "deliver-facebook", "deliver-postback"} {
			if !found[name] {
				return fmt.Errorf("%s is not there: %v", name, found)
			}
		}
		return nil
	})
}

func three(name string, replicas int, c *jetstream.ClusterInfo) error {
	if replicas != 3 || c == nil || c.Leader == "" {
		return fmt.Errorf("%s has %d replicas: %+v", name, replicas, c)
	}
	for _, p := range c.Replicas {
		if !p.Current || p.Offline {
			return fmt.Errorf("%s on %s is not up to date", name, p.Name)
		}
	}
	return nil
}

// leader is the node that leads a stream.
func (c *cluster) leader(stream string) *node {
	c.t.Helper()
	var found *node
	e2e.Eventually(c.t, 10*time.Second, func() error {
		js, nc, err := c.connect()
		if err != nil {
			return err
		}
		defer nc.Close()
		s, err := js.Stream(c.t.Context(), stream)
		if err != nil {
			return err
		}
		for _, n := range c.nodes {
			if info := s.CachedInfo().Cluster; info != nil && n.Name == info.Leader {
				found = n
				return nil
			}
		}
		return fmt.Errorf("%s has no leader", stream)
	})
	return found
}
