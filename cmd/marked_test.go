package cmd

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
)

// TestTextsOfPages opens every page in a language that nobody speaks, in which
// what comes from a catalogue stands between marks, and finds what does not.
func TestTextsOfPages(t *testing.T) {
	t.Parallel()
	h, _, key, _ := takesEvents(t, "TGTRACK_ADNETWORKS_YANDEX_BASE_URL=http://127.0.0.1:1/yandex",
		"TGTRACK_OUTBOUND_ALLOW_PRIVATE=true", "TGTRACK_LIMITS_PER_SECOND=0")
	lived := h.lived()
	h.mishaps(lived, key)
	at := func(path string) string {
		for name, value := range lived {
			path = strings.ReplaceAll(path, name, value)
		}
		return pathParam.ReplaceAllString(path, "x")
	}
	seen := 0
	look := func(name, method, path string, form url.Values) {
		t.Helper()
		session := ""
		if !strings.HasPrefix(path, "/invite") && !strings.HasPrefix(path, "/reset") && path != "/last_events" {
			admin := h.users["admin"]
			var err error
			session, err = h.Access.OpenSession(t.Context(), admin.ID, "Δοκιμή")
			h.ok(err)
		}
		if form = maps.Clone(form); method == http.MethodPost && session != "" {
			if form == nil {
				form = url.Values{}
			}
			form.Set("form_token", h.Access.FormToken(session))
		}
		code, text, _ := h.browseIn(string(i18n.Marked), method, path, session, form)
		if !strings.Contains(text, "<html") {
			return // a picture, or the way to another page
		}
		seen++
		for _, said := range unmarked(text) {
			t.Errorf("%s, %d: no catalogue has %q", name, code, said)
		}
	}
	for _, e := range h.HTTP.Table() {
		if e.Method == http.MethodGet && e.Room == cabinet && !strings.HasSuffix(e.Path, "/stream") &&
			e.Path != "/design" { // is for who makes pages
			look(e.Path, http.MethodGet, at(e.Path), nil)
		}
	}
	for _, c := range append(badForms(), markedForms(key)...) {
		look(c.path+" "+c.form.Encode(), http.MethodPost, at(c.path), c.form)
	}
	for _, path := range []string{
		"/last_events", "/projects/:project/live?batch=x", "/projects/:project/live?result=refused",
		"/projects/:project/live?event=bot_started&person=vera", "/no-such-page",
		"/projects/:project/accounts/new/:network?preset=x", "/projects/x",
	} {
		look(path, http.MethodGet, at(path), nil)
	}
	if seen < 60 {
		t.Errorf("only %d pages were opened", seen)
	}
}

// pageForm is a form as somebody sends it.
type pageForm struct {
	path string
	form url.Values
}

// markedForms are forms that answer with a page.
func markedForms(key string) []pageForm {
	return []pageForm{
		{"/last_events", url.Values{"key": {key}}},
		{"/last_events", url.Values{"key": {"tgk_none"}}},
		{"/projects/:project/connect/keys", url.Values{}},
		{"/projects/:project/connect/rotate", url.Values{"kind": {"api"}, "hours": {"24"}}},
		{"/projects/:project/accounts/:account/test", url.Values{}},
		{"/projects/:project/accounts/:account/pause", url.Values{"do": {"pause"}}},
		{"/projects/:project/accounts/:account/pause", url.Values{"do": {"send"}}},
		{"/projects/:project/accounts/:account/retry", url.Values{}},
		{"/projects/:project/accounts/:account/retry", url.Values{"sure": {"1"}}},
		{"/projects/:project/accounts/new/facebook", url.Values{"name": {""}}},
		{"/projects/:project/accounts/new/google", url.Values{"settings.customer_id": {"ζ"}}},
		{"/projects/:project/accounts/new/vk", url.Values{"name": {"ζ"}, "settings.pixel_id": {"ζ"}}},
		{"/projects/:project/accounts/new/postback", url.Values{"settings.url": {"https://a.example/{ζ}"}}},
		{"/projects/:project/accounts/new/webhook", url.Values{"name": {"ζ"}, "settings.url": {"http://127.0.0.1"}}},
		{"/projects/:project/users/invite", url.Values{"role": {"viewer"}}},
		{"/projects/:project/notifications/code", url.Values{}},
		{"/projects/:project/notifications/test", url.Values{}},
		{"/users/invite", url.Values{}},
		{"/profile/second-factor/new", url.Values{}},
	}
}

// mishaps are requests that are refused, each for a reason of its own, and
// changes of which the log tells.
func (h *house) mishaps(lived map[string]string, key string) {
	h.t.Helper()
	for _, c := range []struct{ kind, method, body string }{
		{"application/json", "user_did_start_bot", `{"user_id":""}`},
		{"application/json", "user_did_start_bot", `{"user_id":"{{user_id}}"}`},
		{"application/json", "user_did_start_bot", `{"user_id":"@vera"}`},
		{"text/xml", "user_did_start_bot", `<a>`},
		{"application/json", "no_such_method", `{"user_id":"7"}`},
		{"application/json", "batch", `[{"method":"user_did_start_bot","body":{"user_id":"9"}},{"method":"ζ","body":{}}]`},
		{"application/json", "user_did_start_bot", `{"user_id":"7"`},
		{"application/json", "user_did_start_bot", "{\"user_id\":\"8\",\"first_name\":\"Ζ\nΗ\"}"},
		{"application/json", "on_telegram_webhook", `{"update_id":5,"message":{"message_id":1}}`},
		{"application/json", "add_event", `{"user_id":"7","event_type":"ζ","amount":"ζ"}`},
		{"application/json", "get_user_info", `{"user_id":"7"}`},
	} {
		for _, k := range []string{key, lived["(key)"]} {
			h.ask("POST", "/v1/"+k+"/"+c.method, c.body, "Content-Type: "+c.kind)
		}
	}
	change := func(method, path, body string) {
		h.ask(method, "/api/v1/projects/"+lived[":project"]+path, body, "Authorization: Bearer the-operator",
			"Content-Type: application/json")
	}
	change("PATCH", "", `{"timezone":"Asia/Tokyo","limits":{"per_second":5},"mode":"sandbox","send_guesses":true,`+
		`"constructor":"bothelp","webhook_secrets":{"telegram_secret_token":"abcdefgh12345678"}}`)
	change("PATCH", "/ad-accounts/"+lived[":account"], `{"paused":true,"goals":{"ζ":"η"}}`)
	change("PATCH", "/ad-accounts/"+lived[":account"], `{"paused":false,"parked":"send"}`)
	change("PUT", "/notifications", `{"language":"ru","digest":false,"webhook_url":"https://a.example/hook"}`)
}

var (
	quietTags = regexp.MustCompile(
		`(?s)<(script|style|pre|code|svg|textarea)\b.*?</(script|style|pre|code|svg|textarea)>`)
	spoken = regexp.MustCompile(
		`\s(?:title|aria-label|placeholder|alt|data-live-on|data-live-off|data-live-go)="([^"]*)"`)
	chartText = regexp.MustCompile(`&#34;label&#34;:&#34;(.*?)&#34;`)
	// notOurs is what pages show of users and of machines.
	notOurs = regexp.MustCompile(`(?i)https?://[^\s,;]+|[\w.+-]+@[\w.-]+\.[a-z]+|@[a-z_0-9]+|\p{Greek}+|` +
		`\b[0-9a-f]{8,}\b|\b\w*\d[\w.:+-]*\b|\b(?:application|text|multipart)/[\w.+-]+|` +
		`\b[A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?\b|\b[a-z]+(?:_[a-z]+)+\b|\b[a-z_]+\.[a-z_.]+\b|/[a-z]+`)
	// codes are values of settings that stand as they are in a list.
	codes = regexp.MustCompile(`<option([^>]*)>([^<]*)</option>|\b[a-z]+(?:[A-Z][a-z]+)+\b`)
)

// alike are words that are the same in every language, and names.
const alike = ` tgtrack Русский English UTM API IP User-Agent Referer OK UTC RUB USD EUR GET POST HTTP Bot Telegram MAX PNG SVG CSV XLSX ` +
	`AdsGram Binom Keitaro RedTrack RichAds Voluum `

// unmarked finds what a page says that stands between no marks.
func unmarked(page string) []string {
	var found []string
	page = quietTags.ReplaceAllString(page, "")
	choice := map[string]bool{} // that is a code
	for _, m := range codes.FindAllStringSubmatch(page, -1) {
		choice[m[2]] = choice[m[2]] || !strings.Contains(m[1], "value=") || strings.Contains(m[1], `value="`+m[2]+`"`)
	}
	page = codes.ReplaceAllStringFunc(page, func(s string) string {
		if choice[codes.FindStringSubmatch(s)[2]] {
			return " "
		}
		return s
	})
	var texts []string
	for _, re := range []*regexp.Regexp{spoken, chartText} {
		for _, m := range re.FindAllStringSubmatch(page, -1) {
			texts = append(texts, m[1])
		}
	}
	texts = append(texts, strings.Split(htmlTag.ReplaceAllString(page, "\x00"), "\x00")...)
	for _, text := range texts {
		text = outside(html.UnescapeString(text))
		rest := notOurs.ReplaceAllString(text, " ")
		for _, word := range strings.FieldsFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) {
			if word = strings.Trim(word, "-"); word != "" && !strings.Contains(alike, " "+word+" ") {
				found = append(found, strings.Join(strings.Fields(text), " "))
				break
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// outside is what stands between no marks.
func outside(text string) string {
	var b strings.Builder
	deep := 0
	for _, r := range text {
		switch {
		case r == '⟦':
			deep++
		case r == '⟧':
			deep--
		case deep == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestUnmarked(t *testing.T) {
	t.Parallel()
	page := `<html><title>⟦Live⟧ · Βίος</title><p>⟦%s of ⟦two⟧ x⟧</p><p title="ours">5 ₽ Asia/Tokyo 2027-05-06</p>` +
		`<pre>anything</pre><b>admin@example.org</b><i>said by nobody</i><a href="/x">add_event</a></html>`
	if got := strings.Join(unmarked(page), "; "); got != "ours; said by nobody" {
		t.Error(got)
	}
}

// TestTextsOfSentences: what is kept in English is there in every language, with
// the same verbs.
func TestTextsOfSentences(t *testing.T) {
	t.Parallel()
	r, err := adnet.NewRegistry(Plugins{}.sinks()...)
	if err != nil {
		t.Fatal(err)
	}
	i18ntest.Texts(t, i18n.ByEnglish(said(adnet.NewService(r, nil, nil, nil))...))
}
