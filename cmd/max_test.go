package cmd

import (
	"strings"
	"testing"
)

// maxStart is a start of a bot of MAX, as MAX posts it.
const maxStart = `{"update_type":"bot_started","timestamp":1773144000123,"chat_id":182182182,"user":{"user_id":4242,` +
	`"first_name":"Olga","is_bot":false,"last_activity_time":1773143996123,"name":"Olga"},"payload":"promo"}`

// TestMaxSecret: a project with a secret takes what carries it, and one without
// takes all.
func TestMaxSecret(t *testing.T) {
	t.Parallel()
	h, id, key, _ := takesEvents(t)
	post := func(code int, say string, header ...string) {
		t.Helper()
		res, text := h.ask("POST", "/v1/"+key+"/on_max_update", maxStart, append(header, "Content-Type: application/json")...)
		if res.StatusCode != code || !strings.Contains(text, say) {
			t.Errorf("%d %s, want %d and %q", res.StatusCode, text, code, say)
		}
	}
	post(200, `"duplicate":false`)
	res, text := h.ask("PATCH", "/api/v1/projects/"+id,
		`{"webhook_secrets":{"max":"s3cret_-"},"limits":{"per_second":0}}`,
		"Authorization: Bearer the-operator", "Content-Type: application/json")
	if res.StatusCode != 200 || strings.Contains(text, "s3cret") {
		t.Fatalf("%d %s", res.StatusCode, text)
	}
	post(401, "X-Max-Bot-Api-Secret: is missing")
	post(401, "X-Max-Bot-Api-Secret: is not right", "X-Max-Bot-Api-Secret: s3cret")
	post(200, `"duplicate":true`, "X-Max-Bot-Api-Secret: s3cret_-")
}

// TestConnectForMax: the command that subscribes the address is there to be
// copied, with the address in it.
func TestConnectForMax(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, text, _ := h.browse("owner", "GET", "/projects/"+h.project()+"/connect?constructor=max", nil)
	for _, part := range []string{
		"curl https://platform-api2.max.ru/subscriptions", "/on_max_update&#34;, &#34;secret&#34;", "X-Max-Bot-Api-Secret",
		"MAX: secret of the subscription", "30 calls a second",
		"posts only to addresses that begin with https://",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	if strings.Contains(text, "{on_max_update}") {
		t.Error("an address is not filled in")
	}
}
