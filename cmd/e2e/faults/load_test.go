package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// The bounds that hold whatever is away.
const (
	answerWithin  = 2 * time.Second
	recoverWithin = 5 * time.Second
	memoryWithin  = 512 // MiB
)

const (
	workers  = 6
	pace     = 10 * time.Millisecond // of each worker
	slowPace = 60 * time.Millisecond // where a dozen processes share the machine
)

// ask is one request as a careful sender makes it: with a key, and again
// until it is answered 200.
type ask struct {
	key, method, body string
	goal              bool
}

// load is what the senders saw, over all runs of one test.
type load struct {
	w    *world
	pace time.Duration
	to   atomic.Pointer[[]*e2e.Service] // takes turns; nil: the world's process of now

	mu       sync.Mutex
	next     int
	open     []ask
	answered map[string]int // event ids
	goals    int            // of those
	codes    map[int]int
	slowest  time.Duration
	memory   int // MiB, most seen
	faults   []string
}

func newLoad(w *world) *load {
	l := &load{w: w, pace: pace, answered: map[string]int{}, codes: map[int]int{}}
	if w.crw.roles != nil {
		l.pace = slowPace
	}
	return l
}

// ask takes an unanswered one, or makes a new one: goals, and every fourth a
// new person.
func (l *load) ask() ask {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.open); n > 0 {
		a := l.open[n-1]
		l.open = l.open[:n-1]
		return a
	}
	l.next++
	a := ask{key: "k" + strconv.Itoa(l.next), goal: l.next%4 != 0}
	if a.goal {
		a.method, a.body = "send_reach_goal", fmt.Sprintf(`{"user_id":%d,"target":"goal%d"}`, l.next%people+1, l.next)
	} else {
		a.method, a.body = "user_did_start_bot", fmt.Sprintf(`{"user_id":%d,"first_name":"N"}`, 10_000+l.next)
	}
	return a
}

// send makes one request; the error is that of the transport.
func (l *load) send(ctx context.Context, a ask) (int, error) {
	began := time.Now()
	res, err := e2e.Do(ctx, "POST", l.target().URL+"/v1/"+l.w.key+"/"+a.method, a.body, "Content-Type: application/json",
		"Idempotency-Key: "+a.key)
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.open = append(l.open, a)
		return 0, err
	}
	l.codes[res.Code]++
	l.slowest = max(l.slowest, took)
	if took > answerWithin {
		l.faults = append(l.faults, fmt.Sprintf("%d came after %s", res.Code, took))
	}
	if res.Code != 200 {
		l.open = append(l.open, a)
		if after, err := strconv.Atoi(res.Header.Get("Retry-After")); res.Code != 503 || err != nil || after < 1 {
			l.faults = append(l.faults, fmt.Sprintf("%s: %d, Retry-After %q: %s", a.method, res.Code,
				res.Header.Get("Retry-After"), res.Body))
		}
		return res.Code, nil
	}
	var got struct {
		Data struct{ Events []struct{ ID string } }
	}
	if err := json.Unmarshal(res.Body, &got); err != nil || len(got.Data.Events) != 1 {
		l.faults = append(l.faults, fmt.Sprintf("%s: %s", a.method, res.Body))
		return res.Code, nil
	}
	l.answered[got.Data.Events[0].ID]++
	if a.goal {
		l.goals++
	}
	return res.Code, nil
}

// sendsTo makes requests go to these in turn.
func (l *load) sendsTo(all ...*e2e.Service) { l.to.Store(&all) }

func (l *load) target() *e2e.Service {
	if all := l.to.Load(); all != nil {
		return (*all)[rand.IntN(len(*all))]
	}
	return l.w.s
}

// run sends from several senders until it is stopped. Where the process is
// not to be killed, an unanswered request is a fault.
func (l *load) run(killed bool) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			tick := time.NewTicker(l.pace)
			defer tick.Stop()
			for ctx.Err() == nil {
				if _, err := l.send(context.Background(), l.ask()); err != nil {
					if !killed {
						l.fault("not answered: " + err.Error())
					}
					return
				}
				<-tick.C
			}
		})
	}
	wg.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			m := memory(l.target())
			l.mu.Lock()
			l.memory = max(l.memory, m)
			l.mu.Unlock()
			<-tick.C
		}
	})
	return sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
}

func (l *load) fault(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, text)
}

// count of answers with a code until now.
func (l *load) count(code int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.codes[code]
}

// refuses waits until the fault is felt.
func (l *load) refuses(within time.Duration) {
	l.w.t.Helper()
	had := l.count(503)
	e2e.Eventually(l.w.t, within, func() error {
		if l.count(503) == had {
			return fmt.Errorf("nothing was refused: %v", l.codes)
		}
		return nil
	})
}

// recovers tells that requests are taken again soon.
func (l *load) recovers() {
	l.w.t.Helper()
	began, had := time.Now(), l.count(200)
	e2e.Eventually(l.w.t, recoverWithin, func() error {
		if l.count(200) < had+2*workers {
			return fmt.Errorf("no requests are taken: %v\n%s", l.codes, l.w.s.Log())
		}
		return nil
	})
	l.w.t.Logf("requests were taken again %s after it came back", time.Since(began).Round(10*time.Millisecond))
}

// goesOn tells that requests are taken while something is away.
func (l *load) goesOn(d time.Duration) {
	l.w.t.Helper()
	had, refused := l.count(200), l.count(503)
	goOn(d)
	if got := l.count(200) - had; got < workers {
		l.w.t.Errorf("%d requests were taken within %s", got, d)
	}
	if got := l.count(503) - refused; got > 0 {
		l.w.t.Errorf("%d requests were refused", got)
	}
}
