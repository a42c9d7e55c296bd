package natsconn_test

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
)

// freezer is a way to a server that can fall silent, as a frozen host does: it
// closes nothing and takes connections.
type freezer struct {
	to     string
	l      net.Listener
	mu     sync.Mutex
	frozen bool
	conns  []net.Conn
}

func newFreezer(t *testing.T, to string) *freezer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &freezer{to: to, l: l}
	go f.serve()
	t.Cleanup(func() {
		_ = l.Close()
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, c := range f.conns {
			_ = c.Close()
		}
	})
	return f
}

func (f *freezer) serve() {
	for {
		in, err := f.l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", f.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		f.mu.Lock()
		f.conns = append(f.conns, in, out)
		f.mu.Unlock()
		go f.pass(in, out)
		go f.pass(out, in)
	}
}

func (f *freezer) pass(from, to net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		f.mu.Lock()
		frozen := f.frozen
		f.mu.Unlock()
		if frozen && err == nil {
			continue // swallowed
		}
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			_ = to.Close()
			return
		}
	}
}

func (f *freezer) freeze() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.frozen = true
}

// A server that falls silent is given up within 10 s.
func TestFrozenServerIsGivenUp(t *testing.T) {
	t.Parallel()
	s := outside(t, server.Options{})
	f := newFreezer(t, s.Addr().String())
	c := open(t, natsconn.Options{URL: "nats://" + f.l.Addr().String()})
	defer closeConn(t, c)
	eventually(t, "the connection", func() bool { return c.Ready() == nil })
	f.freeze()
	began := time.Now()
	eventually(t, "the silence to be noticed", func() bool { return c.Ready() != nil })
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("noticed after %s", took)
	}
}
