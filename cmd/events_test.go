package cmd

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// takesEvents makes a house whose event API works, and a project with its keys.
func takesEvents(t *testing.T, settings ...string) (h *house, id, apiKey, reportKey string) {
	t.Helper()
	h = newHouse(t, settings...)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Ingest.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	var p struct {
		ID        string `json:"id"`
		APIKey    string `json:"api_key"`
		ReportKey string `json:"report_key"`
	}
	res, text := h.ask("POST", "/api/v1/projects", `{"name":"Bot","username":"a_bot"}`,
		"Authorization: Bearer the-operator", "Content-Type: application/json")
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", res.StatusCode, text)
	}
	h.ok(json.Unmarshal([]byte(text), &p))
	return h, p.ID, p.APIKey, p.ReportKey
}

// ask makes one request; header lines are "Name: value".
func (h *house) ask(method, target, body string, header ...string) (*http.Response, string) {
	h.t.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	res, err := h.HTTP.App().Test(req, 20_000)
	h.ok(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	h.ok(err)
	return res, string(text)
}

func packed(t *testing.T, w io.WriteCloser, b *bytes.Buffer, text string) string {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t *testing.T, text string) string {
	var b bytes.Buffer
	return packed(t, gzip.NewWriter(&b), &b, text)
}

// TestPackedEvents: the event API unpacks what is packed, as far as 1 MiB, and
// says in its own words what it does not take. The request log shows what was
// unpacked.
func TestPackedEvents(t *testing.T) {
	t.Parallel()
	h, id, key, _ := takesEvents(t)
	const start = `{"user_id":"7","first_name":"Vera"}`
	var z bytes.Buffer
	zlibbed := packed(t, zlib.NewWriter(&z), &z, start)
	for _, c := range []struct {
		name, body, encoding string
		code                 int
		details              string
	}{
		{"gzip", gzipped(t, start), "gzip", 200, `"events":[{`},
		{"deflate", zlibbed, "deflate", 200, `"events":[{`},
		{"not packed", start, "identity", 200, `"events":[{`},
		{"bomb", gzipped(t, `{"user_id":"7","x":"`+strings.Repeat("x", 30<<20)+`"}`), "gzip", 400,
			"larger than 1 MiB"},
		{"not gzip", "\x1f\x8b\x08no", "gzip", 400, "not valid gzip"},
		{"brotli", "\x8b\x03\x80{}\x03", "br", 415, "use gzip or deflate"},
		{"no JSON inside", gzipped(t, "{"), "gzip", 400, "error_details"},
	} {
		res, text := h.ask("POST", "/v1/"+key+"/user_did_start_bot", c.body,
			"Content-Type: application/json", "Content-Encoding: "+c.encoding)
		if res.StatusCode != c.code || !strings.Contains(text, c.details) ||
			!strings.Contains(text, `"mode":"production"`) {
			t.Errorf("%s: %d %s", c.name, res.StatusCode, text)
		}
	}
	if res, text := h.ask("POST", "/v1/unknown/add_event", gzipped(t, start),
		"Content-Encoding: gzip"); res.StatusCode != 401 {
		t.Errorf("with an unknown key: %d %s", res.StatusCode, text)
	}
	go func() { _ = h.Requests.Run(t.Context()) }()
	for range 100 {
		rs, err := h.Requests.Last(t.Context(), id, 100)
		h.ok(err)
		for _, r := range rs {
			if r.Body == start && r.Size == len(start) && r.Code == 200 {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the log does not show the body as it was unpacked")
}

// TestKeysInEveryRoom: a key is worth the same wherever it is shown, and each
// room says so in its own way.
func TestKeysInEveryRoom(t *testing.T) {
	t.Parallel()
	past := time.Now().Add(-time.Hour).Format(time.RFC3339)
	rotated := func(h *house, id, path, body string) string {
		res, text := h.ask("POST", "/api/v1/projects/"+id+"/"+path, body,
			"Authorization: Bearer the-operator", "Content-Type: application/json")
		if res.StatusCode != http.StatusCreated {
			h.t.Fatalf("%d %s", res.StatusCode, text)
		}
		var k struct {
			APIKey string `json:"api_key"`
		}
		h.ok(json.Unmarshal([]byte(text), &k))
		return k.APIKey
	}
	for name, c := range map[string]struct {
		key                  func(h *house, id, apiKey, reportKey string) string
		events, tables, page int
	}{
		"works":      {func(_ *house, _, a, _ string) string { return a }, 200, 403, 200},
		"report key": {func(_ *house, _, _, r string) string { return r }, 403, 200, 403},
		"missing":    {func(*house, string, string, string) string { return "" }, 401, 401, 200},
		"unknown":    {func(*house, string, string, string) string { return "tgk_none" }, 401, 401, 401},
		"replaced": {func(h *house, id, a, _ string) string {
			rotated(h, id, "api-key", `{}`)
			return a
		}, 401, 401, 401},
		"expired": {func(h *house, id, _, _ string) string {
			return rotated(h, id, "api-key", `{"expires_at":"`+past+`"}`)
		}, 402, 403, 200},
		"switched off": {func(h *house, id, a, _ string) string {
			h.changed(id, func(p *domain.Project) { p.Enabled = false })
			return a
		}, 403, 403, 200},
		"report key, switched off": {func(h *house, id, _, r string) string {
			h.changed(id, func(p *domain.Project) { p.Enabled = false })
			return r
		}, 403, 200, 403},
		"project deleted": {func(h *house, id, a, _ string) string {
			h.ok(h.Store.DeleteProject(h.t.Context(), id))
			return a
		}, 401, 401, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, id, apiKey, reportKey := takesEvents(t)
			key := c.key(h, id, apiKey, reportKey)
			h.Directory.DropAll()
			got := [3]int{}
			res, text := h.ask("POST", "/v1/user_did_start_bot", `{"user_id":"7"}`,
				"Content-Type: application/json", "Authorization: Bearer "+key)
			got[0] = res.StatusCode
			if res.StatusCode != 200 && !strings.Contains(text, `"error_details":"`) {
				t.Errorf("the event API says %s", text)
			}
			res, text = h.ask("GET", "/api/get_tags.php?apiKey="+key, "")
			got[1] = res.StatusCode
			if res.StatusCode != 200 && !strings.Contains(text, `"error_details":"apiKey: `) {
				t.Errorf("the tables say %s", text)
			}
			res, text = h.ask("POST", "/last_events", url.Values{"key": {key}}.Encode(),
				"Content-Type: application/x-www-form-urlencoded")
			got[2] = res.StatusCode
			if res.StatusCode != 200 && !strings.Contains(text, "</html>") {
				t.Errorf("the page says %s", text)
			}
			if want := [3]int{c.events, c.tables, c.page}; got != want {
				t.Errorf("event API, tables, last events: %v, want %v", got, want)
			}
		})
	}
}

// changed changes a project behind the back of every cache.
func (h *house) changed(id string, to func(p *domain.Project)) {
	h.t.Helper()
	p, err := h.Store.Project(h.t.Context(), id)
	h.ok(err)
	to(&p)
	h.ok(h.Store.UpdateProject(usecase.WithActor(h.t.Context(), usecase.Operator), p))
}
