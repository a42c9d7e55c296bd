package cmd

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// browse opens a page as somebody, who sends a form where there is one, and
// answers its text and where it leads.
func (h *house) browse(who, method, path string, form url.Values) (code int, text, to string) {
	h.t.Helper()
	cookie := ""
	if u, ok := h.users[who]; ok {
		session, err := h.Access.OpenSession(h.t.Context(), u.ID, "test")
		h.ok(err)
		cookie = session
		if form == nil {
			form = url.Values{}
		}
		form.Set("form_token", h.Access.FormToken(session))
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: cookie})
	}
	res, err := h.HTTP.App().Test(r, 10_000)
	h.ok(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	h.ok(err)
	return res.StatusCode, string(b), res.Header.Get("Location")
}

// TestSharedRequest: an editor makes an address of a request; whoever has it
// sees the request, but nobody's name, and only this one.
func TestSharedRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, request := h.project(), newID()
	h.Requests.Keep(t.Context(), usecase.RequestRecord{
		ID: request, ProjectID: id, Method: "user_did_start_bot", Code: 422,
		Error: `user_id: "Anna" is not a Telegram id`, ContentType: "application/json",
		Body: `{"user_id":"Anna","first_name":"{{name}}"}`, ReceivedAt: clock(),
	})
	page := "/projects/" + id + "/requests/" + request
	if code, text, _ := h.browse("viewer", "GET", page, nil); code != 200 || !strings.Contains(text, "Anna") ||
		strings.Contains(text, page+"/share") {
		t.Errorf("a viewer's page: %d %s", code, text)
	}
	code, _, to := h.browse("editor", "POST", page+"/share", nil)
	if code != http.StatusSeeOther || !strings.HasPrefix(to, page+"?shared=") {
		t.Fatalf("%d, leads to %s", code, to)
	}
	address := "/shared/" + strings.TrimPrefix(to, page+"?shared=")
	if _, text, _ := h.browse("editor", "GET", to, nil); !strings.Contains(text, address) {
		t.Errorf("the address %s is not on the page: %s", address, text)
	}
	if _, text, _ := h.browse("editor", "GET", page+"?shared=x.y", nil); strings.Contains(text, "/shared/x.y") {
		t.Errorf("a forged address is shown: %s", text)
	}

	code, text, _ := h.browse("nobody", "GET", address, nil)
	if code != 200 || strings.Contains(text, "Anna") || !strings.Contains(text, "Xxxx") ||
		!strings.Contains(text, "{{name}}") || !strings.Contains(text, "is not a Telegram id") {
		t.Errorf("the page for support: %d %s", code, text)
	}
	if strings.Contains(text, id) {
		t.Errorf("the page for support leads into the project: %s", text)
	}
	if code, _, _ := h.browse("nobody", "GET", address+"x", nil); code != http.StatusNotFound {
		t.Errorf("a forged address: %d", code)
	}
	if code, _, to := h.browse("nobody", "GET", page, nil); code != http.StatusFound && code != http.StatusSeeOther ||
		!strings.HasPrefix(to, "/login") {
		t.Errorf("the request itself, without logging in: %d %s", code, to)
	}
}

// TestConnectPage: the key is shown when an editor asks for it, not before and
// not to others; the page stays with the constructor that was chosen, and says
// what is wrong or that the start arrived.
func TestConnectPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.project()
	base := "/projects/" + id + "/connect"
	const chosen = "?constructor=bothelp"

	for _, who := range []string{"viewer", "owner"} {
		code, text, _ := h.browse(who, "GET", base+chosen, nil)
		if code != 200 || !strings.Contains(text, "/v1/***/my_bothelp_was_started") || strings.Contains(
			text, "tgk_") {
			t.Errorf("%s: %d %s", who, code, text)
		}
	}
	code, text, _ := h.browse("editor", "POST", base+"/rotate"+chosen, url.Values{"kind": {"api"}, "hours": {
		"24",
	}})
	if code != 200 || !strings.Contains(text, "/v1/tgk_") || !strings.Contains(text, "my_bothelp_was_started") {
		t.Errorf("a new key: %d %s", code, text)
	}
	code, text, _ = h.browse("editor", "POST", base+"/keys"+chosen, nil)
	if code != 200 || !strings.Contains(text, "/v1/tgk_") || !strings.Contains(text, "my_bothelp_was_started") {
		t.Errorf("keys: %d %s", code, text)
	}
	if code, _, to := h.browse("editor", "GET", base+"/keys"+chosen, nil); code != http.StatusSeeOther ||
		to != base+chosen {
		t.Errorf("the page with the key, loaded again: %d %s", code, to)
	}
	if code, text, _ := h.browse("editor", "POST", base+"/rotate",
		url.Values{"kind": {"api"}, "hours": {"-1"}}); code != http.StatusUnprocessableEntity ||
		!strings.Contains(text, "is-invalid") {
		t.Errorf("an overlap below zero: %d %s", code, text)
	}

	macro := usecase.RequestRecord{
		ID: "r1", ProjectID: id, Method: "user_did_start_bot", Code: 422,
		Error: "user_id: the macro {{id}} was not replaced by its value", Body: `{"user_id":"{{id}}"}`,
		ReceivedAt: clock(),
	}
	h.Requests.Keep(t.Context(), macro)
	if _, text, _ := h.browse("viewer", "GET", base, nil); !strings.Contains(text, "A variable was not replaced "+
		"by its value") || !strings.Contains(text, "every 2s") {
		t.Errorf("a mistake is not explained: %s", text)
	}
	h.Requests.Keep(t.Context(), usecase.RequestRecord{
		ID: "r2", ProjectID: id, Method: "user_did_start_bot", Code: 200, Body: `{"user_id":5}`, ReceivedAt: clock(),
		Receipts: []usecase.Receipt{{ID: "e1", Type: "bot_started"}},
	})
	if _, text, _ := h.browse("viewer", "GET", base, nil); strings.Contains(text, "was not replaced") ||
		!strings.Contains(text, `id="state-no_start"`) {
		t.Errorf("the mended mistake is shown, or a start that nobody has: %s", text)
	}
}

// TestProjectOfAnotherBuild: the pages of a project whose constructor and ad
// network this build lacks say so, and saving its settings changes neither.
func TestProjectOfAnotherBuild(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, request := h.project(), newID()
	base := "/projects/" + id
	p, err := h.Store.Project(t.Context(), id)
	h.ok(err)
	p.Constructor = "acme"
	h.ok(h.Store.UpdateProject(t.Context(), p))
	h.ok(h.Store.CreateAccount(t.Context(), domain.Account{
		ID: "acme-account", ProjectID: id, Network: "acme_ads", Name: "Acme",
		Settings: map[string]any{"key": "hushed"}, Health: domain.Healthy,
		CreatedAt: clock(), UpdatedAt: clock(),
	}))
	h.Requests.Keep(t.Context(), usecase.RequestRecord{
		ID: request, ProjectID: id, Method: domain.UnknownMethod, Asked: "acme_started", Code: 404,
		Error: "no such method", Body: `{}`, ReceivedAt: clock(),
	})
	for path, want := range map[string]string{
		"/connect":                     "can not read the requests of the constructor acme",
		"/connect?constructor=bothelp": "my_bothelp_was_started",
		"/settings":                    `<option value="acme" selected>`,
		"/accounts":                    "not in this version of tgtrack",
		"/accounts/acme-account":       "can not send to acme_ads",
		"/accounts/acme-account/edit":  "Acme",
		"/live":                        "acme_started",
		"/requests/" + request:         "acme_started",
	} {
		code, text, _ := h.browse("owner", "GET", base+path, nil)
		if code != 200 || !strings.Contains(text, want) || strings.Contains(text, "hushed") {
			t.Errorf("%s: %d, want %q in %s", path, code, want, text)
		}
	}
	_, text, _ := h.browse("owner", "GET", base+"/connect", nil)
	if strings.Contains(text, "The address names no method") {
		t.Errorf("the page blames the address: %s", text)
	}
	code, _, _ := h.browse("owner", "GET", base+"/connect?constructor=nobodys", nil)
	if code != http.StatusNotFound {
		t.Errorf("a constructor that nobody has: %d", code)
	}
	form := url.Values{
		"name": {"Renamed"}, "constructor": {"acme"}, "mode": {"production"}, "timezone": {"UTC"},
		"currency": {"RUB"}, "attribution": {"last"}, "limits.per_second": {"1"},
		"limits.per_hour": {"0"}, "limits.per_day": {"0"},
		"keep_people_days": {"0"}, "enabled": {"1"},
	}
	code, text, _ = h.browse("owner", "POST", base+"/settings", form)
	if code != 200 && code != http.StatusSeeOther {
		t.Errorf("settings: %d %s", code, text)
	}
	if p, err = h.Store.Project(t.Context(), id); err != nil || p.Constructor != "acme" || p.Name != "Renamed" {
		t.Errorf("after saving: %+v, %v", p, err)
	}
}

// TestRequestsOfAnotherBuildAreKept: nobody here can say what the requests of a
// constructor mean that this build lacks, so the log has them whole, with the
// method that they asked for.
func TestRequestsOfAnotherBuildAreKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- h.Ingest.Run(ctx) }()
	t.Cleanup(func() { stop(); h.ok(<-done) })
	post := func(id, verb, method, body string) usecase.RequestRecord {
		t.Helper()
		key := "tgk_" + id
		h.ok(h.Store.RotateKey(t.Context(), usecase.Key{
			ID: newID(), ProjectID: id, Kind: usecase.APIKey, Hash: h.Vault.Hash("api-key", key),
			CreatedAt: clock(),
		}, clock()))
		r := httptest.NewRequest(verb, "/v1/"+key+"/"+method, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		res, err := h.HTTP.App().Test(r, 10_000)
		h.ok(err)
		h.ok(res.Body.Close())
		rs, err := h.Requests.Last(t.Context(), id, 1)
		h.ok(err)
		if len(rs) != 1 || rs[0].Code != res.StatusCode {
			t.Fatalf("%s: %d, in the log: %+v", method, res.StatusCode, rs)
		}
		return rs[0]
	}
	const body = `{"update_id":1,"poll":{"id":"7","question":"Tea?"}}`
	for _, c := range []struct {
		constructor, verb, method string
		code                      int
		asked                     string
		whole, kept               bool // the body; told to the sender
	}{
		{"acme", "POST", "acme_started", 404, "acme_started", true, true},
		{"acme", "POST", "on_telegram_webhook", 200, "", true, false},
		{"acme", "POST", "Acme.started", 404, "", true, false},
		{"acme", "GET", "acme_started", 404, "", true, false},
		{"telegram", "POST", "acme_started", 404, "acme_started", true, false},
		{"telegram", "POST", "on_telegram_webhook", 200, "", false, false},
	} {
		id := h.project()
		p, err := h.Store.Project(t.Context(), id)
		h.ok(err)
		p.Constructor = c.constructor
		h.ok(h.Store.UpdateProject(t.Context(), p))
		r := post(id, c.verb, c.method, body)
		if r.Code != c.code || r.Asked != c.asked || (r.Body == body) != c.whole || r.Ignored == c.whole ||
			strings.Contains(r.Error, "is kept") != c.kept {
			t.Errorf("%s of %s: %+v", c.method, c.constructor, r)
		}
	}
}
