package databasetest

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// Proxy stands before a server and can stop to forward, as a host does that
// lost its power or its network: connections stay open, and nothing comes.
type Proxy struct {
	// URL is the address of the server through the proxy.
	URL string
	// Addr is the proxy's own.
	Addr string

	to string

	mu     sync.Mutex
	moved  *sync.Cond
	frozen bool
	ended  bool
	open   map[net.Conn]bool
}

// NewProxy makes a proxy before the server of an address; it goes with the
// test.
func NewProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: ln.Addr().String(), to: u.Host, open: map[net.Conn]bool{}}
	p.moved = sync.NewCond(&p.mu)
	u.Host = p.Addr
	p.URL = u.String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		p.mu.Lock()
		p.ended = true
		for c := range p.open {
			_ = c.Close()
		}
		p.moved.Broadcast()
		p.mu.Unlock()
		all.Wait()
	})
	return p
}

// Freeze stops the forwarding, or lets it go on.
func (p *Proxy) Freeze(frozen bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = frozen
	p.moved.Broadcast()
}

// Open is how many connections there are.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open) / 2
}

// wait blocks while the proxy is frozen; false when the test is over.
func (p *Proxy) wait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.frozen && !p.ended {
		p.moved.Wait()
	}
	return !p.ended
}

func (p *Proxy) keep(c net.Conn, open bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open && p.ended {
		return false
	}
	if open {
		p.open[c] = true
	} else {
		delete(p.open, c)
	}
	return true
}

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	if !p.wait() {
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	for _, c := range []net.Conn{client, server} {
		if !p.keep(c, true) {
			return
		}
		defer p.keep(c, false)
	}
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client) })
	both.Go(func() { p.copy(client, server) })
	both.Wait()
}

func (p *Proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if !p.wait() {
			return
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
