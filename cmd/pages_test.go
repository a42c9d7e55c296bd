package cmd

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// textKeys finds names of texts on a page, where the texts should be: whatever
// begins as those do that the templates ask for.
func textKeys(t *testing.T) *regexp.Regexp {
	t.Helper()
	files, err := filepath.Glob("../adapters/web/templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var areas []string
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range usedText.FindAllStringSubmatch(string(b), -1) {
			if !slices.Contains(areas, m[1]) {
				areas = append(areas, m[1])
			}
		}
	}
	if len(areas) < 10 {
		t.Fatalf("the templates ask for texts of %v", areas)
	}
	return regexp.MustCompile(`(^|[\s(])(` + strings.Join(areas, "|") + `)\.[a-z0-9_]+`)
}

var usedText = regexp.MustCompile(`\.[TN] "([a-z0-9_]+)\.`)

var (
	pageTitle = regexp.MustCompile(`<title>([^<]*)</title>`)
	htmlTag   = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>|<[^>]*>`)
)

// visible is what a reader sees of a page.
func visible(page string) string { return html.UnescapeString(htmlTag.ReplaceAllString(page, " ")) }

// lived is a project in which something has happened, with the parts of the
// addresses of its pages. What users call things is Greek: no text of ours is.
func (h *house) lived() map[string]string {
	h.t.Helper()
	var p struct{ id, key string }
	res, text := h.ask("POST", "/api/v1/projects", `{"name":"Βίος","username":"a_bot"}`,
		"Authorization: Bearer the-operator", "Content-Type: application/json")
	if res.StatusCode != http.StatusCreated {
		h.t.Fatalf("%d %s", res.StatusCode, text)
	}
	p.id, p.key = jsonField(text, "id"), jsonField(text, "api_key")
	_, link := h.ask("POST", "/api/v1/projects/"+p.id+"/links", `{"name":"Άνοιξη","utm":{"source":"πηγή"}}`,
		"Authorization: Bearer the-operator", "Content-Type: application/json")
	_, account := h.ask("POST", "/api/v1/projects/"+p.id+"/ad-accounts",
		`{"network":"yandex","name":"Μέτρηση","activation_goal":"αρχή",`+
			`"settings":{"counter_id":"1234567","oauth_token":"t"}}`,
		"Authorization: Bearer the-operator", "Content-Type: application/json")
	h.ask("GET", "/c/"+jsonField(link, "id")+"?yclid=5", "", "User-Agent: Mozilla/5.0")
	for _, c := range []struct{ method, body string }{
		{"user_did_start_bot", `{"user_id":"7","first_name":"Βέρα","username":"vera"}`},
		{"add_event", `{"user_id":"7","event_type":"πώληση","amount":100}`},
		{"my_bot_was_stopped", `{"user_id":"7"}`},
	} {
		if res, text := h.ask("POST", "/v1/"+p.key+"/"+c.method, c.body,
			"Content-Type: application/json"); res.StatusCode != 200 {
			h.t.Errorf("%s: %d %s", c.method, res.StatusCode, text)
		}
	}
	request := newID()
	h.Requests.Keep(h.t.Context(), usecase.RequestRecord{
		ID: request, ProjectID: p.id, Method: "user_did_start_bot", Code: 422, Error: `user_id: is required`,
		ContentType: "application/json", Body: `{"first_name":"Άννα"}`, ReceivedAt: clock(),
	})
	for name, u := range h.users {
		if role := domain.Role(name); role.Allows(domain.Viewer) {
			h.ok(h.Store.SetRole(h.t.Context(), p.id, u.ID, role, clock()))
		}
	}
	owner := h.users["owner"]
	secret, err := h.Access.Invite(usecase.WithActor(h.t.Context(), usecase.Actor{User: &owner}), p.id,
		domain.Viewer)
	h.ok(err)
	reset, err := h.Access.MakeReset(h.t.Context(), owner.ID)
	h.ok(err)
	session, err := h.Access.OpenSession(h.t.Context(), owner.ID, "Δοκιμή")
	h.ok(err)
	_, _, shared := h.browseIn("", "POST", "/projects/"+p.id+"/requests/"+request+"/share", session,
		url.Values{"form_token": {h.Access.FormToken(session)}})
	_, token, _ := strings.Cut(shared, "?shared=")
	_, shares, _ := h.browseIn("", "POST", "/projects/"+p.id+"/shares", session,
		url.Values{"form_token": {h.Access.FormToken(session)}, "report": {"overview"}})
	report := sharedAddress.FindStringSubmatch(shares)
	if report == nil {
		h.t.Fatal(shares)
	}
	return map[string]string{
		":project": p.id, ":link": jsonField(link, "id"), ":account": jsonField(account, "id"),
		":request": request, "(key)": p.key,
		":messenger": "telegram", ":user": "7", ":network": "yandex", ":token": token,
		"/shared/report/:secret": report[1],
		"/invite/:secret":        "/invite/" + secret, "/reset/:secret": "/reset/" + reset,
	}
}

// jsonField reads a field of text, for answers that a test has looked at.
func jsonField(text, name string) string {
	m := regexp.MustCompile(`"` + name + `":"([^"]*)"`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1]
}

// browseIn opens a page in a language, with a session or without.
func (h *house) browseIn(lang, method, path, session string, form url.Values) (code int, text, to string) {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", lang)
	if session != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
	}
	res, err := h.HTTP.App().Test(r, 20_000)
	h.ok(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	h.ok(err)
	return res.StatusCode, string(b), res.Header.Get("Location")
}

func cyrillic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
}

// TestEveryPage renders every page of the table in both languages, of a
// project in which something has happened and of an empty one.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	h, empty, _, _ := takesEvents(t)
	keys, lived := textKeys(t), h.lived()
	// Pages that are no HTML, or that lead elsewhere whoever comes.
	other := map[string]int{
		"/": 303, "/login": 303, "/projects/:project/connect/keys": 303,
		"/projects/:project/connect/rotate":       303,
		"/projects/:project/connect/secret":       303,
		"/setup/:secret":                          404,
		"/login/openid":                           303,
		"/login/openid/callback":                  404,
		"/setup/:secret/openid":                   404,
		"/invite/:secret/openid":                  404,
		"/projects/:project/sources/:link/qr.png": 200, "/projects/:project/sources/:link/qr.svg": 200,
		"/assets/:hash/:name": 404,
		"/projects/:project/subscribers/:messenger/:user/export": 200,
		"/projects/:project/export":                              422, // of no table
	}
	rows := 0
	for _, e := range h.HTTP.Table() {
		if e.Room != cabinet || e.Method != http.MethodGet || strings.HasSuffix(e.Path, "/stream") {
			continue
		}
		addresses := map[string]string{"lived": e.Path}
		for name, value := range lived {
			addresses["lived"] = strings.ReplaceAll(addresses["lived"], name, value)
		}
		if at, ok := strings.CutPrefix(e.Path, "/projects/:project"); ok && !strings.Contains(at, ":") {
			addresses["empty"] = "/projects/" + empty + at
		}
		for state, address := range addresses {
			for _, lang := range []string{"en", "ru"} {
				rows++
				admin := h.users["admin"]
				session, err := h.Access.OpenSession(t.Context(), admin.ID, "test")
				h.ok(err)
				if strings.HasPrefix(e.Path, "/invite") || strings.HasPrefix(e.Path, "/reset") {
					session = "" // for somebody who is not signed in
				}
				code, text, _ := h.browseIn(lang, http.MethodGet,
					pathParam.ReplaceAllString(address, "x"), session, nil)
				name := fmt.Sprintf("%s, %s, %s", e.Path, state, lang)
				if want, ok := other[e.Path]; ok {
					if code != want && code != http.StatusFound {
						t.Errorf("%s: %d, want %d", name, code, want)
					}
					continue
				}
				checkPage(t, name, lang, code, text, keys)
			}
		}
	}
	if rows < 100 {
		t.Errorf("only %d pages were opened", rows)
	}
}

func checkPage(t *testing.T, name, lang string, code int, text string, keys *regexp.Regexp) {
	t.Helper()
	title := pageTitle.FindStringSubmatch(text)
	if code != http.StatusOK || title == nil {
		t.Errorf("%s: %d %.300s", name, code, visible(text))
		return
	}
	if !strings.Contains(text, `<html lang="`+lang+`"`) ||
		strings.TrimSpace(strings.Split(title[1], "·")[0]) == "" {
		t.Errorf("%s: titled %q, in another language than asked for", name, title[1])
	}
	seen := visible(text)
	if lang == "ru" && !cyrillic(seen) || lang == "en" && cyrillic(strings.ReplaceAll(seen, "Русский", "")) {
		t.Errorf("%s: texts of the other language: %.2000s", name, strings.Join(strings.Fields(seen), " "))
	}
	if found := keys.FindString(seen); found != "" {
		t.Errorf("%s: the text %s is missing", name, strings.TrimSpace(found))
	}
	for _, broken := range []string{"<no value>", "%!", "ZgotmplZ", "{{", "&lt;nil&gt;"} {
		if strings.Contains(strings.ReplaceAll(text, "{{name}}", ""), broken) {
			t.Errorf("%s: %s is on the page", name, broken)
		}
	}
}

// badForms are forms with bad input.
func badForms() []pageForm {
	return []pageForm{
		{"/projects/new", url.Values{"name": {""}, "timezone": {"Mars"}}},
		{"/profile", url.Values{"name": {strings.Repeat("x", 500)}}},
		{"/profile/password", url.Values{"old_password": {"wrong"}, "password": {"short"}}},
		{"/profile/second-factor", url.Values{"code": {"000000"}, "password": {"wrong"}}},
		{"/profile/second-factor", url.Values{"code": {"000000"}, "password": {"correct-horse"}}},
		{"/profile/tokens", url.Values{"name": {""}, "scope": {"read"}}},
		{"/projects/:project/sources", url.Values{"name": {""}}},
		{"/projects/:project/sources", url.Values{"name": {"Spring"}, "slug": {"Весна"}, "tags": {strings.Repeat("x", 50)}}},
		{"/projects/:project/sources/:link", url.Values{"name": {"Spring"}, "slug": {"ab"}, "utm_term": {"a\x01"}}},
		{"/projects/:project/sources/templates", url.Values{"name": {"VK"}, "utm_source": {"{"}}},
		{"/projects/:project/sources/:link/costs", url.Values{"from": {"yesterday"}, "amount": {"much"}}},
		{"/projects/:project/accounts/new/:network", url.Values{"name": {""}}},
		{"/projects/:project/accounts/:account/edit", url.Values{
			"name": {""}, "settings.counter_id": {"1234567"}, "goals": {"no sign"},
		}},
		{"/projects/:project/connect/rotate", url.Values{"kind": {"api"}, "hours": {"-1"}}},
		{"/projects/:project/settings", url.Values{"name": {""}, "timezone": {"Mars"}}},
		{"/projects/:project/notifications",
			url.Values{"webhook_url": {"no address"}, "digest_hour": {"9"}, "silence_hours": {"x"}}},
		{"/invite/:secret", url.Values{"email": {"no address"}, "password": {"short"}}},
		{"/reset/:secret", url.Values{"password": {"short"}}},
	}
}

// TestFormsShowFaults: a form with bad input comes back with what was wrong
// beside the field, in the language of the page.
func TestFormsShowFaults(t *testing.T) {
	t.Parallel()
	h, _, _, _ := takesEvents(t)
	keys, lived := textKeys(t), h.lived()
	at := func(path string) string {
		for name, value := range lived {
			path = strings.ReplaceAll(path, name, value)
		}
		return path
	}
	for _, c := range badForms() {
		for _, lang := range []string{"en", "ru"} {
			session, form := "", url.Values{}
			for k, v := range c.form {
				form[k] = v
			}
			if !strings.Contains(c.path, ":secret") {
				admin := h.users["admin"]
				var err error
				session, err = h.Access.OpenSession(t.Context(), admin.ID, "test")
				h.ok(err)
				form.Set("form_token", h.Access.FormToken(session))
			}
			code, text, _ := h.browseIn(lang, http.MethodPost, at(c.path), session, form)
			name := c.path + ", " + lang
			if code != http.StatusUnprocessableEntity || !strings.Contains(text, "is-invalid") ||
				!strings.Contains(text, "invalid-feedback") {
				t.Errorf("%s: %d %.600s", name, code, strings.Join(strings.Fields(visible(text)), " "))
				continue
			}
			feedback := feedbackOf(text)
			if strings.TrimSpace(feedback) == "" || cyrillic(feedback) != (lang == "ru") {
				t.Errorf("%s: beside the field stands %q", name, feedback)
			}
			if found := keys.FindString(visible(text)); found != "" {
				t.Errorf("%s: the text %s is missing", name, strings.TrimSpace(found))
			}
		}
	}
}

var feedbackText = regexp.MustCompile(`(?s)class="invalid-feedback[^"]*"[^>]*>(.*?)</`)

func feedbackOf(page string) string {
	var out []string
	for _, m := range feedbackText.FindAllStringSubmatch(page, -1) {
		out = append(out, visible(m[1]))
	}
	return strings.Join(out, "; ")
}

// TestPersonExport: what is handed out of a person is all of it, however much
// their page shows.
func TestPersonExport(t *testing.T) {
	t.Parallel()
	h, id, key, _ := takesEvents(t)
	items := []string{`{"method":"user_did_start_bot","body":{"user_id":"7"}}`}
	for n := range usecase.RecordEvents {
		items = append(items, fmt.Sprintf(`{"method":"add_event","body":{"user_id":"7","event_type":"step %d"}}`, n))
	}
	for n := range 60 {
		items = append(items, fmt.Sprintf(`{"method":"add_event","body":{"user_id":"7","event_type":"sale %d",
			"conversion_target":"sale %d"}}`, n, n))
	}
	if res, text := h.ask("POST", "/v1/"+key+"/batch", `{"items":[`+strings.Join(items, ",")+`]}`,
		"Content-Type: application/json"); res.StatusCode != http.StatusOK || strings.Contains(text, `"error"`) {
		t.Fatalf("%d %s", res.StatusCode, text)
	}
	session, err := h.Access.OpenSession(t.Context(), h.users["admin"].ID, "test")
	h.ok(err)
	_, text, _ := h.browseIn("en", "GET", "/projects/"+id+"/subscribers/telegram/7/export", session, nil)
	var got struct{ Events, Conversions, Episodes []struct{ ID string } }
	h.ok(json.Unmarshal([]byte(text), &got))
	if len(got.Events) != len(items) || len(got.Conversions) != 60 || len(got.Episodes) != 1 {
		t.Errorf("%d events of %d, %d conversions of 60, %d episodes", len(got.Events), len(items),
			len(got.Conversions), len(got.Episodes))
	}
}
