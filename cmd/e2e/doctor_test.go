package e2e_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

type diagnosed struct {
	State    string
	Server   bool
	Findings []struct{ Check, State, Is, Do string }
}

// has finds a finding by the beginning of its check and a part of its text.
func (d diagnosed) has(check, state, text string) bool {
	for _, f := range d.Findings {
		if strings.HasPrefix(f.Check, check) && f.State == state && strings.Contains(f.Is, text) &&
			(state == "ok" || f.Do != "") {
			return true
		}
	}
	return false
}

// problems counts the findings that are problems. That the PostgreSQL of the
// tests does not sync is one, and rightly so; no other may be there.
func (d diagnosed) problems() (n int) {
	for _, f := range d.Findings {
		if f.State == "problem" {
			if n++; f.Check != "database.settings" {
				return -1
			}
		}
	}
	return n
}

func askDoctor(t *testing.T, env []string) (int, diagnosed, string) {
	t.Helper()
	code, out := tool(t, env, "", "doctor", "--json")
	var d diagnosed
	text := out
	if i := strings.LastIndex(out, "}\n"); i >= 0 {
		text = out[:i+1]
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("doctor --json: %v\n%s", err, out)
	}
	return code, d, out
}

// TestDoctor: all well, then an account that lost its access, then no server.
func TestDoctor(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		sim, simEnv := networks(t)
		dir, addr := t.TempDir(), e2e.FreeAddr(t)
		env = append(append(env, simEnv...), "TGTRACK_HTTP_ADDR="+addr, "TGTRACK_DATA_DIR="+dir,
			"TGTRACK_ADMIN_TOKEN="+e2e.Token)
		s := e2e.Start(t, dir, env...)
		p := newProject(s, nil)
		account := p.account(s, "facebook", map[string]any{"dataset_id": "1", "access_token": "hushed-token"},
			"activation_goal", "Lead")

		code, d, out := askDoctor(t, env)
		if problems := d.problems(); !d.Server || problems < 0 || (code == 0) != (problems == 0) {
			t.Fatalf("exit code %d of a service that is well:\n%s", code, out)
		}
		for _, want := range [][3]string{
			{"configuration", "advice", "base_url"}, {"disk", "ok", "free"}, {"clock", "ok", ""},
			{"clock.here", "ok", ""}, {"database.version", "ok", "SQL"},
			{"database.migrations", "ok", "applied"}, {"database.size", "ok", "iB"},
			{"outbox", "ok", "TGTRACK_EVENTS"},
			{"streams", "ok", "TGTRACK_REQUESTS"}, {"streams.lag", "ok", "deliver-facebook"},
			{"streams.fsync", "ok", ""}, {"ad_accounts", "ok", ""}, {"projects", "ok", ""},
		} {
			if !d.has(want[0], want[1], want[2]) && !(want[0] == "disk" && d.has("disk", "advice", "")) {
				t.Errorf("no finding %v in\n%s", want, out)
			}
		}

		sim.Revoke("facebook", "hushed-token")
		s.Event(p.key, "user_did_start_bot",
			fmt.Sprintf(`{"user_id":"1","first_name":"Hushanna","start_value":%q}`, s.Click(p.link, "fbclid=x")))
		p.settled(t, s, 1, "parked")
		e2e.Eventually(t, 10*time.Second, func() error {
			code, d, out = askDoctor(t, env)
			if code != 1 || d.State != "problem" || !d.Server || !d.has("ad_accounts", "problem", account) {
				return fmt.Errorf("exit code %d:\n%s", code, out)
			}
			return nil
		})
		code, text := tool(t, env, "", "doctor")
		if code != 1 || !strings.Contains(text, "make a new token") || !strings.Contains(text, "the running server") {
			t.Errorf("exit code %d:\n%s", code, text)
		}
		for _, secret := range []string{"hush", "Hush", e2e.Token, p.key, "e2e-secret-key"} {
			if strings.Contains(out+text, secret) {
				t.Errorf("the doctor shows %q", secret)
			}
		}
		s.Stop()
		code, d, out = askDoctor(t, env)
		if code != 1 || d.Server || !d.has("server", "problem", "no server answers") ||
			!d.has("database.migrations", "ok", "applied") {
			t.Errorf("without a server: exit code %d:\n%s", code, out)
		}
	})
}

// TestDoctorUsage: what is wrong before anything is looked at is exit code 2,
// and looking makes nothing.
func TestDoctorUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ env, args []string }{
		{nil, []string{"doctor", "extra"}}, {[]string{"TGTRACK_NOSUCH=1"}, []string{"doctor"}},
		{nil, []string{"doctor", "--nosuch"}},
	} {
		if code, out := tool(t, c.env, "", c.args...); code != 2 {
			t.Errorf("%v %v: exit code %d\n%s", c.env, c.args, code, out)
		}
	}
	dir := filepath.Join(t.TempDir(), "none")
	code, out := tool(t, []string{"TGTRACK_DATA_DIR=" + dir, "TGTRACK_HTTP_ADDR=" + e2e.FreeAddr(t)}, "", "doctor")
	if made, _ := filepath.Glob(dir); code != 1 || !strings.Contains(out, "no database") || len(made) != 0 {
		t.Errorf("exit code %d, made %v:\n%s", code, made, out)
	}
}
