package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestStreamsRecreate: a stream that is well is left alone; one that is made
// anew is filled from the database.
func TestStreamsRecreate(t *testing.T) {
	t.Parallel()
	addr := e2e.FreeAddr(t)
	dir := t.TempDir()
	env := []string{"TGTRACK_NATS_LISTEN=" + addr, "TGTRACK_NATS_TOKEN=look-at-the-streams", "TGTRACK_DATA_DIR=" + dir,
		"TGTRACK_LIMITS_PER_SECOND=0"}
	s := e2e.Start(t, dir, env...)
	p := s.API(201, "POST", "/projects", map[string]any{"name": "Bot", "username": "streams_bot"})
	key := p["api_key"].(string)
	for i := range 5 {
		a := s.Event(key, "user_did_start_bot", fmt.Sprintf(`{"user_id":%d,"first_name":"P"}`, i+1))
		if a.Code != 200 {
			t.Fatalf("start: %d %s", a.Code, a.Body)
		}
	}
	nc, err := nats.Connect("nats://look-at-the-streams@" + addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	has := func(n uint64) {
		t.Helper()
		e2e.Eventually(t, 20*time.Second, func() error {
			st, err := js.Stream(t.Context(), "TGTRACK_EVENTS")
			if err != nil {
				return err
			}
			if got := st.CachedInfo().State.Msgs; got != n {
				return fmt.Errorf("%d events, want %d", got, n)
			}
			return nil
		})
	}
	has(5)
	env = append(env, "TGTRACK_HTTP_ADDR="+strings.TrimPrefix(s.URL, "http://"), "TGTRACK_ADMIN_TOKEN="+e2e.Token)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"streams"}, 2, "recreate NAME"},
		{[]string{"streams", "recreate"}, 2, ""},
		{[]string{"streams", "recreate", "OTHER"}, 1, "no such stream"},
		{[]string{"streams", "recreate", "TGTRACK_EVENTS"}, 1, "force"},
		{[]string{"streams", "recreate", "TGTRACK_EVENTS", "--force"}, 0, "tgtrack replay refill"},
	} {
		if code, out := tool(t, env, "", c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%q: %d %s", c.args, code, out)
		}
	}
	has(0)
	if code, out := tool(t, env, "", "doctor"); !strings.Contains(out, "tgtrack replay refill") {
		t.Errorf("doctor does not miss the events: %d %s", code, out)
	}
	if code, out := tool(t, env, "", "streams", "recreate", "TGTRACK_EVENTS", "--force", "--refill"); code != 0 {
		t.Errorf("%d %s", code, out)
	}
	has(5)
}
