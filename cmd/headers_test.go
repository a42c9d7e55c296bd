package cmd

import (
	"mime"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestHeadersOfEveryAnswer: whatever is asked, and whether or not it is there,
// browsers are told to run, frame, guess and pass on nothing, and nobody else's
// page may read it.
func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.HTTP.Secure = true
	requests := []*http.Request{
		httptest.NewRequest(http.MethodGet, "/nowhere", nil),
		httptest.NewRequest(http.MethodDelete, "/login", nil),
		httptest.NewRequest(http.MethodTrace, "/login", nil),
		httptest.NewRequest("BREW", "/", nil),
		httptest.NewRequest(http.MethodGet, "/api/v1/nowhere", nil),
		httptest.NewRequest(http.MethodOptions, "/api/v1/projects", nil),
	}
	for _, e := range h.HTTP.Table() {
		method := e.Method
		if method == httpapi.AnyMethod {
			method = http.MethodPost
		}
		if strings.HasSuffix(e.Path, "/stream") {
			continue // begins only for those who are let in
		}
		requests = append(requests, httptest.NewRequest(method, pathParam.ReplaceAllString(e.Path, "x"), nil))
	}
	for _, r := range requests {
		r.Header.Set("Origin", "https://elsewhere.example")
		h.checkHeaders(t, r)
	}
}

func (h *house) checkHeaders(t *testing.T, r *http.Request) {
	t.Helper()
	res, err := h.HTTP.App().Test(r, 10_000)
	h.ok(err)
	defer res.Body.Close()
	name, get := r.Method+" "+r.URL.Path, res.Header.Get
	if r.Method == http.MethodTrace && res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("%s: %d", name, res.StatusCode)
	}
	for header, want := range map[string][]string{
		"X-Content-Type-Options":    {"nosniff"},
		"Content-Security-Policy":   {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"},
		"Referrer-Policy":           {"same-origin no-referrer"},
		"Strict-Transport-Security": {"max-age=31536000", "includeSubDomains"},
	} {
		for _, part := range want {
			if got := get(header); got == "" || !strings.Contains(got, part) && !strings.Contains(part, got) {
				t.Errorf("%s: %s is %q, without %q", name, header, got, part)
			}
		}
	}
	for _, header := range []string{"Server", "X-Powered-By"} {
		if get(header) != "" {
			t.Errorf("%s: %s: %s", name, header, get(header))
		}
	}
	if from := get("Access-Control-Allow-Origin"); from == "https://elsewhere.example" ||
		from == "*" && get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%s: a page of others may read it", name)
	}
	kind, params, err := mime.ParseMediaType(get("Content-Type"))
	if res.ContentLength != 0 && (err != nil || strings.HasPrefix(kind, "text/") && params["charset"] == "") {
		t.Errorf("%s: of %d bytes nobody is told the kind or charset: %q", name, res.ContentLength,
			get("Content-Type"))
	}
}

var (
	passwordField = regexp.MustCompile(`(?s)<input[^>]*name="(?:[a-z]+_)?password"[^>]*>`)
	masked        = regexp.MustCompile(`type="password"`)
	helped        = regexp.MustCompile(`autocomplete="(?:current|new)-password"`)
)

// TestPasswordFields: what is typed is hidden, and password managers know what
// the field is for; whoever is signed in finds the way out on each page.
func TestPasswordFields(t *testing.T) {
	t.Parallel()
	h, _, _, _ := takesEvents(t)
	lived := h.lived()
	session, err := h.Access.OpenSession(t.Context(), h.users["admin"].ID, "test")
	h.ok(err)
	fields := 0
	for _, e := range h.HTTP.Table() {
		if e.Room != cabinet || e.Method != http.MethodGet || strings.HasSuffix(e.Path, "/stream") {
			continue
		}
		path, as := e.Path, session
		for name, value := range lived {
			path = strings.ReplaceAll(path, name, value)
		}
		if e.Right == usecase.ForAnybody {
			as = ""
		}
		code, text, _ := h.browseIn("en", http.MethodGet, pathParam.ReplaceAllString(path, "x"), as, nil)
		for _, field := range passwordField.FindAllString(text, -1) {
			fields++
			if !masked.MatchString(field) || !helped.MatchString(field) || strings.Contains(field, "onpaste") {
				t.Errorf("%s: %s", e.Path, field)
			}
		}
		if as != "" && code == http.StatusOK && strings.Contains(text, "<html") &&
			!strings.Contains(text, `action="/logout"`) {
			t.Errorf("%s: there is no way to log out", e.Path)
		}
	}
	if fields < 5 {
		t.Errorf("only %d fields for passwords were found", fields)
	}
}
