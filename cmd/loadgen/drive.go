package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// load is what a server is called with.
type load struct {
	addr        string
	connections int
	script      func(worker int) script
	// rate is how many are asked for a second, whatever the answers take: an
	// open loop. 0: each connection asks again when it was answered.
	rate int
	// total ends the load when so many were asked for; 0: the time does.
	total int
	// toEnd lets the script end it.
	toEnd           bool
	warmUp, measure time.Duration
}

// result of a load. What was counted in the measured time gives the rate and
// the times, what was answered in all the rest.
type result struct {
	left
	counted   int
	perSecond float64
	p50, p99  time.Duration
}

// answerTimeout is when a request counts as failed.
const answerTimeout = 30 * time.Second

// browser is who clicks; a robot would not count.
const browser = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile"

// drive calls a server over as many connections as asked for, each with one
// request at a time, and fails at the first answer that is not the right one.
func drive(ctx context.Context, l load) (result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	client := &fasthttp.HostClient{
		Addr: l.addr, MaxConns: l.connections, ReadTimeout: answerTimeout, WriteTimeout: answerTimeout,
		MaxIdleConnDuration: time.Minute, MaxIdemponentCallAttempts: 1, NoDefaultUserAgentHeader: true,
		DisablePathNormalizing: true,
		RetryIfErr:             func(*fasthttp.Request, int, error) (bool, bool) { return false, false },
	}
	defer client.CloseIdleConnections()
	p := &pace{load: l, start: time.Now()}
	p.from, p.until = p.start.Add(l.warmUp), p.start.Add(l.warmUp+l.measure)
	workers := make([]worker, l.connections)
	var wg sync.WaitGroup
	for i := range workers {
		w := &workers[i]
		w.client, w.script = client, l.script(i)
		wg.Go(func() {
			if err := w.work(ctx, p); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return result{}, err
	}
	return p.result(workers)
}

// pace says when there is something to ask for.
type pace struct {
	load
	start, from, until time.Time
	given              atomic.Int64
}

// wait until the next is to be asked for; not ok when that is enough. In a
// closed loop it is to be asked for when the one before was answered. In an
// open one it is so when its time has come, and its time counts from then on
// even if no connection was free.
func (p *pace) wait(before time.Time) (at time.Time, ok bool) {
	if p.toEnd {
		return before, true
	}
	if p.rate == 0 && p.total == 0 {
		return before, before.Before(p.until)
	}
	n := p.given.Add(1) - 1
	if p.total > 0 {
		return before, n < int64(p.total)
	}
	at = p.start.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
	if !at.Before(p.until) {
		return at, false
	}
	time.Sleep(time.Until(at))
	return at, true
}

func (p *pace) result(workers []worker) (r result, err error) {
	var all histogram
	for i := range workers {
		all.merge(&workers[i].times)
		r.counted += workers[i].counted
		r.events += workers[i].events
		r.conversions += workers[i].conversions
	}
	if all.total == 0 && p.measure > 0 && p.total == 0 {
		return r, errors.New("nothing was answered in the measured time")
	}
	took := p.measure
	if p.rate > 0 { // a server that does not keep up answers after the last was due
		took = max(took, time.Since(p.from))
	}
	if took > 0 {
		r.perSecond = float64(all.total) / took.Seconds()
	}
	r.p50, r.p99 = all.quantile(0.5), all.quantile(0.99)
	return r, nil
}

// worker is one connection.
type worker struct {
	client    *fasthttp.HostClient
	script    script
	get, post fasthttp.Request
	answer    fasthttp.Response
	times     histogram
	counted   int
	left
}

func (w *worker) work(ctx context.Context, p *pace) error {
	w.get.Header.SetUserAgent(browser)
	w.post.Header.SetMethod(fasthttp.MethodPost)
	w.post.Header.SetContentType("application/json")
	now := time.Now()
	for ctx.Err() == nil {
		begun, ok := p.wait(now)
		if !ok {
			return nil
		}
		for counted := false; !counted; {
			c := w.script.next()
			if c.address == "" {
				return nil
			}
			if err := w.ask(c); err != nil {
				return err
			}
			now, counted = time.Now(), c.counted
			if !counted {
				begun = now
			}
		}
		w.counted++
		// An open loop takes what was due in the measured time, answered when it may.
		if last := p.last(begun, now); !last.Before(p.from) && last.Before(p.until) {
			w.times.add(now.Sub(begun))
		}
	}
	return nil
}

func (p *pace) last(begun, now time.Time) time.Time {
	if p.rate > 0 {
		return begun
	}
	return now
}

func (w *worker) ask(c call) error {
	req, want := &w.post, fasthttp.StatusOK
	if c.body == nil {
		req, want = &w.get, fasthttp.StatusFound
	} else {
		req.SetBodyRaw(c.body)
	}
	req.SetRequestURI(c.address)
	if err := w.client.Do(req, &w.answer); err != nil {
		return fmt.Errorf("call the server: %w", err)
	}
	if code := w.answer.StatusCode(); code != want {
		return fmt.Errorf("the server answered %d: %.300s", code, w.answer.Body())
	}
	w.events += c.events
	w.conversions += c.conversions
	if want == fasthttp.StatusFound {
		w.script.answered(string(w.answer.Header.Peek(fasthttp.HeaderLocation)))
	}
	return nil
}
