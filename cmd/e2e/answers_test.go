package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestAnswers reaches every error of the event API's table that needs no
// outage.
func TestAnswers(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		s := e2e.Start(t, t.TempDir(), env...)
		p := newProject(s, map[string]any{"mode": "sandbox"})
		s.API(200, "PATCH", "/projects/"+p.id,
			map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 0, "per_day": 0}})
		off := newProject(s, nil)
		s.API(200, "PATCH", "/projects/"+off.id, map[string]any{"enabled": false})
		expired := s.API(201, "POST", "/projects/"+newProject(s, nil).id+"/api-key",
			map[string]any{"expires_at": "2020-01-01T00:00:00Z"})["api_key"].(string)
		old := newProject(s, nil)
		s.API(201, "POST", "/projects/"+old.id+"/api-key", map[string]any{"overlap_seconds": 0})
		report := s.API(201, "POST", "/projects", map[string]any{"name": "R"})["report_key"].(string)
		start := `{"user_id":"7","first_name":"A"}`
		s.Event(p.key, "user_did_start_bot", start, "Idempotency-Key: k1")

		for _, c := range []struct {
			name, method, path, body string
			header                   []string
			code                     int
			details                  string
		}{
			{"ok", "POST", "/v1/" + p.key + "/user_did_start_bot", start, nil, 200, ""},
			{"slash", "POST", "/v1/" + p.key + "/user_did_start_bot/", start, nil, 200, ""},
			{"old form", "POST", "/API/bot-api/v1/" + p.key + "/user_did_start_bot", start, nil, 200, ""},
			{"bearer", "POST", "/v1/user_did_start_bot", start, []string{"Authorization: Bearer " + p.key}, 200, ""},
			{"syntax", "POST", "/v1/" + p.key + "/add_event", `{"user_id":`, nil, 400, ""},
			{"empty", "POST", "/v1/" + p.key + "/add_event", "", nil, 400, ""},
			{"large", "POST", "/v1/" + p.key + "/add_event", `{"user_id":"` + strings.Repeat("1", 1<<20) + `"}`, nil,
				400, "1 MiB"},
			{"huge", "POST", "/v1/" + p.key + "/add_event", strings.Repeat("x", 5<<20), nil, 400, "1 MiB"},
			{"deep", "POST", "/v1/" + p.key + "/add_event",
				strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000), nil, 400, ""},
			{"broken UTF-8", "POST", "/v1/" + p.key + "/add_event", "{\"user_id\":\"1\",\"event_type\":\"\xff\xfe\"}",
				nil, 200, ""}, // read as what it may be, with a warning
			{"unknown key", "POST", "/v1/nosuchkey/add_event", "{}", nil, 401, ""},
			{"replaced key", "POST", "/v1/" + old.key + "/add_event", "{}", nil, 401, ""},
			{"no key", "POST", "/v1/add_event", "{}", nil, 401, ""},
			{"expired", "POST", "/v1/" + expired + "/add_event", "{}", nil, 402, ""},
			{"report key", "POST", "/v1/" + report + "/add_event", "{}", nil, 403, "report"},
			{"switched off", "POST", "/v1/" + off.key + "/add_event", "{}", nil, 403, "switched off"},
			{"unknown method", "POST", "/v1/" + p.key + "/nosuch", "{}", nil, 404, ""},
			{"GET", "GET", "/v1/" + p.key + "/add_event", "", nil, 404, "POST"},
			{"PUT", "PUT", "/v1/" + p.key + "/add_event", "{}", nil, 404, "POST"},
			{"unknown person", "POST", "/v1/" + p.key + "/get_user_info", `{"user_id":"999"}`, nil, 405, ""},
			{"other body", "POST", "/v1/" + p.key + "/user_did_start_bot", `{"user_id":"8","first_name":"B"}`,
				[]string{"Idempotency-Key: k1"}, 409, ""},
			{"same body", "POST", "/v1/" + p.key + "/user_did_start_bot", start,
				[]string{"Idempotency-Key: k1"}, 200, ""},
			{"media type", "POST", "/v1/" + p.key + "/add_event", "<xml/>",
				[]string{"Content-Type: application/xml"}, 415, ""},
			{"not gzip", "POST", "/v1/" + p.key + "/add_event", "\x1f\x8b\x08no", []string{"Content-Encoding: gzip"},
				400, "gzip"},
			{"brotli", "POST", "/v1/" + p.key + "/add_event", "\x8b\x03\x80{}\x03", []string{"Content-Encoding: br"},
				415, "deflate"},
			{"macro", "POST", "/v1/" + p.key + "/send_reach_goal", `{"user_id":"{%user_id%}","target":"x"}`, nil, 422,
				"{%user_id%}"},
			{"NUL", "POST", "/v1/" + p.key + "/add_event", `{"user_id":"1","event_type":"a\u0000b"}`, nil, 422, ""},
			{"huge number", "POST", "/v1/" + p.key + "/add_event", `{"user_id":"1","event_type":"a","amount":1e400}`,
				nil, 200, ""}, // the event is kept without it
			{"organic goal", "POST", "/v1/" + p.key + "/send_reach_goal", `{"user_id":"7","target":"x"}`, nil, 422,
				"tracking link"},
			{"organic event", "POST", "/v1/" + p.key + "/add_event",
				`{"user_id":"7","event_type":"sale","conversion_target":"x"}`, nil, 200, ""},
			{"ordinary update", "POST", "/v1/" + p.key + "/on_telegram_webhook",
				`{"update_id":5,"message":{"message_id":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":"hello"}}`, nil, 200, `"events":[]`},
		} {
			header := append([]string{"Content-Type: application/json"}, c.header...)
			a, err := e2e.Do(context.Background(), c.method, s.URL+c.path, c.body, header...)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if a.Code != c.code || !strings.Contains(string(a.Body), c.details) {
				t.Errorf("%s: %d %s, want %d %s", c.name, a.Code, a.Body, c.code, c.details)
				continue
			}
			checkEnvelope(t, c.name, a)
		}
	})
}

func checkEnvelope(t *testing.T, name string, a e2e.Answer) {
	t.Helper()
	m := a.JSON(t)
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("%s: Content-Type %q", name, got)
	}
	if a.Code == http.StatusOK {
		if m["status"] != "OK" || m["mode"] != "sandbox" {
			t.Errorf("%s: %s", name, a.Body)
		}
		return
	}
	if m["status"] != "error" || fmt.Sprint(m["error_code"]) != fmt.Sprint(a.Code) || m["error_description"] == "" {
		t.Errorf("%s: %s", name, a.Body)
	}
	if d, _ := m["error_details"].(string); len([]rune(d)) >= 200 {
		t.Errorf("%s: error_details has %d characters", name, len([]rune(d)))
	}
}

// TestLimits: what is over a limit is refused, recorded and shown, and two
// processes count together.
func TestLimits(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		s := e2e.Start(t, t.TempDir(), env...)
		p := newProject(s, nil)
		s.API(200, "PATCH", "/projects/"+p.id,
			map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 3, "per_day": 0}})
		codes := map[int]int{}
		for i := range 5 {
			a := s.Event(p.key, "my_bot_was_started", fmt.Sprintf(`{"start_value":"v%d"}`, i))
			codes[a.Code]++
			if a.Code == 429 && a.Header.Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
		}
		if codes[200] != 3 || codes[429] != 2 {
			t.Errorf("codes: %v", codes)
		}
		e2e.Eventually(t, 5*time.Second, func() error {
			items := s.API(200, "GET", "/projects/"+p.id+"/requests", nil)["items"].([]any)
			if len(items) != 5 {
				return fmt.Errorf("%d requests are shown, want 5", len(items))
			}
			return nil
		})
	})
}
