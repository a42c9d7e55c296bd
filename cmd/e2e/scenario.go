package e2e

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// SimulatedEnv is the environment of a service that calls the networks of sinks
// at a simulation at base and waits nowhere longer than wait.
func SimulatedEnv(t testing.TB, base string, wait time.Duration, sinks []adnet.Sink) []string {
	t.Helper()
	r, err := adnet.NewRegistry(sinks...)
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"TGTRACK_OUTBOUND_ALLOW_PRIVATE=true"}
	for key, value := range adnet.Simulated(r.All(), base, wait) {
		env = append(env, config.Variable(key)+"="+value)
	}
	return env
}

// scenario is all networks of a build beside each other.
type scenario struct {
	t        *testing.T
	sim      *adsim.Sim
	url      string // of the simulation
	service  *Service
	sinks    []adnet.Sink
	networks map[string]adsim.Network
	project  string
	accounts map[string]string // by network
}

// person who comes by an ad.
const person = 501

// Scenarios runs a binary that can send to the networks of sinks, and has
// somebody come by a click with everybody's click ids, start and reach a goal:
// each network counts both, once, is told nothing of another's, and each
// account can be tested without counting. A private build is tried as the one
// of this repository is:
//
//	e2e.Scenarios(t, e2e.Build(t, "./cmd/ourtrack"), nil, append(all.Sinks(), ours.New(nil)))
func Scenarios(t *testing.T, binary string, env []string, sinks []adnet.Sink) {
	t.Helper()
	s := &scenario{t: t, sinks: sinks, networks: map[string]adsim.Network{}, accounts: map[string]string{}}
	networks := adsim.Of(sinks)
	for _, n := range networks {
		s.networks[n.Name] = n
	}
	s.sim = adsim.New(adsim.Options{Stage: 200 * time.Millisecond, Networks: networks})
	srv := httptest.NewServer(s.sim)
	t.Cleanup(srv.Close)
	s.url = srv.URL
	env = append(slices.Clone(env), SimulatedEnv(t, srv.URL, 300*time.Millisecond, sinks)...)
	s.service = StartBinary(t, binary, t.TempDir(), append(env,
		"TGTRACK_RELAY_INTERVAL=50ms", "TGTRACK_RELAY_REPUBLISH_AFTER=2s", "TGTRACK_DELIVERY_RETRY_MIN=100ms",
		"TGTRACK_DELIVERY_RETRY_MAX=1s", "TGTRACK_DELIVERY_TIMEOUT=5s", "TGTRACK_DELIVERY_LEASE=12s")...)
	s.open()
	s.run()
	for _, sink := range sinks {
		s.counted(sink.Describe().Name)
		s.tested(sink)
	}
	s.apart()
}

// open makes a project with an account of each network.
func (s *scenario) open() {
	s.t.Helper()
	s.project = s.service.API(201, "POST", "/projects", map[string]any{
		"name": "Bot", "username": "scenario_bot",
	})["id"].(string)
	for _, sink := range s.sinks {
		d := sink.Describe()
		n, ok := s.networks[d.Name]
		if !ok || n.Scenario.Settings == nil {
			s.t.Errorf("%s brings no simulation with a scenario", d.Name)
			continue
		}
		s.accounts[d.Name] = s.service.API(201, "POST", "/projects/"+s.project+"/ad-accounts", map[string]any{
			"network": d.Name, "name": d.Title, "activation_goal": "begin",
			"settings": n.Scenario.Settings(s.url),
		})["id"].(string)
	}
}

// run is the click, the start and the goal, up to their delivery.
func (s *scenario) run() {
	s.t.Helper()
	link := s.service.API(201, "POST", "/projects/"+s.project+"/links",
		map[string]any{"name": "Ads"})["id"].(string)
	key := s.service.API(201, "POST", "/projects/"+s.project+"/api-key", map[string]any{})["api_key"].(string)
	var query []string
	for _, n := range s.networks {
		if n.Scenario.Query != "" {
			query = append(query, fmt.Sprintf(n.Scenario.Query, person))
		}
	}
	start := s.service.Click(link, strings.Join(query, "&"))
	began := fmt.Sprintf(`{"user_id":%d,"first_name":"P","start_value":%q}`, person, start)
	if a := s.service.Event(key, "user_did_start_bot", began); a.Code != 200 {
		s.t.Fatalf("start: %d %s", a.Code, a.Body)
	}
	goal := fmt.Sprintf(`{"user_id":%d,"target":"lead"}`, person)
	if a := s.service.Event(key, "send_reach_goal", goal); a.Code != 200 {
		s.t.Fatalf("goal: %d %s", a.Code, a.Body)
	}
	Eventually(s.t, 60*time.Second, func() error {
		l := s.service.API(200, "GET", "/projects/"+s.project+"/ledger", nil)
		if l["balanced"] != true {
			s.t.Errorf("the ledger does not balance: %v", l)
		}
		delivered := map[string]bool{}
		for _, it := range l["by"].([]any) {
			line := it.(map[string]any)
			delivered[fmt.Sprint(line["network"])] = line["status"] == "delivered" &&
				fmt.Sprint(line["count"]) == "2"
		}
		for network := range s.accounts {
			if !delivered[network] {
				return fmt.Errorf("%s has not both: %v\n%.4000s", network, l["by"], s.service.Log())
			}
		}
		return nil
	})
}

// counted tells that a network has the start and the goal, once.
func (s *scenario) counted(network string) {
	s.t.Helper()
	targets, want := []string{}, []string{"begin", "lead"}
	for i, target := range want {
		if name := s.networks[network].Scenario.Targets[target]; name != "" {
			want[i] = name
		}
	}
	for _, it := range s.sim.Received(network) {
		targets = append(targets, it.Target)
		if it.Copies != 1 {
			s.t.Errorf("%s got %s %d times", network, it.ID, it.Copies)
		}
	}
	slices.Sort(targets)
	slices.Sort(want)
	if !slices.Equal(targets, want) {
		s.t.Errorf("%s got %v, want %v", network, targets, want)
	}
}

// tested tells that an account can be tested and that a test counts nothing.
func (s *scenario) tested(sink adnet.Sink) {
	s.t.Helper()
	network := sink.Describe().Name
	if _, ok := sink.(adnet.Tester); !ok {
		return
	}
	test := s.service.API(200, "POST", "/projects/"+s.project+"/ad-accounts/"+s.accounts[network]+"/test", nil)
	if test["ok"] != true || len(test["checked"].([]any)) == 0 || len(test["not_checked"].([]any)) == 0 ||
		len(test["problems"].([]any)) != 0 {
		s.t.Errorf("test of %s: %v", network, test)
	}
	s.counted(network)
}

// apart tells that no network was shown what is another's. Those that know no
// clicks by ids of their own are the customer's, and may see all.
func (s *scenario) apart() {
	s.t.Helper()
	for _, sink := range s.sinks {
		d := sink.Describe()
		if len(d.ClickIDs) == 0 {
			continue
		}
		for _, other := range s.networks {
			if other.Name == d.Name || other.Scenario.Query == "" {
				continue
			}
			query, err := url.ParseQuery(fmt.Sprintf(other.Scenario.Query, person))
			if err != nil {
				s.t.Fatal(err)
			}
			for name, values := range query {
				for _, c := range s.sim.Calls(d.Name) {
					if strings.Contains(c.Body+c.Query, values[0]) {
						s.t.Errorf("%s was told %s of %s: %s %s", d.Name, name, other.Name,
							c.Query, c.Body)
					}
				}
			}
		}
	}
}
