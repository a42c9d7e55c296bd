package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// landingCase is a page and what a visitor, or the page itself, does on it.
type landingCase struct {
	html    string
	query   string            // of the page
	act     func(b tab)       // nil: the page redirects by itself
	want    map[string]string // parameters of the click beside tg_url
	cookies []string
}

// clickB clicks the element with the id b.
func clickB(b tab) { b.click("document.getElementById('b')") }

const (
	inHead = `<script async src="{t.js}"></script>`
	button = `<a id=b href="https://t.me/{bot}?start=promo">Open the bot</a>`
)

func landingCases() map[string]landingCase {
	middle := func(b tab) { b.click("document.getElementById('b')", chromedp.ButtonMiddle) }
	return map[string]landingCase{
		"all that is known": {
			html: inHead + button, act: clickB,
			query: "yclid=01234567890123456789&FbClid=aB%2Bc%20d&utm_campaign=%D0%BC%D0%B0%D0%B9&empty=&utm_term=a+b",
			cookies: []string{
				"_ym_uid=1690000000123456789", "_ym_d=1690000000", "_fbp=fb.1.1690000000000.123456",
				"_fbc=fb.1.1690000000001.IwAR0aB_c-d",
				"_ga=GA1.1.111.222", "_ga_AB12=GS2.1.s1690000000$o2$g0$t1$j60", "_gat=1", "_ttp=01Hx.tt.1",
				"session=secret",
			},
			want: map[string]string{
				"yclid": "01234567890123456789", "FbClid": "aB+c d", "utm_campaign": "май", "empty": "",
				"utm_term": "a b",
				"ym_uid":   "1690000000123456789", "_fbp": "fb.1.1690000000000.123456",
				"_fbc": "fb.1.1690000000001.IwAR0aB_c-d",
				"_ga":  "GA1.1.111.222", "_ga_AB12": "GS2.1.s1690000000$o2$g0$t1$j60", "_ttp": "01Hx.tt.1",
			},
		},
		"nothing known": {html: button + `<script src="{t.js}"></script>`, act: clickB},
		"deferred, in a new tab": {
			html: `<script defer src="{t.js}"></script><a id=b target=_blank rel=noopener href=//telegram.me/{bot}/>Go</a>`, act: clickB},
		"module, a picture in a link": {
			html: `<script type=module src="{t.js}"></script><a href="https://{bot}.t.me"><b><i id=b>Go</i></b></a>`,
			act:  clickB},
		"middle button": {html: inHead + button, act: middle},
		"middle button, handler of clicks": {
			html: inHead + `<a id=b href="https://t.me/{bot}" onclick="location='https://t.me/{bot}'">Go</a>`,
			act:  middle},
		"with Ctrl": {html: inHead + button,
			act: func(b tab) {
				b.click("document.getElementById('b')",
					chromedp.ButtonModifiers(chromedp.ModifierCtrl))
			}},
		"from the keyboard": {html: inHead + button,
			act: func(b tab) {
				b.text("document.getElementById('b').focus(), ''")
				b.do(chromedp.KeyEvent(kb.Enter))
			}},
		"by a script": {html: inHead + button,
			act: func(b tab) { b.text("document.getElementById('b').click(), ''") }},
		"button added later": {
			html: inHead + `<script>onload = () => { document.body.innerHTML = '<a id=b href="https://t.me/{bot}">Go</a>' }</script>`, act: clickB,
		},
		"in a shadow root": {
			html: inHead + `<p id=p></p><script>p.attachShadow({mode: "open"}).innerHTML = '<a href="tg://resolve?domain={bot}&start=x">Go</a>'</script>`,
			act:  func(b tab) { b.click("document.getElementById('p').shadowRoot.firstChild") },
		},
		"redirect in onclick": {html: inHead +
			`<button id=b onclick="window.location.href = 'https://t.me/{bot}?start=x'">Go</button>`, act: clickB},
		"redirect in onclick of a link": {html: inHead +
			`<a id=b href="#" onclick="window.open('https://t.me/{bot}'); return false">Go</a>`, act: clickB},
		"redirect in a handler": {
			html: inHead + button + `<script>b.addEventListener("click", e => { e.preventDefault(); location = "https://t.me/{bot}" })</script>`, act: clickB,
		},
		"redirect beside a link": {html: inHead + button +
			`<script>b.addEventListener("click", e => { location = "https://t.me/{bot}" })</script>`, act: clickB},
		"redirect after a while": {
			html: inHead + `<p id=b>Go</p><script>b.onclick = () => setTimeout(() => location.assign("https://t.me/{bot}"), 50)</script>`, act: clickB,
		},
		"redirect in a handler, older browser": {
			html: `<script>Object.defineProperty(window, "navigation", {value: undefined})</script>` +
				inHead + button +
				`<script>b.addEventListener("click", e => { e.preventDefault(); location = "https://t.me/{bot}" })</script>`, act: clickB,
		},
		"handlers stopped": {
			html: `<script async data-handlers=stop src="{t.js}"></script>` + button +
				`<script>b.addEventListener("click", e => { e.preventDefault(); open("https://t.me/{bot}") })</script>`, act: clickB,
		},
		"marked button": {html: inHead + `<button id=b data-tgtrack>Go</button>`, act: clickB},
		"form": {html: inHead +
			`<form action="https://t.me/{bot}"><input name=start value=x><button id=b>Go</button></form>`,
			act: clickB},
		"redirect right after": {
			html:  `<script src="{t.js}"></script><script>location.replace("https://t.me/{bot}")</script>`,
			query: "gclid=G1", want: map[string]string{"gclid": "G1"},
		},
		"redirect by a timer": {html: inHead +
			`<script>onload = () => setTimeout(() => { location = "https://t.me/{bot}" })</script>`},
		"redirect by go": {html: `<script src="{t.js}"></script><script>tgtrack.go()</script>`,
			query: "rb_clickid=R1", want: map[string]string{"rb_clickid": "R1"}},
		"redirect to url": {html: `<script src="{t.js}"></script><script>location = tgtrack.url()</script>`},
		"go in a link": {html: inHead +
			`<a id=b href="https://t.me/{bot}" onclick="tgtrack.go(); return false">Go</a>`, act: clickB},
		"any link": {html: `<script async data-any src="{t.js}"></script><a id=b href="https://t.me/another_bot">Go</a>`, act: clickB},
		"address is cleared": {
			html: `<script src="{t.js}"></script>` + button +
				`<script>history.replaceState(0, "", location.pathname + "?step=2")</script>`, act: clickB,
			query: "ttclid=T1", want: map[string]string{"ttclid": "T1", "step": "2"},
		},
		"ClientID from the counter": {
			html: `<script>ym = function () { (ym.a = ym.a || []).push(arguments) }; ym(777, "init", {})</script>` +
				inHead + button +
				`<script>onload = () => { ym.a.forEach(c => { if (c[0] === 777 && c[1] === "getClientID") c[2]("1777000000555") }) }</script>`,
			act: clickB, cookies: []string{"_ym_uid=1"}, want: map[string]string{"ym_uid": "1777000000555"},
		},
		"counter that answers when asked": {
			html: `<script>yaCounter42 = {}; ym = (id, what, f) => { if (id === 42 && what === "getClientID") f("1777000000666") }</script>` + inHead + button,
			act:  clickB, want: map[string]string{"ym_uid": "1777000000666"},
		},
		"page that breaks things": {
			html: `<script>ym = () => { throw Error("broken") }; Object.defineProperty(document, "cookie", {get() { throw Error("no cookies") }})</script>` + inHead + button,
			act:  clickB, query: "a=1&&=x&%zz", want: map[string]string{"a": "1", "%zz": ""},
		},
	}
}

// TestLandingScript goes to the bot from pages of all kinds and looks at the
// click that the service then knows the person by.
func TestLandingScript(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	n := 0
	for name, tc := range landingCases() {
		n++
		host, bot, user := fmt.Sprintf("case%d.shop.test", n), fmt.Sprintf("case_%d_bot", n), 7000+n
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(w.service, map[string]any{"username": bot})
			w.page(host, bot, p.link, tc.html, tc.cookies...)
			b := w.tab(t)
			address := "http://" + host + "/Landing/"
			if tc.act == nil {
				b.leave(address + "?" + tc.query)
			} else {
				b.open(address + "?" + tc.query + "#top")
				tc.act(b)
			}
			start := w.waitOpened(t, bot).Query().Get("start")
			if u := w.opened(bot); len(u) != 1 || !strings.HasPrefix(start, "TGTrack-PJ") {
				t.Errorf("opened: %v", u)
			}
			got := p.clickOf(t, w.service, user, start)
			want := map[string]string{"tg_url": address}
			for k, v := range tc.want {
				want[k] = v
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if clicks := p.clicks(w.service); clicks != 1 {
				t.Errorf("%d clicks", clicks)
			}
		})
	}
}

// clickOf starts the bot with a value and answers the parameters of the click
// that stands in the person's dossier.
func (p project) clickOf(t *testing.T, s *e2e.Service, user int, start string) map[string]string {
	t.Helper()
	a := s.Event(p.key, "user_did_start_bot", fmt.Sprintf(`{"user_id":"%d","start_value":%q}`, user, start))
	if a.Code != http.StatusOK {
		t.Fatalf("start: %d %s", a.Code, a.Body)
	}
	d := s.API(200, "GET", fmt.Sprintf("/projects/%s/subscribers/%d", p.id, user), nil)
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var dossier struct {
		Clicks []struct {
			Params map[string]string `json:"params"`
		} `json:"clicks"`
	}
	if err := json.Unmarshal(b, &dossier); err != nil || len(dossier.Clicks) != 1 {
		t.Fatalf("%v: not one click in %s", err, b)
	}
	return dossier.Clicks[0].Params
}

// clicks of the project's first link.
func (p project) clicks(s *e2e.Service) int {
	links := s.API(200, "GET", "/projects/"+p.id+"/links", nil)["items"].([]any)
	n, _ := links[0].(map[string]any)["clicks"].(json.Number).Int64()
	return int(n)
}

// TestLandingScriptLeavesAlone: links to other places, and those of a page
// whose script is not there.
func TestLandingScriptLeavesAlone(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	anyLink := `<script async data-any src="{t.js}"></script>`
	cases := map[string]struct{ html, link, name string }{
		"another bot": {html: inHead + `<a id=b href="https://t.me/rival_bot?start=1">Go</a>`,
			name: "rival_bot"},
		"switched off by hand": {html: inHead +
			`<p data-tgtrack=off><a id=b href="https://t.me/{bot}?start=1">Go</a></p>`},
		"mini app": {html: inHead + `<a id=b href="https://t.me/{bot}/shop?startapp=1">Go</a>`,
			name: "{bot}/shop"},
		"into a group": {html: anyLink + `<a id=b href="https://t.me/{bot}?startgroup=1">Go</a>`},
		"share":        {html: anyLink + `<a id=b href="https://t.me/share?url=x">Go</a>`, name: "share"},
		"post of a channel": {html: anyLink + `<a id=b href="https://t.me/news_one/12">Go</a>`,
			name: "news_one/12"},
		"no such link": {html: inHead + button, link: "nonesuch"},
	}
	n := 0
	for name, tc := range cases {
		n++
		host, bot := fmt.Sprintf("alone%d.shop.test", n), fmt.Sprintf("alone_%d_bot", n)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(w.service, map[string]any{"username": bot})
			link := tc.link
			if link == "" {
				link = p.link
			}
			w.page(host, bot, link, tc.html)
			b := w.tab(t)
			b.open("http://" + host + "/")
			href := b.text("document.getElementById('b').href")
			clickB(b)
			opened := strings.ReplaceAll(tc.name, "{bot}", bot)
			if opened == "" {
				opened = bot
			}
			if u := w.waitOpened(t, opened); "https://t.me"+u.String() != href {
				t.Errorf("opened %s, the link was %s", u, href)
			}
			if clicks := p.clicks(w.service); clicks != 0 {
				t.Errorf("%d clicks", clicks)
			}
		})
	}
}

// TestLandingScriptOnThePage is what the page sees of the script: addresses
// that stay, its own handlers that run, one global.
func TestLandingScriptOnThePage(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	p := newProject(w.service, map[string]any{"username": "quiet_bot"})
	w.page("quiet.shop.test", "quiet_bot", p.link,
		`<script>before = Object.keys(window)</script><script src="{t.js}"></script>`+
			`<script>added = Object.keys(window).filter(k => !before.includes(k) && k != "before").join()</script>`+
			button+`<script>goals = 0; onauxclick = () => goals++; b.addEventListener("click", e => { goals++; seen = b.href })</script>`)
	b := w.tab(t)
	b.open("http://quiet.shop.test/?a=1")
	if got := b.text("added"); got != "tgtrack" {
		t.Errorf("globals: %q", got)
	}
	const href = "https://t.me/quiet_bot?start=promo"
	if got := b.text("b.href"); got != href {
		t.Errorf("before the click: %s", got)
	}
	click := w.service.URL + "/c/" + p.link + "?a=1&tg_url=http%3A%2F%2Fquiet.shop.test%2F"
	if got := b.text("tgtrack.url()"); got != click {
		t.Errorf("tgtrack.url() is %s, want %s", got, click)
	}
	b.click("b", chromedp.ButtonMiddle)
	w.waitOpened(t, "quiet_bot")
	b.click("b", chromedp.ButtonModifiers(chromedp.ModifierCtrl))
	e2e.Eventually(t, 30*time.Second, func() error {
		if n := len(w.opened("quiet_bot")); n != 2 {
			return fmt.Errorf("opened %d times, want 2", n)
		}
		return nil
	})
	if got := b.text("[b.href, goals, seen].join(' ')"); got != href+" 2 "+click {
		t.Errorf("after two clicks: %s", got)
	}
}
