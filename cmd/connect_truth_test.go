package cmd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/web"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// TestConnectTellsTheTruth: green is a start with a source alone; whatever else
// came is told for what it is, with what came, until something newer says more.
func TestConnectTellsTheTruth(t *testing.T) {
	t.Parallel()
	h, id, key, reportKey := takesEvents(t)
	go func() { _ = h.Requests.Run(t.Context()) }()
	operator := []string{"Authorization: Bearer the-operator", "Content-Type: application/json"}
	h.ask("PATCH", "/api/v1/projects/"+id, `{"limits":{"per_second":0,"per_hour":0,"per_day":0}}`, operator...)
	var link struct {
		StartValue string `json:"start_value"`
	}
	_, made := h.ask("POST", "/api/v1/projects/"+id+"/links", `{"name":"Spring"}`, operator...)
	h.ok(json.Unmarshal([]byte(made), &link))
	owner, err := h.Access.Invite(t.Context(), id, domain.Owner)
	h.ok(err)
	h.users["builder"], err = h.Access.Register(t.Context(), usecase.InviteLink, owner,
		usecase.UserInput{Email: "builder@example.org", Password: "correct-horse"})
	h.ok(err)
	session, err := h.Access.OpenSession(t.Context(), h.users["builder"].ID, "test")
	h.ok(err)
	page := func(lang string) string {
		t.Helper()
		code, text, _ := h.browseIn(lang, "GET", "/projects/"+id+"/connect", session, nil)
		if code != http.StatusOK {
			t.Fatalf("%d %s", code, text)
		}
		return text
	}
	if text := page("en"); !strings.Contains(text, `id="state-waiting"`) {
		t.Errorf("before anything came: %s", text)
	}
	const start, update = "/user_did_start_bot", "/on_telegram_webhook"
	person := func(userID, value string) string {
		return fmt.Sprintf(`{"user_id":%q,"start_value":%q}`, userID, value)
	}
	message := func(n int, text string) string {
		return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%[1]d,"date":1800000000,"text":%q,`+
			`"from":{"id":7,"is_bot":false,"first_name":"A"},"chat":{"id":7,"type":"private"}}}`, n, text)
	}
	for n, c := range []struct {
		method, path, body string
		state, en, ru      string
	}{
		{"GET", update, "", "refused", "not sent by POST", "не методом POST"},
		{"POST", update, message(1, "hello"), "no_start", "nobody has pressed Start", "никто не нажал"},
		{"POST", start, person("", "x"), "refused", "is missing or empty", "Нет нужного поля"},
		{"POST", start, person("null", "x"), "refused", "user_id = null", "У переменной нет значения"},
		{"POST", start, person("undefined", "x"), "refused", "user_id = undefined", "У переменной нет значения"},
		{"POST", start, person("@ivan", "x"), "refused", "user_id = @ivan", "Вместо id пришло имя"},
		{"POST", start, person("${user_id}", "x"), "refused", "user_id = ${user_id}", "Переменная не заменена"},
		{"POST", start, person("[user_id]", "x"), "refused", "user_id = [user_id]", "Переменная не заменена"},
		{"POST", start, person("{{user_id}}", "x"), "refused", "user_id = {{user_id}}", "Переменная не заменена"},
		{"POST", start, person("USER_ID", "x"), "refused", "user_id = USER_ID", "слово из примера"},
		{"POST", start, person("12 apples", "x"), "refused", "user_id = 12 apples", "пришло другое"},
		{"POST", start, `{"user`, "refused", "can not be read", "не читается"},
		{"POST", "/no_such_method", `{}`, "refused", "names no method", "нет такого метода"},
		{"POST", "", `{}`, "refused", "names no method", "нет такого метода"},
		{"POST", start, person("5", ""), "no_value", "without a start value", "без стартового значения"},
		{"POST", start, person("6", "{{start_value}}"), "placeholder", "{{start_value}}", "пришла переменная"},
		{"POST", start, person("7", "${start}"), "placeholder", "${start}", "пришла переменная"},
		{"POST", start, person("8", "START_VALUE"), "sample", "the word of the example", "слово из примера"},
		{
			"POST", start, person("9", "https://t.me/a_bot?start="+link.StartValue), "address", link.StartValue,
			"адрес целиком",
		},
		{"POST", start, person("10", "auto_detect"), "no_click", "none to choose", "подходящего нет"},
		{"POST", start, person("11", "somebody_elses"), "foreign", "somebody_elses", "ни к одной ссылке"},
		{"POST", update, message(2, "/start@other_bot x"), "other_bot", "@other_bot", "старт другого бота"},
		{"POST", start, person("12", link.StartValue), "good", "Spring", "бот подключён"},
		{"POST", "/add_event", `{"user_id":"12"}`, "refused", "event_type", "event_type: нет значения"},
		{"POST", start, person("13", link.StartValue), "good", "Spring", "бот подключён"},
	} {
		h.ask(c.method, "/v1/"+key+c.path, c.body, "Content-Type: application/json")
		h.lastRequests(id, n+1)
		for lang, want := range map[string]string{"en": c.en, "ru": c.ru} {
			if text := page(lang); !strings.Contains(text, `id="state-`+c.state+`"`) || !strings.Contains(text, want) {
				t.Errorf("%s %s in %s: the page lacks %s or %q\n%s", c.path, c.body, lang, c.state, want, check(text))
			}
		}
	}
	h.ask("POST", "/v1/"+reportKey+start, person("14", "x"), "Content-Type: application/json")
	h.lastRequests(id, 26)
	if text := page("ru"); !strings.Contains(text, `id="state-refused"`) || !strings.Contains(text, "ключ для отчётов") {
		t.Errorf("the key for reports: %s", check(text))
	}
	h.ask("POST", "/v1/"+key+"%20"+start, person("15", link.StartValue), "Content-Type: application/json")
	h.lastRequests(id, 27)
	if text := page("en"); !strings.Contains(text, `id="state-good"`) {
		t.Errorf("a key with a blank behind it: %s", check(text))
	}
	h.ask("POST", "/api/v1/projects/"+id+"/api-key", `{"overlap_seconds":0}`, operator...)
	h.ask("POST", "/v1/"+key+start, person("16", link.StartValue), "Content-Type: application/json")
	h.lastRequests(id, 28)
	if text := page("en"); !strings.Contains(text, `id="state-refused"`) || !strings.Contains(text, "the old key") {
		t.Errorf("the key of before: %s", check(text))
	}
}

// check is the part of the page that tells what came.
func check(page string) string {
	_, text, _ := strings.Cut(page, `<section id="check"`)
	text, _, _ = strings.Cut(text, "</section>")
	return text
}

// TestConnectSendsNothingTwice: while nothing new came, the page is not exchanged
// under whoever reads it.
func TestConnectSendsNothingTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.project()
	base := "/projects/" + id + "/connect"
	_, text, _ := h.browse("viewer", "GET", base, nil)
	_, mark, found := strings.Cut(text, "seen=")
	mark, _, _ = strings.Cut(mark, `"`)
	if !found || mark == "" {
		t.Fatalf("the page has no mark: %s", text)
	}
	if code := h.asScript("viewer", base+"?seen="+url.QueryEscape(mark)); code != http.StatusNoContent {
		t.Errorf("nothing new: %d", code)
	}
	h.Requests.Keep(t.Context(), usecase.RequestRecord{
		ID: "r1", ProjectID: id, Method: "user_did_start_bot", Code: 422, Error: "why", ReceivedAt: clock(),
	})
	if code := h.asScript("viewer", base+"?seen="+url.QueryEscape(mark)); code != http.StatusOK {
		t.Errorf("something new: %d", code)
	}
}

// asScript loads a page as the script in it does.
func (h *house) asScript(who, path string) int {
	h.t.Helper()
	session, err := h.Access.OpenSession(h.t.Context(), h.users[who].ID, "test")
	h.ok(err)
	res, _ := h.ask("GET", path, "", "Cookie: "+web.SessionCookie+"="+session, "HX-Request: true")
	return res.StatusCode
}
