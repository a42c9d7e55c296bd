package public

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"

// withLink has a link of a project; permanent is where it leads without a click.
func withLink(t *testing.T, project, link string) (st *stand, path, permanent string) {
	t.Helper()
	st = newStand(t)
	p := st.project(t, project)
	l := st.link(t, p.ID, link)
	return st, "/c/" + l.ID, usecase.DeepLink(&p.Project, &l, l.StartValue)
}

var ownLink = regexp.MustCompile(`^https://t\.me/a_bot\?start=TGTrack-(PJ[0-9a-f]{20})$`)

func TestClickIsStoredAndSentOn(t *testing.T) {
	t.Parallel()
	st, path, permanent := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l"}`)
	query := "utm_source=a&yclid=00120034&utm_source=b&q=%D0%BF+1&bad=%zz"
	res, _ := st.ask(t, "GET", path+"?"+query, "", browser, "Referer: https://ads.example/x",
		"X-Forwarded-For: 6.6.6.6, 8.8.4.4, 10.1.1.1")
	m := ownLink.FindStringSubmatch(res.Header.Get("Location"))
	if res.StatusCode != 302 || m == nil || res.Header.Get("Location") == permanent ||
		res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	want := domain.Click{
		StartValue: m[1], At: morning, URL: "https://go.example" + path + "?" + query, RawQuery: query,
		IP: "8.8.4.4", UserAgent: strings.TrimPrefix(browser, "User-Agent: "),
		Referrer: "https://ads.example/x",
		Params:   map[string]string{"utm_source": "b", "yclid": "00120034", "q": "п 1", "bad": "%zz"},
	}
	if d := cmp.Diff([]domain.Click{want}, st.clicks(),
		cmpopts.IgnoreFields(domain.Click{}, "ID", "ProjectID", "LinkID")); d != "" {
		t.Error(d)
	}
	second, _ := st.ask(t, "GET", path, "", browser)
	if second.Header.Get("Location") == res.Header.Get("Location") {
		t.Error("two clicks have one start value")
	}
}

func TestNobodyIsLost(t *testing.T) {
	t.Parallel()
	bot := `{"name":"a","username":"a_bot"}`
	cases := map[string]struct {
		project, method, agent string
		prepare                func(st *stand)
		warm                   bool // visited once before
	}{
		"robot":    {project: bot, method: "GET", agent: "User-Agent: TelegramBot (like TwitterBot)"},
		"no agent": {project: bot, method: "GET", agent: "X-None: 1"},
		"HEAD":     {project: bot, method: "HEAD", agent: browser},
		"switched off": {project: bot, method: "GET", agent: browser, prepare: func(st *stand) {
			ps, _, err := st.Projects(st.t.Context(), usecase.Page{Limit: 1})
			must(st.t, err)
			st.change(st.t, ps[0].ID, func(p *domain.Project) { p.Enabled = false })
		}},
		"storage away": {project: bot, method: "GET", agent: browser, warm: true, prepare: func(st *stand) {
			st.away.Set(domain.ErrUnavailable)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st, path, permanent := withLink(t, c.project, `{"name":"l"}`)
			before := 0
			if c.warm {
				st.ask(t, "GET", path, "", browser)
				before = 1
			}
			if c.prepare != nil {
				c.prepare(st)
			}
			res, _ := st.ask(t, c.method, path+"?yclid=1", "", c.agent)
			if res.StatusCode != 302 || res.Header.Get("Location") != permanent {
				t.Errorf("%d to %q, want %q", res.StatusCode, res.Header.Get("Location"), permanent)
			}
			if len(st.clicks()) != before {
				t.Errorf("stored %+v", st.clicks())
			}
		})
	}
}

// TestClicksWhileStorageIsAway: the visitor gets a value of their own all the
// same, of links that were visited before.
func TestPrefetchIsNoClick(t *testing.T) {
	t.Parallel()
	st, path, permanent := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l"}`)
	for _, header := range []string{
		"Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "sec-purpose: prefetch;anonymous-client-ip",
		"Sec-Purpose: prefetch;prerender;preview", "Purpose: prefetch", "Purpose: Prefetch", "Purpose: prerender",
		"X-Purpose: preview", "X-Purpose: instant", "X-Moz: prefetch",
	} {
		res, _ := st.ask(t, "GET", path+"?yclid=1", "", browser, header)
		if res.StatusCode != 302 || res.Header.Get("Location") != permanent || len(res.Cookies()) > 0 {
			t.Errorf("%s: %d %v", header, res.StatusCode, res.Header)
		}
	}
	if len(st.clicks()) != 0 {
		t.Errorf("stored %+v", st.clicks())
	}
	st.ask(t, "GET", path, "", browser, "Sec-Purpose: ", "Purpose: buy", "Sec-Fetch-Mode: navigate")
	if len(st.clicks()) != 1 {
		t.Error("a visit was taken for a prefetch")
	}
}

func TestClicksWhileStorageIsAway(t *testing.T) {
	t.Parallel()
	st, path, permanent := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l"}`)
	st.ask(t, "GET", path, "", browser)
	st.away.Set(domain.ErrUnavailable)
	st.away.takesClicks()
	res, _ := st.ask(t, "GET", path+"?yclid=1", "", browser)
	kept := st.away.waiting()
	if len(kept) != 1 || kept[0].Params["yclid"] != "1" || kept[0].ID == "" {
		t.Fatalf("waiting: %+v", kept)
	}
	to := res.Header.Get("Location")
	if res.StatusCode != 302 || to == permanent || !strings.HasSuffix(to, kept[0].StartValue) {
		t.Errorf("%d to %q, the click has %q", res.StatusCode, to, kept[0].StartValue)
	}
}

func TestChannelLinks(t *testing.T) {
	t.Parallel()
	st, path, _ := withLink(t, `{"name":"a","kind":"channel"}`, `{"name":"l","invite_link":"https://t.me/+AbC"}`)
	res, _ := st.ask(t, "GET", path, "", browser)
	if res.StatusCode != 302 || res.Header.Get("Location") != "https://t.me/+AbC" || len(st.clicks()) != 1 {
		t.Errorf("%d %v, %d clicks", res.StatusCode, res.Header, len(st.clicks()))
	}
}

func TestLinksThatLeadNowhere(t *testing.T) {
	t.Parallel()
	st, path, _ := withLink(t, `{"name":"a"}`, `{"name":"l"}`)
	res, body := st.ask(t, "GET", path, "", browser, "Accept-Language: ru-RU,en;q=0.5")
	if res.StatusCode != 409 || !strings.Contains(body, "<h1>Ссылка") || !strings.Contains(body, "username") ||
		len(st.clicks()) != 0 {
		t.Errorf("without a username: %d %s", res.StatusCode, body)
	}
	for _, p := range []string{"/c/unknown", "/c/%00", "/c/..%2f..", "/c/" + strings.Repeat("a", 300)} {
		if res, body := st.ask(t, "GET", p, "", browser); res.StatusCode != 404 ||
			!strings.Contains(body, "no such link") {
			t.Errorf("%s: %d %s", p, res.StatusCode, body)
		}
	}
	st.away.Set(domain.ErrUnavailable)
	if res, _ := st.ask(t, "GET", "/c/unknown", "", browser); res.StatusCode != 503 ||
		res.Header.Get("Retry-After") == "" {
		t.Errorf("storage away: %d %v", res.StatusCode, res.Header)
	}
}

func TestDeletedProjectIsForgotten(t *testing.T) {
	t.Parallel()
	st, path, _ := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l"}`)
	st.ask(t, "GET", path, "", browser)
	ps, _, err := st.Projects(t.Context(), usecase.Page{Limit: 1})
	must(t, err)
	must(t, st.DeleteProject(t.Context(), ps[0].ID))
	if res, _ := st.ask(t, "GET", path, "", browser); res.StatusCode != http.StatusNotFound {
		t.Errorf("%d", res.StatusCode)
	}
}

func TestHostileQueriesAreCut(t *testing.T) {
	t.Parallel()
	many := strings.Repeat("x=1&", 10) + strings.Repeat("&a%00\xff=%ff%00v", 3)
	for i := range 500 {
		many += "&p" + strings.Repeat("i", i%50) + string(rune('a'+i%26)) + "=я"
	}
	for name, q := range map[string]string{
		"many": many, "long": "v=" + strings.Repeat("я", 20_000), "empty": "", "odd": "&&==&=x&%=%&a",
		"bytes": "a=\xff\x00b",
	} {
		v := visit{path: "/c/x", query: q, userAgent: strings.Repeat("\xffя", 4000), ip: "1.1.1.1"}
		c := v.click("https://go.example", morning)
		texts := []string{c.URL, c.RawQuery, c.UserAgent, c.Referrer}
		for k, p := range c.Params {
			texts = append(texts, k, p)
			if len(k) > maxParam || len(p) > maxParam {
				t.Errorf("%s: a parameter of %d bytes", name, len(p))
			}
		}
		for _, s := range texts {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%s: %q can not be stored", name, s)
			}
		}
		if len(c.RawQuery) > maxQuery || len(c.Params) > maxParams || len(c.UserAgent) > maxHeader {
			t.Errorf("%s: %d bytes of query, %d parameters", name, len(c.RawQuery), len(c.Params))
		}
	}
}

// TestCookiesAreSetForBrowsers: a visit brings and leaves the cookies that the
// networks ask for, and is kept with them.
func TestCookiesAreSetForBrowsers(t *testing.T) {
	t.Parallel()
	st, path, _ := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l"}`)
	res, _ := st.ask(t, "GET", path+"?id=AbC", "", browser, "Cookie: _one=before; _other=x")
	got := map[string]*http.Cookie{}
	for _, k := range res.Cookies() {
		got[k.Name] = k
	}
	want := map[string]string{"_one": "before", "_two": "AbC"}
	for name := range want {
		if k := got[name]; k == nil || k.Value != want[name] || k.MaxAge != 90*24*60*60 || !k.Secure || k.Path != "/" {
			t.Errorf("%s: %+v", name, k)
		}
	}
	if d := cmp.Diff(want, st.clicks()[0].Cookies); d != "" || len(got) != len(want) {
		t.Errorf("cookies %v, click %s", got, d)
	}
	if res, _ := st.ask(t, "GET", path+"?id=AbC", "", "User-Agent: Googlebot/2.1"); len(res.Cookies()) != 0 {
		t.Error("a robot got cookies")
	}
}

// TestReadableAddresses: a link is found by its word as by its id, also by the
// one that it had, and while storage is away.
func TestReadableAddresses(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	p := st.project(t, `{"name":"a","username":"a_bot"}`)
	l := st.link(t, p.ID, `{"name":"l","slug":"spring"}`)
	visit := func(path string, want int) {
		t.Helper()
		before := len(st.clicks())
		res, _ := st.ask(t, "GET", path, "", browser)
		if res.StatusCode != want || want == 302 && (!ownLink.MatchString(res.Header.Get("Location")) ||
			len(st.clicks()) != before+1 || st.clicks()[before].LinkID != l.ID) {
			t.Errorf("%s: %d %v, %+v", path, res.StatusCode, res.Header, st.clicks())
		}
	}
	visit("/c/spring?yclid=Ab", 302)
	visit("/c/Spring", 302)
	visit("/c/"+l.ID, 302)
	visit("/c/spring-2", 404)
	if c := st.clicks()[0]; c.URL != "https://go.example/c/spring?yclid=Ab" || c.Params["yclid"] != "Ab" {
		t.Errorf("%+v", c)
	}
	slug, yes := "may", true
	_, err := st.projects.UpdateLink(t.Context(), p.ID, l.ID, usecase.LinkInput{Slug: &slug, Archived: &yes})
	must(t, err)
	for _, path := range []string{"/c/spring", "/c/may", "/c/" + l.ID} {
		visit(path, 302)
	}
	st.away.Set(domain.ErrUnavailable)
	st.away.takesClicks()
	for _, path := range []string{"/c/spring", "/c/may"} {
		st.ask(t, "GET", path, "", browser)
	}
	if kept := st.away.waiting(); len(kept) != 2 || kept[1].LinkID != l.ID {
		t.Errorf("waiting: %+v", kept)
	}
}

// TestDeletedLinkIsForgotten: it leads nowhere, and its address may be another's.
func TestDeletedLinkIsForgotten(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	p := st.project(t, `{"name":"a","username":"a_bot"}`)
	l := st.link(t, p.ID, `{"name":"l","slug":"spring"}`)
	if res, _ := st.ask(t, "HEAD", "/c/spring", "", browser); res.StatusCode != 302 {
		t.Fatal(res.StatusCode)
	}
	must(t, st.projects.DeleteLink(t.Context(), p.ID, l.ID))
	if res, _ := st.ask(t, "GET", "/c/spring", "", browser); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	other := st.project(t, `{"name":"b","username":"b_bot"}`)
	st.link(t, other.ID, `{"name":"l","slug":"spring"}`)
	res, _ := st.ask(t, "GET", "/c/spring", "", browser)
	if !strings.HasPrefix(res.Header.Get("Location"), "https://t.me/b_bot?") {
		t.Error(res.Header)
	}
}
