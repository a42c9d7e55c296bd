package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// command runs a command of a binary against a running service; it gives the
// exit code, standard output and standard error.
func command(t *testing.T, binary string, s *e2e.Service, args ...string) (int, string, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, binary, args...)
	c.Env = append(e2e.Environ(), "TGTRACK_HTTP_ADDR="+strings.TrimPrefix(s.URL, "http://"),
		"TGTRACK_ADMIN_TOKEN="+e2e.Token)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

// job is a replay as `--json` prints it.
type job struct {
	ID, State, Error string
	Progress         struct {
		Total, Seen, Matched, Changed, Unchanged, Failed, Events int
		Skipped                                                  map[string]int
		Notes                                                    []struct{ ID, Text string }
		Position                                                 string
	}
}

// replayed runs a replay that must be done.
func replayed(t *testing.T, binary string, s *e2e.Service, args ...string) job {
	t.Helper()
	code, out, errs := command(t, binary, s, append([]string{"replay", "--json"}, args...)...)
	var j job
	if err := json.Unmarshal([]byte(out), &j); err != nil || code != 0 || j.State != "done" {
		t.Fatalf("replay %v: exit code %d, %v:\n%s%s\n%s", args, code, err, out, errs, s.Log())
	}
	return j
}

// webhooks posts numbered webhooks, several at a time, and counts the codes.
func webhooks(t *testing.T, s *e2e.Service, key, method string, from, to int, body func(i int) string) map[int]int {
	t.Helper()
	var mu sync.Mutex
	codes := map[int]int{}
	next := make(chan int)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range next {
				a, err := e2e.Do(context.Background(), "POST", s.URL+"/v1/"+key+"/"+method, body(i),
					"Content-Type: application/json")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				codes[a.Code]++
				mu.Unlock()
			}
		})
	}
	for i := from; i < to; i++ {
		next <- i
	}
	close(next)
	wg.Wait()
	return codes
}

// kept waits until so many requests are in the log.
func kept(t *testing.T, s *e2e.Service, p project, want int) {
	t.Helper()
	e2e.Eventually(t, 20*time.Second, func() error {
		n, cursor := 0, ""
		for {
			page := s.API(200, "GET", "/requests?project="+p.id+"&cursor="+cursor, nil)
			n += len(page["items"].([]any))
			if cursor = page["next"].(string); cursor == "" {
				break
			}
		}
		if n != want {
			return fmt.Errorf("%d requests are in the log, want %d", n, want)
		}
		return nil
	})
}

// eventsOf counts the events of a person by type.
func eventsOf(s *e2e.Service, p project, user int) map[string]int {
	out := map[string]int{}
	for _, e := range s.API(200, "GET", fmt.Sprintf("/projects/%s/subscribers/%d", p.id, user),
		nil)["events"].([]any) {
		out[e.(map[string]any)["type"].(string)]++
	}
	return out
}

// TestBrokenAdapter: an adapter is broken in two ways, a thousand webhooks
// come, it is mended and they are taken again: all is there once.
func TestBrokenAdapter(t *testing.T) {
	t.Parallel()
	binary := e2e.Build(t, "./testdata/brokenbot")
	e2e.OnEach(t, func(t *testing.T, env []string) {
		sim, simEnv := networks(t)
		env, dir := append(env, simEnv...), t.TempDir()
		s := e2e.StartBinary(t, binary, dir, append(env, "BROKENBOT=refuse")...)
		p := newProject(s, map[string]any{"constructor": "brittle"})
		s.API(200, "PATCH", "/projects/"+p.id,
			map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 0, "per_day": 0}})
		p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "fb-token"},
			"activation_goal", "Lead")
		const n, refused = 1000, 700
		starts := make([]string, n)
		for i := range starts {
			starts[i] = s.Click(p.link, fmt.Sprintf("fbclid=Click%d", i))
		}
		body := func(i int) string { return fmt.Sprintf(`{"who":%d,"start":%q,"goal":"sale"}`, 1000+i, starts[i]) }
		if codes := webhooks(t, s, p.key, "on_brittle_event", 0, refused, body); codes[422] != refused {
			t.Fatalf("the broken adapter answers %v", codes)
		}
		s.Stop()
		s = e2e.StartBinary(t, binary, dir, append(env, "BROKENBOT=half")...)
		if codes := webhooks(t, s, p.key, "on_brittle_event", refused, n, body); codes[200] != n-refused {
			t.Fatalf("the half broken adapter answers %v", codes)
		}
		kept(t, s, p, n)

		// The command is the mended build, the server not yet.
		code, out, errs := command(t, binary, s, "decode", "--from-stream", "--project", p.id, "--json")
		var c struct{ Checked, Same, Different, Refused int }
		if err := json.Unmarshal([]byte(out), &c); err != nil || code != 0 || c.Checked != n || c.Different != n ||
			c.Refused != 0 {
			t.Fatalf("decode --from-stream: %d %v %+v\n%s", code, err, c, errs)
		}
		s.Stop()
		s = e2e.StartBinary(t, binary, dir, env...)
		dry := replayed(t, binary, s, "requests", "--project", p.id, "--dry-run")
		if g := dry.Progress; g.Changed != n || g.Events != 2*refused+n-refused || len(g.Notes) == 0 {
			t.Errorf("dry run: %+v", g)
		}
		if got := p.conversions(s, "limit=1&target=Lead"); len(got) != 0 {
			t.Errorf("the dry run made a conversion: %v", got)
		}
		if g := replayed(t, binary, s, "requests", "--project", p.id).Progress; g.Changed != n ||
			g.Events != 2*refused+n-refused || g.Failed != 0 {
			t.Errorf("replay: %+v", g)
		}
		if g := replayed(t, binary, s, "requests").Progress; g.Changed != 0 || g.Unchanged != n {
			t.Errorf("the second replay: %+v", g)
		}
		for i := 0; i < n; i += 37 {
			if got := eventsOf(s, p, 1000+i); got["bot_started"] != 1 || got["goal_reached"] != 1 || len(got) != 2 {
				t.Errorf("person %d: %v", 1000+i, got)
			}
		}
		e2e.Eventually(t, 60*time.Second, func() error {
			got := map[string]int{}
			for _, it := range sim.Received("facebook") {
				got[it.Target+it.Extra["fbc"][strings.LastIndexByte(it.Extra["fbc"], '.')+1:]]++
			}
			for i := range n {
				for _, event := range []string{"Lead", "sale"} {
					if got[event+"Click"+strconv.Itoa(i)] != 1 {
						return fmt.Errorf("%s of click %d came %d times; %d different ones came", event, i,
							got[event+"Click"+strconv.Itoa(i)], len(got))
					}
				}
			}
			return nil
		})
		p.balanced(t, s)
	})
}

// TestReplayOfTheLimited: what was refused with 429 is taken after the limits
// are raised, as of the time when it came.
func TestReplayOfTheLimited(t *testing.T) {
	t.Parallel()
	s := e2e.Start(t, t.TempDir())
	p := newProject(s, nil)
	s.API(200, "PATCH", "/projects/"+p.id,
		map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 5, "per_day": 0}})
	const n = 40
	codes := webhooks(t, s, p.key, "add_event", 0, n, func(i int) string {
		return fmt.Sprintf(`{"user_id":%d,"event_type":"step","result":"success"}`, 1000+i)
	})
	if codes[200] != 5 || codes[429] != n-5 {
		t.Fatalf("answers: %v", codes)
	}
	kept(t, s, p, n)
	came := time.Now()
	s.API(200, "PATCH", "/projects/"+p.id, map[string]any{"limits": map[string]int{"per_hour": 0}})
	if g := replayed(t, e2e.Binary(t), s, "requests", "--project", p.id, "--code", "429", "--user", "1001").
		Progress; g.Changed+g.Matched > 2 {
		t.Errorf("of one person: %+v", g)
	}
	g := replayed(t, e2e.Binary(t), s, "requests", "--project", p.id, "--code", "429", "--method", "add_event",
		"--rate", "1000").Progress
	if g.Matched != n-5 || g.Failed != 0 || g.Changed < n-6 {
		t.Errorf("replay: %+v", g)
	}
	for i := range n {
		d := s.API(200, "GET", fmt.Sprintf("/projects/%s/subscribers/%d", p.id, 1000+i), nil)
		events := d["events"].([]any)
		if len(events) != 1 {
			t.Errorf("person %d has %d events", 1000+i, len(events))
			continue
		}
		at, err := time.Parse(time.RFC3339, events[0].(map[string]any)["occurred_at"].(string))
		if err != nil || at.After(came) {
			t.Errorf("person %d: the event is of %v, the request came before %v (%v)", 1000+i, at, came, err)
		}
	}
}

// TestReplayGoesOnAfterAKill: a replay whose process dies is taken up by the
// next one; one that is cancelled waits until it is resumed.
func TestReplayGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	binary := e2e.Build(t, "./testdata/brokenbot")
	dir := t.TempDir()
	s := e2e.StartBinary(t, binary, dir, "BROKENBOT=refuse", "TGTRACK_LIMITS_PER_SECOND=0",
		"TGTRACK_LIMITS_PER_HOUR=0")
	p := newProject(s, map[string]any{"constructor": "brittle"})
	const n = 600
	webhooks(t, s, p.key, "on_brittle_event", 0, n,
		func(i int) string { return fmt.Sprintf(`{"who":%d,"start":"poster"}`, 1000+i) })
	kept(t, s, p, n)
	s.Stop()
	s = e2e.StartBinary(t, binary, dir)
	code, out, errs := command(t, binary, s, "replay", "requests", "--rate", "100", "--follow=false", "--json")
	var j job
	if err := json.Unmarshal([]byte(out), &j); err != nil || code != 0 {
		t.Fatalf("%d %v %s", code, err, errs)
	}
	until := func(state string, seen int) map[string]any {
		var got map[string]any
		e2e.Eventually(t, 30*time.Second, func() error {
			got = s.API(200, "GET", "/replays/"+j.ID, nil)
			g := got["progress"].(map[string]any)
			if n, _ := g["seen"].(json.Number).Int64(); got["state"] != state || int(n) < seen {
				return fmt.Errorf("the replay is %v", got)
			}
			return nil
		})
		return got
	}
	until("running", 100)
	s.Kill()
	s = e2e.StartBinary(t, binary, dir)
	until("running", 200) // by itself, when the dead one's lease is over
	if code, out, _ := command(t, binary, s, "replay", "--id", j.ID, "--cancel"); code != 0 ||
		!strings.Contains(out, "cancelled") {
		t.Fatalf("cancel: %d %s", code, out)
	}
	if got := until("cancelled", 200); got["finished_at"] == nil {
		t.Errorf("cancelled: %v", got)
	}
	if a := s.Call("POST", "/api/v1/replays/"+j.ID+"/cancel", "", "Authorization: Bearer "+e2e.Token); a.Code != 409 {
		t.Errorf("cancel again: %d %s", a.Code, a.Body)
	}
	if code, out, errs := command(t, binary, s, "replay", "--id", j.ID, "--resume"); code != 0 ||
		!strings.Contains(out, "done") || !strings.Contains(errs, j.ID) {
		t.Fatalf("resume: %d %s %s", code, out, errs)
	}
	for i := 0; i < n; i += 11 {
		if got := eventsOf(s, p, 1000+i); got["bot_started"] != 1 || len(got) != 1 {
			t.Errorf("person %d: %v", 1000+i, got)
		}
	}
	if g := replayed(t, binary, s, "events", "--project", p.id).Progress; g.Changed < 1 || g.Failed != 0 {
		t.Errorf("the reports are rebuilt: %+v", g)
	}
	if code, out, _ := command(t, binary, s, "replay", "--list"); code != 0 || !strings.Contains(out, j.ID) {
		t.Errorf("list: %d %s", code, out)
	}
	for _, wrong := range [][]string{{"replay"}, {"replay", "requests", "--network", "vk"},
		{"replay", "conversions", "--status", "delivered"}, {"replay", "refill", "--from", "yesterday"}} {
		if code, out, errs := command(t, binary, s, wrong...); code != 2 || errs == "" {
			t.Errorf("%v: exit code %d: %s%s", wrong, code, out, errs)
		}
	}
	s.Stop()
	if code, _, errs := command(t, binary, s, "replay", "--list"); code != 1 ||
		!strings.Contains(errs, "tgtrack serve") {
		t.Errorf("without a server: %d %s", code, errs)
	}
}
