package e2e_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

func TestMain(m *testing.M) {
	code := m.Run()
	e2e.Clean()
	os.Exit(code)
}

// networks starts the simulated ad networks and gives the settings that point
// to them, with waits of a second for those of minutes.
func networks(t *testing.T) (*adsim.Sim, []string) {
	t.Helper()
	sim := all.Simulation(adsim.Options{Stage: 200 * time.Millisecond})
	srv := httptest.NewServer(sim)
	t.Cleanup(srv.Close)
	return sim, append(e2e.SimulatedEnv(t, srv.URL, 300*time.Millisecond, all.Sinks()),
		"TGTRACK_DELIVERY_RETRY_MIN=200ms", "TGTRACK_DELIVERY_RETRY_MAX=1s", "TGTRACK_DELIVERY_BREAKER_OPEN_FOR=500ms",
		"TEST_SIM_URL="+srv.URL)
}

// project is a bot with a link and its keys.
type project struct{ id, key, link string }

func newProject(s *e2e.Service, settings map[string]any) project {
	body := map[string]any{"name": "Bot", "username": "e2e_bot"}
	for k, v := range settings {
		body[k] = v
	}
	p := s.API(201, "POST", "/projects", body)
	out := project{id: p["id"].(string), key: p["api_key"].(string)}
	l := s.API(201, "POST", "/projects/"+out.id+"/links",
		map[string]any{"name": "Spring", "utm": map[string]any{"source": "spring"}})
	out.link = l["id"].(string)
	return out
}

func (p project) account(s *e2e.Service, network string, settings map[string]any, more ...any) string {
	body := map[string]any{"network": network, "name": network, "settings": settings}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	return s.API(201, "POST", "/projects/"+p.id+"/ad-accounts", body)["id"].(string)
}

// conversions by status.
func (p project) conversions(s *e2e.Service, query string) []map[string]any {
	var out []map[string]any
	for _, it := range s.API(200, "GET", "/projects/"+p.id+"/conversions?"+query, nil)["items"].([]any) {
		out = append(out, it.(map[string]any))
	}
	return out
}

// settled waits until n conversions are in a status.
func (p project) settled(t *testing.T, s *e2e.Service, n int, status string) {
	t.Helper()
	e2e.Eventually(t, 30*time.Second, func() error {
		all := p.conversions(s, "limit=100")
		got := 0
		for _, c := range all {
			if c["status"] == status {
				got++
			}
		}
		if got != n {
			return fmt.Errorf("%d conversions are %s, want %d: %v\n%s", got, status, n, all, s.Log())
		}
		return nil
	})
}

func (p project) balanced(t *testing.T, s *e2e.Service) {
	t.Helper()
	if l := s.API(200, "GET", "/projects/"+p.id+"/ledger", nil); l["balanced"] != true {
		t.Errorf("the ledger does not balance: %v", l)
	}
}

// TestStory is the main job: click, start, goal, and the ad networks that get
// both.
func TestStory(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		sim, simEnv := networks(t)
		s := e2e.Start(t, t.TempDir(), append(env, simEnv...)...)
		p := newProject(s, nil)
		p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "fb-token"},
			"activation_goal", "Lead")
		p.account(s, "yandex", map[string]any{"counter_id": 12345, "oauth_token": "ya-token"})

		start := s.Click(p.link, "fbclid=IwAR0CaseSensitive&yclid=17999999999999999999&utm_campaign=may")
		update := fmt.Sprintf(`{"update_id":1,"message":{"message_id":1,"from":{"id":501,"is_bot":false,"first_name":"Анна"},"chat":{"id":501,"type":"private"},"date":%d,"text":"/start %s"}}`, time.Now().Unix(), start)
		a := s.Event(p.key, "on_telegram_webhook", update)
		if a.Code != 200 || !strings.Contains(string(a.Body), `"type":"bot_started","duplicate":false`) {
			t.Fatalf("start: %d %s", a.Code, a.Body)
		}
		if a := s.Event(p.key, "on_telegram_webhook", update); !strings.Contains(string(a.Body), `"duplicate":true`) {
			t.Errorf("the same update again: %s", a.Body)
		}
		p.settled(t, s, 2, "delivered")
		if a := s.Event(p.key, "send_reach_goal", `{"user_id":"501","target":"userDidSharePhone"}`); a.Code != 200 {
			t.Fatalf("goal: %d %s", a.Code, a.Body)
		}
		e2e.Eventually(t, 30*time.Second, func() error {
			if n := len(sim.Received("facebook")); n != 2 {
				return fmt.Errorf("facebook got %d conversions, want 2", n)
			}
			return nil
		})
		p.balanced(t, s)
		info := s.Event(p.key, "get_user_info", `{"user_id":501}`).JSON(t)["data"].(map[string]any)
		if info["invite_link"] != "Spring" || info["utm_source"] != "spring" || info["utm_campaign"] != "may" ||
			info["first_name"] != "Анна" {
			t.Errorf("get_user_info: %v", info)
		}
		s.Stop()
	})
}
