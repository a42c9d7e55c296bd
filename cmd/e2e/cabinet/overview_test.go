package cabinet_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

// TestOverview: joins stand above zero and what left below it, with the period
// before behind; a tile switches the chart, and says what it counts by the
// keyboard alone.
func TestOverview(t *testing.T) {
	t.Parallel()
	s := e2e.StartDemo(t)
	c := cabinet.New(t, s, browser.New(t))
	c.LogIn()
	c.Open("/projects/demo?period=30d")
	drawn := func(js string) string {
		return "String((() => { const c = window.Chart && Chart.getChart(document.querySelector('canvas')); " +
			"return c ? " + js + " : 'none' })())"
	}
	c.WaitEval(drawn("c.data.datasets.length"), "4")
	c.WaitEval(drawn("Math.max(...c.data.datasets[0].data) > 0 && Math.min(...c.data.datasets[1].data) < 0"), "true")
	c.WaitEval(drawn("Array.isArray(c.data.datasets[3].borderDash)"), "true")
	c.Eval("(() => { setTimeout(() => document.querySelector(\"main a[href*='metric=revenue']\").click()); return '' })()")
	c.WaitPath(func(path string) bool { return strings.Contains(path, "metric=revenue") })
	c.WaitEval(drawn("c.data.datasets.length"), "2")
	c.Eval("(() => { document.querySelector('.tiles .what').focus(); return '' })()")
	c.Keys("\r")
	c.WaitEval("String(document.querySelectorAll('.says:popover-open').length)", "1")
	c.Keys("\u001b")
	c.WaitEval("String(document.querySelectorAll('.says:popover-open').length)", "0")
	s.Stop()
}
