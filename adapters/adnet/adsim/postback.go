package adsim

import (
	"io"
	"net/http"
	"strconv"
)

// newPostback takes whatever comes at any path and keeps it, as a tracker
// does. Nothing tells two calls apart but their text.
func newPostback(s *Sim) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		extra := map[string]string{"method": r.Method, "path": r.URL.EscapedPath(), "body": string(body)}
		for k, v := range r.URL.Query() {
			extra["query."+k] = v[len(v)-1]
		}
		q := r.URL.Query()
		key := r.Method + " " + r.URL.RequestURI() + "\n" + string(body)
		s.Record("postback", key, Item{
			ID: first(q.Get("tid"), q.Get("txid"), q.Get("event_id"), q.Get("id"),
				strconv.Itoa(len(s.Received("postback"))+1)),
			Account: r.URL.Path,
			Target:  first(q.Get("status"), q.Get("target"), q.Get("type"), q.Get("et"), q.Get("cnv_status")),
			Value:   first(q.Get("payout"), q.Get("value"), q.Get("sum")), Currency: q.Get("currency"), Extra: extra,
		})
		_, _ = io.WriteString(w, "OK")
	})
}

func first(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}
