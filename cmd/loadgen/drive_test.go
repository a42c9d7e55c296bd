package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The whole way of a load, closed and open, on the empty handler.
func TestDrive(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	app, err := emptyApp()
	if err != nil {
		t.Fatal(err)
	}
	out, in := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- serve(ctx, app, in) }()
	line := make([]byte, 100)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := strings.CutPrefix(strings.TrimSpace(string(line[:n])), announced)
	l := load{
		addr: addr, connections: 3, script: loader(starts, unknownTargets("http://"+addr, 10), 0),
		warmUp: 50 * time.Millisecond, measure: 200 * time.Millisecond,
	}
	r, err := drive(t.Context(), l)
	if err != nil || r.perSecond <= 0 || r.p50 <= 0 || r.p99 < r.p50 || r.events != r.counted {
		t.Errorf("measured %+v, %v", r, err)
	}
	l.rate = 500
	if r, err = drive(t.Context(), l); err != nil || r.counted != 125 || r.perSecond > 501 {
		t.Errorf("at a fixed rate %+v, %v", r, err)
	}
	l.rate, l.total = 0, 100
	if r, err = drive(t.Context(), l); err != nil || r.counted != 100 {
		t.Errorf("of a fixed number %+v, %v", r, err)
	}
	l.script = loader(clicked, unknownTargets("http://"+addr, 1), 0)
	if _, err := drive(t.Context(), l); err == nil {
		t.Error("an answer other than the right one went unnoticed")
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A server that stands still for a while answers those who come meanwhile
// late: the open loop has it in its times, whoever waits for a free connection
// included.
func TestOpenLoopCountsWaiting(t *testing.T) {
	t.Parallel()
	var calls int
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if calls++; calls == 20 { // one connection: nobody else is in here
			time.Sleep(100 * time.Millisecond)
		}
	}))
	defer srv.Close()
	addr := strings.TrimPrefix(srv.URL, "http://")
	l := load{addr: addr, connections: 1, script: loader(starts, unknownTargets(srv.URL, 1), 0), rate: 200,
		measure: 400 * time.Millisecond}
	r, err := drive(t.Context(), l)
	if err != nil || r.p99 < 80*time.Millisecond || r.counted != 80 {
		t.Errorf("open: %+v, %v", r, err)
	}
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	var a, b histogram
	for ms := 1; ms <= 100; ms++ {
		h := &a
		if ms%2 == 0 {
			h = &b
		}
		h.add(time.Duration(ms) * time.Millisecond)
	}
	a.merge(&b)
	for q, want := range map[float64]time.Duration{0: time.Millisecond, 0.5: 51 * time.Millisecond,
		0.99: 100 * time.Millisecond} {
		if got := a.quantile(q); got < want || got > want+want/25 {
			t.Errorf("quantile %v = %v, want %v", q, got, want)
		}
	}
	for us := uint64(0); us < 1<<20; us += 1 + us/50 {
		if i := slot(us); upper(i) < us || i > 0 && upper(i-1) >= us {
			t.Errorf("%d µs in slot %d, which ends at %d", us, i, upper(i))
		}
	}
	a.add(1 << 62)
}
