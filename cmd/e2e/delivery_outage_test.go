package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestNetworksAway: three networks fail in three ways for what stands for a
// day; all is kept, the breakers open and show it, and all goes out once they
// are back.
func TestNetworksAway(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		s := e2e.Start(t, t.TempDir(), append(append(env, st.env...), "TGTRACK_DELIVERY_TIMEOUT=1s")...)
		p := unlimited(s)
		accounts := map[string]string{
			"facebook": p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "t"},
				"activation_goal", "Lead"),
			"tiktok": p.account(s, "tiktok", map[string]any{"pixel_code": "C1", "access_token": "t"},
				"activation_goal", "Subscribe"),
			"webhook": p.account(s, "webhook", map[string]any{"url": st.url + "/webhook/in"},
				"activation_goal", "start"),
		}
		st.Fail("facebook", adsim.Fault{Fail: adsim.FailStatus, Status: 503})
		st.Fail("tiktok", adsim.Fault{Fail: adsim.FailHang})
		st.Fail("webhook", adsim.Fault{Fail: adsim.FailReset})
		const n = 40
		// In two waves, since a batch that fails is one failure.
		for wave := range 8 {
			p.arrive(t, s, 1000+wave*n/8, n/8, "fbclid=F%d&ttclid=T%d")
		}
		for network, id := range accounts {
			e2e.Eventually(t, 30*time.Second, func() error {
				a, got := p.show(s, id), p.counts(t, s)
				waits := got[network+" parked"] + got[network+" retrying"] // one may be on trial right now
				if a["breaker"] == "closed" || waits != n || got[network+" parked"] < n/2 ||
					a["health"] != "degraded" || a["last_error"] == "" {
					return fmt.Errorf("%s: breaker %v, health %v %q, %v", network, a["breaker"], a["health"],
						a["last_error"], got)
				}
				return nil
			})
			if a := p.show(s, id); a["paused"] != false {
				t.Errorf("%s paused itself: %v", network, a)
			}
		}
		// An answer lost on the way back, and then they work again.
		for network := range accounts {
			st.Fail(network, adsim.Fault{Fail: adsim.FailLost, Times: 1})
		}
		back := time.Now()
		p.until(t, s, 30*time.Second, map[string]int{"facebook delivered": n, "tiktok delivered": n,
			"webhook delivered": n})
		t.Logf("all was delivered %s after the networks came back", time.Since(back).Round(time.Millisecond))
		for network, id := range accounts {
			st.distinct(t, network, n)
			e2e.Eventually(t, 10*time.Second, func() error {
				if a := p.show(s, id); a["breaker"] != "closed" || a["health"] != "healthy" {
					return fmt.Errorf("%s: breaker %v, health %v", network, a["breaker"], a["health"])
				}
				return nil
			})
		}
		p.closed(t, s)
	})
}

// TestOnePoisonedEvent: Meta refuses the whole call for it; the other 999 are
// delivered.
func TestOnePoisonedEvent(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		st.at(func(w http.ResponseWriter, r *http.Request, body string) bool {
			if !strings.HasPrefix(r.URL.Path, "/facebook/") || !strings.Contains(body, ".Poison777") {
				return false
			}
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"message":"Invalid parameter","code":100,"error_subcode":2804011,"error_user_title":"Event refused"}}`)
			return true
		})
		s := e2e.Start(t, t.TempDir(), append(env, st.env...)...)
		p := unlimited(s)
		account := p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "t"},
			"activation_goal", "Lead")
		p.patch(s, account, map[string]any{"paused": true}) // so that they go together
		began := time.Now()
		p.arrive(t, s, 1, 999, "fbclid=Good%d")
		p.arrive(t, s, 777777, 1, "fbclid=Poison777")
		p.until(t, s, 10*time.Second, map[string]int{"facebook parked": 1000})
		t.Logf("1000 clicks and starts took %s", time.Since(began).Round(time.Millisecond))
		began = time.Now()
		if a := p.patch(s, account, map[string]any{"paused": false}); number(t, a["resumed"]) != 1000 {
			t.Errorf("resumed: %v", a["resumed"])
		}
		p.until(t, s, 30*time.Second, map[string]int{"facebook delivered": 999, "facebook rejected": 1})
		t.Logf("all was judged after %s and %d calls that Meta took", time.Since(began).Round(time.Millisecond),
			len(st.Calls("facebook")))
		bad := p.conversions(s, "status=rejected")
		if len(bad) != 1 || bad[0]["user_id"] != "777777" ||
			!strings.Contains(bad[0]["status_reason"].(string), "2804011") {
			t.Errorf("rejected: %v", bad)
		}
		if a := p.show(s, account); a["health"] != "healthy" || a["breaker"] != "closed" {
			t.Errorf("a rejection says nothing against the account: %v", a)
		}
		st.once(t, "facebook", 999)
		p.closed(t, s)
	})
}

// TestThrottledBesideHealthy: two accounts of one network; the one that is
// asked to wait waits, the other does not notice.
func TestThrottledBesideHealthy(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		var mu sync.Mutex
		var refused time.Time // the first refusal
		var early []time.Duration
		st.at(func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path != "/webhook/slow" {
				return false
			}
			mu.Lock()
			defer mu.Unlock()
			if refused.IsZero() {
				refused = time.Now()
			}
			since := time.Since(refused)
			if since >= 2*time.Second {
				return false
			}
			early = append(early, since)
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		})
		s := e2e.Start(t, t.TempDir(), append(env, st.env...)...)
		p := unlimited(s)
		slow := p.account(s, "webhook", map[string]any{"url": st.url + "/webhook/slow"}, "activation_goal", "start")
		fast := p.account(s, "webhook", map[string]any{"url": st.url + "/webhook/fast"}, "activation_goal", "start")
		const n = 60
		began := time.Now()
		p.arrive(t, s, 1000, n, "utm_source=x%d")
		e2e.Eventually(t, 10*time.Second, func() error {
			if got := len(p.conversions(s, "status=delivered&ad_account_id="+fast)); got != n {
				return fmt.Errorf("the healthy account got %d of %d", got, n)
			}
			return nil
		})
		t.Logf("the healthy account had all %s after the first click", time.Since(began).Round(time.Millisecond))
		if got := len(p.conversions(s, "status=delivered&ad_account_id="+slow)); got == n {
			t.Error("the throttled account was not throttled")
		}
		if a := p.show(s, fast); a["health"] != "healthy" {
			t.Errorf("the healthy account: %v", a)
		}
		p.until(t, s, 60*time.Second, map[string]int{"webhook delivered": 2 * n})
		mu.Lock()
		defer mu.Unlock()
		// Calls that were under way when the first answer came may be refused,
		// too; after that there is silence.
		for _, d := range early {
			if d > 500*time.Millisecond {
				t.Errorf("called again %s after it asked for 2 s", d)
			}
		}
		st.once(t, "webhook", 2*n)
		p.closed(t, s)
	})
}
