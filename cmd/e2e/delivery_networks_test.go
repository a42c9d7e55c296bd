package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/all"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestEveryNetwork: a click with everybody's click id, a start and a goal go
// to each network of the registry, once, and each account can be tested.
func TestEveryNetwork(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		s := e2e.Start(t, t.TempDir(), append(env, st.env...)...)
		p := unlimited(s)
		settings := map[string]map[string]any{
			"yandex":   {"counter_id": "55", "oauth_token": "t", "mode": "offline"},
			"facebook": {"dataset_id": "1001", "access_token": "t"},
			"google": {"customer_id": "123-456-7890", "conversion_actions": map[string]any{"begin": "11", "lead": "22"},
				"client_id": "c", "client_secret": "s", "refresh_token": "r"},
			"ga4":      {"measurement_id": "G-ABC123", "api_secret": "t"},
			"vk":       {"pixel_id": "77"},
			"tiktok":   {"pixel_code": "C1", "access_token": "t"},
			"postback": {"url": st.url + "/postback/x?tid={event_id}&sub={click.sub}&status={target}"},
			"webhook":  {"url": st.url + "/webhook/in"},
		}
		want := map[string]int{}
		accounts := map[string]string{}
		for _, sink := range all.Sinks(all.Options{}) {
			network := sink.Describe().Name
			if settings[network] == nil {
				t.Errorf("%s has no scenario here", network)
				continue
			}
			accounts[network] = p.account(s, network, settings[network], "activation_goal", "begin")
			want[network+" delivered"] = 2
		}
		if len(accounts) != len(settings) {
			t.Errorf("%d networks of %d", len(accounts), len(settings))
		}
		began := time.Now()
		p.arrive(t, s, 501, 1, "fbclid=Fb%d&yclid=17%d&gclid=Gc%d&rb_clickid=Rb%d&ttclid=Tt%d&sub=Su%d&_ga=GA1.1.111.222")
		if a := s.Event(p.key, "send_reach_goal", `{"user_id":501,"target":"lead"}`); a.Code != 200 {
			t.Fatalf("goal: %d %s", a.Code, a.Body)
		}
		p.until(t, s, 60*time.Second, want)
		t.Logf("all were delivered %s after the click", time.Since(began).Round(time.Millisecond))
		for network, account := range accounts {
			st.once(t, network, 2)
			var targets []string
			for _, it := range st.Received(network) {
				targets = append(targets, it.Target)
			}
			slices.Sort(targets)
			names := []string{"begin", "lead"}
			switch network {
			case "google":
				names = []string{"11", "22"}
			}
			if !slices.Equal(targets, names) {
				t.Errorf("%s got %v, want %v", network, targets, names)
			}
			test := s.API(200, "POST", "/projects/"+p.id+"/ad-accounts/"+account+"/test", nil)
			if test["ok"] != true || len(test["checked"].([]any)) == 0 || len(test["not_checked"].([]any)) == 0 || len(test["problems"].([]any)) != 0 {
				t.Errorf("test of %s: %v", network, test)
			}
			st.once(t, network, 2) // a test counts nothing
		}
		st.keepApart(t, map[string][]string{"facebook": {"Gc501", "Rb501", "Tt501"}, "tiktok": {"Fb501", "Gc501"}, "vk": {"Fb501"}, "google": {"Fb501", "Tt501"}})
		p.closed(t, s)
	})
}

// keepApart tells that no network was shown what is another's.
func (st *street) keepApart(t *testing.T, foreign map[string][]string) {
	t.Helper()
	for network, ids := range foreign {
		for _, c := range st.Calls(network) {
			for _, id := range ids {
				if strings.Contains(c.Body+c.Query, id) {
					t.Errorf("%s was told another network's click id %s: %s %s", network, id, c.Query, c.Body)
				}
			}
		}
	}
}
