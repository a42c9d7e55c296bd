package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// busy starts a service in which every stage has had something to do.
func busy(t *testing.T, env ...string) (*e2e.Service, project) {
	t.Helper()
	_, simEnv := networks(t)
	s := e2e.Start(t, t.TempDir(), append(env, simEnv...)...)
	p := newProject(s, nil)
	p.account(s, "facebook", map[string]any{"dataset_id": "1", "access_token": "t"}, "activation_goal", "Lead")
	s.API(200, "PATCH", "/projects/"+p.id,
		map[string]any{"limits": map[string]int{"per_second": 0, "per_hour": 2, "per_day": 0}})
	s.Event(p.key, "user_did_start_bot",
		fmt.Sprintf(`{"user_id":"990011223344","first_name":"A","start_value":%q}`, s.Click(p.link, "fbclid=x")))
	s.Event(p.key, "add_event", `{"user_id":`)
	s.Event(p.key, "user_did_start_bot", `{"user_id":"990011223345","first_name":"B"}`)
	s.Event(p.key, "user_did_start_bot", `{"user_id":"990011223346","first_name":"C"}`) // over the limit
	p.settled(t, s, 1, "delivered")
	return s, p
}

// scrape reads the metrics until all that is asked for in the background is
// there.
func scrape(t *testing.T, s *e2e.Service) string {
	t.Helper()
	var text string
	e2e.Eventually(t, 40*time.Second, func() error {
		text = string(s.Call("GET", "/metrics", "").Body)
		for _, want := range []string{`tgtrack_consumer_pending{consumer="deliver-facebook"`,
			`tgtrack_deliveries_total{network="facebook"`, "tgtrack_conversions_open{", "tgtrack_outbox_messages{"} {
			if !strings.Contains(text, want) {
				return fmt.Errorf("no %s in\n%s", want, text)
			}
		}
		return nil
	})
	return text
}

// TestMetricsOfEveryStage: each stage shows itself, and no label has a person,
// a project or a key.
func TestMetricsOfEveryStage(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		s, p := busy(t, env...)
		text := scrape(t, s)
		for _, want := range []string{
			`tgtrack_requests_total{code="200",method="user_did_start_bot"} 2`,
			`tgtrack_requests_total{code="429",method="user_did_start_bot"} 1`,
			`tgtrack_requests_total{code="400",method="add_event"} 1`,
			`tgtrack_decode_failures_total{constructor="telegram"} 1`,
			`tgtrack_ingest_batch_size_count`, `tgtrack_ingest_commit_seconds_count`, `tgtrack_ingest_waiting 0`,
			`tgtrack_outbox_messages{stream="TGTRACK_EVENTS"}`,
			`tgtrack_outbox_oldest_seconds{stream="TGTRACK_CONVERSIONS"}`,
			`tgtrack_consumer_pending{consumer="deliver-facebook",stream="TGTRACK_CONVERSIONS"} 0`,
			`tgtrack_deliveries_total{network="facebook",verdict="delivered"} 1`,
			`tgtrack_attempt_seconds_count{network="facebook"} 1`,
			`tgtrack_breakers{network="facebook",state="closed"} 1`,
			`tgtrack_breakers{network="vk",state="open"} 0`,
			`tgtrack_conversions_open{left="1h",network="facebook",status="parked"} 0`,
			`tgtrack_ad_accounts{health="healthy",network="facebook"} 1`,
			`tgtrack_conversions_ended_total{status="delivered"} 1`, `tgtrack_conversions_ended_total{status="expired"} 0`,
			`tgtrack_processes{role="relay",state="alive"} 1`,
			`tgtrack_conversions{network="facebook",status="delivered"} 1`, `tgtrack_ledger_balanced 1`,
			`tgtrack_limits_hit_total{limit="per_hour"} 1`, `tgtrack_request_log_dropped_total 0`,
			`tgtrack_http_requests_total{area="clicks",code="302"} 1`,
			`tgtrack_stream_lacks_events 0`,
			`tgtrack_dependency_up{dependency="database"} 1`, `tgtrack_dependency_up{dependency="nats"} 1`,
			`tgtrack_published_total{stream="TGTRACK_EVENTS"}`,
			"go_goroutines ", "process_resident_memory_bytes ",
		} {
			if !strings.Contains(text, "\n"+want) {
				t.Errorf("no %s", want)
			}
		}
		for _, never := range []string{p.id, p.key, p.link, "99001122334", e2e.Token} {
			if strings.Contains(text, never) {
				t.Errorf("the metrics hold %s", never)
			}
		}
	})
}

// metricName finds the names of metrics in an expression.
var metricName = regexp.MustCompile(`\b(?:tgtrack|go|process)_[a-z0-9_]+\b`)

func configFile(name ...string) string {
	return filepath.Join(append([]string{"..", "..", "configs"}, name...)...)
}

// expressions gives every expr of a dashboard.
func expressions(v any) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if s, ok := x.(string); ok && k == "expr" {
				out = append(out, s)
			}
			out = append(out, expressions(x)...)
		}
	case []any:
		for _, x := range v {
			out = append(out, expressions(x)...)
		}
	}
	return out
}

// TestDashboardAndAlertsNameWhatExists: every metric that the dashboard or an
// alert names is in the running binary, and promtool finds the rules sound.
func TestDashboardAndAlertsNameWhatExists(t *testing.T) {
	t.Parallel()
	var dashboard any
	b, err := os.ReadFile(configFile("grafana", "tgtrack.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &dashboard); err != nil {
		t.Fatal(err)
	}
	shown := expressions(dashboard)
	if len(shown) < 20 {
		t.Errorf("the dashboard has %d expressions", len(shown))
	}
	rules, err := os.ReadFile(configFile("prometheus", "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var alerted []string
	for _, line := range strings.Split(string(rules), "\n") {
		if _, expr, ok := strings.Cut(line, "expr: "); ok {
			alerted = append(alerted, expr)
		}
	}
	if len(alerted) < 10 {
		t.Errorf("there are %d alerts", len(alerted))
	}
	s, _ := busy(t)
	text := scrape(t, s)
	for _, expr := range slices.Concat(shown, alerted) {
		for _, name := range metricName.FindAllString(expr, -1) {
			if !strings.Contains(text, "\n"+name+"{") && !strings.Contains(text, "\n"+name+" ") {
				t.Errorf("%s in %q is not a metric of the binary", name, expr)
			}
		}
	}
	promtool := promtool(t)
	for _, args := range [][]string{{"check", "rules", configFile("prometheus", "alerts.yml")},
		{"test", "rules", configFile("prometheus", "alerts_test.yml")}} {
		if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
	// The expressions of the dashboard, as rules: promtool reads no dashboards.
	var asRules strings.Builder
	asRules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for i, expr := range shown {
		expr = strings.NewReplacer("$__rate_interval", "5m", "$network", ".*").Replace(expr)
		fmt.Fprintf(&asRules, "  - record: shown_%d\n    expr: %q\n", i, expr)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(asRules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(promtool, "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("the dashboard's expressions: %v\n%s", err, out)
	}
}

// promtool finds the tool, or installs it where that is allowed.
func promtool(t *testing.T) string {
	t.Helper()
	path, err := e2e.Tool("prometheus", "promtool")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
