package faults_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// relay stands between the service and a server, and can be slow or deaf.
type relay struct {
	ln     net.Listener
	target string

	mu    sync.Mutex
	delay time.Duration
	gate  chan struct{} // closed while bytes pass
	conns []net.Conn
}

func newRelay(t *testing.T, address string) *relay {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{ln: ln, target: u.Host, gate: make(chan struct{})}
	close(r.gate)
	var wg sync.WaitGroup
	wg.Go(func() { r.accept(&wg) })
	t.Cleanup(func() {
		_ = ln.Close()
		r.release()
		r.mu.Lock()
		for _, c := range r.conns {
			_ = c.Close()
		}
		r.mu.Unlock()
		wg.Wait()
	})
	return r
}

// address of the relay in the place of the server's.
func (r *relay) address(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Host = r.ln.Addr().String()
	return u.String()
}

func (r *relay) accept(wg *sync.WaitGroup) {
	for {
		in, err := r.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.target)
		if err != nil {
			_ = in.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, in, out)
		r.mu.Unlock()
		wg.Go(func() { r.pass(in, out, false) })
		wg.Go(func() { r.pass(out, in, true) })
	}
}

func (r *relay) pass(from, to net.Conn, slowed bool) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		r.mu.Lock()
		delay, gate := r.delay, r.gate
		r.mu.Unlock()
		<-gate
		if slowed && delay > 0 {
			<-time.After(delay)
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

// slow delays every answer.
func (r *relay) slow(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delay = d
}

// hold lets nothing pass until release; connections stay and are still taken.
func (r *relay) hold() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gate = make(chan struct{})
}

func (r *relay) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.gate:
	default:
		close(r.gate)
	}
}
