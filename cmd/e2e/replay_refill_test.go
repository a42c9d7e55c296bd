package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// natsPort gives settings under which the embedded server is reached from
// outside, and its address.
func natsPort(t *testing.T) (env []string, url string) {
	t.Helper()
	addr := e2e.FreeAddr(t)
	return []string{"TGTRACK_NATS_LISTEN=" + addr, "TGTRACK_NATS_TOKEN=look-at-the-streams"},
		"nats://look-at-the-streams@" + addr
}

func stream(t *testing.T, url string) jetstream.Stream {
	t.Helper()
	nc, err := nats.Connect(url, nats.RetryOnFailedConnect(true))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	var s jetstream.Stream
	e2e.Eventually(t, 10*time.Second, func() error {
		s, err = js.Stream(t.Context(), "TGTRACK_EVENTS")
		return err
	})
	return s
}

// published counts the messages of the stream by their id.
func published(t *testing.T, url string) map[string]int {
	t.Helper()
	s := stream(t, url)
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq && seq > 0; seq++ {
		m, err := s.GetMsg(t.Context(), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		ids[m.Header.Get("Nats-Msg-Id")]++
	}
	return ids
}

func sameIDs(before, after map[string]int) error {
	for id := range before {
		if after[id] != 1 {
			return fmt.Errorf("event %s is there %d times; %d ids, %d before", id, after[id], len(after), len(before))
		}
	}
	if len(after) != len(before) {
		return fmt.Errorf("%d ids, %d before", len(after), len(before))
	}
	return nil
}

// TestWipedStream: the folder of JetStream is lost with conversions on their
// way; a refill puts back every event once, and every conversion goes out.
func TestWipedStream(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		sim, simEnv := networks(t)
		port, url := natsPort(t)
		env, dir := append(append(env, simEnv...), port...), t.TempDir()
		env = append(env, "TGTRACK_LIMITS_PER_SECOND=0", "TGTRACK_LIMITS_PER_HOUR=0")
		s := e2e.Start(t, dir, env...)
		p := newProject(s, nil)
		p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "fb-token"},
			"activation_goal", "Lead")
		sim.Fail("facebook", adsim.Fault{Fail: adsim.FailStatus, Status: 503})
		const n = 300
		starts := make([]string, n)
		for i := range starts {
			starts[i] = s.Click(p.link, fmt.Sprintf("fbclid=Click%d", i))
		}
		webhooks(t, s, p.key, "user_did_start_bot", 0, n, func(i int) string {
			return fmt.Sprintf(`{"user_id":%d,"first_name":"P","start_value":%q}`, 1000+i, starts[i])
		})
		var before map[string]int
		e2e.Eventually(t, 20*time.Second, func() error {
			if before = published(t, url); len(before) != n {
				return fmt.Errorf("%d events are published", len(before))
			}
			return nil
		})
		s.Stop()
		if err := os.RemoveAll(filepath.Join(dir, "jetstream")); err != nil {
			t.Fatal(err)
		}
		s = e2e.Start(t, dir, env...)
		if g := replayed(t, e2e.Binary(t), s, "refill", "--dry-run").Progress; g.Changed != n ||
			len(published(t, url)) != 0 {
			t.Errorf("dry run: %+v", g)
		}
		sim.Fail("facebook", adsim.Fault{})
		if g := replayed(t, e2e.Binary(t), s, "refill").Progress; g.Total != n || g.Changed != n {
			t.Errorf("refill: %+v", g)
		}
		if err := sameIDs(before, published(t, url)); err != nil {
			t.Error(err)
		}
		// Shortened, and in the middle. A server that starts anew does not
		// remember what it lost; one that goes on would for a while.
		events := stream(t, url)
		if err := events.Purge(t.Context(), jetstream.WithPurgeKeep(100)); err != nil {
			t.Fatal(err)
		}
		s.Stop()
		s = e2e.Start(t, dir, env...)
		if g := replayed(t, e2e.Binary(t), s, "refill", "--project", p.id, "--rate", "500").
			Progress; g.Changed+g.Unchanged != n || g.Changed == 0 {
			t.Errorf("refill of the shortened stream: %+v", g)
		}
		if g := replayed(t, e2e.Binary(t), s, "refill").Progress; g.Changed != 0 {
			t.Errorf("refill of a whole stream: %+v", g)
		}
		got := published(t, url)
		if len(got) != n {
			t.Errorf("%d events, want %d", len(got), n)
		}
		p.allDelivered(t, s, n)
		seen := map[string]int{}
		for _, it := range sim.Received("facebook") {
			seen[it.Extra["fbc"]]++
		}
		for fbc, c := range seen {
			if c != 1 {
				t.Errorf("%s came %d times", fbc, c)
			}
		}
		if len(seen) != n {
			t.Errorf("%d conversions came, want %d", len(seen), n)
		}
		p.balanced(t, s)
	})
}

// allDelivered waits until the ledger has n delivered conversions.
func (p project) allDelivered(t *testing.T, s *e2e.Service, n int) {
	t.Helper()
	e2e.Eventually(t, 60*time.Second, func() error {
		by := s.API(200, "GET", "/projects/"+p.id+"/ledger", nil)["by"].([]any)
		for _, line := range by {
			if l := line.(map[string]any); l["status"] == "delivered" && fmt.Sprint(l["count"]) == fmt.Sprint(n) {
				return nil
			}
		}
		return fmt.Errorf("the ledger has %v", by)
	})
}

// TestReplayOfConversions: what a network rejected for a mistake that is
// mended goes out under the same ids.
func TestReplayOfConversions(t *testing.T) {
	t.Parallel()
	sim, env := networks(t)
	s := e2e.Start(t, t.TempDir(), append(env, "TGTRACK_LIMITS_PER_SECOND=0", "TGTRACK_LIMITS_PER_HOUR=0")...)
	p := newProject(s, nil)
	account := p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "fb-token"},
		"activation_goal", "Lead")
	s.API(200, "PATCH", "/projects/"+p.id+"/ad-accounts/"+account, map[string]any{"paused": true})
	const n = 60
	starts := make([]string, n)
	for i := range starts {
		starts[i] = s.Click(p.link, fmt.Sprintf("fbclid=Click%d", i))
	}
	webhooks(t, s, p.key, "user_did_start_bot", 0, n, func(i int) string {
		return fmt.Sprintf(`{"user_id":%d,"first_name":"P","start_value":%q}`, 1000+i, starts[i])
	})
	ids := map[string]bool{}
	for _, c := range p.conversions(s, "status=parked&limit=100") {
		ids[c["id"].(string)] = true
	}
	if len(ids) != n {
		t.Fatalf("%d conversions are parked", len(ids))
	}
	if g := replayed(t, e2e.Binary(t), s, "conversions", "--network", "vk").Progress; g.Matched != 0 {
		t.Errorf("of another network: %+v", g)
	}
	if g := replayed(t, e2e.Binary(t), s, "conversions", "--dry-run", "--status", "parked").Progress; g.Total != n ||
		g.Changed != n {
		t.Errorf("dry run: %+v", g)
	}
	// Skipped, they are rejected: nothing takes them up by itself.
	s.API(200, "PATCH", "/projects/"+p.id+"/ad-accounts/"+account, map[string]any{"paused": false, "parked": "skip"})
	if got := p.conversions(s, "status=rejected&limit=100"); len(got) != n {
		t.Fatalf("%d are rejected", len(got))
	}
	if g := replayed(t, e2e.Binary(t), s, "conversions", "--project", p.id, "--account", account, "--rate", "200").
		Progress; g.Matched != n || g.Changed != n {
		t.Errorf("replay: %+v", g)
	}
	p.allDelivered(t, s, n)
	if g := replayed(t, e2e.Binary(t), s, "conversions").Progress; g.Matched != 0 {
		t.Errorf("the second replay: %+v", g)
	}
	for _, it := range sim.Received("facebook") {
		if !ids[it.ID] {
			t.Errorf("a conversion came as %s", it.ID)
		}
		delete(ids, it.ID)
	}
	if len(ids) != 0 {
		t.Errorf("%d did not come", len(ids))
	}
}
