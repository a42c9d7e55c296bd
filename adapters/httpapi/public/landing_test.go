package public

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// told takes the object out of a script that the script is called with.
func told(t *testing.T, script string) landingTarget {
	t.Helper()
	i := strings.LastIndex(script, "})({")
	if i < 0 || !strings.HasPrefix(script, "(C=>{") {
		t.Fatalf("not the script: %s", script)
	}
	var got landingTarget
	if err := json.Unmarshal([]byte(strings.TrimSuffix(script[i+3:], ");\n")), &got); err != nil {
		t.Fatalf("%v in %s", err, script[i:])
	}
	return got
}

func TestLandingScript(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	p := st.project(t, `{"name":"Bot","username":"@Shop_bot"}`)
	made := st.link(t, p.ID, `{"name":"site"}`)
	target := "/t.js?link=" + made.ID

	res, script := st.ask(t, "GET", target, "")
	if res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, script)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "public, max-age=3600",
		"X-Content-Type-Options":      "nosniff",
		"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin", "Set-Cookie": "",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if diff := cmp.Diff(landingTarget{Base: "https://go.example", Link: made.ID, Bot: "Shop_bot"},
		told(t, script)); diff != "" {
		t.Error(diff)
	}
	if len(script) > 3000 || strings.Contains(script, "// ") || strings.Contains(script, "\t") {
		t.Errorf("%d bytes, or comments and indentation in it", len(script))
	}
	tag := res.Header.Get("ETag")
	if len(tag) < 18 || tag[0] != '"' {
		t.Fatalf("no strong ETag: %q", tag)
	}
	for header, code := range map[string]int{tag: 304, "W/" + tag: 304, `"old", ` + tag: 304, "*": 304,
		`"old"`: 200} {
		res, body := st.ask(t, "GET", target, "", "If-None-Match: "+header)
		if res.StatusCode != code || (body == "") != (code == 304) || res.Header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: %d with %d bytes", header, res.StatusCode, len(body))
		}
	}
	if res, body := st.ask(t, "HEAD", target, ""); res.StatusCode != 200 || body != "" {
		t.Errorf("HEAD: %d %q", res.StatusCode, body)
	}

	st.change(t, p.ID, func(p *domain.Project) { p.Enabled, p.Username = false, "Other_bot" })
	res, script = st.ask(t, "GET", target, "", "If-None-Match: "+tag)
	if got := told(t, script); res.StatusCode != 200 || got.Bot != "Other_bot" || res.Header.Get("ETag") == tag {
		t.Errorf("switched off and renamed: %d %+v", res.StatusCode, got)
	}
}

func TestLandingScriptIsSafeInAPage(t *testing.T) {
	t.Parallel()
	const address = "https://go.example/</script>'\"\u2028"
	st := newStandAt(t, address)
	hostile := "a');alert(1)//</script>\u2029"
	must(t, st.CreateProject(t.Context(), domain.Project{ID: "p", Username: hostile, Enabled: true,
		CreatedAt: morning}, nil))
	must(t, st.CreateLink(t.Context(), domain.Link{
		ID: "l", ProjectID: "p", InviteLink: "https://t.me/" + hostile, StartValue: "PJ1", CreatedAt: morning,
	}))
	_, script := st.ask(t, "GET", "/t.js?link=l", "")
	if got := told(t, script); got.Bot != hostile || got.Invite != hostile || got.Base != address {
		t.Errorf("%+v", got)
	}
	call := script[strings.LastIndex(script, "})({"):]
	if strings.ContainsAny(call, "<>&\u2028\u2029") {
		t.Errorf("not escaped: %s", call)
	}
	for _, id := range []string{"%27);alert(1)//", "l%22", "%3C/script%3E", "l%0Aalert(1)", "",
		strings.Repeat("l", 65)} {
		res, body := st.ask(t, "GET", "/t.js?link="+id, "")
		if res.StatusCode != 404 || !strings.HasPrefix(body, "// ") || strings.Count(body, "\n") != 1 ||
			strings.Contains(body, "alert") {
			t.Errorf("link %s: %d %s", id, res.StatusCode, body)
		}
	}
}

func TestLandingScriptOfLinks(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		project domain.Project
		link    domain.Link
		want    landingTarget
	}{
		"bot": {domain.Project{Username: "my_bot"}, domain.Link{}, landingTarget{Bot: "my_bot"}},
		"public channel": {domain.Project{Kind: domain.KindChannel, Username: "news"}, domain.Link{},
			landingTarget{Bot: "news"}},
		"invite link": {domain.Project{Kind: domain.KindChannel, Username: "news"},
			domain.Link{InviteLink: "https://t.me/+AbC-1"}, landingTarget{Bot: "news", Invite: "+AbC-1"}},
		"older invite link": {domain.Project{Kind: domain.KindChannel},
			domain.Link{InviteLink: "https://t.me/joinchat/AbC"}, landingTarget{Invite: "+AbC"}},
		"bot of MAX": {domain.Project{Messenger: domain.MAX, Username: "my_bot"}, domain.Link{},
			landingTarget{Bot: "my_bot"}},
		"invite link of MAX": {domain.Project{Messenger: domain.MAX, Kind: domain.KindChannel},
			domain.Link{InviteLink: "https://max.ru/join/AbC"}, landingTarget{Invite: "join/AbC"}},
		"leads nowhere yet": {domain.Project{}, domain.Link{}, landingTarget{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStand(t)
			tc.project.ID, tc.link.ID, tc.link.ProjectID = "p", "l", "p"
			tc.want.Base, tc.want.Link = publicURL, "l"
			tc.project.CreatedAt, tc.link.CreatedAt, tc.link.StartValue = morning, morning, "PJ1"
			must(t, st.CreateProject(t.Context(), tc.project, nil))
			must(t, st.CreateLink(t.Context(), tc.link))
			_, script := st.ask(t, "GET", "/t.js?link=l", "")
			if diff := cmp.Diff(tc.want, told(t, script)); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(script, `/(\/start\/.*|\/+)$/`) != (tc.project.Messenger == domain.MAX) ||
				strings.Contains(script, `max\.ru)|`) != (tc.project.Messenger == domain.MAX) ||
				strings.Contains(script, telegramHosts) == (tc.project.Messenger == domain.MAX) {
				t.Errorf("buttons of another messenger: %s", script)
			}
		})
	}
}

func TestLandingScriptWithoutLink(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	check := func(code int) {
		t.Helper()
		res, body := st.ask(t, "GET", "/t.js?link=none", "")
		if res.StatusCode != code || !strings.HasPrefix(body, "// ") ||
			res.Header.Get("Cache-Control") != "no-store" ||
			res.Header.Get("Content-Type") != "text/javascript; charset=utf-8" ||
			(code == http.StatusServiceUnavailable) != (res.Header.Get("Retry-After") != "") {
			t.Errorf("%d %v %s", res.StatusCode, res.Header, body)
		}
	}
	check(404)
	st.away.Set(errors.Join(domain.ErrUnavailable))
	check(503)
}

// TestLandingParametersAreKept: what the script adds to a click link arrives
// in the click under the names that ad networks' sinks read.
func TestLandingParametersAreKept(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	p := st.project(t, `{"name":"Bot","username":"shop_bot"}`)
	made := st.link(t, p.ID, `{"name":"site"}`)
	query := "YClid=Ab%2Bc&ym_uid=16900000001234567890&_fbp=fb.1.1690000000000.42&_fbc=fb.1.1690000000000.IwAR0x&_ga=GA1.1.11.22" +
		"&_ga_ABC123=GS2.1.s1690000000%24o2%24g0&_ttp=2Nk.tt.1&tg_url=https%3A%2F%2Fshop.example%2Fa&tg_ref=https%3A%2F%2Fyandex.ru%2F"
	res, _ := st.ask(t, "GET", "/c/"+made.ID+"?"+query, "", browser,
		"Cookie: _fbp=fb.1.1.1; _fbc=fb.1.1.other")
	if res.StatusCode != 302 || len(st.clicks()) != 1 {
		t.Fatalf("%d, %d clicks", res.StatusCode, len(st.clicks()))
	}
	want := map[string]string{
		"YClid": "Ab+c", "ym_uid": "16900000001234567890", "_fbp": "fb.1.1690000000000.42",
		"_fbc": "fb.1.1690000000000.IwAR0x", "_ga": "GA1.1.11.22",
		"_ga_ABC123": "GS2.1.s1690000000$o2$g0", "_ttp": "2Nk.tt.1", "tg_url": "https://shop.example/a",
		"tg_ref": "https://yandex.ru/",
	}
	if diff := cmp.Diff(want, st.clicks()[0].Params); diff != "" {
		t.Error(diff)
	}
	if c := st.clicks()[0]; c.RawQuery != query {
		t.Errorf("%q", c.RawQuery)
	}
}
