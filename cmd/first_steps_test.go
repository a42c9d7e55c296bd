package cmd

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// oneOfEach are accounts of all networks, with no more than they need.
var oneOfEach = []string{
	`{"network":"yandex","settings":{"counter_id":"1234567","oauth_token":"token-of-metrica"}}`,
	`{"network":"facebook","activation_goal":"Lead","settings":{"dataset_id":"1001","access_token":"token-of-meta"}}`,
	`{"network":"google","activation_goal":"start","settings":{"customer_id":"1234567890",
		"conversion_actions":{"start":"77"},"client_id":"c","client_secret":"secret","refresh_token":"refresh"}}`,
	`{"network":"ga4","activation_goal":"start","settings":{"measurement_id":"G-ABC1234","api_secret":"secret-of-ga"}}`,
	`{"network":"vk","activation_goal":"start","settings":{"pixel_id":"3333333"}}`,
	`{"network":"tiktok","activation_goal":"CompleteRegistration",
		"settings":{"pixel_code":"C4PIXELCODE","access_token":"token-of-tiktok"}}`,
	`{"network":"postback","activation_goal":"start",
		"settings":{"url":"https://tracker.example/postback?subid={click.subid}&event={name}"}}`,
	`{"network":"webhook","activation_goal":"start","settings":{"url":"https://crm.example/hook"}}`,
}

// TestTestStart: a test start takes the way of a real one, shows what every
// network would get, and is in nothing that is counted, listed or sent.
func TestTestStart(t *testing.T) {
	t.Parallel()
	h, id, _, _ := takesEvents(t)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Clicks.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	operator := []string{"Authorization: Bearer the-operator", "Content-Type: application/json"}
	base := "/api/v1/projects/" + id
	_, text := h.ask("POST", base+"/links", `{"name":"Spring","utm":{"source":"vk"}}`, operator...)
	link := jsonField(text, "id")
	for _, account := range oneOfEach {
		if res, text := h.ask("POST", base+"/ad-accounts", account, operator...); res.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %d %s", account, res.StatusCode, text)
		}
	}
	session, err := h.Access.OpenSession(t.Context(), h.users["admin"].ID, "test")
	h.ok(err)
	press := func(what string) {
		t.Helper()
		code, text, to := h.browseIn("en", "POST", "/projects/"+id+"/first-steps/"+what, session,
			url.Values{"form_token": {h.Access.FormToken(session)}, "link": {link}})
		if code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s %s", what, code, to, visible(text))
		}
	}
	page := func() string {
		t.Helper()
		code, text, _ := h.browseIn("en", "GET", "/projects/"+id, session, nil)
		if code != http.StatusOK {
			t.Fatalf("%d %s", code, text)
		}
		return visible(text)
	}
	if text := page(); !strings.Contains(text, "3 of 5 done") {
		t.Errorf("a project with a link and an account: %s", text)
	}
	press("click")
	if text := page(); !strings.Contains(text, "4 of 5 done") {
		t.Errorf("after a test click: %s", text)
	}
	for range 2 { // the second takes the place of the first
		press("start")
		text := page()
		if strings.Count(text, "This request would be sent:") != len(oneOfEach) ||
			!strings.Contains(text, "the test person started by “Spring”") || !strings.Contains(text, "5 of 5 done") {
			t.Errorf("a test start shows: %s", text)
		}
		for _, shown := range []string{"api-metrika.yandex.net", "graph.facebook.com", "datamanager.googleapis.com",
			"google-analytics.com", "tiktok", "top-fwz1.mail.ru"} {
			if !strings.Contains(text, shown) {
				t.Errorf("no request to %s is shown: %s", shown, text)
			}
		}
		for _, secret := range []string{"token-of-", "secret-of-ga", `"refresh"`} {
			if strings.Contains(text, secret) {
				t.Errorf("the secret %s is shown", secret)
			}
		}
	}
	nothing := func(when string) {
		t.Helper()
		for path, want := range map[string]string{
			"/subscribers": `"items":[]`, "/conversions": `"items":[]`, "/ledger": `"created":0`,
			"/links": `"clicks":0,"starts":0`, "/reports/sources": `"items":[]`,
			"/reports/audience": `"items":[]`, "/reports/funnel": `"items":[]`,
		} {
			if _, text := h.ask("GET", base+path, "", operator...); !strings.Contains(text, want) {
				t.Errorf("%s, %s says %s", when, path, text)
			}
		}
		_, text := h.ask("GET", base+"/reports/daily", "", operator...)
		var days struct {
			Items []struct{ Clicks, Starts, Joins, Goals int }
		}
		h.ok(json.Unmarshal([]byte(text), &days))
		for _, d := range days.Items {
			if d.Clicks+d.Starts+d.Joins+d.Goals != 0 {
				t.Errorf("%s, a day counts %+v", when, d)
			}
		}
	}
	nothing("with a test")
	_, err = h.Rollups.Round(t.Context())
	h.ok(err)
	nothing("with a test that the rollups have seen")
	sent := 0
	_, err = h.Store.RelayEvents(t.Context(), 100, func(_ context.Context, es []usecase.OutboxEvent) error {
		sent += len(es)
		return nil
	})
	h.ok(err)
	_, err = h.Store.RelayConversions(t.Context(), clock().AddDate(1, 0, 0), clock(), 100, 100,
		func(_ context.Context, cs []usecase.DueConversion) error { sent += len(cs); return nil })
	h.ok(err)
	last, err := h.Store.LastEvent(t.Context(), id)
	h.ok(err)
	if sent != 0 || !last.IsZero() {
		t.Errorf("%d events or conversions of a test leave, and the last event is of %s", sent, last)
	}
	press("erase")
	if text := page(); strings.Contains(text, "would be sent:") || !strings.Contains(text, "3 of 5 done") {
		t.Errorf("after the test was erased: %s", text)
	}
	for _, k := range []string{id, domain.TestSpace(id)} {
		if created, by, err := h.Store.Ledger(t.Context(), k); err != nil || created != 0 || len(by) != 0 {
			t.Errorf("the ledger of %s: %d %v %v", k, created, by, err)
		}
	}
	press("start")
}

// TestSandboxShowsRequests: the conversions of a sandbox project open to the
// request that would be sent.
func TestSandboxShowsRequests(t *testing.T) {
	t.Parallel()
	h, id, key, _ := takesEvents(t)
	operator := []string{"Authorization: Bearer the-operator", "Content-Type: application/json"}
	base := "/api/v1/projects/" + id
	h.ask("PATCH", base, `{"mode":"sandbox"}`, operator...)
	_, account := h.ask("POST", base+"/ad-accounts", `{"network":"webhook","activation_goal":"start",
		"settings":{"url":"https://crm.example/hook","receive":"all"}}`, operator...)
	h.ask("POST", "/v1/"+key+"/user_did_start_bot", `{"user_id":"7","first_name":"Vera"}`,
		"Content-Type: application/json")
	_, text := h.ask("GET", base+"/conversions", "", operator...)
	session, err := h.Access.OpenSession(t.Context(), h.users["admin"].ID, "test")
	h.ok(err)
	_, text, _ = h.browseIn("en", "GET", "/projects/"+id+"/accounts/"+jsonField(account, "id")+
		"?conversion="+jsonField(text, "id"), session, nil)
	if !strings.Contains(visible(text), "This request would be sent:") || !strings.Contains(text, "start") {
		t.Errorf("the conversion opens to %s", visible(text))
	}
}
