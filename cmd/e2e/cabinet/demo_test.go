package cabinet_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

type demoPage struct{ name, path, link string }

// demoPages are the pages of the demo, by name; what is empty or has no address
// of its own is opened by a link of the page before.
var demoPages = []demoPage{
	{name: "projects", path: "/projects"},
	{name: "overview", path: "/projects/demo?period=30d"},
	{name: "overview-return", path: "/projects/demo?period=90d&metric=return&grain=month&compare=year"},
	{name: "overview-today", path: "/projects/demo?period=today"},
	{name: "overview-wrong", path: "/projects/demo?from=2026-02-09&to=2026-02-01"},
	{name: "glossary", path: "/projects/demo/glossary"},
	{name: "sources", path: "/projects/demo/sources?period=30d"},
	{name: "source", link: "main table tbody a"},
	{name: "source-address", path: "/projects/demo/sources/demo-qr"},
	{name: "new-link", path: "/projects/demo/sources/new"},
	{name: "bulk-links", path: "/projects/demo/sources/bulk"},
	{name: "utm-templates", path: "/projects/demo/sources/templates"},
	{name: "rules", path: "/projects/demo/sources/rules"},
	{name: "subscribers", path: "/projects/demo/subscribers"},
	{name: "dossier", link: "main table tbody a"},
	{name: "funnel", path: "/projects/demo/funnel?period=90d"},
	{name: "cohorts", path: "/projects/demo/cohorts?period=90d"},
	{name: "lifetime", path: "/projects/demo/lifetime?period=90d"},
	{name: "places", path: "/projects/demo/places?period=30d"},
	{name: "accounts", path: "/projects/demo/accounts"},
	{name: "account", path: "/projects/demo/accounts/demo-facebook"},
	{name: "account-preset", path: "/projects/demo/accounts/new/postback?preset=adsgram"},
	{name: "conversions", path: "/projects/demo/conversions?period=30d"},
	{name: "connect", path: "/projects/demo/connect"},
	{name: "first-steps", path: "/projects/demo/first-steps"},
	{name: "live", path: "/projects/demo/live"},
	{name: "request", link: ".feed-list li:last-child a"},
	{name: "notifications", path: "/projects/demo/notifications"},
	{name: "settings", path: "/projects/demo/settings"},
	{name: "users", path: "/projects/demo/users"},
	{name: "shares", path: "/projects/demo/shares"},
	{name: "search", path: "/projects/demo/search?q=a"},
	{name: "design", path: "/design"},
	{name: "audit", path: "/projects/demo/audit"},
	{name: "service", path: "/service"},
}

// documented are the pages whose pictures the documentation shows.
var documented = []string{"projects", "overview", "sources", "dossier", "cohorts", "accounts", "connect",
	"live", "request"}

// TestDemo looks at each page of the demo: in English and light, in Russian
// and dark, and as on a phone. With TGTEST_DOCS it keeps the pictures of the
// documentation in that folder.
func TestDemo(t *testing.T) {
	t.Parallel()
	s := e2e.StartDemo(t)
	start := s.Click("spring", "fbclid=IwAR0demo")
	s.Event("demo-key", "user_did_start_bot", `{"user_id":"1001","first_name":"Анна","start_value":"`+start+`"}`)
	s.Event("demo-key", "add_event", `{"user_id":"1001","event_type":"opened_price"}`)
	s.Event("demo-key", "channel_subscribed", `{"user_id":"1001","channel_id":"-100777"}`)
	s.Event("demo-key", "user_did_start_bot", `{"user_id":"{{user_id}}"}`)
	c := cabinet.New(t, s, browser.New(t))
	c.LogIn()
	c.Open("/projects/demo/sources")
	c.Press("Export")
	c.Look("demo-export")
	shared := share(c)
	lookAtDemo(c, "en", shared)
	c.Press("Русский")
	c.WaitEval("document.documentElement.lang", "ru")
	lookAtDemo(c, "ru", shared)
	standsStill(c)
	c.Dark()
	c.Open("/projects")
	walkDemo(c, shared, func(name string) { c.Check(name + " in the dark") })
	c.Width(390)
	walkDemo(c, shared, func(name string) { c.Look("demo-phone-" + name) })
	s.Stop()
}

// standsStill: a page that arrives in pieces does not move under the eyes.
func standsStill(c *cabinet.Cabinet) {
	c.Slow(8 << 10)
	for _, page := range []string{"", "/conversions", "/sources"} {
		c.Open("/projects/demo" + page + "?period=30d")
		c.Measure("slow" + page)
	}
	c.Slow(-1)
}

// share shares the overview, and gives the path of its address.
func share(c *cabinet.Cabinet) string {
	c.Open("/projects/demo?period=7d")
	c.Press("Share")
	c.Look("demo-share")
	c.Press("Make the address")
	c.Wait("It is not shown again")
	c.Look("demo-share-made")
	return c.Eval("new URL(document.querySelector('main .alert code').textContent).pathname")
}

// lookAtDemo opens each page in a language.
func lookAtDemo(c *cabinet.Cabinet, language, shared string) {
	walkDemo(c, shared, func(name string) {
		c.Measure(name)
		c.Look("demo-" + name + "-" + language)
		if dir := os.Getenv("TGTEST_DOCS"); dir != "" && slices.Contains(documented, name) {
			c.Picture(dir, name+"."+language)
		}
	})
}

// walkDemo opens each page of the demo, and the one that is shared.
func walkDemo(c *cabinet.Cabinet, shared string, look func(name string)) {
	for _, p := range append(slices.Clone(demoPages), demoPage{name: "shared-report", path: shared}) {
		if p.path != "" {
			c.Open(p.path)
		} else {
			c.Open(strings.TrimPrefix(c.Eval("document.querySelector('"+p.link+"').pathname"),
				c.Eval("location.origin")))
		}
		c.WaitEval("String(document.querySelectorAll('canvas').length === 0 || "+
			"[...document.querySelectorAll('canvas')].every((e) => e.width > 0 && Chart.getChart(e)))", "true")
		look(p.name)
	}
}
