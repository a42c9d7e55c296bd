package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/domain/i18n/i18ntest"
	"github.com/tgtrack/tgtrack/usecase"
)

const formHeader = "Content-Type: application/x-www-form-urlencoded"

// withRequests has a project with a key and three requests, newest first.
func withRequests(t *testing.T) (st *stand, key string) {
	t.Helper()
	st = newStand(t)
	code, p := st.manage(t, "POST", "/projects", `{"name":"<i>Chess</i>","timezone":"Asia/Yekaterinburg"}`)
	if code != 201 {
		t.Fatal(code, p)
	}
	st.records = []usecase.RequestRecord{
		{ID: "r3", Method: "add_event", ReceivedAt: morning, Code: 422, Error: "Unprocessable entity: user_id: is required", Body: `{"event_type":"</pre><script>alert(1)</script>"}`, Size: 47},
		{ID: "r2", Method: "my_bot_was_started", ReceivedAt: morning, Code: 200, Body: `{"start_value":"PJ12"}`, Receipts: []usecase.Receipt{{ID: "r2-0", Type: domain.BotStarted, Duplicate: true}}, Decoded: []map[string]any{{"Type": "bot_started"}}},
		{ID: "r1", Method: "on_telegram_webhook", ReceivedAt: morning, Code: 200, Ignored: true, Warning: "one element was left out"},
	}
	return st, p["api_key"].(string)
}

func (st *stand) page(t *testing.T, form url.Values, header ...string) (int, string) {
	t.Helper()
	res, body := st.ask(t, "POST", "/last_events", form.Encode(), append(header, formHeader)...)
	if res.Header.Get("Cache-Control") != "no-store" || !strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("headers %v", res.Header)
	}
	return res.StatusCode, body
}

func TestLastEventsAsksForTheKeyEverywhere(t *testing.T) {
	t.Parallel()
	st, _ := withRequests(t)
	for _, path := range []string{"/last_events", "/last_events/", "/API/last_events", "/API/last_events/"} {
		res, body := st.ask(t, "GET", path, "")
		if res.StatusCode != 200 || !strings.Contains(body, `type="password"`) || !strings.Contains(body, `method="post"`) {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

func TestLastEventsShowsWhatHappened(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	code, body := st.page(t, url.Values{"key": {" " + key + " "}})
	for _, want := range []string{
		"&lt;i&gt;Chess&lt;/i&gt;", "2027-05-06 12:08:09", "Asia/Yekaterinburg",
		`<span class="status err">422</span>`, `<span class="status ok">0</span>`, "user_id: is required",
		"one element was left out", "bot_started", "a repeat, changed nothing", "ignored",
		"&#34;start_value&#34;: &#34;PJ12&#34;", "&lt;script&gt;",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if code != 200 || strings.Contains(body, "<script") || strings.Count(body, "<details") != 3 {
		t.Errorf("%d %s", code, body)
	}
	if strings.Count(body, key) != 1 || !strings.Contains(body, `type="password" name="key" value="`+key+`"`) {
		t.Error("the key stands elsewhere than in the password field")
	}
}

func TestLastEventsFiltersErrors(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	_, body := st.page(t, url.Values{"key": {key}, "errors": {"1"}})
	if strings.Count(body, "<details") != 1 || !strings.Contains(body, "r3") || !strings.Contains(body, " checked") {
		t.Error(body)
	}
	st.records = st.records[1:]
	if _, body := st.page(t, url.Values{"key": {key}, "errors": {"1"}}); !strings.Contains(body, "No errors") {
		t.Error(body)
	}
	st.records = nil
	if _, body := st.page(t, url.Values{"key": {key}}); !strings.Contains(body, "Nothing has arrived") {
		t.Error(body)
	}
}

func TestLastEventsSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	if _, body := st.page(t, url.Values{"key": {key}}, "Accept-Language: ru,en;q=0.8"); !strings.Contains(body, `<html lang="ru">`) || !strings.Contains(body, "только ошибки") {
		t.Error(body)
	}
	if _, body := st.page(t, url.Values{"key": {key}, "lang": {"en"}}, "Accept-Language: ru"); !strings.Contains(body, `<html lang="en">`) || strings.Count(body, "<details") != 3 {
		t.Error(body)
	}
}

func TestLastEventsRefusesKeys(t *testing.T) {
	t.Parallel()
	past := morning.Add(-time.Hour)
	cases := map[string]struct {
		change func(k *usecase.Key)
		code   int
		text   string
		rows   bool
	}{
		"wrong":   {func(k *usecase.Key) { k.Hash = nil }, 401, "This key is unknown", false},
		"revoked": {func(k *usecase.Key) { k.RevokedAt = &past }, 401, "replaced by a new one", false},
		"report":  {func(k *usecase.Key) { k.Kind = usecase.ReportKey }, 403, "key for reports", false},
		"expired": {func(k *usecase.Key) { k.ExpiresAt = &past }, 200, "answered 402", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st, key := withRequests(t)
			hash := string(st.Vault.Hash("api-key", key))
			k := st.keys[hash]
			delete(st.keys, hash)
			c.change(&k)
			if k.Hash != nil {
				st.keys[hash] = k
			}
			code, body := st.page(t, url.Values{"key": {key}})
			if code != c.code || !strings.Contains(body, c.text) || strings.Contains(body, "<details") != c.rows {
				t.Errorf("%d %s", code, body)
			}
		})
	}
}

func TestLastEventsTakesNoKeyFromTheAddress(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	for _, method := range []string{"GET", "POST"} {
		if _, body := st.ask(t, method, "/last_events?key="+key, "", formHeader); strings.Contains(body, key) || strings.Contains(body, "<details") {
			t.Errorf("%s: the key was taken from the address", method)
		}
	}
}

func TestLastEventsWithoutTheLog(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	st.RequestLog = nil
	st.down = domain.ErrUnavailable
	if code, body := st.page(t, url.Values{"key": {key}}); code != 503 || !strings.Contains(body, "Try again in a minute") {
		t.Errorf("%d %s", code, body)
	}
}

func TestStyleIsTheOneThatThePolicyNames(t *testing.T) {
	t.Parallel()
	st, _ := withRequests(t)
	for _, path := range []string{"/last_events", "/docs"} {
		res, body := st.ask(t, "GET", path, "")
		_, style, _ := strings.Cut(body, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; len(style) < 100 || !strings.Contains(res.Header.Get("Content-Security-Policy"), hash) {
			t.Errorf("%s: %s is not in %q", path, hash, res.Header.Get("Content-Security-Policy"))
		}
	}
}

// TestTexts: what the page and the click links say is there in both languages.
func TestTexts(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Merge(lastTexts(), linkTexts(), usecase.VerdictTexts())
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []string
	for _, v := range usecase.RequestVerdicts() {
		verdicts = append(verdicts, string(v))
	}
	i18ntest.Catalogue(t, texts, i18ntest.Uses{
		Dir: ".", Templates: assets, Glob: "assets/last_events.html",
		Built: map[string][]string{"verdict.": verdicts},
	})
}
