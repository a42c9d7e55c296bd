package manageapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/domain"
)

func TestManagementAsksForTheToken(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	for _, h := range []string{"X-None: 1", "Authorization: Bearer wrong", "Authorization: Bearer ",
		"Authorization: Basic " + adminToken} {
		res, body := st.ask(t, "GET", httpapi.APIBase+"/projects", "", h)
		if res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") == "" ||
			res.Header.Get("Content-Type") != problemMedia || strings.Contains(body, adminToken) {
			t.Errorf("%s: %d %v %s", h, res.StatusCode, res.Header, body)
		}
	}
	st = newStandFor(t, "")
	if res, _ := st.ask(t, "GET", httpapi.APIBase+"/projects", "",
		"Authorization: Bearer "+adminToken); res.StatusCode != 401 {
		t.Errorf("without a token of its own the server answered %d", res.StatusCode)
	}
}

func TestManagementRefusals(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method, path, body string
		header             string
		code               int
		field              string
	}{
		"no such call":    {"GET", "/nothing", "", "", 404, ""},
		"no such project": {"GET", "/projects/none", "", "", 404, ""},
		"wrong verb":      {"PUT", "/projects", "{}", "", 405, ""},
		"not JSON": {"POST", "/projects", "name=a",
			"Content-Type: application/x-www-form-urlencoded", 415, ""},
		"packed":        {"POST", "/projects", `{"name":"a"}`, "Content-Encoding: gzip", 415, ""},
		"broken":        {"POST", "/projects", `{"name":`, "", 400, ""},
		"two documents": {"POST", "/projects", `{"name":"a"}{}`, "", 400, ""},
		"too large": {"POST", "/projects", `{"name":"` + strings.Repeat("a", httpapi.MaxBody) +
			`"}`, "", 413, ""},
		"no object":     {"POST", "/projects", `[1]`, "", 422, ""},
		"nothing given": {"POST", "/projects", "", "", 422, "name"},
		"unknown field": {"POST", "/projects", `{"name":"a","colour":"red"}`, "", 422, "colour"},
		"unknown deep": {"POST", "/projects", `{"name":"a","limits":{"per_minute":1}}`, "", 422,
			"limits.per_minute"},
		"other letter case": {"POST", "/projects", `{"Name":"a"}`, "", 422, "Name"},
		"wrong kind": {"POST", "/projects", `{"name":"a","limits":{"per_day":"many"}}`, "", 422,
			"limits.per_day"},
		"limit":  {"GET", "/projects?limit=101", "", "", 422, "limit"},
		"status": {"GET", "/projects/none/conversions?status=lost", "", "", 422, "status"},
		"user":   {"GET", "/projects/none/conversions?user_id=vera", "", "", 422, "user_id"},
		"time":   {"GET", "/projects/none/conversions?from=yesterday", "", "", 422, "from"},
		"backwards": {"POST", "/projects/none/conversions/retry",
			`{"from":"2027-02-01","to":"2027-01-01"}`, "", 422, "to"},
		"erase whom": {"DELETE", "/projects/none/subscribers/vera", "", "", 422, "user_id"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t)
			header := []string{"Authorization: Bearer " + adminToken}
			if !strings.HasPrefix(c.header, "Content-Type") {
				header = append(header, "Content-Type: application/json")
			}
			if c.header != "" {
				header = append(header, c.header)
			}
			res, body := st.ask(t, c.method, httpapi.APIBase+c.path, c.body, header...)
			var p problem
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatalf("%q: %v", body, err)
			}
			if res.StatusCode != c.code || p.Status != c.code || p.Field != c.field ||
				p.Title != http.StatusText(c.code) || p.Detail == "" {
				t.Errorf("%d %s", res.StatusCode, body)
			}
			if res.Header.Get("Content-Type") != problemMedia {
				t.Errorf("content type %q", res.Header.Get("Content-Type"))
			}
			if c.code == 405 && res.Header.Get("Allow") != "POST, GET" {
				t.Errorf("Allow: %q", res.Header.Get("Allow"))
			}
		})
	}
}

func TestProblemNamesAllFaults(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	id := st.project(t, `{"name":"a"}`)
	code, p := st.manage(t, "POST", "/projects/"+id+"/ad-accounts", `{"network":"beacon","settings":{}}`)
	want := map[string]any{
		"type": "about:blank", "title": "Unprocessable Entity", "status": 422.0,
		"detail": "settings.token: is required", "field": "settings.token",
		"errors": []any{map[string]any{"field": "settings.token", "detail": "is required"},
			map[string]any{"field": "settings.id", "detail": "is required"}},
	}
	if p["request_id"] == "" {
		t.Error("no request id")
	}
	delete(p, "request_id")
	if d := cmp.Diff(want, p); code != 422 || d != "" {
		t.Errorf("%d %s", code, d)
	}
}

func TestStorageAway(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	st.away.Set(errors.Join(errors.New("password=hunter2"), domain.ErrUnavailable))
	res, body := st.ask(t, "GET", httpapi.APIBase+"/projects", "", "Authorization: Bearer "+adminToken)
	if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || strings.Contains(body, "hunter2") {
		t.Errorf("%d %v %s", res.StatusCode, res.Header, body)
	}
	st.away.Set(errors.New("password=hunter2"))
	if res, body := st.ask(t, "GET", httpapi.APIBase+"/projects", "",
		"Authorization: Bearer "+adminToken); res.StatusCode != 500 || strings.Contains(body, "hunter2") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

// TestRequestIDIsEverywhere: the answer, its header and the line in the log
// have one id.
func TestRequestIDIsEverywhere(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	st.away.Set(domain.ErrUnavailable)
	res, body := st.ask(t, "GET", "/api/v1/projects", "", "Authorization: Bearer "+adminToken)
	var p problem
	if err := json.Unmarshal([]byte(body), &p); err != nil || res.StatusCode != 503 {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	id := res.Header.Get("X-Request-Id")
	if id == "" || p.RequestID != id || !strings.Contains(st.log.String(), "request_id="+id+" ") {
		t.Errorf("header %q, body %q, log %s", id, p.RequestID, st.log.String())
	}
	for _, path := range []string{"/api/get_tags.php", "/nosuch", "/api/v1/nosuch"} {
		if res, _ := st.ask(t, "GET", path, ""); res.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s has no request id", path)
		}
	}
}
