package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// load is what one server is called with.
type load struct {
	addr            string
	connections     int
	keys            []string // request URIs
	run             int      // tells apart what goes to the same database
	warmUp, measure time.Duration
}

// result of a load. Everything that was answered counts for accepted, what
// was answered in the measured time for the rest.
type result struct {
	accepted  int
	perSecond float64
	p50, p99  time.Duration
}

// answerTimeout is when a request counts as failed.
const answerTimeout = 30 * time.Second

// drive calls a server over as many connections as asked for, each with one
// request at a time, and fails at the first answer that is not 200.
func drive(ctx context.Context, l load) (result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	client := &fasthttp.HostClient{
		Addr: l.addr, MaxConns: l.connections, ReadTimeout: answerTimeout, WriteTimeout: answerTimeout, MaxIdleConnDuration: time.Minute,
		MaxIdemponentCallAttempts: 1, RetryIfErr: func(*fasthttp.Request, int, error) (bool, bool) { return false, false },
		NoDefaultUserAgentHeader: true, DisablePathNormalizing: true,
	}
	defer client.CloseIdleConnections()
	start := time.Now()
	from, until := start.Add(l.warmUp), start.Add(l.warmUp+l.measure)
	workers := make([]worker, l.connections)
	var wg sync.WaitGroup
	for i := range workers {
		w := &workers[i]
		w.client, w.updates, w.keys = client, newUpdates(l.run, i, start), l.keys
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := w.work(ctx, from, until); err != nil {
				cancel(err)
			}
		}()
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return result{}, err
	}
	var r result
	var all histogram
	for i := range workers {
		all.merge(&workers[i].times)
		r.accepted += workers[i].accepted
	}
	if all.total == 0 {
		return r, errors.New("nothing was answered in the measured time")
	}
	r.perSecond = float64(all.total) / l.measure.Seconds()
	r.p50, r.p99 = all.quantile(0.5), all.quantile(0.99)
	return r, nil
}

// worker is one connection.
type worker struct {
	client   *fasthttp.HostClient
	updates  *updates
	keys     []string
	times    histogram
	accepted int
}

func (w *worker) work(ctx context.Context, from, until time.Time) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	for begun := time.Now(); begun.Before(until) && ctx.Err() == nil; {
		body, key := w.updates.next(len(w.keys))
		req.SetRequestURI(w.keys[key])
		req.SetBodyRaw(body)
		if err := w.client.Do(req, resp); err != nil {
			return fmt.Errorf("call the server: %w", err)
		}
		if code := resp.StatusCode(); code != fasthttp.StatusOK {
			return fmt.Errorf("the server answered %d: %.300s", code, resp.Body())
		}
		w.accepted++
		now := time.Now()
		if !now.Before(from) && now.Before(until) {
			w.times.add(now.Sub(begun))
		}
		begun = now
	}
	return nil
}

// addresses are what the keys are called at.
func addresses(addr string, keys int) []string {
	out := make([]string, keys)
	for i := range out {
		out[i] = "http://" + addr + "/v1/" + keyName(i) + "/" + method
	}
	return out
}
