package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// street is the simulated networks behind a door at which a test may answer
// for one account, where the simulation only fails whole networks.
type street struct {
	*adsim.Sim
	url string
	env []string

	mu   sync.Mutex
	door func(w http.ResponseWriter, r *http.Request, body string) bool
}

// openStreet starts the networks, with waits of fractions of a second.
func openStreet(t *testing.T) *street {
	t.Helper()
	st := &street{Sim: all.Simulation(adsim.Options{Stage: 200 * time.Millisecond})}
	srv := httptest.NewServer(st)
	t.Cleanup(srv.Close)
	st.url = srv.URL
	st.env = append(e2e.SimulatedEnv(t, srv.URL, 300*time.Millisecond, all.Sinks()),
		"TGTRACK_ADNETWORKS_GOOGLE_MIN_CLICK_AGE=1s", "TGTRACK_RELAY_INTERVAL=50ms",
		"TGTRACK_RELAY_REPUBLISH_AFTER=2s",
		"TGTRACK_DELIVERY_RETRY_MIN=100ms", "TGTRACK_DELIVERY_RETRY_MAX=1s", "TGTRACK_DELIVERY_TIMEOUT=5s",
		"TGTRACK_DELIVERY_LEASE=12s", "TGTRACK_DELIVERY_BREAKER_OPEN_FOR=500ms")
	return st
}

// ServeHTTP asks at the door first.
func (st *street) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	st.mu.Lock()
	door := st.door
	st.mu.Unlock()
	if door != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller went away
		}
		if door(w, r, string(body)) {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	st.Sim.ServeHTTP(w, r)
}

// at sets who answers at the door; true says that the call was answered.
func (st *street) at(door func(w http.ResponseWriter, r *http.Request, body string) bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.door = door
}

// unlimited is a project without limits of events.
func unlimited(s *e2e.Service) project {
	p := newProject(s, nil)
	s.API(200, "PATCH", "/projects/"+p.id,
		map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 0, "per_day": 0}})
	return p
}

// arrive brings people from..from+n-1 by a click each; in query %d is their
// number.
func (p project) arrive(t *testing.T, s *e2e.Service, from, n int, query string) {
	t.Helper()
	people := make(chan int)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range people {
				start := s.Click(p.link, strings.ReplaceAll(query, "%d", fmt.Sprint(i)))
				a := s.Event(p.key, "user_did_start_bot",
					fmt.Sprintf(`{"user_id":%d,"first_name":"P","start_value":%q}`, i, start))
				if a.Code != 200 {
					t.Errorf("start of %d: %d %s", i, a.Code, a.Body)
				}
			}
		})
	}
	for i := range n {
		people <- from + i
	}
	close(people)
	wg.Wait()
}

func (p project) show(s *e2e.Service, account string) map[string]any {
	return s.API(200, "GET", "/projects/"+p.id+"/ad-accounts/"+account, nil)
}

func (p project) patch(s *e2e.Service, account string, change map[string]any) map[string]any {
	return s.API(200, "PATCH", "/projects/"+p.id+"/ad-accounts/"+account, change)
}

// counts of the ledger, by "network status". It must balance at any moment.
func (p project) counts(t *testing.T, s *e2e.Service) map[string]int {
	t.Helper()
	l := s.API(200, "GET", "/projects/"+p.id+"/ledger", nil)
	out, sum := map[string]int{}, 0
	for _, it := range l["by"].([]any) {
		line := it.(map[string]any)
		n := number(t, line["count"])
		out[fmt.Sprint(line["network"], " ", line["status"])] = n
		sum += n
	}
	if created := number(t, l["created"]); l["balanced"] != true || created != sum {
		t.Errorf("the ledger does not balance: created %d, counted %d: %v", created, sum, l)
	}
	return out
}

func number(t *testing.T, v any) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(fmt.Sprint(v), &n); err != nil {
		t.Fatalf("%v is no number", v)
	}
	return n
}

// until waits for counts of the ledger: "facebook delivered": 40.
func (p project) until(t *testing.T, s *e2e.Service, within time.Duration, want map[string]int) {
	t.Helper()
	e2e.Eventually(t, within, func() error {
		got := p.counts(t, s)
		for k, n := range want {
			if got[k] != n {
				return fmt.Errorf("%s: %d, want %d; all: %v\n%.4000s", k, got[k], n, got, s.Log())
			}
		}
		return nil
	})
}

// closed tells that nothing is open any more and that whatever was not
// delivered says why.
func (p project) closed(t *testing.T, s *e2e.Service) {
	t.Helper()
	p.counts(t, s)
	for _, open := range []string{"pending", "retrying", "parked", "accepted"} {
		if cs := p.conversions(s, "status="+open); len(cs) > 0 {
			t.Errorf("%d conversions are still %s: %v", len(cs), open, cs[0])
		}
	}
	for _, ended := range []string{"rejected", "unmatched", "expired", "uncertain", "unattributed"} {
		for _, c := range p.conversions(s, "status="+ended) {
			if c["status_reason"] == "" {
				t.Errorf("%s without a reason: %v", ended, c)
			}
		}
	}
}

// once tells that a network has n conversions and counted none of them twice.
func (st *street) once(t *testing.T, network string, n int) {
	t.Helper()
	items := st.Received(network)
	if len(items) != n {
		t.Errorf("%s counted %d conversions, want %d", network, len(items), n)
	}
	for _, it := range items {
		if it.Copies != 1 {
			t.Errorf("%s got %s %d times", network, it.ID, it.Copies)
		}
	}
}

// distinct tells that a network which drops repeats has n conversions.
func (st *street) distinct(t *testing.T, network string, n int) {
	t.Helper()
	ids := map[string]bool{}
	for _, it := range st.Received(network) {
		ids[it.ID+it.Account] = true
	}
	if len(ids) != n || len(st.Received(network)) != n {
		t.Errorf("%s counted %d conversions of %d, want %d", network, len(st.Received(network)), len(ids), n)
	}
}
