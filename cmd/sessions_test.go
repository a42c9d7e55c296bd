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
