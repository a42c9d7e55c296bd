package public

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
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
	st, p := withProject(t)
	for _, r := range threeRequests() {
		st.keep(t, p.ID, r)
	}
	return st, p.APIKey
}

func withProject(t *testing.T) (*stand, usecase.NewProject) {
	t.Helper()
	st := newStand(t)
	st.withLog()
	return st, st.project(t, `{"name":"<i>Chess</i>","timezone":"Asia/Yekaterinburg"}`)
}

func (st *stand) keep(t *testing.T, projectID string, r usecase.RequestRecord) {
	t.Helper()
	r.ProjectID, r.ReceivedAt = projectID, morning
	st.requests.Keep(t.Context(), r)
}

// threeRequests are kept in this order.
func threeRequests() []usecase.RequestRecord {
	return []usecase.RequestRecord{
		{ID: "r1", Method: "on_telegram_webhook", Code: 200, Ignored: true,
			Warning: "one element was left out"},
		{
			ID: "r2", Method: "my_bot_was_started", Code: 200, Body: `{"start_value":"PJ12"}`,
			Receipts: []usecase.Receipt{{ID: "r2-0", Type: domain.BotStarted, Duplicate: true}},
			Decoded: []map[string]any{{
				"type": "bot_started", "person": map[string]any{"id": 5123456789, "first_name": "Vera", "last_name": "Lee"},
			}},
		},
		{
			ID: "r3", Method: "add_event", Code: 422, Error: "Unprocessable entity: user_id: is required",
			Body: `{"event_type":"</pre><script>alert(1)</script>"}`, Size: 47,
		},
	}
}

func (st *stand) page(t *testing.T, form url.Values, header ...string) (int, string) {
	t.Helper()
	res, body := st.ask(t, "POST", "/last_events", form.Encode(), append(header, formHeader)...)
	if res.Header.Get("Cache-Control") != "no-store" ||
		!strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("headers %v", res.Header)
	}
	return res.StatusCode, body
}

func TestLastEventsAsksForTheKeyEverywhere(t *testing.T) {
	t.Parallel()
	st, _ := withRequests(t)
	for _, path := range []string{"/last_events", "/last_events/", "/API/last_events", "/API/last_events/"} {
		res, body := st.ask(t, "GET", path, "")
		if res.StatusCode != 200 || !strings.Contains(body, `type="password"`) ||
			!strings.Contains(body, `method="post"`) {
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
		`<b class="err">refused</b>`, "<code>422</code>", "<code>0</code>", `<b class="wrn">means nothing, repaired</b>`, "user_id: is required",
		"start of the bot", "Vera Lee",
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
	if strings.Count(body, "<details") != 1 || !strings.Contains(body, "r3") ||
		!strings.Contains(body, " checked") {
		t.Error(body)
	}
	st, p := withProject(t)
	if _, body := st.page(t, url.Values{"key": {p.APIKey}}); !strings.Contains(body, "Nothing has arrived") {
		t.Error(body)
	}
	st.keep(t, p.ID, threeRequests()[0])
	if _, body := st.page(t, url.Values{"key": {p.APIKey}, "errors": {"1"}}); !strings.Contains(body,
		"No errors") {
		t.Error(body)
	}
}

func TestLastEventsSpeaksBothLanguages(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	if _, body := st.page(t, url.Values{"key": {key}}, "Accept-Language: ru,en;q=0.8"); !strings.Contains(body,
		`<html lang="ru">`) || !strings.Contains(body, "только ошибки") {
		t.Error(body)
	}
	if _, body := st.page(t, url.Values{"key": {key}, "lang": {"en"}},
		"Accept-Language: ru"); !strings.Contains(body, `<html lang="en">`) ||
		strings.Count(body, "<details") != 3 {
		t.Error(body)
	}
}

func TestLastEventsRefusesKeys(t *testing.T) {
	t.Parallel()
	expired := morning.Add(-time.Hour).Format(time.RFC3339)
	rotate := func(t *testing.T, st *stand, id string, in usecase.KeyInput) string {
		t.Helper()
		k, err := st.projects.RotateKey(t.Context(), id, usecase.APIKey, in)
		must(t, err)
		return k.Key
	}
	cases := map[string]struct {
		key  func(t *testing.T, st *stand, p *usecase.NewProject) string
		code int
		text string
		rows bool
	}{
		"wrong": {func(*testing.T, *stand, *usecase.NewProject) string { return "tgk_none" }, 401,
			"This key is unknown", false},
		"revoked": {func(t *testing.T, st *stand, p *usecase.NewProject) string {
			rotate(t, st, p.ID, usecase.KeyInput{})
			return p.APIKey
		}, 401, "replaced by a new one", false},
		"report": {func(_ *testing.T, _ *stand, p *usecase.NewProject) string { return p.ReportKey }, 403,
			"key for reports", false},
		"expired": {func(t *testing.T, st *stand, p *usecase.NewProject) string {
			return rotate(t, st, p.ID, usecase.KeyInput{ExpiresAt: &expired})
		}, 200, "answered 402", true},
		"expired report key": {func(t *testing.T, st *stand, p *usecase.NewProject) string {
			k, err := st.projects.RotateKey(t.Context(), p.ID, usecase.ReportKey,
				usecase.KeyInput{ExpiresAt: &expired})
			must(t, err)
			return k.Key
		}, 403, "key for reports", false},
		"of a project that is switched off": {func(t *testing.T, st *stand, p *usecase.NewProject) string {
			st.change(t, p.ID, func(p *domain.Project) { p.Enabled = false })
			return p.APIKey
		}, 200, "answered 403", true},
		"of a project that was deleted": {func(t *testing.T, st *stand, p *usecase.NewProject) string {
			must(t, st.DeleteProject(t.Context(), p.ID))
			return p.APIKey
		}, 401, "This key is unknown", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st, p := withProject(t)
			for _, r := range threeRequests() {
				st.keep(t, p.ID, r)
			}
			code, body := st.page(t, url.Values{"key": {c.key(t, st, &p)}})
			if code != c.code || !strings.Contains(body, c.text) ||
				strings.Contains(body, "<details") != c.rows ||
				strings.Contains(body, "PJ12") != (c.rows && name != "expired") {
				t.Errorf("%d %s", code, body)
			}
		})
	}
}

func TestLastEventsTakesNoKeyFromTheAddress(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	for _, method := range []string{"GET", "POST"} {
		if _, body := st.ask(t, method, "/last_events?key="+key, "", formHeader); strings.Contains(body,
			key) || strings.Contains(body, "<details") {
			t.Errorf("%s: the key was taken from the address", method)
		}
	}
}

func TestLastEventsWithoutTheLog(t *testing.T) {
	t.Parallel()
	st, key := withRequests(t)
	st.requests = nil
	if code, body := st.page(t, url.Values{"key": {key}}); code != 503 ||
		!strings.Contains(body, "The log of requests") {
		t.Errorf("without the log: %d %s", code, body)
	}
	st.away.Set(domain.ErrUnavailable)
	if code, body := st.page(t, url.Values{"key": {key}}); code != 503 ||
		!strings.Contains(body, "Try again in a minute") {
		t.Errorf("without storage: %d %s", code, body)
	}
}

func TestStyleIsTheOneThatThePolicyNames(t *testing.T) {
	t.Parallel()
	st := newStand(t)
	for _, path := range []string{"/last_events", "/docs"} {
		res, body := st.ask(t, "GET", path, "")
		_, style, _ := strings.Cut(body, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; len(style) < 100 ||
			!strings.Contains(res.Header.Get("Content-Security-Policy"), hash) {
			t.Errorf("%s: %s is not in %q", path, hash, res.Header.Get("Content-Security-Policy"))
		}
	}
}

// TestTexts: what the page and the click links say is there in both languages.
func TestTexts(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Merge(lastTexts(), linkTexts(), usecase.VerdictTexts(), usecase.SeenTexts())
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []string
	for _, v := range usecase.RequestVerdicts() {
		verdicts = append(verdicts, string(v))
	}
	var events []string
	for _, e := range domain.EventTypes() {
		events = append(events, string(e))
	}
	var leftOut []string
	for _, why := range usecase.LeftOuts() {
		leftOut = append(leftOut, string(why))
	}
	i18ntest.Catalogue(t, texts, i18ntest.Uses{
		Dir: ".", Templates: assets, Glob: "assets/last_events.html",
		Built: map[string][]string{
			"verdict.": verdicts, "verdict_short.": verdicts, "last.left_out.": leftOut, "event.": events,
			"last.mode_": {string(domain.Production), string(domain.Sandbox)},
		},
	})
}

// A batch is one row, which opens what it brought.
func TestLastEventsShowABatchAsOneRow(t *testing.T) {
	t.Parallel()
	st, p := withProject(t)
	st.keep(t, p.ID, usecase.RequestRecord{ID: "before", Method: "add_event", Code: 200})
	var rs []usecase.RequestRecord
	for i := range 250 {
		r := usecase.RequestRecord{
			ID: fmt.Sprintf("item-%03d", i), CallID: "batch-1", ProjectID: p.ID, Method: "user_did_start_bot", Code: 200,
			ReceivedAt: morning.Add(time.Duration(i) * time.Microsecond),
		}
		if i == 240 {
			r.Code, r.Error = 422, "Unprocessable entity: user_id: is missing"
		}
		rs = append(rs, r)
	}
	st.requests.Keep(t.Context(), rs...)
	code, body := st.page(t, url.Values{"key": {p.APIKey}, "lang": {"en"}})
	if code != 200 {
		t.Fatal(body)
	}
	for text, times := range map[string]int{
		`<span class="event">batch</span>`: 1, `<code>add_event</code>`: 1,
		`<code>user_did_start_bot</code>`: 100, "requests: 250": 1, "refused: 1": 1, "not shown: 150": 1,
		"item-000": 1, "item-240": 1, "item-249": 0, "requests: 2 ": 0, "requests: 2\n": 1,
	} {
		if n := strings.Count(body, text); n != times {
			t.Errorf("%q stands there %d times, want %d", text, n, times)
		}
	}
	if _, body = st.page(t, url.Values{"key": {p.APIKey}, "errors": {"1"}}); strings.Contains(body, "add_event") ||
		!strings.Contains(body, "item-240") {
		t.Errorf("errors only: %.3000s", body)
	}
}
