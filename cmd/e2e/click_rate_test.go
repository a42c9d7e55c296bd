package e2e_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestClickRate: one address that visits a link too often is sent on by the
// link's own start value, and others are not.
func TestClickRate(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		s := e2e.Start(t, t.TempDir(), append(env, "TGTRACK_HTTP_TRUSTED_PROXIES=127.0.0.1/32",
			"TGTRACK_CLICKS_PER_MINUTE=6")...)
		p := newProject(s, nil)
		own := s.API(200, "GET", "/projects/"+p.id+"/links", nil)["items"].([]any)[0].(map[string]any)["start_value"]
		visits := func(from string) (clicks int) {
			for range 30 {
				a := s.Call("GET", "/c/"+p.link+"?fbclid=x", "", e2e.Browser, "X-Forwarded-For: "+from)
				_, start, _ := strings.Cut(a.Header.Get("Location"), "?start=")
				if a.Code != 302 || start == "" {
					t.Fatalf("a visit: %d %s", a.Code, a.Header.Get("Location"))
				}
				if start != own {
					clicks++
				}
			}
			return clicks
		}
		for from, want := range map[string]int{"203.0.113.7": 12, "203.0.113.8": 12, "192.168.0.9": 30} {
			if got := visits(from); got < want || got > want+6 { // a busy machine takes its time
				t.Errorf("%s: %d clicks, want %d", from, got, want)
			}
		}
		if metrics := string(s.Call("GET", "/metrics", "").Body); strings.Contains(metrics, "tgtrack_clicks_over_rate_total 0") ||
			!strings.Contains(metrics, "tgtrack_clicks_over_rate_total ") {
			t.Error("the metrics do not tell of it")
		}
	})
}
