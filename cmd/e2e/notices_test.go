package e2e_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// noticesEnv is of a process whose bot lives in the simulator.
func noticesEnv(env []string, sim string) []string {
	return append(env, "TGTRACK_ADNETWORKS_TELEGRAM_BASE_URL="+sim+"/telegram",
		"TGTRACK_TELEGRAM_BOT_TOKEN=123:"+strings.Repeat("b", 35), "TGTRACK_NOTIFY_INTERVAL=100ms")
}

// TestNotifications: a chat is linked by a code, gets the digest of the day once
// and not again after a restart, and is told of an ad account that lost access
// and of its end; a webhook gets the same, signed.
func TestNotifications(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		networks := all.Simulation(adsim.Options{})
		sim := httptest.NewServer(networks)
		t.Cleanup(sim.Close)
		dir := t.TempDir()
		env = append(noticesEnv(env, sim.URL), "TGTRACK_OUTBOUND_ALLOW_PRIVATE=true",
			"TGTRACK_ADNETWORKS_FACEBOOK_BASE_URL="+sim.URL+"/facebook")
		s := e2e.Start(t, dir, env...)
		p := s.API(201, "POST", "/projects", map[string]any{"name": "Flower shop", "timezone": "UTC"})
		base := "/projects/" + p["id"].(string)
		key := p["api_key"].(string)
		s.Event(key, "user_did_start_bot", `{"user_id":"501","first_name":"Boris"}`)

		// The digest's hour is the last one that has begun.
		hour := time.Now().UTC().Hour()
		secret := s.API(200, "PUT", base+"/notifications",
			map[string]any{"language": "en", "digest_hour": hour, "digest_empty": true,
				"webhook_url": sim.URL + "/webhook/crm"})["webhook_secret"].(string)
		s.API(200, "PUT", base+"/notifications",
			map[string]any{"webhook_url": sim.URL + "/webhook/crm?secret=" + url.QueryEscape(secret)})
		if got := s.API(200, "GET", base+"/notifications", nil); strings.Contains(fmt.Sprint(got), secret) ||
			got["webhook_url"] != sim.URL+"/***" {
			t.Errorf("the settings show %v", got)
		}
		code := s.API(201, "POST", base+"/notifications/codes", nil)
		networks.WriteTelegram(adsim.TelegramWrite{ChatID: 70001, Title: "Anna", Text: code["command"].(string)})
		told := func(s *e2e.Service, want ...string) {
			t.Helper()
			e2e.Eventually(t, 20*time.Second, func() error {
				var said []string
				for _, it := range networks.Received("telegram") {
					said = append(said, it.Extra["text"])
				}
				if len(said) != len(want) {
					return fmt.Errorf("the chat was told %q\n%s", said, s.Log())
				}
				for i := range want {
					if !strings.Contains(said[i], want[i]) {
						return fmt.Errorf("message %d is %q, want %q", i, said[i], want[i])
					}
				}
				return nil
			})
		}
		greeting, digest := "linked to the project \"Flower shop\"", "Flower shop: 24 hours until"
		told(s, greeting, digest)
		s.Stop()
		s = e2e.Start(t, dir, env...)

		networks.Revoke("facebook", "the-token")
		account := s.API(201, "POST", base+"/ad-accounts", map[string]any{
			"network": "facebook", "name": "Meta", "activation_goal": "Lead",
			"settings": map[string]any{"dataset_id": "1001", "access_token": "the-token"},
		})["id"].(string)
		link := s.API(201, "POST", base+"/links", map[string]any{"name": "Spring"})["id"].(string)
		s.API(200, "PATCH", base, map[string]any{"username": "flower_bot"})
		s.Event(key, "user_did_start_bot", fmt.Sprintf(`{"user_id":"502","start_value":%q}`,
			s.Click(link, "fbclid=IwAR0abc")))
		stopped := "Flower shop: the ad account \"Meta\" has stopped"
		told(s, greeting, digest, stopped)
		if as := s.API(200, "GET", base+"/alerts", nil)["items"].([]any); len(as) != 1 ||
			as[0].(map[string]any)["kind"] != "access" {
			t.Errorf("alerts: %v", as)
		}
		networks.Restore("facebook", "the-token")
		s.API(200, "PATCH", base+"/ad-accounts/"+account,
			map[string]any{"settings": map[string]any{"access_token": "the-token"}})
		told(s, greeting, digest, stopped, "over: the ad account")
		e2e.Eventually(t, 20*time.Second, func() error {
			for _, m := range s.API(200, "GET", base+"/notifications/messages", nil)["items"].([]any) {
				if m := m.(map[string]any); m["state"] != "sent" {
					return fmt.Errorf("%v", m)
				}
			}
			return nil
		})
		if n := len(networks.Calls("webhook")); n != 2 {
			t.Errorf("the webhook was called %d times", n)
		}
		if log := s.Log(); strings.Contains(log, "bbbbb") || strings.Contains(log, secret) {
			t.Errorf("a secret is in the log: %s", log)
		}
		s.Stop()
	})
}

// TestNotificationsOfTwoProcesses: every digest is sent once, by whichever of
// two processes lives, and a code is read by one of them.
func TestNotificationsOfTwoProcesses(t *testing.T) {
	t.Parallel()
	networks := all.Simulation(adsim.Options{})
	sim := httptest.NewServer(networks)
	t.Cleanup(sim.Close)
	env := append(noticesEnv(nil, sim.URL), "TGTRACK_NATS_URL="+natsOutside(t).ClientURL(),
		"TGTRACK_DATABASE_URL="+databasetest.PostgresURL(t),
		"TGTRACK_SECRET_KEY=one-key-for-all-processes-of-one-test", "TGTRACK_NOTIFY_LEASE=1s")
	a, b := e2e.Start(t, t.TempDir(), env...), e2e.Start(t, t.TempDir(), env...)
	hour := time.Now().UTC().Hour()
	want := map[string]int{}
	// link has a chat linked to each of five more projects and waits for their
	// greetings and digests.
	link := func(s *e2e.Service) {
		t.Helper()
		for range 5 {
			i := len(want) / 2
			name := fmt.Sprintf("Shop %02d", i)
			p := s.API(201, "POST", "/projects", map[string]any{"name": name, "timezone": "UTC"})
			base := "/projects/" + p["id"].(string)
			s.API(200, "PUT", base+"/notifications",
				map[string]any{"language": "en", "digest_hour": hour, "digest_empty": true})
			code := s.API(201, "POST", base+"/notifications/codes", nil)
			networks.WriteTelegram(adsim.TelegramWrite{ChatID: int64(70001 + i), Title: "Anna",
				Text: code["command"].(string)})
			want[name+" linked"], want[name+" digest"] = 1, 1
		}
		e2e.Eventually(t, 30*time.Second, func() error {
			if diff := cmp.Diff(want, toldOfShops(networks)); diff != "" {
				return fmt.Errorf("the chats were told (-want +got):\n%s\n%s\n%s", diff, a.Log(), b.Log())
			}
			return nil
		})
	}
	link(b)
	a.Kill()
	link(b)
	a = e2e.Start(t, t.TempDir(), env...)
	b.Stop()
	link(a)
	a.Stop()
	if diff := cmp.Diff(want, toldOfShops(networks)); diff != "" {
		t.Errorf("in the end the chats were told (-want +got):\n%s", diff)
	}
}

// shopTold is what a message of the test with many shops is about.
var shopTold = regexp.MustCompile(`Shop \d\d`)

// toldOfShops counts what chats were told of each shop.
func toldOfShops(networks *adsim.Sim) map[string]int {
	told := map[string]int{}
	for _, it := range networks.Received("telegram") {
		text := it.Extra["text"]
		what := "digest"
		if strings.Contains(text, "linked") {
			what = "linked"
		}
		told[shopTold.FindString(text)+" "+what]++
	}
	return told
}
