package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestStuckDecoder: a decoder never comes back. Its requests are answered and
// kept, it is asked no more, all who look are told, and when it is mended a
// replay takes them.
func TestStuckDecoder(t *testing.T) {
	t.Parallel()
	binary := e2e.Build(t, "./testdata/brokenbot")
	e2e.OnEach(t, func(t *testing.T, env []string) {
		dir, addr := t.TempDir(), e2e.FreeAddr(t)
		env = append(env, "TGTRACK_HTTP_ADDR="+addr, "TGTRACK_DATA_DIR="+dir, "TGTRACK_ADMIN_TOKEN="+e2e.Token)
		s := e2e.StartBinary(t, binary, dir, append(env, "BROKENBOT=stuck")...)
		p := newProject(s, map[string]any{
			"constructor": "brittle", "limits": map[string]any{"per_second": 0, "per_hour": 0, "per_day": 0},
		})
		const n = 6
		for i := range n {
			began := time.Now()
			a := s.Call("POST", "/v1/"+p.key+"/on_brittle_event", fmt.Sprintf(`{"who":%d,"start":"blog"}`, 1+i),
				"Content-Type: application/json")
			took := time.Since(began)
			r := a.JSON(t)
			if a.Code != 503 || r["status"] != "error" || !strings.Contains(fmt.Sprint(r["error_details"]), "brittle") {
				t.Errorf("request %d: %d %s", i, a.Code, a.Body)
			}
			if i < 2 && took < time.Second {
				t.Errorf("request %d was given up after %s", i, took)
			}
		}
		if a := s.Event(p.key, "user_did_start_bot", `{"user_id":100}`); a.Code != 200 {
			t.Errorf("another decoder's request: %d %s", a.Code, a.Body)
		}
		kept(t, s, p, n+1)
		last := string(s.Call("POST", "/last_events/", url.Values{"key": {p.key}}.Encode(),
			"Content-Type: application/x-www-form-urlencoded").Body)
		if !strings.Contains(last, "the decoder brittle does not answer") || !strings.Contains(last, "<code>503</code>") {
			t.Errorf("the last events: %.3000s", last)
		}
		metrics := string(s.Call("GET", "/metrics", "").Body)
		if !strings.Contains(metrics, `tgtrack_decoder_faults_total{decoder="brittle",fault="off"} 1`) {
			t.Errorf("the metrics do not tell of it")
		}
		e2e.Eventually(t, 60*time.Second, func() error { // a process tells of itself now and then
			code, out, errs := command(t, binary, s, "doctor", "--json")
			if code != 1 || !strings.Contains(out, "the decoder brittle") {
				return fmt.Errorf("exit code %d:\n%s%s", code, out, errs)
			}
			return nil
		})
		s.Stop()

		s = e2e.StartBinary(t, binary, dir, env...)
		if g := replayed(t, binary, s, "requests", "--project", p.id, "--code", "503").Progress; g.Changed != n {
			t.Errorf("replay: %+v", g)
		}
		for i := range n {
			a := s.Event(p.key, "get_user_info", fmt.Sprintf(`{"user_id":%d}`, 1+i))
			var u struct {
				Data struct {
					Link string `json:"invite_link"`
				} `json:"data"`
			}
			if err := json.Unmarshal(a.Body, &u); err != nil || u.Data.Link != "blog" {
				t.Errorf("person %d: %d %s", 1+i, a.Code, a.Body)
			}
		}
	})
}
