package e2e_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestBotOfMax: somebody comes to a bot of MAX by an ad, reaches a goal and
// deletes the dialog. MAX is the simulation of its Bot API.
func TestBotOfMax(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		sim := all.Simulation(adsim.Options{Stage: 100 * time.Millisecond, MaxRepeat: 50 * time.Millisecond})
		srv := httptest.NewServer(sim)
		t.Cleanup(srv.Close)
		t.Cleanup(sim.Close)
		s := e2e.Start(t, t.TempDir(), append(env, e2e.SimulatedEnv(t, srv.URL, 300*time.Millisecond, all.Sinks())...)...)
		made := s.API(201, "POST", "/projects", map[string]any{
			"name": "Bot", "messenger": "max", "username": "our_max_bot",
			"webhook_secrets": map[string]any{"max": "s3cret_-"}, "limits": map[string]any{"per_second": 0},
		})
		p := project{id: made["id"].(string), key: made["api_key"].(string)}
		p.link = s.API(201, "POST", "/projects/"+p.id+"/links", map[string]any{"name": "Spring"})["id"].(string)
		p.account(s, "yandex", map[string]any{"counter_id": "55", "oauth_token": "t", "mode": "chats"})
		subscribe := func(path, secret string) string {
			t.Helper()
			address := s.URL + path + "/" + p.key + "/on_max_update"
			a, err := e2e.Do(t.Context(), "POST", srv.URL+"/max/subscriptions",
				fmt.Sprintf(`{"url":%q,"secret":%q}`, address, secret), "Authorization: bot")
			if err != nil || a.Code != 200 {
				t.Fatalf("subscribe: %d %s %v", a.Code, a.Body, err)
			}
			return address
		}
		right, wrong := subscribe("/v1", "s3cret_-"), subscribe("/API/bot-api/v1", "another")

		to := s.Call("GET", "/c/"+p.link+"?yclid=12345678901234567890&ym_uid=1685000000123456789", "", e2e.Browser).
			Header.Get("Location")
		at, start, _ := strings.Cut(to, "?start=")
		if at != "https://max.ru/our_max_bot" || !strings.HasPrefix(start, "TGTrack-PJ") {
			t.Fatalf("the click leads to %s", to)
		}
		sim.WriteMax(adsim.MaxWrite{UserID: 4242, FirstName: "Ольга", Username: "olga_m", Payload: start, Locale: "ru"})
		sim.WriteMax(adsim.MaxWrite{UserID: 4242, UpdateType: "message_created", Text: "private"})
		info := func(more string) map[string]any {
			t.Helper()
			a := s.Event(p.key, "get_user_info", `{"user_id":"4242"`+more+`}`)
			if a.Code != 200 {
				return map[string]any{"code": a.Code}
			}
			return a.JSON(t)["data"].(map[string]any)
		}
		e2e.Eventually(t, 20*time.Second, func() error {
			if u := info(""); u["invite_link"] != "Spring" || fmt.Sprint(u["left_date"]) != "0" {
				return fmt.Errorf("get_user_info: %v", u)
			}
			return nil
		})
		if u := info(`,"messenger":"telegram"`); u["code"] != 405 {
			t.Errorf("in Telegram the id is nobody's: %v", u)
		}
		if a := s.Event(p.key, "send_reach_goal", `{"user_id":4242,"target":"lead"}`); a.Code != 200 {
			t.Errorf("goal: %d %s", a.Code, a.Body)
		}
		p.settled(t, s, 2, "delivered")
		for _, it := range sim.Received("yandex") {
			if it.Target != "userDidSubscribe" && it.Target != "lead" {
				t.Errorf("Metrica got %+v, and knows no chats of MAX", it)
			}
		}

		sim.WriteMax(adsim.MaxWrite{UserID: 4242, UpdateType: "dialog_removed"})
		e2e.Eventually(t, 20*time.Second, func() error {
			if u := info(""); fmt.Sprint(u["left_date"]) == "0" {
				return fmt.Errorf("get_user_info: %v", u)
			}
			return nil
		})
		e2e.Eventually(t, 20*time.Second, func() error {
			if d := s.Counted(p.id); d["starts"] != 1 || d["leaves"] != 1 {
				return fmt.Errorf("the day: %v", d)
			}
			return nil
		})
		for _, it := range sim.Received("max") {
			if it.Account == wrong && it.Outcome != "answered 401" || it.Account == right && it.Copies != 1 {
				t.Errorf("%s: %s after %d times", it.Account, it.Outcome, it.Copies)
			}
		}

		table := string(s.Call("GET", "/max/api/get_chat_members.php?apiKey="+made["report_key"].(string), "").Body)
		if !strings.HasPrefix(table, "userID,mxUserID,status,") || !strings.Contains(table, "\n4242,4242,0,") {
			t.Errorf("the table of members:\n%s", table)
		}
		last := string(s.Call("POST", "/API/last_events/", url.Values{"key": {p.key}}.Encode(),
			"Content-Type: application/x-www-form-urlencoded").Body)
		if !strings.Contains(last, "on_max_update") || strings.Contains(last, "private") {
			t.Errorf("last events: %s", last)
		}
	})
}
