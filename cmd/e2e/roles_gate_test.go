package e2e_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// gate stands before a server; while it is shut nothing goes through and
// nobody is told.
type gate struct {
	t  *testing.T
	ln net.Listener

	mu     sync.Mutex
	target string
	closed chan struct{} // while shut: closed when it opens; nil while open
	ended  chan struct{}
}

func openGate(t *testing.T) *gate {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, ln: ln, ended: make(chan struct{})}
	t.Cleanup(func() { close(g.ended); ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go g.pass(c)
		}
	}()
	return g
}

// through gives the address with the gate for the server.
func (g *gate) through(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.target, u.Host = u.Host, g.ln.Addr().String()
	return u.String()
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.closed)
	g.closed = nil
}

// wait holds until the gate is open; false at the end of the test.
func (g *gate) wait() bool {
	g.mu.Lock()
	c := g.closed
	g.mu.Unlock()
	if c == nil {
		return true
	}
	select {
	case <-c:
		return true
	case <-g.ended:
		return false
	}
}

func (g *gate) pass(c net.Conn) {
	defer c.Close()
	if !g.wait() {
		return
	}
	g.mu.Lock()
	target := g.target
	g.mu.Unlock()
	s, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer s.Close()
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{c, s}, {s, c}} {
		go func() {
			defer func() { done <- struct{}{} }()
			buf := make([]byte, 32<<10)
			for {
				n, err := way[0].Read(buf)
				if err != nil || !g.wait() {
					return
				}
				if _, err := way[1].Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
	select {
	case <-done:
	case <-g.ended:
	}
}
