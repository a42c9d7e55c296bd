package public

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const instagram = "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 " +
	"(KHTML, like Gecko) Mobile/15E148 Instagram 355.0.0.27.103 (iPhone15,2; iOS 18_1; ru_RU; ru)"

var address = regexp.MustCompile(`href="([^"]*)"`)

func addresses(page string) (out []string) {
	for _, m := range address.FindAllStringSubmatch(page, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return out
}

func TestOpenPage(t *testing.T) {
	t.Parallel()
	st, path, _ := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l","open_page":"auto"}`)
	if res, _ := st.ask(t, "GET", path, "", browser); res.StatusCode != 302 {
		t.Errorf("a browser of its own: %d", res.StatusCode)
	}
	res, body := st.ask(t, "GET", path+"?yclid=1&id=AbC", "", instagram, "Accept-Language: ru")
	clicks := st.clicks()
	if len(clicks) != 2 || clicks[1].Params["yclid"] != "1" {
		t.Fatalf("clicks: %+v", clicks)
	}
	start := domain.StartPrefix + clicks[1].StartValue
	want := []string{
		"tg://resolve?domain=a_bot&start=" + start, "https://telegram.me/a_bot?start=" + start,
		"https://t.me/a_bot?start=" + start,
	}
	if got := addresses(body); res.StatusCode != 200 || !slices.Equal(got, want) {
		t.Errorf("%d %q", res.StatusCode, got)
	}
	if res.Header.Get("Cache-Control") != "no-store" || len(res.Cookies()) == 0 ||
		!strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") ||
		strings.Contains(body, "<script") || strings.Contains(body, "http-equiv") {
		t.Errorf("%v %s", res.Header, body)
	}
	if !strings.Contains(body, "Открыть Telegram") || !strings.Contains(body, "Open Telegram") {
		t.Errorf("languages: %s", body)
	}
}

// TestOpenPageIsForPeople: whatever is no visit goes to where previews are made.
func TestOpenPageIsForPeople(t *testing.T) {
	t.Parallel()
	st, path, permanent := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l","open_page":"always"}`)
	for _, h := range []string{"User-Agent: TelegramBot (like TwitterBot)", "User-Agent: facebookexternalhit/1.1"} {
		if res, _ := st.ask(t, "GET", path, "", h); res.StatusCode != 302 || res.Header.Get("Location") != permanent {
			t.Errorf("%s: %d", h, res.StatusCode)
		}
	}
	if res, _ := st.ask(t, "GET", path, "", browser, "Sec-Purpose: prefetch"); res.StatusCode != 302 {
		t.Errorf("prefetch: %d", res.StatusCode)
	}
	if res, body := st.ask(t, "GET", path, "", browser); res.StatusCode != 200 || len(addresses(body)) != 3 {
		t.Errorf("a visit: %d %s", res.StatusCode, body)
	}
}

// TestOpenPageIsSwitchedAtOnce: the change shows at the next visit.
func TestOpenPageIsSwitchedAtOnce(t *testing.T) {
	t.Parallel()
	st, path, _ := withLink(t, `{"name":"a","username":"a_bot"}`, `{"name":"l"}`)
	if res, _ := st.ask(t, "GET", path, "", instagram); res.StatusCode != 302 {
		t.Errorf("off: %d", res.StatusCode)
	}
	id := strings.TrimPrefix(path, "/c/")
	l, err := st.Link(t.Context(), id)
	must(t, err)
	for _, mode := range []struct {
		open string
		want int
	}{{"always", 200}, {"off", 302}} {
		_, err = st.projects.UpdateLink(t.Context(), l.ProjectID, id, usecase.LinkInput{OpenPage: &mode.open})
		must(t, err)
		if res, _ := st.ask(t, "GET", path, "", instagram); res.StatusCode != mode.want {
			t.Errorf("%s: %d", mode.open, res.StatusCode)
		}
	}
}

func TestWaysInto(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"https://t.me/a_bot?start=TGTrack-PJ1": "tg://resolve?domain=a_bot&start=TGTrack-PJ1 " +
			"https://telegram.me/a_bot?start=TGTrack-PJ1",
		"https://t.me/+AbC_d-1":             "tg://join?invite=AbC_d-1 https://telegram.me/+AbC_d-1",
		"https://t.me/joinchat/AbC":         "tg://join?invite=AbC https://telegram.me/joinchat/AbC",
		"https://t.me/channel":              "tg://resolve?domain=channel https://telegram.me/channel",
		"https://t.me/a/b":                  "",
		"https://t.me/":                     "",
		"https://max.ru/bot?start=x":        "",
		"https://evil.example/t.me?start=x": "",
	} {
		w, ok := waysInto(target)
		if got := strings.TrimSpace(string(w.App) + " " + w.Mirror); got != want || ok != (want != "") {
			t.Errorf("%s: %q", target, got)
		}
	}
}
