package database

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// How the system notices by itself that the host at the other end is gone: it
// asks a quiet connection for a sign of life, and does not wait for long for
// what was sent to be received. A server that hangs on a host that lives is
// found by the watch.
const (
	aliveAfter = 4 * time.Second
	aliveEvery = time.Second
	aliveTries = 4
	sentWithin = 8 * time.Second
)

// sockets are the connections to PostgreSQL below pgx, by the address of the
// server, so that all to one that hangs can be cut off.
type sockets struct {
	dial pgconn.DialFunc
	// refused has a value when a connection could not be made lately.
	refused chan struct{}

	mu   sync.Mutex
	open map[string]*served
}

// served are the sockets of one address.
type served struct {
	sockets map[*socket]struct{}
	heard   atomic.Int64 // rises whenever anything comes from there
}

func newSockets(timeout time.Duration) *sockets {
	d := net.Dialer{
		Timeout: timeout,
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: aliveAfter, Interval: aliveEvery, Count: aliveTries,
		},
		Control: func(network, _ string, c syscall.RawConn) error {
			if !strings.HasPrefix(network, "tcp") {
				return nil
			}
			return limitUnreceived(c, sentWithin)
		},
	}
	return &sockets{dial: d.DialContext, refused: make(chan struct{}, 1), open: map[string]*served{}}
}

// connect is pgx' dial function.
func (s *sockets) connect(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := s.dial(ctx, network, address)
	if err != nil {
		select {
		case s.refused <- struct{}{}:
		default:
		}
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.at(address)
	k := &socket{Conn: c, of: s, at: at}
	at.sockets[k] = struct{}{}
	return k, nil
}

func (s *sockets) at(address string) *served {
	at := s.open[address]
	if at == nil {
		at = &served{sockets: map[*socket]struct{}{}}
		s.open[address] = at
	}
	return at
}

// heard is a count that rises whenever anything comes from an address.
func (s *sockets) heard(address string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at(address).heard.Load()
}

// cut closes the sockets of the addresses that are meant: whoever waits for an
// answer has an error at once. It says how many there were.
func (s *sockets) cut(meant func(address string) bool) int {
	var cs []net.Conn
	s.mu.Lock()
	for address, at := range s.open {
		if !meant(address) {
			continue
		}
		for k := range at.sockets {
			cs = append(cs, k.Conn)
		}
		delete(s.open, address)
	}
	s.mu.Unlock()
	for _, c := range cs {
		_ = c.Close() // it is given up, whatever comes of it
	}
	return len(cs)
}

// socket is a connection that is known to its sockets.
type socket struct {
	net.Conn
	of *sockets
	at *served
}

func (k *socket) Read(b []byte) (int, error) {
	n, err := k.Conn.Read(b)
	if n > 0 {
		k.at.heard.Add(1)
	}
	return n, err
}

func (k *socket) Close() error {
	k.of.mu.Lock()
	delete(k.at.sockets, k)
	k.of.mu.Unlock()
	return k.Conn.Close()
}
