package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestKilledInMidLoad: every request answered 200 is there once after a
// crash, and its conversion reaches the network.
func TestKilledInMidLoad(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		sim, simEnv := networks(t)
		env = append(append(env, simEnv...), "TGTRACK_RELAY_REPUBLISH_AFTER=1s", "TGTRACK_DELIVERY_LEASE=3s",
			"TGTRACK_DELIVERY_TIMEOUT=1s")
		dir := t.TempDir()
		s := e2e.Start(t, dir, env...)
		p := newProject(s, nil)
		s.API(200, "PATCH", "/projects/"+p.id,
			map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 0, "per_day": 0}})
		p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "fb-token"},
			"activation_goal", "Lead")
		starts := make([]string, 200)
		for i := range starts {
			starts[i] = s.Click(p.link, fmt.Sprintf("fbclid=Click%d", i))
		}
		answered := load(t, s, p, starts)
		if len(answered) == 0 || len(answered) == len(starts) {
			t.Fatalf("the crash came too early or too late: %d of %d were answered", len(answered), len(starts))
		}
		again := e2e.Start(t, dir, env...)
		for user, event := range answered {
			d := again.API(200, "GET", fmt.Sprintf("/projects/%s/subscribers/%d", p.id, user), nil)
			if n := count(d["events"].([]any), event); n != 1 {
				t.Errorf("person %d: event %s is there %d times", user, event, n)
			}
		}
		e2e.Eventually(t, 30*time.Second, func() error {
			got := map[string]int{}
			for _, it := range sim.Received("facebook") {
				got[it.Extra["fbc"]]++
			}
			missing := 0
			for user := range answered {
				if c := clickOf(got, user); c != 1 {
					missing++
				}
			}
			if missing > 0 {
				return fmt.Errorf("%d of %d conversions are not at the network just once", missing, len(answered))
			}
			return nil
		})
		e2e.Eventually(t, 30*time.Second, func() error {
			if open := p.conversions(again, "status=pending&limit=100"); len(open) > 0 {
				return fmt.Errorf("%d conversions are pending", len(open))
			}
			return nil
		})
		p.balanced(t, again)
	})
}

// load posts a start for each person until the service, killed in the middle,
// answers no more; it gives the events that were answered 200.
func load(t *testing.T, s *e2e.Service, p project, starts []string) map[int]string {
	var mu sync.Mutex
	answered := map[int]string{}
	var wg sync.WaitGroup
	next := make(chan int)
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				body := fmt.Sprintf(`{"user_id":%d,"first_name":"P","start_value":%q}`, 1000+i, starts[i])
				a, err := e2e.Do(context.Background(), "POST", s.URL+"/v1/"+p.key+"/user_did_start_bot", body,
					"Content-Type: application/json")
				if err != nil || a.Code != 200 {
					continue
				}
				var res struct {
					Data struct{ Events []struct{ ID string } }
				}
				if json.Unmarshal(a.Body, &res) != nil || len(res.Data.Events) != 1 {
					t.Errorf("answer: %s", a.Body)
					continue
				}
				mu.Lock()
				answered[1000+i] = res.Data.Events[0].ID
				mu.Unlock()
			}
		}()
	}
	for i := range starts {
		if i == len(starts)/2 {
			s.Kill()
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return answered
}

func count(events []any, id string) (n int) {
	for _, e := range events {
		if e.(map[string]any)["id"] == id {
			n++
		}
	}
	return n
}

// clickOf counts what came for the click of a person.
func clickOf(got map[string]int, user int) (n int) {
	suffix := fmt.Sprintf(".Click%d", user-1000)
	for fbc, c := range got {
		if len(fbc) > len(suffix) && fbc[len(fbc)-len(suffix):] == suffix {
			n += c
		}
	}
	return n
}
