package cmd

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestTrail: who came in, was turned away or took something along stands in the
// audit log with address and request.
func TestTrail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	project := h.project()
	form := func(path string, fields url.Values) *http.Request {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	login := func(email, password string) *http.Request {
		return form("/login", url.Values{"email": {email}, "password": {password}})
	}
	get := func(path, bearer string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		return r
	}
	as := func(who, method, path string, fields url.Values) *http.Request {
		session, err := h.Access.OpenSession(t.Context(), h.users[who].ID, "test")
		h.ok(err)
		if fields == nil {
			fields = url.Values{}
		}
		if !fields.Has("form_token") {
			fields.Set("form_token", h.Access.FormToken(session))
		}
		r := form(path, fields)
		r.Method = method
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: session})
		return r
	}
	owner := h.users["owner"]
	token, _, err := h.Access.CreateToken(t.Context(), &owner, usecase.TokenInput{Name: "nightly", Scope: "read"})
	h.ok(err)
	viewer := h.users["viewer"]
	weak, _, err := h.Access.CreateToken(t.Context(), &viewer, usecase.TokenInput{Name: "look", Scope: "write"})
	h.ok(err)
	if code := h.status(get("/api/v1/projects", weak)); code != http.StatusOK { // its first use
		t.Fatal(code)
	}

	for _, c := range []struct {
		name string
		ask  *http.Request
		code int
		want usecase.AuditEntry
	}{
		{"a login", login("owner@example.org", "correct-horse"), 303,
			usecase.AuditEntry{Action: usecase.LoginDone, Actor: "owner@example.org"}},
		{"a wrong password", login("owner@example.org", "wrong"), 422,
			usecase.AuditEntry{Action: usecase.LoginRefused, Subject: "owner@example.org"}},
		{"a wrong e-mail, which may be a secret", login("s3cret@example.org", "wrong"), 422,
			usecase.AuditEntry{Action: usecase.LoginRefused}},
		{"a logout", as("owner", "POST", "/logout", nil), 303,
			usecase.AuditEntry{Action: usecase.LogoutDone, Actor: "owner@example.org"}},
		{"a wrong old password", as("viewer", "POST", "/profile/password", url.Values{"old_password": {"wrong"},
			"password": {"another-horse"}}), 422,
			usecase.AuditEntry{Action: usecase.PasswordRefused, Actor: "viewer@example.org"}},
		{"a token", get("/api/v1/projects", token), 200,
			usecase.AuditEntry{Action: usecase.TokenUsed, Actor: "owner@example.org", Subject: "nightly"}},
		{"the operator's token", get("/api/v1/projects", "the-operator"), 200,
			usecase.AuditEntry{Action: usecase.TokenUsed, Actor: "admin token"}},
		{"a wrong token", get("/api/v1/projects", "tgm_none"), 401, usecase.AuditEntry{Action: usecase.TokenRefused}},
		{"a wrong key", get("/v1/nokey/get_user_info", ""), 401, usecase.AuditEntry{Action: usecase.KeyRefused}},
		{"a wrong key of the reports", get("/api/get_tags.php?apiKey=nokey", ""), 401,
			usecase.AuditEntry{Action: usecase.KeyRefused}},
		{"a link that leads nowhere", get("/reset/none", ""), 404,
			usecase.AuditEntry{Action: usecase.LinkRefused, Subject: "reset"}},
		{"a page without the right", as("viewer", "GET", "/projects/"+project+"/settings", nil), 403, usecase.AuditEntry{
			Action: usecase.AccessRefused, Actor: "viewer@example.org", ProjectID: project,
			Subject: "GET /projects/:project/settings"}},
		{"a call without the right", get("/api/v1/projects/"+project+"/audit", weak), 403, usecase.AuditEntry{
			Action: usecase.AccessRefused, Actor: "viewer@example.org", ProjectID: project,
			Subject: "GET /api/v1/projects/:project/audit"}},
		{"a project of others", as("outsider", "GET", "/projects/"+project, nil), 404, usecase.AuditEntry{
			Action: usecase.AccessRefused, Actor: "outsider@example.org", Subject: "GET /projects/:project"}},
		{"a form of another site", as("owner", "POST", "/profile", url.Values{"form_token": {"x"}}), 403,
			usecase.AuditEntry{Action: usecase.FormRefused, Actor: "owner@example.org", Subject: "POST /profile"}},
		{"a table", get("/api/v1/projects/"+project+"/reports/daily?format=csv", token), 200, usecase.AuditEntry{
			Action: usecase.ReportExported, Actor: "owner@example.org", ProjectID: project, Subject: "daily"}},
		{"an erasure", as("editor", "POST", "/projects/"+project+"/subscribers/telegram/7/erase", nil), 404,
			usecase.AuditEntry{Action: "subscriber.erase", Actor: "editor@example.org", ProjectID: project}},
		{"keys shown", as("editor", "POST", "/projects/"+project+"/connect/keys", nil), 200,
			usecase.AuditEntry{Action: "key.show", Actor: "editor@example.org", ProjectID: project}},
	} {
		before := h.audit("")
		res, err := h.HTTP.App().Test(c.ask, 10_000)
		h.ok(err)
		h.ok(res.Body.Close())
		if res.StatusCode != c.code {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.code)
		}
		var found *usecase.AuditEntry
		for _, e := range h.audit("") {
			if e.Action == c.want.Action && e.Actor == c.want.Actor && e.ProjectID == c.want.ProjectID &&
				e.Subject == c.want.Subject && e.RequestID == res.Header.Get("X-Request-Id") {
				found = &e
			}
		}
		switch {
		case found == nil && more(before, h.audit(""), c.want): // one of an earlier case stands for both
		case found == nil:
			t.Errorf("%s: nothing in the audit log of %d entries", c.name, len(h.audit("")))
		case found.Address != "0.0.0.0" || found.Times != 1:
			t.Errorf("%s: %+v", c.name, found)
		}
	}
}

// more tells whether an entry stands for more than before.
func more(before, after []usecase.AuditEntry, like usecase.AuditEntry) bool {
	n := 0
	for i, es := range [][]usecase.AuditEntry{before, after} {
		for _, e := range es {
			if e.Action == like.Action && e.Actor == like.Actor && e.ProjectID == like.ProjectID &&
				e.Subject == like.Subject {
				n += (2*i - 1) * e.Times
			}
		}
	}
	return n == 1
}

func (h *house) audit(projectID string) []usecase.AuditEntry {
	h.t.Helper()
	es, _, err := h.Access.Audit(h.t.Context(), projectID, usecase.Page{Limit: 100})
	h.ok(err)
	return es
}

// TestLockOutsAreNoted: too many wrong passwords are one entry, which names the
// account.
func TestLockOutsAreNoted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 13 {
		r := httptest.NewRequest(http.MethodPost, "/login",
			strings.NewReader(url.Values{"email": {"owner@example.org"}, "password": {"wrong"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.status(r)
	}
	got := map[string]int{}
	for _, e := range h.audit("") {
		if e.Subject == "owner@example.org" {
			got[e.Action] += e.Times
		}
	}
	if got[usecase.LoginRefused] != 10 || got[usecase.LoginLocked] != 3 {
		t.Errorf("%v", got)
	}
}
