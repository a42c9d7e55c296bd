package faults_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// counter is a service with one account of one network, and a door before the
// network.
type counter struct {
	t       *testing.T
	sim     *adsim.Sim
	door    atomic.Pointer[http.HandlerFunc] // answers for the network while set
	dir     string
	env     []string
	s       *e2e.Service
	id, key string
	account string
}

// newCounter makes one whose account is paused, with n goals that wait for it.
func newCounter(t *testing.T, network, click string, settings map[string]any, n int, env ...string) *counter {
	t.Helper()
	c := &counter{t: t, sim: all.Simulation(adsim.Options{Stage: 50 * time.Millisecond}), dir: t.TempDir()}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller went away
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if door := c.door.Load(); door != nil {
			(*door)(w, r)
			return
		}
		c.sim.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	c.env = append(e2e.SimulatedEnv(t, srv.URL, 300*time.Millisecond, all.Sinks()), append([]string{
		"TGTRACK_LIMITS_PER_SECOND=0", "TGTRACK_LIMITS_PER_HOUR=0", "TGTRACK_LIMITS_PER_DAY=0",
		"TGTRACK_RELAY_INTERVAL=50ms", "TGTRACK_DELIVERY_RETRY_MIN=100ms", "TGTRACK_DELIVERY_RETRY_MAX=1s",
		"TGTRACK_DELIVERY_BREAKER_OPEN_FOR=500ms",
	}, env...)...)
	c.start()
	p := c.s.API(201, "POST", "/projects", map[string]any{"name": "Bot", "username": "fault_bot"})
	c.id, c.key = p["id"].(string), p["api_key"].(string)
	link := c.s.API(201, "POST", "/projects/"+c.id+"/links", map[string]any{"name": "Spring"})["id"].(string)
	c.account = c.s.API(201, "POST", "/projects/"+c.id+"/ad-accounts", map[string]any{
		"network": network, "name": network, "settings": settings, "activation_goal": "Lead",
	})["id"].(string)
	c.pause(true)
	for i := range people {
		c.event("user_did_start_bot", fmt.Sprintf(`{"user_id":%d,"first_name":"P","start_value":%q}`, i+1,
			c.s.Click(link, fmt.Sprintf(click, i))))
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range next {
				c.event("send_reach_goal", fmt.Sprintf(`{"user_id":%d,"target":"goal%d"}`, i%people+1, i))
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return c
}

func (c *counter) start() { c.s = e2e.Start(c.t, c.dir, c.env...) }

func (c *counter) event(method, body string) {
	if a := c.s.Event(c.key, method, body); a.Code != 200 {
		c.t.Errorf("%s: %d %s", method, a.Code, a.Body)
	}
}

func (c *counter) pause(paused bool) {
	c.s.API(200, "PATCH", "/projects/"+c.id+"/ad-accounts/"+c.account, map[string]any{"paused": paused})
}

// counts of the ledger by status.
func (c *counter) counts() map[string]int {
	c.t.Helper()
	l := c.s.API(200, "GET", "/projects/"+c.id+"/ledger", nil)
	if l["balanced"] != true {
		c.t.Errorf("the ledger does not balance: %v", l)
	}
	out := map[string]int{}
	for _, it := range l["by"].([]any) {
		line := it.(map[string]any)
		out[line["status"].(string)] += number(c.t, line["count"])
	}
	return out
}

// become waits until so many conversions have a status.
func (c *counter) become(status string, n int, within time.Duration) {
	c.t.Helper()
	e2e.Eventually(c.t, within, func() error {
		if got := c.counts(); got[status] != n {
			return fmt.Errorf("want %d %s: %v\n%.3000s", n, status, got, c.s.Log())
		}
		return nil
	})
}

// once holds that a network counted n conversions, each once.
func (c *counter) once(network string, n int) {
	c.t.Helper()
	items, twice := c.sim.Received(network), 0
	for _, it := range items {
		if it.Copies != 1 {
			twice++
		}
	}
	if len(items) != n || twice > 0 {
		c.t.Errorf("%s counted %d conversions, %d of them more than once; want %d", network, len(items), twice, n)
	}
}

// TestUploadKilled: the process dies while a thousand rows are being uploaded
// to Metrica, which counts equal rows twice. What it took is found again, though
// the rows come back in other groups.
func TestUploadKilled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, postgres string) {
		const n = 1000
		env := []string{"TGTRACK_RELAY_REPUBLISH_AFTER=2s", "TGTRACK_DELIVERY_LEASE=6s", "TGTRACK_DELIVERY_TIMEOUT=4s"}
		if postgres != "" {
			env = append(env, "TGTRACK_DATABASE_URL="+postgres, "TGTRACK_SECRET_KEY=key-of-the-fault-suite-and-of-nothing-else")
		}
		c := newCounter(t, "yandex", "yclid=1777000777%d",
			map[string]any{"counter_id": "55", "oauth_token": "t", "mode": "offline"}, n, env...)
		uploaded := make(chan struct{}, 100)
		taken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // an upload is never answered
			if !strings.HasSuffix(r.URL.Path, "/upload") {
				c.sim.ServeHTTP(w, r)
				return
			}
			c.sim.ServeHTTP(httptest.NewRecorder(), r)
			uploaded <- struct{}{}
			<-r.Context().Done()
		})
		for round := range 2 {
			c.door.Store(&taken)
			if round == 0 {
				c.pause(false)
			}
			select {
			case <-uploaded:
			case <-time.After(30 * time.Second):
				t.Fatalf("nothing is uploaded: %v\n%s", c.counts(), c.s.Log())
			}
			c.s.Kill()
			if round == 0 {
				// Smaller groups than before.
				c.env = append(c.env, "TGTRACK_DELIVERY_FETCH=70")
			}
			c.door.Store(nil)
			c.start()
			if len(c.sim.Received("yandex")) == n+people {
				break // all went with the first
			}
		}
		c.become("delivered", n+people, 60*time.Second)
		c.once("yandex", n+people)
	})
}

// TestLongOnlyProcessKilled: what the only process held is sent by the next one
// 30 to 40 seconds later, with the times that are set by default.
func TestLongOnlyProcessKilled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, postgres string) {
		const n = 300
		var env []string
		if postgres != "" {
			env = []string{"TGTRACK_DATABASE_URL=" + postgres, "TGTRACK_SECRET_KEY=key-of-the-fault-suite-and-of-nothing-else"}
		}
		c := newCounter(t, "facebook", "fbclid=Click%d",
			map[string]any{"dataset_id": "1001", "access_token": "token"}, n, env...)
		began := make(chan struct{}, n)
		hangs := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			began <- struct{}{}
			<-r.Context().Done()
		})
		c.door.Store(&hangs)
		c.pause(false)
		<-began
		c.s.Kill()
		died := time.Now()
		c.door.Store(nil)
		c.start()
		c.become("delivered", n+people, 60*time.Second)
		if took := time.Since(died); took > deadWithin {
			t.Errorf("it took %s until all was sent", took)
		}
	})
}
