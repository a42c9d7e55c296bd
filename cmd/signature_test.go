package cmd

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

const tokenHeader = "X-Telegram-Bot-Api-Secret-Token"

// lastRequests gives the log of a project when it has a number of requests,
// oldest first.
func (h *house) lastRequests(project string, n int) []usecase.RequestRecord {
	h.t.Helper()
	for range 200 {
		rs, err := h.Requests.Last(h.t.Context(), project, 100)
		h.ok(err)
		if len(rs) == n {
			out := make([]usecase.RequestRecord, n)
			for i, r := range rs {
				out[n-1-i] = r
			}
			return out
		}
		time.Sleep(25 * time.Millisecond)
	}
	h.t.Fatalf("the log has not come to %d requests", n)
	return nil
}

// TestSignedRequests: where the project keeps the secret, only what is signed is
// read; what is not is answered 401 and leaves no body that a replay could take.
func TestSignedRequests(t *testing.T) {
	t.Parallel()
	h, id, key, _ := takesEvents(t)
	go func() { _ = h.Requests.Run(t.Context()) }()
	const body = `{"update_id":1,"message":{"date":1893456000,"text":"/start x","from":{"id":7},` +
		`"chat":{"id":7,"type":"private"}}}`
	operator := []string{"Authorization: Bearer the-operator", "Content-Type: application/json"}
	change := func(in string, code int) string {
		t.Helper()
		res, text := h.ask("PATCH", "/api/v1/projects/"+id, in, operator...)
		if res.StatusCode != code {
			t.Errorf("PATCH %s: %d %s", in, res.StatusCode, text)
		}
		return text
	}
	address := "/v1/" + key + "/on_telegram_webhook"
	post := func(body string, code int, say string, header ...string) {
		t.Helper()
		res, text := h.ask("POST", address, body, append(header, "Content-Type: application/json")...)
		if res.StatusCode != code || !strings.Contains(text, say) {
			t.Errorf("%d %s, want %d and %q", res.StatusCode, text, code, say)
		}
	}

	post(body, 200, `"duplicate":false`) // no secret: whoever knows the address
	shown := change(`{"webhook_secrets":{"telegram":"hush-hush"},"limits":{"per_second":0}}`, 200)
	if strings.Contains(shown, "hush") || !strings.Contains(shown, `"webhook_secrets":{"telegram":"***"}`) {
		t.Errorf("the project is shown as %s", shown)
	}
	change(`{"webhook_secrets":{"telegram":"***"}}`, 200) // as it was shown
	if text := change(`{"webhook_secrets":{"telegramm":"x"}}`, 422); !strings.Contains(text, "webhook_secrets.telegramm") {
		t.Errorf("an unknown name: %s", text)
	}
	post(body, 200, `"duplicate":true`, tokenHeader+": hush-hush")
	post(body, 401, tokenHeader+": is missing")
	post(body, 401, tokenHeader+": is not right", tokenHeader+": hush")
	post("{", 401, "is missing")                                                     // before anything is read
	post(body, 401, "is missing", "Idempotency-Key: k")                              // nothing is kept under the key
	post(body, 422, "Idempotency-Key", "Idempotency-Key: "+strings.Repeat("k", 300)) // refused before it is checked
	post(body, 401, "is missing", "Content-Encoding: gzip")                          // that it is not packed is forgiven
	post(gzipped(t, body), 200, `"duplicate":true`, "Content-Encoding: gzip", tokenHeader+": hush-hush")

	want := []string{"200 unchecked", "200 good", "401 bad", "401 bad", "401 bad", "401 bad", "422 bad", "401 bad",
		"200 good"}
	for i, r := range h.lastRequests(id, len(want)) {
		how := "unchecked"
		if r.Signed != nil {
			how = map[bool]string{true: "good", false: "bad"}[*r.Signed]
		}
		if !strings.HasPrefix(want[i], strconv.Itoa(r.Code)) || !strings.HasSuffix(want[i], " "+how) {
			t.Errorf("request %d is logged as %d, %s; want %s", i, r.Code, how, want[i])
		}
		if bad := how == "bad"; (r.Body == "") != bad || bad != (usecase.Unreplayable(&r) != "") || r.Size == 0 {
			t.Errorf("request %d, %s: body %q, size %d, %s", i, how, r.Body, r.Size, usecase.Unreplayable(&r))
		}
	}
	_, text := h.ask("POST", "/last_events", url.Values{"key": {key}, "lang": {"en"}}.Encode(),
		"Content-Type: application/x-www-form-urlencoded")
	if !strings.Contains(text, "The body was not kept: the signature") || !strings.Contains(text, "signature checked") {
		t.Error("the page of last events does not tell of signatures")
	}

	change(`{"webhook_secrets":{"telegram":null}}`, 200)
	post(body, 200, `"duplicate":true`)
}

// TestConnectKeepsTheSecret: the owner sets it where the addresses are; it is
// shown nowhere, and the log of changes says that it was set.
func TestConnectKeepsTheSecret(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.project()
	page := "/projects/" + id + "/connect"
	_, text, _ := h.browse("owner", "GET", page, nil)
	if !strings.Contains(text, tokenHeader) || !strings.Contains(text, "whoever knows the address") {
		t.Errorf("the page does not say that nothing is checked: %s", text)
	}
	if _, text, _ := h.browse("viewer", "GET", page, nil); strings.Contains(text, `name="secret"`) {
		t.Error("a viewer gets the form")
	}
	save := func(form url.Values, code int) string {
		t.Helper()
		got, text, _ := h.browse("owner", "POST", page+"/secret?constructor=telegram", form)
		if got != code {
			t.Errorf("%v: %d %s", form, got, text)
		}
		return text
	}
	save(url.Values{"secret": {"hush-hush"}}, 303)
	save(url.Values{"secret": {""}}, 303) // the field is empty whenever the page is loaded
	if text := save(url.Values{"secret": {strings.Repeat("x", 513)}}, 422); !strings.Contains(text, "512") {
		t.Errorf("a secret that is too long: %s", text)
	}
	p, err := h.Store.Project(t.Context(), id)
	h.ok(err)
	if got := p.WebhookSecrets.Get("telegram"); got != "hush-hush" {
		t.Errorf("kept is %q", got)
	}
	_, text, _ = h.browse("owner", "GET", page, nil)
	if strings.Contains(text, "hush") || !strings.Contains(text, "is checked") {
		t.Errorf("the page with a secret: %s", text)
	}
	_, text, _ = h.browse("owner", "GET", "/projects/"+id+"/audit", nil)
	if strings.Contains(text, "hush") || !strings.Contains(text, "telegram: set") {
		t.Errorf("the log of changes: %s", text)
	}
	save(url.Values{"secret": {""}, "remove": {"1"}}, 303)
	p, err = h.Store.Project(t.Context(), id)
	h.ok(err)
	if !p.WebhookSecrets.IsZero() {
		t.Error("it is kept still")
	}
}
