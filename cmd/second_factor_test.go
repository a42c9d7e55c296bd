package cmd

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tgtrack/tgtrack/usecase"
)

var (
	stateField   = regexp.MustCompile(`name="state" value="([^"]+)"`)
	spacedSecret = regexp.MustCompile(`data-copied>([A-Z2-7 ]{30,})</code>`)
	recoveryList = regexp.MustCompile(`[a-z2-7]{4}(-[a-z2-7]{4}){5}`)
)

// setUp sets a second factor up as the page asks, and gives its secret and the
// recovery codes.
func (b *tab) setUp(password string) (secret string, codes []string) {
	b.t.Helper()
	code, text, _ := b.open("/profile/second-factor")
	state, spaced := stateField.FindStringSubmatch(text), spacedSecret.FindStringSubmatch(text)
	if code != http.StatusOK || state == nil || spaced == nil || !strings.Contains(text, `src="data:image/png;base64,`) {
		b.t.Fatalf("the page to set up: %d %s", code, text)
	}
	secret = strings.ReplaceAll(spaced[1], " ", "")
	code, text, _ = b.post("/profile/second-factor", "state", html.UnescapeString(state[1]),
		"code", b.appCode(secret, 0), "password", password)
	codes = recoveryList.FindAllString(visible(text), -1)
	if code != http.StatusOK || len(codes) != 10 {
		b.t.Fatalf("set up: %d %s", code, visible(text))
	}
	return secret, codes
}

// appCode is what an app shows, so many half minutes from now.
func (b *tab) appCode(secret string, steps int) string {
	b.t.Helper()
	code, err := totp.GenerateCode(secret, b.Store.Now().Add(time.Duration(steps)*30*time.Second))
	b.ok(err)
	return code
}

// TestSecondFactorInTheCabinet walks from the set-up to logging in, to a lost
// app and to an administrator's help.
func TestSecondFactorInTheCabinet(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab()
	b.login(ownerPassword)
	_, text, _ := b.open("/profile/second-factor")
	state := stateField.FindStringSubmatch(text)[1]
	code, text, _ := b.post("/profile/second-factor", "state", state, "code", "000000", "password", ownerPassword)
	if code != http.StatusUnprocessableEntity || !strings.Contains(text, state) || feedbackOf(text) == "" {
		t.Errorf("a wrong code: %d, %s", code, feedbackOf(text))
	}
	secret, codes := b.setUp(ownerPassword)
	if _, text, _ := b.open("/profile/second-factor"); strings.Contains(text, secret) ||
		recoveryList.MatchString(visible(text)) {
		t.Error("secrets are shown again")
	}

	next := h.tab()
	if code, _, to := next.post("/login", "email", ownerEmail, "password", ownerPassword, "next",
		"/projects"); code != http.StatusSeeOther || to != "/login/code?next=%2Fprojects" || next.session() != nil {
		t.Fatalf("after the password: %d %s", code, to)
	}
	if code, _, to := next.open("/projects"); code != http.StatusFound && code != http.StatusSeeOther ||
		!strings.HasPrefix(to, "/login") {
		t.Errorf("between the steps: %d %s", code, to)
	}
	if code, text, _ := next.open("/login/code?next=/projects"); code != http.StatusOK ||
		!strings.Contains(text, `autocomplete="one-time-code"`) {
		t.Errorf("the second step: %d", code)
	}
	if code, _, _ := next.post("/login/code", "code", "000000"); code != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", code)
	}
	if code, _, to := next.post("/login/code", "code", next.appCode(secret, 1), "next",
		"/projects"); code != http.StatusSeeOther || to != "/projects" || next.session() == nil {
		t.Errorf("the right code: %d %s", code, to)
	}
	if code, text, _ := h.tab().post("/login/code", "code", next.appCode(secret, 1)); code !=
		http.StatusUnprocessableEntity || !strings.Contains(text, "Log in again") {
		t.Errorf("a code without the password: %d", code)
	}

	lost := h.tab()
	lost.login(ownerPassword)
	if code, _, to := lost.post("/login/code", "code", codes[3], "next", "//evil.example"); code !=
		http.StatusSeeOther || to != "/" {
		t.Errorf("a recovery code: %d %s", code, to)
	}
	if _, text, _ := lost.open("/profile/second-factor"); !strings.Contains(visible(text), "9 codes are left") {
		t.Errorf("codes: %s", visible(text))
	}
	if code, text, _ := lost.post("/profile/second-factor/codes", "password", ownerPassword); code != http.StatusOK ||
		len(recoveryList.FindAllString(visible(text), -1)) != 10 {
		t.Errorf("new codes: %d", code)
	}
	if code, _, _ := lost.post("/profile/second-factor/off", "password", "wrong"); code != http.StatusUnprocessableEntity {
		t.Errorf("turned off with a wrong password: %d", code)
	}

	admin := h.tab()
	admin.post("/login", "email", "admin@example.org", "password", "correct-horse")
	if _, text, _ := admin.open("/users"); strings.Count(text, "Reset the second factor") != 1 {
		t.Errorf("users: %s", visible(text))
	}
	reset := "/users/" + h.users["owner"].ID + "/second-factor"
	if code, _, _ := lost.post(reset); code != http.StatusForbidden {
		t.Errorf("reset by the user: %d", code)
	}
	if code, _, to := admin.post(reset); code != http.StatusSeeOther || to != "/users" {
		t.Errorf("reset: %d %s", code, to)
	}
	if code, to := h.tab().login(ownerPassword); code != http.StatusSeeOther || to != "/" {
		t.Errorf("after the reset: %d %s", code, to)
	}
	es, _, err := h.Store.Audit(t.Context(), "", usecase.Page{Limit: 100})
	h.ok(err)
	for _, want := range []string{"user.second_factor", "user.recovery_code", "user.recovery_codes",
		"user.second_factor_reset"} {
		n := 0
		for _, e := range es {
			if e.Action == want && e.Subject == ownerEmail {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is in the log of changes %d times", want, n)
		}
	}
}

// TestSecondFactorIsRequired: whoever must have a second factor reaches nothing
// else before it is set up, nor do their tokens.
func TestSecondFactorIsRequired(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "TGTRACK_CABINET_REQUIRE_TOTP=admins")
	user := h.users["admin"]
	token, _, err := h.Access.CreateToken(t.Context(), &user, usecase.TokenInput{Name: "t", Scope: "write"})
	h.ok(err)
	api := func(token string) int {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/users", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return h.status(r)
	}
	b := h.tab()
	b.post("/login", "email", user.Email, "password", "correct-horse")
	for _, path := range []string{"/projects", "/users", "/profile", "/projects/" + h.project() + "/settings"} {
		if code, _, to := b.open(path); code != http.StatusSeeOther && code != http.StatusFound ||
			to != "/profile/second-factor" {
			t.Errorf("%s: %d %s", path, code, to)
		}
	}
	if code, _, to := b.post("/users/invite"); code == http.StatusOK || to != "/profile/second-factor" {
		t.Errorf("an invitation: %d %s", code, to)
	}
	if code, _, _ := b.open("/api/v1/projects"); code != http.StatusForbidden {
		t.Errorf("the API by session: %d", code)
	}
	if code := api(token); code != http.StatusForbidden {
		t.Errorf("the API by token: %d", code)
	}
	if code := api("the-operator"); code != http.StatusOK {
		t.Errorf("the operator: %d", code)
	}
	if code, text, _ := b.open("/profile/second-factor"); code != http.StatusOK ||
		!strings.Contains(visible(text), "has to have a second factor") {
		t.Errorf("the page to set up: %d", code)
	}
	b.setUp("correct-horse")
	if code, _, _ := b.open("/users"); code != http.StatusOK || api(token) != http.StatusOK {
		t.Errorf("afterwards: %d", code)
	}
	owner := h.tab()
	if code, to := owner.login(ownerPassword); code != http.StatusSeeOther || to != "/" {
		t.Errorf("an owner: %d %s", code, to)
	}
	if code, _, _ := owner.open("/projects"); code != http.StatusOK {
		t.Errorf("an owner's projects: %d", code)
	}
	r := httptest.NewRequest(http.MethodDelete, "/api/v1/users/"+user.ID+"/second-factor", nil)
	r.Header.Set("Authorization", "Bearer the-operator")
	if code := h.status(r); code != http.StatusNoContent || api(token) != http.StatusForbidden {
		t.Errorf("reset by the API: %d", code)
	}
}
