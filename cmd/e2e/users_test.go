package e2e_test

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestUsersCommand lists who logs in, and lets a lost owner in again.
func TestUsersCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addr := e2e.FreeAddr(t)
	env := []string{"TGTRACK_HTTP_ADDR=" + addr}
	s := e2e.Start(t, dir, env...)
	env = append(env, "TGTRACK_DATA_DIR="+dir, "TGTRACK_ADMIN_TOKEN="+e2e.Token)
	if code, out := tool(t, env, "", "users"); code != 0 || !strings.Contains(out, "nobody yet") {
		t.Errorf("before anybody: %d %s", code, out)
	}
	post := func(address string, form url.Values) int {
		t.Helper()
		c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := c.PostForm(address, form)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if code := post(s.URL+setupLink.FindStringSubmatch(s.Log())[1], url.Values{
		"email": {"anna@example.org"}, "name": {"Anna"}, "password": {"a long and lost one"},
	}); code != http.StatusSeeOther {
		t.Fatalf("set up: %d", code)
	}
	code, out := tool(t, env, "", "users", "--json")
	var all struct {
		Items []struct {
			Email       string
			Admin       bool
			LastLoginAt *string `json:"last_login_at"`
		}
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 || len(all.Items) != 1 ||
		!all.Items[0].Admin || all.Items[0].LastLoginAt == nil {
		t.Fatalf("%d %s %v", code, out, err)
	}
	if code, out := tool(t, env, "", "users"); code != 0 || !strings.Contains(out, "anna@example.org  yes") {
		t.Errorf("%d %s", code, out)
	}
	setFactor(t, s.URL, "anna@example.org", "a long and lost one")
	code, out = tool(t, env, "", "users", "reset", "Anna@example.org")
	if code != 0 || !strings.Contains(out, "needs --second-factor") {
		t.Errorf("with a second factor: %d %s", code, out)
	}
	code, out = tool(t, env, "", "users", "reset", "Anna@example.org", "--second-factor")
	i := strings.Index(out, "http://")
	if code != 0 || i < 0 {
		t.Fatalf("%d %s", code, out)
	}
	link := strings.Fields(out[i:])[0]
	if code := post(link, url.Values{"password": {"another good one, kept"}}); code != http.StatusSeeOther {
		t.Errorf("the link: %d", code)
	}
	if code := post(link, url.Values{"password": {"another good one, kept"}}); code != http.StatusNotFound {
		t.Errorf("the link again: %d", code)
	}
	if _, came := signIn(t, s.URL, "anna@example.org", "a long and lost one"); came != "" {
		t.Errorf("the old password leads to %s", came)
	}
	if _, came := signIn(t, s.URL, "anna@example.org", "another good one, kept"); came != "/" {
		t.Errorf("the new password leads to %q", came)
	}
	for want, args := range map[int][]string{
		1: {"users", "reset", "boris@example.org"}, 2: {"users", "reset"},
	} {
		if code, out := tool(t, env, "", args...); code != want {
			t.Errorf("%v: %d %s", args, code, out)
		}
	}
	s.Stop()
	if code, out := tool(t, env, "", "users"); code != 1 || !strings.Contains(out, "tgtrack serve") {
		t.Errorf("without a server: %d %s", code, out)
	}
}

// signIn gives who signed in as a browser, and where the password led.
func signIn(t *testing.T, at, email, password string) (c *http.Client, led string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	res, err := c.PostForm(at+"/login", url.Values{"email": {email}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return c, res.Header.Get("Location")
}

// field finds the value of a field of a form.
var field = regexp.MustCompile(`name="(form_token|state)" value="([^"]+)"`)

// appSecret finds what an app is told.
var appSecret = regexp.MustCompile(`>([A-Z2-7 ]{30,})</code>`)

// setFactor sets a second factor up, as its page asks, and finds that a
// password alone opens nothing then.
func setFactor(t *testing.T, at, email, password string) {
	t.Helper()
	c, _ := signIn(t, at, email, password)
	res, err := c.Get(at + "/profile/second-factor")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	secret := appSecret.FindSubmatch(page)
	if err != nil || secret == nil {
		t.Fatalf("%v: %s", err, page)
	}
	form := url.Values{"password": {password}}
	for _, m := range field.FindAllSubmatch(page, -1) {
		form.Set(string(m[1]), html.UnescapeString(string(m[2])))
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(string(secret[1]), " ", ""), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	form.Set("code", code)
	if res, err = c.PostForm(at+"/profile/second-factor", form); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if _, led := signIn(t, at, email, password); !strings.HasPrefix(led, "/login/code") {
		t.Fatalf("%d; the password alone leads to %q", res.StatusCode, led)
	}
}
