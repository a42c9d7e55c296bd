package httpapi

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

// TestRequestIDIsEverywhere: the answer, its header and the line in the log
// have one id.
func TestRequestIDIsEverywhere(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	var lines bytes.Buffer
	st.Logger = slog.New(slog.NewTextHandler(&lines, nil))
	st.down = domain.ErrUnavailable
	res, body := st.ask(t, "GET", "/api/v1/projects", "", "Authorization: Bearer "+adminToken)
	var p problem
	if err := json.Unmarshal([]byte(body), &p); err != nil || res.StatusCode != 503 {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	id := res.Header.Get("X-Request-Id")
	if id == "" || p.RequestID != id || !strings.Contains(lines.String(), "request_id="+id+" ") {
		t.Errorf("header %q, body %q, log %s", id, p.RequestID, lines.String())
	}
	for _, path := range []string{"/healthz", "/c/nosuch", "/nosuch", "/api/v1/nosuch"} {
		if res, _ := st.ask(t, "GET", path, ""); res.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s has no request id", path)
		}
	}
}

func TestAreas(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1/key/add_event": "events", "/API/bot-api/v1/key/m": "events", "/c/spring": "clicks", "/api/v1/projects": "management",
		"/metrics": "health", "/debug/pprof/heap": "health", "/docs": "pages", "/": "pages",
	} {
		if got := areaOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
