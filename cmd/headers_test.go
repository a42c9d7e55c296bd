package cmd

import (
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/web"
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

// TestLogout: whoever logged out is nobody, also with the cookie of before, and
// the browser is told to keep nothing.
func TestLogout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, err := h.Access.OpenSession(t.Context(), h.users["owner"].ID, "test")
	h.ok(err)
	call := func(method, path string) *http.Response {
		form := url.Values{"form_token": {h.Access.FormToken(session)}}.Encode()
		r := httptest.NewRequest(method, path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
		res, err := h.HTTP.App().Test(r, 10_000)
		h.ok(err)
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	if res := call(http.MethodGet, "/profile"); res.StatusCode != http.StatusOK {
		t.Fatalf("before: %d", res.StatusCode)
	}
	res := call(http.MethodPost, "/logout")
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Clear-Site-Data") == "" {
		t.Errorf("%d, %v", res.StatusCode, res.Header)
	}
	for _, c := range res.Cookies() {
		if c.Name == web.SessionCookie && c.MaxAge >= 0 {
			t.Errorf("the browser keeps %s", c)
		}
	}
	if res := call(http.MethodGet, "/profile"); res.StatusCode == http.StatusOK {
		t.Errorf("afterwards: %d", res.StatusCode)
	}
}
