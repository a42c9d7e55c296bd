package cmd

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
)

// evil is what somebody writes who hopes that a page runs it, whichever place
// it comes to: text, an attribute in either kind of quotes, a script, an
// address.
const evil = `zq"'><img src=x onerror=zq()></script><script>zq()</script>{{.}}`

// quoted is evil as a JSON string.
func quoted(t *testing.T) string {
	t.Helper()
	b, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// hostile is a project all of whose texts are evil: those of people, of the
// ads that they come by, and of colleagues.
func (h *house) hostile() map[string]string {
	h.t.Helper()
	q := quoted(h.t)
	operator := []string{"Authorization: Bearer the-operator", "Content-Type: application/json"}
	post := func(path, body string) string {
		h.t.Helper()
		res, text := h.ask("POST", "/api/v1/projects"+path, body, operator...)
		if res.StatusCode != http.StatusCreated {
			h.t.Fatalf("%s: %d %s", path, res.StatusCode, text)
		}
		return text
	}
	project := post("", `{"name":`+q+`,"username":"a_bot"}`)
	id, key := jsonField(project, "id"), jsonField(project, "api_key")
	utm := `{"source":` + q + `,"medium":` + q + `,"campaign":` + q + `,"content":` + q + `,"term":` + q + `}`
	link := jsonField(post("/"+id+"/links", `{"name":`+q+`,"utm":`+utm+`}`), "id")
	account := jsonField(post("/"+id+"/ad-accounts", `{"network":"yandex","name":`+q+
		`,"settings":{"counter_id":"1234567","oauth_token":"t"},"activation_goal":"start"}`), "id")
	h.ask("GET", "/c/"+link+"?yclid="+url.QueryEscape(evil)+"&"+url.QueryEscape(evil)+"=1&utm_source="+
		url.QueryEscape(evil), "", "User-Agent: Mozilla/5.0 "+evil, "Referer: https://example.org/"+evil)
	for _, c := range []struct{ method, body string }{
		{"user_did_start_bot", `{"user_id":"7","first_name":` + q + `,"last_name":` + q + `,"username":` + q +
			`,"start_value":` + q + `}`},
		{"user_did_start_bot", `{"user_id":` + q + `,"first_name":"Vera"}`},
		{"add_event", `{"user_id":"7","event_type":` + q + `,"amount":100}`},
		{"send_reach_goal", `{"user_id":"7","target":` + q + `}`},
		{evil, `{` + q + `:` + q},
	} {
		h.ask("POST", "/v1/"+key+"/"+url.PathEscape(c.method), c.body, "Content-Type: application/json")
	}
	return map[string]string{":project": id, ":link": link, ":account": account, ":messenger": "telegram",
		":user": "7", ":network": "yandex", ":key": key}
}

// TestHostileTexts looks at every page of a project all of whose texts are
// hostile: each is shown as the text that it is.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	h, _, _, _ := takesEvents(t)
	parts := h.hostile()
	shown := 0
	for _, e := range h.HTTP.Table() {
		if e.Method != http.MethodGet || strings.HasSuffix(e.Path, "/stream") {
			continue
		}
		path := e.Path
		for name, value := range parts {
			path = strings.ReplaceAll(path, name, value)
		}
		for _, query := range []string{"", "?q=E&search=E&source=E&method=E&code=E&next=E&from=E&user_id=E&lang=E"} {
			query = strings.ReplaceAll(query, "E", url.QueryEscape(evil))
			if h.harmless(t, pathParam.ReplaceAllString(path, "x")+query) {
				shown++
			}
		}
	}
	if shown < 15 {
		t.Errorf("only %d pages show such a text: the test looks past it", shown)
	}
}

// harmless opens an address as an administrator, and tells whether its answer
// shows an evil text.
func (h *house) harmless(t *testing.T, address string) bool {
	t.Helper()
	session, err := h.Access.OpenSession(t.Context(), h.users["admin"].ID, evil)
	h.ok(err)
	res, text := h.ask("GET", address, "", "Cookie: "+web.SessionCookie+"="+session, "Accept-Language: "+evil)
	kind := res.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "text/html") {
		for _, raw := range []string{"<img src=x", "<script>zq", `zq"`, "zq'>"} {
			if strings.Contains(text, raw) {
				at := strings.Index(text, raw)
				t.Errorf("%s: %s is on the page: …%s", address, raw, text[max(0, at-100):min(len(text), at+60)])
			}
		}
	}
	for name, values := range res.Header {
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n") || strings.Contains(v, "<img") {
				t.Errorf("%s: the header %s is %q", address, name, v)
			}
		}
	}
	return strings.Contains(text, "onerror=zq()")
}

// TestForeignForms: no other site makes a browser change something, whatever
// it knows: every form of the cabinet, of each of its kinds.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, err := h.Access.OpenSession(t.Context(), h.users["admin"].ID, "test")
	h.ok(err)
	other, err := h.Access.OpenSession(t.Context(), h.users["viewer"].ID, "test")
	h.ok(err)
	own := h.Access.FormToken(session)
	for name, c := range map[string]struct {
		token  string
		header []string
		public bool // refused also where nobody is signed in
	}{
		"no token":              {},
		"another's token":       {token: h.Access.FormToken(other)},
		"half of a token":       {token: own[:len(own)/2]},
		"another site":          {token: own, header: []string{"Sec-Fetch-Site: cross-site"}, public: true},
		"another host below us": {token: own, header: []string{"Sec-Fetch-Site: same-site"}, public: true},
		"another origin":        {token: own, header: []string{"Origin: https://elsewhere.example"}, public: true},
		"no origin to tell":     {token: own, header: []string{"Origin: null"}, public: true},
	} {
		n := 0
		for _, e := range h.HTTP.Table() {
			if e.Room != cabinet || e.Method == http.MethodGet {
				continue
			}
			path := strings.Replace(e.Path, ":project", h.project(), 1)
			form := url.Values{"form_token": {c.token}}.Encode()
			r := httptest.NewRequest(e.Method, pathParam.ReplaceAllString(path, "x"), strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for _, line := range c.header {
				header, value, _ := strings.Cut(line, ": ")
				r.Header.Set(header, value)
			}
			n++
			signedIn := !c.public || n%2 == 0
			if signedIn {
				r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
			}
			if code := h.status(r); code != http.StatusForbidden && (signedIn || code != http.StatusSeeOther) {
				t.Errorf("%s: %s %s: %d", name, e.Method, e.Path, code)
			}
		}
		if n < 30 {
			t.Errorf("only %d forms were tried", n)
		}
	}
	if _, err := h.Access.Session(t.Context(), session); err != nil {
		t.Errorf("the session was ended: %v", err)
	}
}

// TestSignInIsBegunHere: no link of another site has somebody signed in by the
// provider, who may ask nothing; it leads to the page with the button.
func TestSignInIsBegunHere(t *testing.T) {
	t.Parallel()
	i := newInn(t)
	invitation := i.invite(domain.Viewer)
	for path, page := range map[string]string{
		"/login/openid": "/login", "/invite/" + invitation + "/openid": "/invite/" + invitation,
	} {
		for site, away := range map[string]bool{"cross-site": false, "same-site": false, "same-origin": true, "none": true} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Sec-Fetch-Site", site)
			res, err := i.HTTP.App().Test(r, 10_000)
			i.ok(err)
			res.Body.Close()
			to := res.Header.Get("Location")
			if strings.HasPrefix(to, i.provider.URL) != away || !away && (to != page || len(res.Cookies()) > 0) {
				t.Errorf("%s from %s leads to %s", path, site, to)
			}
		}
	}
}
