package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestLedgerInMetrics: what the ledger says is what Prometheus sees.
func TestLedgerInMetrics(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		env = append(env, st.env...)
		dir := t.TempDir()
		s := e2e.Start(t, dir, env...)
		p := unlimited(s)
		p.account(s, "vk", map[string]any{"pixel_id": "77"}, "activation_goal", "start")
		paused := p.account(s, "facebook", map[string]any{"dataset_id": "1001", "access_token": "t"},
			"activation_goal", "Lead")
		p.patch(s, paused, map[string]any{"paused": true})
		p.arrive(t, s, 1000, 7, "rb_clickid=A%d&fbclid=F%d")
		p.until(t, s, 20*time.Second, map[string]int{"vk delivered": 7, "facebook parked": 7})
		s.Stop()
		s = e2e.Start(t, dir, env...) // whose first scrape reads anew
		e2e.Eventually(t, 20*time.Second, func() error {
			text := string(s.Call("GET", "/metrics", "").Body)
			for _, line := range []string{
				`tgtrack_conversions{network="vk",status="delivered"} 7`,
				`tgtrack_conversions{network="facebook",status="parked"} 7`,
				`tgtrack_conversions{network="none",status="unattributed"} 0`,
				`tgtrack_ledger_created{network="vk"} 7`, `tgtrack_ledger_balanced 1`,
			} {
				if !strings.Contains(text, "\n"+line+"\n") {
					return fmt.Errorf("no line %q in %.200s", line, text)
				}
			}
			return nil
		})
	})
}
