package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/database/databasetest"
)

// TestProcesses: whatever its roles, a process says which others there are: one
// that stops leaves the list, one that dies is a problem, and so is work that
// nobody does.
func TestProcesses(t *testing.T) {
	t.Parallel()
	url, addr := databasetest.PostgresURL(t), e2e.FreeAddr(t)
	env := []string{
		"TGTRACK_NATS_URL=" + natsOutside(t).ClientURL(), "TGTRACK_DATABASE_URL=" + url,
		"TGTRACK_SECRET_KEY=one-key-for-all-processes-of-one-test", "TGTRACK_ADMIN_TOKEN=" + e2e.Token,
	}
	start := func(roles string, more ...string) *e2e.Service {
		return e2e.Start(t, t.TempDir(), append(append(env, "TGTRACK_ROLES="+roles), more...)...)
	}
	api, relay := start("api"), start("relay")
	deliver := start("deliver", "TGTRACK_HTTP_ADDR="+addr)
	start("reports").Stop()
	relay.Kill()
	<-relay.Ended()
	db := databaseOf(t, env, "")
	defer db.Close()
	if _, err := db.Exec(`UPDATE processes SET seen_at = seen_at - INTERVAL '1 minute'
		WHERE roles = 'relay'`); err != nil {
		t.Fatal(err)
	}

	code, d, out := askDoctor(t, append(env, "TGTRACK_HTTP_ADDR="+addr, "TGTRACK_ROLES=deliver"))
	if code != 1 || !d.Server {
		t.Errorf("a process that delivers: exit code %d\n%s", code, out)
	}
	for _, want := range [][2]string{
		{"ok", ": api; version"}, {"ok", addr + ": deliver; version"}, {"problem", ": relay; version"},
		{"problem", "no process has the role relay"}, {"problem", "no process has the role reports"},
	} {
		if !d.has("processes", want[0], want[1]) {
			t.Errorf("no %s of %q in\n%s", want[0], want[1], out)
		}
	}
	if d.has("processes", "ok", ": reports;") || d.has("processes", "problem", "role api") {
		t.Errorf("%s", out)
	}
	bearer := "Authorization: Bearer " + e2e.Token
	if got := deliver.Call("GET", "/api/v1/doctor", ""); got.Code != 401 {
		t.Errorf("a stranger is answered %d", got.Code)
	}
	if got := deliver.Call("POST", "/api/v1/replays", "{}", bearer); got.Code != 404 ||
		!strings.Contains(string(got.Body), "this process has no role api") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	for _, s := range []*e2e.Service{api, deliver} {
		e2e.Eventually(t, 40*time.Second, func() error {
			text := string(s.Call("GET", "/metrics", "").Body)
			for _, want := range []string{
				`tgtrack_processes{role="relay",state="gone"} 1`, `tgtrack_processes{role="relay",state="alive"} 0`,
				`tgtrack_processes{role="api",state="alive"} 1`, `tgtrack_processes{role="reports",state="gone"} 0`,
				`tgtrack_outbox_oldest_seconds{stream="TGTRACK_EVENTS"}`, "tgtrack_conversions_open{",
			} {
				if !strings.Contains(text, "\n"+want) {
					return fmt.Errorf("no %s in\n%s", want, text)
				}
			}
			return nil
		})
	}
}
