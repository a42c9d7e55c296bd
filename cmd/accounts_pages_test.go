package cmd

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestAccountPage: what an account may be asked to do goes by what it does.
func TestAccountPage(t *testing.T) {
	t.Parallel()
	h, id, _, _ := takesEvents(t)
	_, text := h.ask("POST", "/api/v1/projects/"+id+"/ad-accounts",
		`{"network":"webhook","settings":{"url":"https://crm.example/hook"}}`,
		"Authorization: Bearer the-operator", "Content-Type: application/json")
	a, err := h.Store.Account(t.Context(), id, jsonField(text, "id"))
	h.ok(err)
	session, err := h.Access.OpenSession(t.Context(), h.users["admin"].ID, "test")
	h.ok(err)
	for _, c := range []struct {
		health         domain.Health
		paused         bool
		says, saysNone string
	}{
		{domain.Healthy, false, "not tried yet", "healthy"},
		{domain.Degraded, false, "Pause", "Resume"},
		{domain.Throttled, false, "Pause", "Resume"},
		{domain.Reauth, true, "Resume and send", "Pause"},
		{domain.Healthy, true, "Skip them and resume", "breaker"},
	} {
		a.Health, a.Paused = c.health, c.paused
		h.ok(h.Store.UpdateAccount(t.Context(), a, usecase.AccountUpdate{}))
		_, text, _ := h.browseIn("en", "GET", "/projects/"+id+"/accounts/"+a.ID, session, nil)
		said := visible(text[strings.Index(text, "<main"):])
		if !strings.Contains(said, c.says) || strings.Contains(said, c.saysNone) {
			t.Errorf("an account that is %s (paused: %v) shows: %s", c.health, c.paused, said)
		}
	}
}

// TestOwnUserIsNotDeletedByOnePress: who deletes their own account types its
// e-mail first.
func TestOwnUserIsNotDeletedByOnePress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.users["admin"]
	session, err := h.Access.OpenSession(t.Context(), admin.ID, "test")
	h.ok(err)
	press := func(user, confirm string) int {
		code, _, _ := h.browseIn("en", "POST", "/users/"+user+"/delete", session,
			url.Values{"form_token": {h.Access.FormToken(session)}, "confirm": {confirm}})
		return code
	}
	if code := press(admin.ID, ""); code != http.StatusOK {
		t.Errorf("one's own account, by one press: %d", code)
	}
	if _, err := h.Store.User(t.Context(), admin.ID); err != nil {
		t.Error("one press deleted one's own account: ", err)
	}
	if code := press(h.users["viewer"].ID, ""); code != http.StatusSeeOther {
		t.Errorf("another's account, which the page asks about: %d", code)
	}
	_, text, _ := h.browseIn("en", "GET", "/users", session, nil)
	if strings.Count(text, `<details class="confirm">`) < 2 || !strings.Contains(text, "This is your own account") {
		t.Errorf("the page deletes without a question: %s", visible(text))
	}
}
