package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// natsOutside is a NATS server that belongs to nobody.
func natsOutside(t *testing.T) *natsserver.Server {
	t.Helper()
	srv, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: -1, JetStream: true,
		StoreDir: t.TempDir(), NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	return srv
}

// crew is two processes of each role over one database and one NATS.
type crew map[string][2]*e2e.Service

func hire(t *testing.T, env []string) crew {
	t.Helper()
	c := crew{}
	for _, role := range []string{"api", "relay", "deliver", "reports"} {
		var two [2]*e2e.Service
		for i := range two {
			two[i] = e2e.Start(t, t.TempDir(), append(env, "TGTRACK_ROLES="+role)...)
		}
		c[role] = two
	}
	return c
}

// TestTwoOfEachRole: the work is shared, and what counts once counts once.
func TestTwoOfEachRole(t *testing.T) {
	t.Parallel()
	st := openStreet(t)
	env := append(st.env, "TGTRACK_NATS_URL="+natsOutside(t).ClientURL(),
		"TGTRACK_DATABASE_URL="+databasetest.PostgresURL(t), "TGTRACK_SECRET_KEY=one-key-for-all-processes-of-one-test")
	c := hire(t, env)
	a, b := c["api"][0], c["api"][1]

	p := unlimited(a)
	p.account(a, "facebook", map[string]any{"dataset_id": "1001", "access_token": "fb-token"},
		"activation_goal", "Lead")
	p.account(b, "postback", map[string]any{
		"url": st.url + "/postback/tracker?click={click.subid}&status={target}&tid={event_id}"},
		"activation_goal", "lead")
	var wg sync.WaitGroup
	for i, s := range []*e2e.Service{a, b} {
		wg.Go(func() { p.arrive(t, s, 1+100*i, 100, "fbclid=Click%d&subid=s%d") })
	}
	wg.Wait()
	p.until(t, a, time.Minute, map[string]int{"facebook delivered": 200, "postback delivered": 200})
	p.closed(t, b)
	st.once(t, "facebook", 200)
	st.once(t, "postback", 200)
	startsReported(t, b, p, 200)

	t.Run("limits", func(t *testing.T) { sharedLimits(t, a, b) })
	t.Run("idempotency", func(t *testing.T) { sharedAnswers(t, a, b) })
	t.Run("changes", func(t *testing.T) { sharedChanges(t, a, b) })
	t.Run("apart", func(t *testing.T) { apart(t, c) })

	// One of each goes without a word; the other does the work.
	for _, two := range c {
		two[0].Kill()
	}
	p.arrive(t, b, 1001, 40, "fbclid=Later%d&subid=t%d")
	p.until(t, b, time.Minute, map[string]int{"facebook delivered": 240, "postback delivered": 240})
	st.once(t, "facebook", 240)
	st.once(t, "postback", 240)
	startsReported(t, b, p, 240)
	for _, two := range c {
		two[1].Stop()
	}
}

// startsReported waits until the daily report has as many starts as came.
func startsReported(t *testing.T, s *e2e.Service, p project, want int) {
	t.Helper()
	e2e.Eventually(t, 30*time.Second, func() error {
		if n := s.Counted(p.id)["starts"]; n != want {
			return fmt.Errorf("the daily report has %d starts, want %d", n, want)
		}
		return nil
	})
}

// sharedLimits: of requests to both processes at once a limit lets through as
// many as it says.
func sharedLimits(t *testing.T, a, b *e2e.Service) {
	p := newProject(a, nil)
	a.API(200, "PATCH", "/projects/"+p.id,
		map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 0, "per_day": 10}})
	if again := b.API(200, "GET", "/projects/"+p.id,
		nil); fmt.Sprint(again["limits"].(map[string]any)["per_day"]) != "10" {
		t.Fatalf("%v", again)
	}
	codes := both(a, b, 15, func(s *e2e.Service, i int) string {
		return fmt.Sprint(s.Event(p.key, "user_did_start_bot",
			fmt.Sprintf(`{"user_id":%d,"first_name":"L"}`, i+1)).Code)
	})
	if codes["200"] != 10 || codes["429"] != 20 {
		t.Errorf("a limit of 10 over two processes: %v", codes)
	}
}

// sharedAnswers: a key used at both processes at once is one event and one
// answer.
func sharedAnswers(t *testing.T, a, b *e2e.Service) {
	p := unlimited(a)
	both(a, b, 20, func(s *e2e.Service, i int) string {
		i %= 20
		got := s.Event(p.key, "add_event", fmt.Sprintf(`{"user_id":"77","event_type":"step%d"}`, i),
			fmt.Sprintf("Idempotency-Key: key-%d", i))
		if got.Code != 200 {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		return ""
	})
	seen := map[string]int{}
	for _, e := range a.API(200, "GET", "/projects/"+p.id+"/subscribers/77", nil)["events"].([]any) {
		seen[fmt.Sprint(e.(map[string]any)["name"])]++
	}
	if len(seen) != 20 {
		t.Errorf("%d different events: %v", len(seen), seen)
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
}

// both makes n calls at each process, all together, and counts the answers;
// the two get different numbers.
func both(a, b *e2e.Service, n int, call func(s *e2e.Service, i int) string) map[string]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := map[string]int{}
	for i := range n {
		for k, s := range []*e2e.Service{a, b} {
			wg.Go(func() {
				answer := call(s, i+k*n)
				mu.Lock()
				defer mu.Unlock()
				got[answer]++
			})
		}
	}
	wg.Wait()
	return got
}

// sharedChanges: what is changed through one process the other knows, long
// before what it remembers gets old.
func sharedChanges(t *testing.T, a, b *e2e.Service) {
	p := unlimited(a)
	const start = `{"user_id":"5","first_name":"C"}`
	if got := b.Event(p.key, "user_did_start_bot", start); got.Code != 200 {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	change := func(s, other *e2e.Service, body map[string]any, want int) {
		s.API(200, "PATCH", "/projects/"+p.id, body)
		e2e.Eventually(t, 2*time.Second, func() error {
			if got := other.Event(p.key, "user_did_start_bot", start); got.Code != want {
				return fmt.Errorf("%v: the other process answers %d, want %d", body, got.Code, want)
			}
			return nil
		})
	}
	change(a, b, map[string]any{"enabled": false}, 403)
	change(b, a, map[string]any{"enabled": true}, 200)
	a.API(201, "POST", "/projects/"+p.id+"/api-key", map[string]any{"overlap_seconds": 0})
	e2e.Eventually(t, 2*time.Second, func() error {
		if got := b.Event(p.key, "user_did_start_bot", start); got.Code != 401 {
			return fmt.Errorf("the replaced key is answered %d", got.Code)
		}
		return nil
	})
}

// apart: each process does its own role's work and shows how it stands.
func apart(t *testing.T, c crew) {
	for role, two := range c {
		for _, s := range two {
			if got := s.Call("GET", "/readyz", ""); got.Code != 200 ||
				!strings.Contains(string(got.Body), `"streams":{"status":"ok"}`) {
				t.Errorf("%s: %d %s", role, got.Code, got.Body)
			}
			if got := s.Call("GET", "/api/v1/projects", "",
				"Authorization: Bearer "+e2e.Token); (got.Code == 200) != (role == "api") {
				t.Errorf("%s answers the management API with %d", role, got.Code)
			}
			text := string(s.Call("GET", "/metrics", "").Body)
			if !strings.Contains(text, `tgtrack_dependency_up{dependency="nats"} 1`) {
				t.Errorf("%s does not show NATS", role)
			}
		}
	}
}

// TestReadyWithoutDependencies: NATS away is degraded, the database away is
// 503 within two seconds, and each comes back by itself.
func TestReadyWithoutDependencies(t *testing.T) {
	t.Parallel()
	srv, gate := natsOutside(t), openGate(t)
	s := e2e.Start(t, t.TempDir(), "TGTRACK_NATS_URL="+srv.ClientURL(),
		"TGTRACK_DATABASE_URL="+gate.through(databasetest.PostgresURL(t)),
		"TGTRACK_SECRET_KEY=k-is-a-key-of-thirty-two-characters")
	ready := func(code int, status, state string) func() error {
		return func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			got, err := e2e.Do(ctx, "GET", s.URL+"/readyz", "")
			if err != nil {
				return err
			}
			if got.Code != code || !strings.Contains(string(got.Body), `"status":"`+status+`"`) ||
				!strings.Contains(string(got.Body), state) {
				return fmt.Errorf("%d %s, want %d %s %s", got.Code, got.Body, code, status, state)
			}
			return nil
		}
	}
	e2e.Eventually(t, 5*time.Second, ready(200, "ok", `"streams":{"status":"ok"}`))
	gate.shut()
	e2e.Eventually(t, 5*time.Second, ready(503, "unavailable", `"database":{"status":"down"`))
	gate.open()
	e2e.Eventually(t, 10*time.Second, ready(200, "ok", `"database":{"status":"ok"}`))
	srv.Shutdown()
	srv.WaitForShutdown()
	e2e.Eventually(t, 5*time.Second, ready(200, "degraded", `"nats":{"status":"down"`))
}
