package cmd

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
)

// open asks for an address as a browser with a session does.
func (h *house) open(method, path, session string, form url.Values, headers ...string) *http.Response {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	if session != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
	}
	res, err := h.HTTP.App().Test(r, 20_000)
	h.ok(err)
	h.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func (h *house) sessionOf(name string) string {
	h.t.Helper()
	session, err := h.Access.OpenSession(h.t.Context(), h.users[name].ID, "test")
	h.ok(err)
	return session
}

// bodyOf reads an answer, unpacked if it is packed.
func bodyOf(t *testing.T, res *http.Response) string {
	t.Helper()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	b, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var formTokens = regexp.MustCompile(`name="form_token" value="([0-9a-f]*)"`)

// TestAnswersArePacked: pages and JSON are compressed for whoever takes that,
// and no text that stays secret is the same in two of them; what a form shows,
// a key made just now for example, is not compressed.
func TestAnswersArePacked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, project := h.sessionOf("admin"), h.project()
	for _, path := range []string{
		"/projects", "/projects/" + project, "/login", "/docs", "/openapi.yaml", "/last_events", "/nope",
		"/api/v1/projects/" + project,
	} {
		res := h.open(http.MethodGet, path, session, nil, "Accept-Encoding: gzip")
		body := bodyOf(t, res)
		if len(body) > 400 && (res.Header.Get("Content-Encoding") != "gzip" ||
			!strings.Contains(res.Header.Get("Vary"), "Accept-Encoding")) {
			t.Errorf("%s: %d bytes as they are, %v", path, len(body), res.Header)
		}
		if res := h.open(http.MethodGet, path, session, nil); res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s is packed for whoever does not take that", path)
		}
	}
	first := formTokens.FindAllStringSubmatch(bodyOf(t, h.open(http.MethodGet, "/projects", session, nil)), -1)
	second := formTokens.FindAllStringSubmatch(bodyOf(t, h.open(http.MethodGet, "/projects", session, nil)), -1)
	if len(first) == 0 || len(second) == 0 || first[0][1] == second[0][1] {
		t.Errorf("tokens of forms: %v, then %v", first, second)
	}
	form := url.Values{"form_token": {first[0][1]}, "name": {""}}
	res := h.open(http.MethodPost, "/projects/new", session, form, "Accept-Encoding: gzip")
	if res.StatusCode != http.StatusUnprocessableEntity || res.Header.Get("Content-Encoding") != "" {
		t.Errorf("a form with the token of a page: %d, %v", res.StatusCode, res.Header)
	}
}

// TestNowhere: an address that is nobody's is answered by a page with a way
// back, to whoever asks; HEAD is answered wherever GET is.
func TestNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, session := range []string{"", h.sessionOf("viewer")} {
		res := h.open(http.MethodGet, "/nope/at/all", session, nil, "Referer: http://example.com/profile?a=1")
		body := bodyOf(t, res)
		if res.StatusCode != http.StatusNotFound || !strings.Contains(body, `href="/projects"`) ||
			!strings.Contains(body, `href="/profile?a=1"`) || !strings.Contains(body, "There is no such page") ||
			strings.Contains(body, `action="/logout"`) != (session != "") {
			t.Errorf("%d %.300s", res.StatusCode, visible(body))
		}
	}
	for path, want := range map[string]int{"/login": 200, "/": 303, "/docs": 200, "/nope": 404} {
		if res := h.open(http.MethodHead, path, "", nil); res.StatusCode != want {
			t.Errorf("HEAD %s: %d, want %d", path, res.StatusCode, want)
		}
	}
	for _, path := range []string{"/v1/x/nope", "/api/v1/nope"} { // programs get no pages
		if res := h.open(http.MethodPost, path, "", nil); !strings.Contains(res.Header.Get("Content-Type"), "json") {
			t.Errorf("%s: %s", path, res.Header.Get("Content-Type"))
		}
	}
}

// TestFinder: what is searched for is found among what the visitor may see, and
// nowhere else.
func TestFinder(t *testing.T) {
	t.Parallel()
	h, _, _, _ := takesEvents(t)
	at := h.lived()
	_, err := h.Store.FillWords(t.Context())
	h.ok(err)
	project := "/projects/" + at[":project"]
	for _, c := range []struct{ who, path, want, not string }{
		{"viewer", project + "/search?q=" + url.QueryEscape("Άνοιξη"), project + "/sources/" + at[":link"], "settings"},
		{"viewer", project + "/search?q=vera", project + "/subscribers/telegram/7", "nothing"},
		{"viewer", project + "/search?q=LIVE", project + "/live", "nothing"},
		{"viewer", project + "/search?q=settings", "Nothing is called", project + `/settings"`},
		{"owner", project + "/search?q=settings", project + "/settings", "nothing"},
		{"viewer", "/search?q=" + url.QueryEscape("Βίος"), project, "nothing"},
		{"outsider", "/search?q=" + url.QueryEscape("Βίος"), "Nothing is called", `"` + project + `"`},
	} {
		_, text, _ := h.browseIn("en", http.MethodGet, c.path, h.sessionOf(c.who), nil)
		_, found, _ := strings.Cut(text, `id="main"`)
		if !strings.Contains(found, c.want) || strings.Contains(found, c.not) {
			t.Errorf("%s, %s: %s", c.who, c.path, strings.Join(strings.Fields(visible(found)), " "))
		}
	}
}

// TestPeriodIsKept: from one report to the next go period and filter; other
// pages do not get them.
func TestPeriodIsKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	base := "/projects/" + h.project()
	_, text, _ := h.browseIn("en", http.MethodGet, base+"/funnel?period=7d&source=VK&by=link", h.sessionOf("admin"), nil)
	for href, want := range map[string]bool{
		base + "?period=7d&amp;source=VK": true, base + "/sources?period=7d&amp;source=VK": true,
		base + "/cohorts?period=7d&amp;source=VK": true, base + "/subscribers": true, base + "/live": true,
	} {
		if strings.Contains(text, `href="`+href+`"`) != want {
			t.Errorf("the menu has no %s", href)
		}
	}
}

// TestSaid: what a form did is said on the next page, once, and nobody else can
// have it said.
func TestSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, base := h.sessionOf("admin"), "/projects/"+h.project()
	res := h.open(http.MethodPost, base+"/users/invite", session, nil)
	if res.StatusCode != http.StatusForbidden {
		t.Fatalf("without a token: %d", res.StatusCode)
	}
	form := url.Values{"form_token": {h.Access.FormToken(session)}, "role": {string(domain.Viewer)}}
	res = h.open(http.MethodPost, base+"/users/"+h.users["viewer"].ID+"/role", session, form)
	var cookie *http.Cookie
	for _, c := range res.Cookies() {
		if strings.HasSuffix(c.Name, "tgtrack_flash") {
			cookie = c
		}
	}
	if res.StatusCode != http.StatusSeeOther || cookie == nil {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	see := func(value string) (bool, *http.Response) {
		res := h.open(http.MethodGet, base+"/users", session, nil,
			"Cookie: "+cookie.Name+"="+value+"; "+web.SessionCookie+"="+session)
		return strings.Contains(bodyOf(t, res), "Done."), res
	}
	said, res := see(cookie.Value)
	if !said || !strings.Contains(strings.Join(res.Header.Values("Set-Cookie"), " "), cookie.Name+"=;") {
		t.Errorf("said: %v, then %v", said, res.Header.Values("Set-Cookie"))
	}
	text, _, _ := strings.Cut(cookie.Value, ".")
	for _, forged := range []string{text + "." + h.Access.MarkOf("other", text), text, text + ".", "x." + text} {
		if said, _ := see(forged); said {
			t.Errorf("%s is said", forged)
		}
	}
}
