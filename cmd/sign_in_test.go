package cmd

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

// tab is a browser that keeps its cookies and sends forms as pages do.
type tab struct {
	*house
	cookies map[string]*http.Cookie
	agent   string
}

func (h *house) tab() *tab {
	return &tab{house: h, cookies: map[string]*http.Cookie{}}
}

// open asks for a page.
func (b *tab) open(path string) (code int, text, to string) { return b.send(http.MethodGet, path, nil) }

// post sends a form, with the token of the session where there is one.
func (b *tab) post(path string, fields ...string) (code int, text, to string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	if c := b.session(); c != nil {
		form.Set("form_token", b.Access.FormToken(c.Value))
	}
	return b.send(http.MethodPost, path, form)
}

// session is the cookie of the session, nil for none.
func (b *tab) session() *http.Cookie {
	for name, c := range b.cookies {
		if strings.HasSuffix(name, "tgtrack_session") {
			return c
		}
	}
	return nil
}

func (b *tab) send(method, path string, form url.Values) (code int, text, to string) {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("User-Agent", b.agent)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	res, err := b.HTTP.App().Test(r, 10_000)
	b.ok(err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	b.ok(err)
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return res.StatusCode, string(page), res.Header.Get("Location")
}

const (
	ownerEmail    = "owner@example.org"
	ownerPassword = "correct-horse"
)

// login signs in with the right password, or a wrong one.
func (b *tab) login(password string) (code int, to string) {
	b.t.Helper()
	code, _, to = b.post("/login", "email", ownerEmail, "password", password)
	return code, to
}

// TestKnownBrowser: ten wrong passwords of strangers keep strangers out, and not
// the browser in which the owner signed in before.
func TestKnownBrowser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	home := h.tab()
	if code, to := home.login(ownerPassword); code != http.StatusSeeOther || to != "/" {
		t.Fatalf("signed in: %d %s", code, to)
	}
	c := home.cookies["tgtrack_known"]
	if c == nil || !c.HttpOnly || c.Path != "/" || c.MaxAge != 365*24*60*60 || c.SameSite != http.SameSiteLaxMode {
		t.Fatalf("the mark of the account: %+v", c)
	}
	if code, _, _ := home.post("/logout"); code != http.StatusSeeOther || home.cookies["tgtrack_known"] == nil {
		t.Errorf("signed out: %d, %v", code, home.cookies)
	}
	for range 10 {
		if code, _ := h.tab().login("wrong"); code != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong password: %d", code)
		}
	}
	if code, _ := h.tab().login(ownerPassword); code != http.StatusTooManyRequests {
		t.Errorf("a stranger with the right password: %d", code)
	}
	if code, _ := home.login(ownerPassword); code != http.StatusSeeOther {
		t.Errorf("the known browser: %d", code)
	}
	if code, _, _ := home.post("/profile/password", "old_password", ownerPassword,
		"password", "four words in a row"); code != http.StatusOK {
		t.Fatalf("another password: %d", code)
	}
	if code, _ := home.login("four words in a row"); code != http.StatusSeeOther {
		t.Errorf("the browser in which the password was changed: %d", code)
	}
}

// TestInvitationTellsNobody: whoever has an invitation gets the same answers for
// an e-mail that has an account and for one that has none. Who has one gets what
// the invitation is for, with their own password.
func TestInvitationTellsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.project()
	answers := map[string]string{}
	for _, email := range []string{"new@example.org", "outsider@example.org"} {
		invitation, err := h.Access.Invite(t.Context(), id, domain.Editor)
		h.ok(err)
		b := h.tab()
		code, text, to := b.post("/invite/"+invitation, "email", email, "password", "four words in a row")
		again, _, _ := b.open("/invite/" + invitation)
		answers[email] = fmt.Sprint(code, text, to, len(b.cookies), again)
		_, page, _ := b.open(to)
		if !strings.Contains(page, "The invitation is accepted") {
			t.Errorf("%s: %s", email, visible(page))
		}
	}
	if a, b := answers["new@example.org"], answers["outsider@example.org"]; a != b {
		t.Errorf("a new e-mail: %s\na taken one: %s", a, b)
	}
	b := h.tab()
	if code, _, to := b.post("/login", "email", "outsider@example.org", "password", "correct-horse",
		"next", "/projects"); code != http.StatusSeeOther || to != "/projects" {
		t.Errorf("with the old password: %d %s", code, to)
	}
	if role, err := h.Store.Role(t.Context(), id, h.users["outsider"].ID); err != nil || role != domain.Editor {
		t.Errorf("role %q, %v", role, err)
	}
	if code, _, _ := h.tab().post("/login", "email", "outsider@example.org", "password",
		"four words in a row"); code != http.StatusUnprocessableEntity {
		t.Errorf("with the password of the form: %d", code)
	}
}

// TestCommonPasswords: what everybody tries first is refused wherever a password
// is set.
func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.users["owner"]
	invitation, err := h.Access.Invite(t.Context(), h.project(), domain.Viewer)
	h.ok(err)
	reset, err := h.Access.MakeReset(t.Context(), owner.ID)
	h.ok(err)
	b := h.tab()
	b.login(ownerPassword)
	for _, password := range []string{"1234567890", "aaaaaaaaaa", "owner@example.org", "Tgtrack2026"} {
		for path, form := range map[string][]string{
			"/invite/" + invitation: {"email", "owner@example.net"}, "/reset/" + reset: nil,
			"/profile/password": {"old_password", ownerPassword},
		} {
			v := h.tab()
			if form != nil && form[0] == "old_password" {
				v = b
			}
			code, text, _ := v.post(path, append(form, "password", password)...)
			if code != http.StatusUnprocessableEntity || strings.TrimSpace(feedbackOf(text)) == "" {
				t.Errorf("%s, %s: %d %s", path, password, code, visible(text))
			}
		}
	}
}

// TestSessionsOnTheProfile: the profile lists where the user is logged in; each
// can be ended, and all others.
func TestSessionsOnTheProfile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tabs := map[string]*tab{}
	for name, agent := range map[string]string{
		"fox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/18.0 Mobile/15E148 Safari/604.1",
		"yandex": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 " +
			"YaBrowser/25.8.0.0 Safari/537.36",
		"tool": "curl/8.5",
	} {
		tabs[name] = h.tab()
		tabs[name].agent = agent
		if code, to := tabs[name].login(ownerPassword); code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", name, code, to)
		}
	}
	lives := func(name string) bool {
		code, _, _ := tabs[name].open("/profile")
		return code == http.StatusOK
	}
	_, text, _ := tabs["fox"].open("/profile")
	rows := regexp.MustCompile(`(?s)<tr>\s*<td>(.*?)</tr>`).FindAllString(text, -1)
	ends := map[string]string{}
	for _, row := range rows {
		if m := regexp.MustCompile(`/profile/sessions/([0-9a-f]+)/end`).FindStringSubmatch(row); m != nil {
			ends[strings.Join(strings.Fields(visible(row))[:2], " ")] = m[1]
		}
	}
	if len(ends) != 4 || ends["Firefox, Linux"] == "" || ends["Safari, iPhone"] == "" ||
		ends["Yandex, Windows"] == "" || ends["curl/8.5 0.0.0.0"] == "" || strings.Count(text, "this one") != 1 {
		t.Fatalf("sessions: %v\n%s", ends, visible(text))
	}
	if code, _, to := tabs["fox"].post("/profile/sessions/" + ends["Safari, iPhone"] + "/end"); code !=
		http.StatusSeeOther || to != "/profile" || lives("phone") || !lives("yandex") {
		t.Errorf("one was ended: %d %s", code, to)
	}
	other := h.tab()
	other.post("/login", "email", "outsider@example.org", "password", "correct-horse")
	if code, _, _ := other.post("/profile/sessions/" + ends["Yandex, Windows"] + "/end"); code !=
		http.StatusNotFound || !lives("yandex") {
		t.Errorf("another user's was ended: %d", code)
	}
	if code, _, _ := tabs["fox"].post("/profile/sessions/end"); code != http.StatusOK || lives("yandex") ||
		lives("tool") || !lives("fox") {
		t.Errorf("all others were ended: %d", code)
	}
	if code, _, _ := tabs["fox"].post("/profile/sessions/" + ends["Firefox, Linux"] + "/end"); code !=
		http.StatusSeeOther || lives("fox") {
		t.Errorf("the own one was ended: %d", code)
	}
}

// TestAdministratorsEndSessions: an administrator logs anybody out everywhere.
func TestAdministratorsEndSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.users["owner"].ID
	admin := h.tab()
	admin.post("/login", "email", "admin@example.org", "password", "correct-horse")
	byAPI := func(user string) int {
		r := httptest.NewRequest(http.MethodDelete, "/api/v1/users/"+user+"/sessions", nil)
		r.Header.Set("Authorization", "Bearer the-operator")
		return h.status(r)
	}
	for name, end := range map[string]func() int{
		"page": func() int { code, _, _ := admin.post("/users/" + owner + "/sessions/end"); return code },
		"api":  func() int { return byAPI(owner) },
	} {
		b := h.tab()
		b.login(ownerPassword)
		if code := end(); code != http.StatusSeeOther && code != http.StatusNoContent {
			t.Errorf("%s: %d", name, code)
		}
		if code, _, _ := b.open("/profile"); code == http.StatusOK {
			t.Errorf("%s: the session goes on", name)
		}
	}
	if code := byAPI("nobody"); code != http.StatusNotFound {
		t.Errorf("nobody's: %d", code)
	}
	if code, _, _ := admin.open("/users"); code != http.StatusOK {
		t.Errorf("the administrator's own: %d", code)
	}
}

// TestHostCookies: over https cookies have the prefix that ties them to this
// host, and others are not read.
func TestHostCookies(t *testing.T) {
	t.Parallel()
	for public, prefix := range map[string]string{"https://go.example": "__Host-", "http://go.example": ""} {
		h := newHouse(t, "TGTRACK_PUBLIC_URL="+public)
		b := h.tab()
		b.post("/theme", "theme", "dark")
		b.post("/language", "lang", "en")
		if code, to := b.login(ownerPassword); code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", public, code, to)
		}
		for _, name := range []string{"session", "known", "theme", "lang"} {
			c := b.cookies[prefix+"tgtrack_"+name]
			if c == nil || !c.HttpOnly || c.Secure != (prefix != "") || c.Path != "/" || c.Domain != "" ||
				c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s, %s: %+v", public, name, c)
			}
		}
		if code, text, _ := b.open("/profile"); code != http.StatusOK || !strings.Contains(text, `data-bs-theme="dark"`) {
			t.Errorf("%s: %d", public, code)
		}
		if code, _, _ := b.open("/api/v1/projects"); code != http.StatusOK {
			t.Errorf("%s: a browser reads the API: %d", public, code)
		}
		planted := h.tab()
		other := map[string]string{"": "__Host-", "__Host-": ""}[prefix]
		planted.cookies["x"] = &http.Cookie{Name: other + "tgtrack_session", Value: b.session().Value}
		for _, path := range []string{"/profile", "/api/v1/projects"} {
			if code, _, _ := planted.open(path); code == http.StatusOK {
				t.Errorf("%s: %s with a cookie of another name: %d", public, path, code)
			}
		}
		b.post("/logout")
		if b.session() != nil {
			t.Errorf("%s: the cookie stays after logging out", public)
		}
	}
}
