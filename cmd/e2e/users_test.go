package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

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
	login := func(password string) int {
		return post("http://"+addr+"/login", url.Values{"email": {"anna@example.org"}, "password": {password}})
	}
	if old, now := login("a long and lost one"), login("another good one, kept"); old == now || now != 303 {
		t.Errorf("the old password: %d, the new one: %d", old, now)
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
