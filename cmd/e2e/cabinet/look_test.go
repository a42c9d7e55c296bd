package cabinet_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

// TestFrame goes about as people do: with a thumb, by the search, from point to
// point of a chart, and on when the server is away.
func TestFrame(t *testing.T) {
	t.Parallel()
	s := e2e.StartDemo(t)
	c := cabinet.New(t, s, browser.New(t))
	c.LogIn()

	onPhone(t, c)
	c.Width(1280)
	byFinder(c)
	onChart(t, c)

	c.Open("/design")
	c.Wait("How pages look")
	c.Look("design")
	c.Open("/projects/demo?period=7d")
	c.Wait("Where they came from")
	c.Press("Live") // is no report; the period is kept all the same
	c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "/live") })
	c.WaitEval("document.activeElement.tagName", "H1")
	c.Press("Sources")
	c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "/sources?period=7d") })

	c.Open("/projects/demo/settings")
	c.Wait("Time zone")
	c.Eval(`(() => { window.refused = []; document.addEventListener("securitypolicyviolation",
		(e) => window.refused.push(e.violatedDirective + " " + e.sourceFile + ":" + e.lineNumber));
		// As browsers and their extensions do; htmx would copy it as an attribute.
		document.querySelectorAll("main [id]").forEach((e) => { e.style.color = "red" }); return "" })()`)
	c.Fill("name", "Renamed")
	c.Press("Save")
	c.Wait("Saved.")
	if refused := c.Eval("window.refused.join(', ')"); refused != "" {
		t.Errorf("the page breaks its own policy: %s", refused)
	}
	c.Fill("name", "Renamed again")
	s.Stop()
	answered := c.Eval(`(() => { const f = document.querySelector("main form"); let sent = 0;
		document.addEventListener("htmx:beforeRequest", () => sent++); f.requestSubmit(); f.requestSubmit();
		return ("busy" in document.documentElement.dataset ? "at once, " : "later, ") + sent })()`)
	if answered != "at once, 1" {
		t.Errorf("a press and another: answered %s times", answered)
	}
	c.Wait("The server does not answer")
	if c.Eval("document.querySelector('main [name=name]').value") != "Renamed again" {
		t.Error("what was typed is lost")
	}
	if c.Eval("document.activeElement.textContent.trim()") != "Try again" {
		t.Error("the focus is not on what can be done")
	}
	c.Look("away")
}

// onPhone: the menu is a sheet, and the figures are on the first screen.
func onPhone(t *testing.T, c *cabinet.Cabinet) {
	t.Helper()
	c.Phone()
	c.Open("/projects/demo?period=30d")
	c.Wait("Where they came from")
	if y := c.Eval("String(document.querySelector('.tiles dd').getBoundingClientRect().top < 300)"); y != "true" {
		t.Errorf("the first figure is at %s",
			c.Eval("String(document.querySelector('.tiles dd').getBoundingClientRect().top)"))
	}
	if at := c.Eval("document.querySelector('.thumb button').innerText"); !strings.Contains(at, "Overview") {
		t.Errorf("the bar says %q", at)
	}
	c.Eval("(() => { document.querySelector('.thumb button').click(); return '' })()")
	c.WaitEval("String(document.querySelector('#menu').matches(':popover-open'))", "true")
	c.Look("menu-phone")
	c.Press("Subscribers")
	c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "/subscribers") })
	c.WaitEval("String(document.querySelector('#menu').matches(':popover-open'))", "false")
}

// byFinder goes to a link by the keyboard alone.
func byFinder(c *cabinet.Cabinet) {
	c.Open("/projects/demo")
	c.Wait("Where they came from")
	c.Eval(`(() => { document.dispatchEvent(new KeyboardEvent("keydown",
		{ code: "KeyK", key: "k", ctrlKey: true, bubbles: true })); return "" })()`)
	c.WaitEval("document.activeElement.id", "finder-q")
	c.Keys("spring")
	c.WaitEval("document.querySelector('#finder .found a')?.textContent.includes('pring') ? 'yes' : 'no'", "yes")
	c.Look("finder")
	c.Keys("\r")
	c.WaitPath(func(path string) bool { return strings.Contains(path, "/sources/") })
}

// onChart hears the points of a chart.
func onChart(t *testing.T, c *cabinet.Cabinet) {
	t.Helper()
	c.Open("/projects/demo?period=7d")
	c.WaitEval("String(document.querySelector('main canvas').tabIndex)", "0")
	press := func(key string) {
		c.Eval(`(() => { const e = document.querySelector("main canvas"); e.focus();
			e.dispatchEvent(new KeyboardEvent("keydown", { key: "` + key + `", bubbles: true })); return "" })()`)
	}
	press("Home")
	c.WaitEval("/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), .* 20\\d\\d, /.test(document.querySelector('#say').textContent) "+
		"? 'said' : ''", "said")
	first := c.Eval("document.querySelector('#say').textContent")
	press("ArrowRight")
	c.WaitEval("document.querySelector('#say').textContent === "+quote(first)+" ? 'same' : "+
		"document.querySelector('#say').textContent && 'next'", "next")
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
