package cmd

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/openid/openidtest"
	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// inn is a service whose users come by a provider.
type inn struct {
	*App
	t        *testing.T
	provider *openidtest.Provider
	project  string
}

func newInn(t *testing.T, environ ...string) *inn {
	t.Helper()
	p := openidtest.New(t)
	cfg, err := loadConfig("", append([]string{
		"TGTRACK_DATA_DIR=" + t.TempDir(), "TGTRACK_ADMIN_TOKEN=the operator of the house",
		"TGTRACK_PUBLIC_URL=https://t.example", "TGTRACK_OPENID_ISSUER=" + p.URL,
		"TGTRACK_OPENID_CLIENT_ID=" + openidtest.ClientID, "TGTRACK_OPENID_CLIENT_SECRET=" + openidtest.ClientSecret,
		"TGTRACK_OPENID_TITLE=Keys",
	}, environ...), Plugins{})
	if err != nil {
		t.Fatal(err)
	}
	app, cleanup, err := newApp(t.Context(), cfg, Plugins{}, slog.New(slog.DiscardHandler),
		Streams{io.Discard, io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cleanup)
	i := &inn{App: app, t: t, provider: p, project: "house"}
	i.ok(app.Ensure.start(t.Context()))
	i.ok(app.Store.CreateProject(t.Context(), domain.Project{
		ID: i.project, Name: "Bot", Kind: domain.KindBot, Constructor: "telegram", Mode: domain.Production,
		Timezone: "UTC", Currency: "RUB", Attribution: domain.LastClick, Enabled: true, CreatedAt: clock(),
	}, nil))
	return i
}

func (i *inn) ok(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

func (i *inn) invite(r domain.Role) string {
	i.t.Helper()
	secret, err := i.Access.Invite(i.t.Context(), i.project, r)
	i.ok(err)
	return secret
}

// register makes a user with a password.
func (i *inn) register(email string) domain.User {
	i.t.Helper()
	u, err := i.Access.Register(i.t.Context(), usecase.InviteLink, i.invite(domain.Viewer),
		usecase.UserInput{Email: email, Name: "A", Password: "correct-horse-7"})
	i.ok(err)
	return u
}

// withPassword is what a form needs that changes how somebody comes in.
func withPassword() url.Values { return url.Values{"openid_password": {"correct-horse-7"}} }

// browser keeps cookies.
type browser struct {
	*inn
	cookies map[string]string
}

func (i *inn) browser() *browser { return &browser{i, map[string]string{}} }

// open asks for a page; form is nil for GET.
func (b *browser) open(path string, form url.Values) (int, string, http.Header) {
	b.t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method = http.MethodPost
		if s := b.cookies[web.CookieName("https://", web.SessionCookie)]; s != "" {
			form.Set("form_token", b.Access.FormToken(s))
		}
		body = form.Encode()
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.HTTP.App().Test(r, 10_000)
	b.ok(err)
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	text, err := io.ReadAll(res.Body)
	b.ok(err)
	if strings.Contains(string(text), "%!") {
		b.t.Errorf("%s: a text and its arguments do not match:\n%s", path, text)
	}
	return res.StatusCode, string(text), res.Header
}

// come goes to the provider by a link of ours, and comes back.
func (b *browser) come(path string) (int, string, http.Header) {
	b.t.Helper()
	return b.open(b.away(path), nil)
}

// away goes to the provider and gives the address to come back to.
func (b *browser) away(path string) string {
	b.t.Helper()
	code, text, h := b.open(path, nil)
	if code != http.StatusSeeOther {
		b.t.Fatalf("%s: %d\n%s", path, code, text)
	}
	return b.provider.Visit(h.Get("Location")).RequestURI()
}

// who is the e-mail of whoever is signed in; "" for nobody.
func (b *browser) who() string {
	b.t.Helper()
	u, err := b.Access.Session(b.t.Context(), b.cookies[web.CookieName("https://", web.SessionCookie)])
	if err != nil {
		return ""
	}
	return u.Email
}

// in checks that somebody came in.
func (b *browser) in(want, to string, code int, text string, h http.Header) {
	b.t.Helper()
	if code != http.StatusSeeOther || h.Get("Location") != to || b.who() != want {
		b.t.Errorf("%d to %q as %q, want %s as %s\n%s", code, h.Get("Location"), b.who(), to, want, text)
	}
}

// out checks that somebody was refused in words that say why, and nothing made.
func (b *browser) out(status int, said string, code int, text string, _ http.Header) {
	b.t.Helper()
	if code != status || !strings.Contains(text, said) || b.who() != "" {
		b.t.Errorf("%d as %q, want %d and %q\n%s", code, b.who(), status, said, text)
	}
}

func person(sub, email string, verified bool) openidtest.Claims {
	return openidtest.Claims{"sub": sub, "email": email, "email_verified": verified, "name": "Anna A."}
}

func (i *inn) users() []string {
	i.t.Helper()
	us, err := i.Access.Users(i.t.Context())
	i.ok(err)
	var out []string
	for _, u := range us {
		out = append(out, u.Email)
	}
	return out
}

// TestOpenID: who has an account comes in the first time by an e-mail that the
// provider has verified, from then on by the subject and never by e-mail.
func TestOpenID(t *testing.T) {
	t.Parallel()
	i := newInn(t)
	i.register("anna@example.org")
	b := i.browser()
	code, text, _ := b.open("/login", nil)
	if code != http.StatusOK || !strings.Contains(text, "Continue with Keys") ||
		!strings.Contains(text, `name="password"`) {
		t.Errorf("the form to log in: %d\n%s", code, text)
	}
	i.provider.Comes(person("17", "Anna@example.org", false))
	code, text, h := b.come("/login/openid")
	b.out(http.StatusForbidden, "does not vouch for your e-mail", code, text, h)
	i.provider.Comes(person("17", "stranger@example.org", true))
	code, text, h = b.come("/login/openid")
	b.out(http.StatusForbidden, "Nobody here has the e-mail", code, text, h)
	i.provider.Comes(person("17", "Anna@Example.org", true))
	code, text, h = b.come("/login/openid?next=/projects/house/sources")
	b.in("anna@example.org", "/projects/house/sources", code, text, h)

	// The same subject under another e-mail is the same user.
	i.provider.Comes(person("17", "new@example.org", false))
	b = i.browser()
	code, text, h = b.come("/login/openid")
	b.in("anna@example.org", "/", code, text, h)
	// Another subject with the e-mail is not.
	i.provider.Comes(person("18", "anna@example.org", true))
	b = i.browser()
	code, text, h = b.come("/login/openid")
	b.out(http.StatusForbidden, "tied to somebody else", code, text, h)
	if got := i.users(); !slices.Equal(got, []string{"anna@example.org"}) {
		t.Errorf("users %v", got)
	}
}

// TestOpenIDInvitation: whoever opens an invitation goes on by the provider, and
// has an account with the role of the invitation, without a password.
func TestOpenIDInvitation(t *testing.T) {
	t.Parallel()
	i := newInn(t)
	secret := i.invite(domain.Editor)
	b := i.browser()
	if _, text, _ := b.open("/invite/"+secret, nil); !strings.Contains(text, `href="/invite/`+secret+`/openid"`) {
		t.Errorf("the invitation leads nowhere:\n%s", text)
	}
	i.provider.Comes(person("17", "anna@example.org", false))
	code, text, h := b.come("/invite/" + secret + "/openid")
	b.out(http.StatusForbidden, "does not vouch", code, text, h)
	if got := i.users(); len(got) != 0 {
		t.Fatalf("users %v", got)
	}
	i.provider.Comes(person("17", "anna@example.org", true))
	code, text, h = b.come("/login/openid?next=/invite/" + secret) // by "I have an account"
	b.in("anna@example.org", "/projects", code, text, h)
	u, err := i.Store.UserByEmail(t.Context(), "anna@example.org")
	i.ok(err)
	role, err := i.Store.Role(t.Context(), i.project, u.ID)
	if err != nil || role != domain.Editor || u.PasswordHash != "" || u.Name != "Anna A." || u.Admin {
		t.Errorf("%+v is %s, %v", u, role, err)
	}
	code, _, _ = i.browser().open("/invite/"+secret+"/openid", nil)
	if code != http.StatusNotFound {
		t.Errorf("an invitation that was used up: %d", code)
	}
	// She has no password: none lets her in, and she can not change it.
	b2 := i.browser()
	for _, password := range []string{"", "x", "correct-horse-7"} {
		code, text, _ = b2.open("/login", url.Values{"email": {"anna@example.org"}, "password": {password}})
		if code != http.StatusUnprocessableEntity || b2.who() != "" {
			t.Errorf("a password for who has none: %d\n%s", code, text)
		}
	}
	code, text, _ = b.open("/profile/password", url.Values{"old_password": {""}, "password": {"correct-horse-8"}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(text, "You have no password") {
		t.Errorf("change of no password: %d\n%s", code, text)
	}
	if code, text, _ = b.open("/profile/openid/disconnect", withPassword()); code != http.StatusUnprocessableEntity ||
		!strings.Contains(text, "only way in") {
		t.Errorf("the only way in is cut: %d\n%s", code, text)
	}
	reset, err := i.Access.MakeReset(t.Context(), u.ID)
	i.ok(err)
	b2.open("/reset/"+reset, url.Values{"password": {"correct-horse-9"}})
	b2.open("/login", url.Values{"email": {"anna@example.org"}, "password": {"correct-horse-9"}})
	if b2.who() != "anna@example.org" {
		t.Error("the password that a link set does not let in")
	}
	// A user who is known accepts a further invitation on the way.
	u, err = i.Store.User(t.Context(), u.ID)
	i.ok(err)
	b = i.browser()
	code, text, h = b.come("/invite/" + i.invite(domain.Owner) + "/openid")
	b.in("anna@example.org", "/projects/house", code, text, h)
	if role, err := i.Store.Role(t.Context(), i.project, u.ID); err != nil || role != domain.Owner {
		t.Errorf("role %s, %v", role, err)
	}
}

// TestOpenIDForged: only the browser that was sent comes in, once, with what the
// provider said to it.
func TestOpenIDForged(t *testing.T) {
	t.Parallel()
	i := newInn(t)
	i.register("anna@example.org")
	anna := person("17", "anna@example.org", true)
	i.provider.Comes(anna)
	for name, c := range map[string]struct {
		spoil func(openidtest.Claims)
		back  func(b *browser, back string) string
		said  string
	}{
		"another nonce":    {spoil: func(c openidtest.Claims) { c["nonce"] = "x" }, said: "not proved"},
		"another audience": {spoil: func(c openidtest.Claims) { c["aud"] = "x" }, said: "not proved"},
		"another state": {said: "another browser", back: func(_ *browser, back string) string {
			return strings.Replace(back, "state=", "state=X", 1)
		}},
		"no state": {said: "another browser", back: func(_ *browser, back string) string {
			return strings.Replace(back, "state=", "stat=", 1)
		}},
		"another browser": {said: "another browser", back: func(b *browser, back string) string {
			clear(b.cookies)
			return back
		}},
		"a ticket of another": {said: "another browser", back: func(b *browser, back string) string {
			other := b.browser()
			other.away("/login/openid")
			b.cookies = other.cookies
			return back
		}},
		"a ticket that was changed": {said: "another browser", back: func(b *browser, back string) string {
			for name, v := range b.cookies {
				b.cookies[name] = v[:len(v)-2] + "AA"
			}
			return back
		}},
		"no code": {said: "not proved", back: func(_ *browser, back string) string {
			return strings.Replace(back, "code=", "cod=", 1)
		}},
	} {
		b := i.browser()
		i.provider.Comes(anna)
		if c.spoil != nil {
			i.provider.Spoil(c.spoil)
		}
		back := b.away("/login/openid")
		if c.back != nil {
			back = c.back(b, back)
		}
		code, text, _ := b.open(back, nil)
		if code != http.StatusForbidden || !strings.Contains(text, c.said) || b.who() != "" {
			t.Errorf("%s: %d as %q\n%s", name, code, b.who(), text)
		}
	}
	i.provider.Comes(anna)
	b := i.browser()
	back := b.away("/login/openid")
	ticket := b.cookies["__Host-tgtrack_openid"]
	code, text, h := b.open(back, nil)
	b.in("anna@example.org", "/", code, text, h)
	if b.cookies["__Host-tgtrack_openid"] != "" {
		t.Error("the ticket stays in the browser")
	}
	thief := i.browser()
	thief.cookies["__Host-tgtrack_openid"] = ticket
	code, text, h = thief.open(back, nil)
	thief.out(http.StatusForbidden, "used already", code, text, h)
	i.provider.Refuse("access_denied")
	code, text, h = thief.come("/login/openid")
	thief.out(http.StatusForbidden, "you cancelled", code, text, h)
}

// TestOpenIDProfile: a user connects an account of the provider by the profile,
// and disconnects it; then no e-mail leads back.
func TestOpenIDProfile(t *testing.T) {
	t.Parallel()
	i := newInn(t)
	i.register("anna@example.org")
	i.register("boris@example.org")
	in := func(email string) *browser {
		b := i.browser()
		b.open("/login", url.Values{"email": {email}, "password": {"correct-horse-7"}})
		if b.who() != email {
			t.Fatalf("%s does not come in", email)
		}
		return b
	}
	connect := func(b *browser) (int, string, http.Header) {
		code, text, h := b.open("/profile/openid", withPassword())
		_, address, _ := strings.Cut(h.Get("Refresh"), "url=")
		if code != http.StatusOK || address == "" {
			t.Fatalf("connect: %d %v\n%s", code, h, text)
		}
		return b.open(i.provider.Visit(address).RequestURI(), nil)
	}
	b := in("anna@example.org")
	for _, path := range []string{"/profile/openid", "/profile/openid/disconnect"} {
		for _, wrong := range []string{"", "correct-horse-8"} {
			code, text, h := b.open(path, url.Values{"openid_password": {wrong}})
			if code != http.StatusUnprocessableEntity || h.Get("Refresh") != "" || !strings.Contains(text, "is-invalid") {
				t.Errorf("%s with the password %q: %d %v", path, wrong, code, h)
			}
		}
	}
	i.provider.Comes(person("17", "anna@home.example", false)) // her word here is enough
	if code, text, h := connect(b); code != http.StatusSeeOther || h.Get("Location") != "/profile" {
		t.Errorf("%d\n%s", code, text)
	}
	if _, text, _ := b.open("/profile", nil); !strings.Contains(text, "Connected with Keys: anna@home.example") {
		t.Errorf("the profile says nothing:\n%s", text)
	}
	if code, text, _ := connect(in("boris@example.org")); code != http.StatusForbidden ||
		!strings.Contains(text, "somebody else") {
		t.Errorf("the account of another is taken: %d\n%s", code, text)
	}
	out := i.browser()
	code, text, h := out.come("/login/openid")
	out.in("anna@example.org", "/", code, text, h)

	// Whoever logs out, or is another, on the way, is not tied.
	_, _, h = b.open("/profile/openid", withPassword())
	_, address, _ := strings.Cut(h.Get("Refresh"), "url=")
	i.provider.Comes(person("19", "eve@home.example", true))
	back := i.provider.Visit(address).RequestURI()
	stranger := in("boris@example.org")
	stranger.cookies["__Host-tgtrack_openid"] = b.cookies["__Host-tgtrack_openid"]
	if code, text, _ := stranger.open(back, nil); code != http.StatusForbidden ||
		!strings.Contains(text, "another browser") {
		t.Errorf("tied in another's session: %d\n%s", code, text)
	}

	if code, text, _ := b.open("/profile/openid/disconnect", withPassword()); code != http.StatusOK ||
		!strings.Contains(text, "Not connected with Keys") {
		t.Errorf("disconnect: %d\n%s", code, text)
	}
	for _, who := range []openidtest.Claims{
		person("17", "anna@example.org", true), person("20", "anna@example.org", true),
	} {
		i.provider.Comes(who)
		out := i.browser()
		code, text, h := out.come("/login/openid")
		out.out(http.StatusForbidden, "was untied", code, text, h)
	}
	var actions []string
	entries, _, err := i.Access.Audit(t.Context(), "", usecase.Page{Limit: 100})
	i.ok(err)
	for _, e := range entries {
		if strings.HasPrefix(e.Action, "user.openid") && e.Actor == "anna@example.org" {
			actions = append(actions, e.Action)
		}
	}
	want := []string{"user.openid_disconnect", "user.openid", "user.openid_connect"}
	if !slices.Equal(actions, want) {
		t.Errorf("the log of changes has %v, want %v", actions, want)
	}
}

// TestOpenIDOnly: without passwords the first owner comes by the provider, too,
// and nothing takes a password.
func TestOpenIDOnly(t *testing.T) {
	t.Parallel()
	i := newInn(t, "TGTRACK_OPENID_PASSWORDS=false")
	setup, err := i.Access.FirstRun(t.Context())
	i.ok(err)
	b := i.browser()
	for _, path := range []string{"/login", "/setup/" + setup} {
		if code, text, _ := b.open(path, nil); code != http.StatusOK || strings.Contains(text, `type="password"`) ||
			!strings.Contains(text, "Continue with Keys") {
			t.Errorf("%s: %d\n%s", path, code, text)
		}
	}
	filled := url.Values{"email": {"eve@example.org"}, "password": {"correct-horse-7"}}
	for _, path := range []string{"/login", "/setup/" + setup} {
		if code, text, _ := b.open(path, filled); code != http.StatusUnprocessableEntity {
			t.Errorf("%s takes a password: %d\n%s", path, code, text)
		}
	}
	i.provider.Comes(person("1", "owner@example.org", true))
	code, text, h := b.come("/setup/" + setup + "/openid")
	b.in("owner@example.org", "/projects", code, text, h)
	u, err := i.Store.UserByEmail(t.Context(), "owner@example.org")
	if err != nil || !u.Admin {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := i.Access.MakeReset(t.Context(), u.ID); err == nil {
		t.Error("a link for a password is made")
	}
	if code, text, _ := b.open("/profile", nil); code != http.StatusOK || strings.Contains(text, `type="password"`) {
		t.Errorf("profile: %d\n%s", code, text)
	}
}

// TestOpenIDAway: a provider that is away keeps nobody from the pages, nor the
// service from its start.
func TestOpenIDAway(t *testing.T) {
	t.Parallel()
	i := newInn(t)
	i.provider.Down(true)
	b := i.browser()
	if code, _, _ := b.open("/login", nil); code != http.StatusOK {
		t.Errorf("the form to log in: %d", code)
	}
	code, text, h := b.open("/login/openid", nil)
	b.out(http.StatusServiceUnavailable, "does not answer right now", code, text, h)
}

// TestOpenIDSecondFactor: where a second factor is required, the provider is
// trusted for it: who has no password is not asked for one here.
func TestOpenIDSecondFactor(t *testing.T) {
	t.Parallel()
	i := newInn(t, "TGTRACK_CABINET_REQUIRE_TOTP=all")
	i.register("boris@example.org")
	for _, c := range []struct {
		path, email string
		status      int
	}{
		{"/invite/" + i.invite(domain.Viewer) + "/openid", "anna@example.org", http.StatusOK},
		{"/login/openid", "boris@example.org", http.StatusSeeOther}, // he has a password, too
	} {
		i.provider.Comes(person(c.email, c.email, true))
		b := i.browser()
		b.come(c.path)
		if code, _, h := b.open("/projects", nil); code != c.status || b.who() != c.email {
			t.Errorf("%s: %d %s", c.email, code, h.Get("Location"))
		}
	}
}
