// Package sim simulates a tracker, which takes whatever comes at any path.
package sim

import (
	"cmp"
	"io"
	"net/http"
	"strconv"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "postback",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"postback": handler(s)}
		},
		Scenario: adsim.Scenario{
			Settings: func(base string) map[string]any {
				return map[string]any{"url": base +
					"/postback/x?tid={event_id}&sub={click.sub}&status={target}"}
			},
			Query: "sub=Su%d",
		},
		Demo: &adsim.Demo{
			ID: "demo-tracker", Name: "Tracker", ActivationGoal: "lead",
			Settings: func(base string) map[string]any {
				return map[string]any{"url": base +
					"/postback/demo?subid={click.subid}&status={target}&payout={value}" +
					"&currency={currency}&tid={event_id}"}
			},
		},
	}
}

// handler takes whatever comes at any path and keeps it, as a tracker
// does. Nothing tells two calls apart but their text.
func handler(s *adsim.Sim) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		extra := map[string]string{"method": r.Method, "path": r.URL.EscapedPath(), "body": string(body)}
		for k, v := range r.URL.Query() {
			extra["query."+k] = v[len(v)-1]
		}
		q := r.URL.Query()
		key := r.Method + " " + r.URL.RequestURI() + "\n" + string(body)
		s.Record("postback", key, adsim.Item{
			ID: cmp.Or(q.Get("tid"), q.Get("txid"), q.Get("event_id"), q.Get("id"),
				strconv.Itoa(len(s.Received("postback"))+1)),
			Account: r.URL.Path,
			Target: cmp.Or(q.Get("status"), q.Get("target"), q.Get("type"), q.Get("et"),
				q.Get("cnv_status")),
			Value: cmp.Or(q.Get("payout"), q.Get("value"), q.Get("sum")), Currency: q.Get("currency"),
			Extra: extra,
		})
		_, _ = io.WriteString(w, "OK")
	})
}
