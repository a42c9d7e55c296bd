// Package sim simulates Acme Ads.
package sim

import (
	"net/http"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// Network gives the simulation.
func Network() adsim.Network {
	settings := func(string) map[string]any { return map[string]any{"key": "AcmeKey-0001"} }
	return adsim.Network{
		Name: "acme",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"acme": handler(s)}
		},
		Scenario: adsim.Scenario{Settings: settings, Query: "acid=Ac%d"},
		Demo:     &adsim.Demo{Name: "Acme Ads", ActivationGoal: "lead", Settings: settings},
	}
}

// handler takes conversions and drops repeats of an id.
func handler(s *adsim.Sim) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		q := r.URL.Query()
		switch {
		case r.URL.Path != "/conversion" || r.Method != http.MethodPost:
			http.NotFound(w, r)
		case key == "" || s.Revoked("acme", key):
			http.Error(w, "unknown key", http.StatusUnauthorized)
		case q.Get("click") == "" || q.Get("goal") == "" || q.Get("id") == "":
			http.Error(w, "click, goal and id are needed", http.StatusBadRequest)
		default:
			s.Record("acme", q.Get("id"), adsim.Item{
				ID: q.Get("id"), Account: key, Target: q.Get("goal"),
				Extra: map[string]string{"acid": q.Get("click")},
			})
			w.WriteHeader(http.StatusNoContent)
		}
	})
}
