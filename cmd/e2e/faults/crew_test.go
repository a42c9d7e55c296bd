package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// sharedWork are the roles of processes of which each kind is there, and two
// that send.
var sharedWork = []string{"api", "relay,reports", "deliver", "deliver"}

// crew are several processes over one database and one NATS.
type crew struct {
	roles []string
	all   []*e2e.Service
}

// hire starts a process for each role, with a data folder of its own.
func (w *world) hire(binary string, env ...string) (all []*e2e.Service) {
	w.t.Helper()
	for _, roles := range w.crw.roles {
		all = append(all, e2e.StartBinary(w.t, binary, w.t.TempDir(),
			append(slices.Concat(w.env, env), "TGTRACK_ROLES="+roles)...))
	}
	return all
}

// another is one more process of a role.
func (w *world) another(roles string) *e2e.Service {
	w.t.Helper()
	return e2e.Start(w.t, w.t.TempDir(), append(slices.Clone(w.env), "TGTRACK_ROLES="+roles)...)
}

// work makes these processes the ones that tests look at.
func (w *world) work(all []*e2e.Service) {
	w.crw.all = all
	w.s = w.withRole("api")[0]
}

// withRole gives the processes of a role.
func (w *world) withRole(role string) (found []*e2e.Service) {
	for i, roles := range w.crw.roles {
		if strings.Contains(roles, role) {
			found = append(found, w.crw.all[i])
		}
	}
	return found
}

// log is what the processes said last.
func (w *world) log() string {
	if w.crw.roles == nil {
		return w.s.Log()
	}
	var b strings.Builder
	for i, s := range w.crw.all {
		text := s.Log()
		fmt.Fprintf(&b, "--- %s\n%s\n", w.crw.roles[i], text[max(0, len(text)-1200):])
	}
	return b.String()
}

// drains is how long what is left may take when all is well again.
func (w *world) drains() time.Duration {
	if w.crw.roles == nil {
		return 30 * time.Second
	}
	return time.Minute
}

// heals tells that what is taken now goes all the way: into the stream and to
// the networks, soon.
func (w *world) heals(within time.Duration, since string) {
	w.t.Helper()
	began := time.Now()
	probe := fmt.Sprintf("probe%d", len(w.probes))
	var id string
	e2e.Eventually(w.t, within, func() (err error) {
		id, err = w.probe(probe)
		return err
	})
	w.probes[id] = 1
	e2e.Eventually(w.t, within-time.Since(began), func() error {
		if ids, err := w.published(); err != nil || ids[id] != 1 {
			return fmt.Errorf("%s is in the stream %d times: %w\n%s", probe, ids[id], err, w.log())
		}
		for _, network := range []string{"facebook", "postback"} {
			if w.crw.roles != nil && !w.reached(network, probe) {
				return fmt.Errorf("%s is not at %s: %v\n%s", probe, network, w.standsAt(probe), w.log())
			}
		}
		return nil
	})
	w.t.Logf("a goal went all the way %s after %s", time.Since(began).Round(10*time.Millisecond), since)
}

// probe sends a goal, asks again where the answer was lost, and gives the id
// of its event.
func (w *world) probe(name string) (string, error) {
	a, err := e2e.Do(context.Background(), "POST", w.s.URL+"/v1/"+w.key+"/send_reach_goal",
		fmt.Sprintf(`{"user_id":1,"target":%q}`, name), "Content-Type: application/json", "Idempotency-Key: "+name)
	if err != nil {
		return "", err
	}
	var got struct {
		Data struct{ Events []struct{ ID string } }
	}
	if err := json.Unmarshal(a.Body, &got); err != nil || len(got.Data.Events) != 1 {
		return "", fmt.Errorf("%d %s\n%s", a.Code, a.Body, w.log())
	}
	return got.Data.Events[0].ID, nil
}

func (w *world) reached(network, target string) bool {
	for _, it := range w.sim.Received(network) {
		if it.Target == target {
			return true
		}
	}
	return false
}

// standsAt tells what the service knows of a goal's conversions.
func (w *world) standsAt(target string) (found []string) {
	for _, it := range w.s.API(200, "GET", "/projects/"+w.id+"/conversions?target="+target, nil)["items"].([]any) {
		c := it.(map[string]any)
		found = append(found, fmt.Sprint(c["network"], " ", c["status"], " ", c["status_reason"], " ", c["attempts"]))
	}
	return append(found, fmt.Sprint(w.s.API(200, "GET", "/projects/"+w.id+"/ledger", nil)["by"]))
}

// trackedOnce: the network that drops no repeats was told of each conversion
// once at most; of those it was perhaps not told it is kept that nobody knows.
func (w *world) trackedOnce(n int) {
	w.t.Helper()
	told := map[string]bool{}
	for _, it := range w.sim.Received("postback") {
		if it.Copies != 1 || told[it.ID] {
			w.t.Errorf("%s (%s) came twice to the network that drops no repeats", it.ID, it.Target)
		}
		told[it.ID] = true
	}
	delivered, unsure := w.conversions("delivered"), w.conversions("uncertain")
	for id := range delivered {
		if !told[id] {
			w.t.Errorf("%s is delivered, and the tracker was not told", id)
		}
	}
	for id, reason := range unsure {
		if reason == "" {
			w.t.Errorf("%s is uncertain without a reason", id)
		}
	}
	if len(delivered)+len(unsure) != n {
		w.t.Errorf("%d delivered and %d uncertain, want %d", len(delivered), len(unsure), n)
	}
	w.t.Logf("the network that drops no repeats: %d delivered, %d uncertain", len(delivered), len(unsure))
}

// conversions of the tracker in a status, with their reasons.
func (w *world) conversions(status string) map[string]string {
	w.t.Helper()
	out, cursor := map[string]string{}, ""
	for {
		page := w.s.API(200, "GET", "/projects/"+w.id+"/conversions?network=postback&limit=100&status="+status+
			"&cursor="+url.QueryEscape(cursor), nil)
		for _, it := range page["items"].([]any) {
			c := it.(map[string]any)
			out[c["id"].(string)] = fmt.Sprint(c["status_reason"])
		}
		if cursor, _ = page["next"].(string); cursor == "" {
			return out
		}
	}
}

// freeze stops a process where it is; thaw lets it go on.
func (w *world) freeze(s *e2e.Service) { w.signal(s.Pid(), syscall.SIGSTOP) }
func (w *world) thaw(s *e2e.Service)   { w.signal(s.Pid(), syscall.SIGCONT) }

func (w *world) signal(pid int, sig syscall.Signal) {
	w.t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		w.t.Fatal(err)
	}
}
