package cmd

import (
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/httpapi"
	"github.com/tgtrack/tgtrack/adapters/web"
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

// TestAccessEndsWithItsUser: sessions and tokens of somebody who was deleted
// open nothing, and those of somebody who was removed from a project, nothing of
// it.
func TestAccessEndsWithItsUser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	project, u := h.project(), h.users["editor"]
	session, err := h.Access.OpenSession(t.Context(), u.ID, "test")
	h.ok(err)
	token, _, err := h.Access.CreateToken(t.Context(), &u, usecase.TokenInput{Name: "t", Scope: "write"})
	h.ok(err)
	look := func() [2]int {
		var codes [2]int
		for i, set := range []func(*http.Request){
			func(r *http.Request) { r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session}) },
			func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) },
		} {
			r := httptest.NewRequest(http.MethodGet, "/api/v1/projects/"+project+"/links", nil)
			set(r)
			codes[i] = h.status(r)
		}
		return codes
	}
	if got := look(); got != [2]int{200, 200} {
		t.Fatalf("before: %v", got)
	}
	h.ok(h.Access.RemoveProjectUser(t.Context(), project, u.ID))
	if got := look(); got != [2]int{404, 404} {
		t.Errorf("removed: %v", got)
	}
	h.ok(h.Access.DeleteUser(t.Context(), u.ID))
	if got := look(); got != [2]int{401, 401} {
		t.Errorf("deleted: %v", got)
	}
}

// TestSigningInEndsTheSessionBefore: a browser has one session, and the cookie
// of before opens nothing.
func TestSigningInEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab()
	b.login(ownerPassword)
	before := b.session()
	if code, to := b.login(ownerPassword); code != http.StatusSeeOther || to != "/" {
		t.Fatalf("again: %d %s", code, to)
	}
	if b.session() == nil || before == nil || b.session().Value == before.Value {
		t.Fatalf("the session is %v, before %v", b.session(), before)
	}
	for want, secret := range map[bool]string{true: b.session().Value, false: before.Value} {
		if _, err := h.Access.Session(t.Context(), secret); (err == nil) != want {
			t.Errorf("open %t: %v", want, err)
		}
	}
}

// TestResetOpensNoSession: a link for a new password sets the password and
// nothing else; a second factor is asked for as before.
func TestResetOpensNoSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab()
	b.login(ownerPassword)
	b.setUp(ownerPassword)
	secret, err := h.Access.MakeReset(t.Context(), h.users["owner"].ID)
	h.ok(err)
	thief := h.tab()
	if code, _, to := thief.post("/reset/"+secret, "password", "four words in a row"); code != http.StatusSeeOther ||
		to != "/login" || thief.session() != nil {
		t.Errorf("reset: %d %s, %v", code, to, thief.session())
	}
	if _, to := thief.login("four words in a row"); !strings.HasPrefix(to, "/login/code") || thief.session() != nil {
		t.Errorf("with the new password: %s, %v", to, thief.session())
	}
	if code, _, _ := b.open("/profile"); code == http.StatusOK {
		t.Error("the sessions of before go on")
	}
}
