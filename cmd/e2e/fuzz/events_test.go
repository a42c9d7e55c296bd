package fuzz_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// built names the binary for the engine's workers: if each built its own, the
// time to fuzz would be over before the first request.
const built = "TGTEST_FUZZ_BINARY"

func TestMain(m *testing.M) {
	worker := os.Getenv(built) != ""
	code := m.Run()
	if !worker {
		e2e.Clean()
	}
	os.Exit(code)
}

func binary(f *testing.F) string {
	f.Helper()
	if path := os.Getenv(built); path != "" {
		return path
	}
	f.Setenv(built, e2e.Binary(f))
	return os.Getenv(built)
}

// seed is a golden case of a decoder.
type seed struct {
	constructor         string
	method, contentType string
	body                []byte
}

func seeds(f *testing.F) []seed {
	f.Helper()
	metas, err := filepath.Glob("../../../platforms/*/testdata/*/meta.json")
	if err != nil || len(metas) == 0 {
		f.Fatal("no golden cases", err)
	}
	var out []seed
	for _, path := range metas {
		dir := filepath.Dir(path)
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var m struct {
			Method      string `json:"method"`
			ContentType string `json:"content_type"`
		}
		if err := json.Unmarshal(text, &m); err != nil {
			f.Fatal(err)
		}
		body, err := os.ReadFile(filepath.Join(dir, "request.json"))
		if os.IsNotExist(err) {
			body, err = os.ReadFile(filepath.Join(dir, "request.txt"))
		}
		if err != nil {
			f.Fatal(err)
		}
		constructor := filepath.Base(filepath.Dir(filepath.Dir(dir)))
		out = append(out, seed{constructor, m.Method, m.ContentType, body})
	}
	return out
}

// FuzzEvents: whatever comes is answered by its envelope, and never with a
// code that says the fault is ours.
func FuzzEvents(f *testing.F) {
	all := seeds(f)
	var constructors []string
	for _, s := range all {
		if !slices.Contains(constructors, s.constructor) {
			constructors = append(constructors, s.constructor)
		}
		f.Add(uint8(slices.Index(constructors, s.constructor)), "POST", s.method, s.contentType, "", "", s.body)
	}
	f.Add(uint8(0), "GET", "add_event", "", "key-1", "gzip", []byte(`{"user_id":1}`))
	f.Add(uint8(0), "POST", "get_user_info", "application/json", "key-2", "identity", []byte(`{"user_id":501}`))
	f.Add(uint8(0), "PUT", "%2e%2e/add_event", "text/plain", strings.Repeat("k", 256), "br", []byte("\x00\xff"))
	s := e2e.StartBinary(f, binary(f), f.TempDir(), "TGTRACK_LIMITS_PER_SECOND=0", "TGTRACK_LIMITS_PER_HOUR=0",
		"TGTRACK_LIMITS_PER_DAY=0")
	var keys []string
	for _, c := range constructors {
		settings := map[string]any{"name": c, "username": "fuzz_bot"}
		if c != "generic" {
			settings["constructor"] = c
		}
		keys = append(keys, s.API(201, "POST", "/projects", settings)["api_key"].(string))
	}
	client := &http.Client{Timeout: 10 * time.Second}
	f.Fuzz(func(t *testing.T, project uint8, verb, method, contentType, idempotency, encoding string, body []byte) {
		if strings.ContainsFunc(contentType+idempotency+encoding, unicode.IsControl) {
			return // no header can hold it
		}
		req, err := http.NewRequest(verb, s.URL+"/v1/"+keys[int(project)%len(keys)]+"/"+url.PathEscape(method),
			strings.NewReader(string(body)))
		if err != nil || verb == "CONNECT" {
			return // no client can send it
		}
		for name, value := range map[string]string{"Content-Type": contentType, "Idempotency-Key": idempotency,
			"Content-Encoding": encoding} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatalf("%s %q: %v\n%s", verb, method, err, s.Log())
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		check(t, res, answer, s)
	})
}

func check(t *testing.T, res *http.Response, answer []byte, s *e2e.Service) {
	t.Helper()
	if !slices.Contains([]int{200, 400, 401, 403, 404, 405, 409, 415, 422}, res.StatusCode) {
		t.Fatalf("answer %d: %s\n%s", res.StatusCode, answer, s.Log())
	}
	if strings.Contains(s.Log(), "panic") {
		t.Fatalf("panic:\n%s", s.Log())
	}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		return // refused before it was the event API's
	}
	var envelope struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(answer, &envelope); err != nil && len(answer) > 0 {
		t.Fatalf("no envelope: %v: %s", err, answer)
	}
	if want := map[bool]string{true: "OK", false: "error"}[res.StatusCode == 200]; len(answer) > 0 &&
		envelope.Status != want {
		t.Fatalf("answer %d says %q: %s", res.StatusCode, envelope.Status, answer)
	}
}
