package cabinet

import (
	"context"
	"encoding/json"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Phone makes the window as large as that of a phone.
func (c *Cabinet) Phone() {
	c.t.Helper()
	c.do(chromedp.EmulateViewport(375, 740))
}

// quality is what a page cost, and how still it stood.
type quality struct {
	Foreign []string // what was loaded from elsewhere
	Weight  int      // of scripts and styles, as they were sent
	Shift   float64  // how far what was seen moved, by the measure of browsers
	Moved   []string // what it was, from where to where
	Charts  int
}

// watch begins to add up what moved on the page.
const watch = `(() => {
	window.shift = 0;
	window.moved = [];
	const box = (r) => [r.x, r.y, r.width, r.height].map(Math.round).join(" ");
	const add = (e) => {
		window.shift += e.value;
		window.moved.push(...e.sources.map((s) => (s.node?.outerHTML ?? s.node?.textContent ?? "").slice(0, 80) +
			": " + box(s.previousRect) + " to " + box(s.currentRect)));
	};
	new PerformanceObserver((l) => l.getEntries().filter((e) => !e.hadRecentInput).forEach(add))
		.observe({type: "layout-shift", buffered: true});
	return "";
})()`

// measured is a quality, as the browser tells it.
const measured = `JSON.stringify((() => {
	const all = performance.getEntriesByType("resource"), own = all.filter((e) => e.name.startsWith(location.origin));
	return {
		Foreign: all.filter((e) => !own.includes(e)).map((e) => e.name),
		Weight: own.filter((e) => /\.(js|css)$/.test(e.name)).reduce((sum, e) => sum + e.encodedBodySize, 0),
		Shift: window.shift, Moved: window.moved, Charts: document.querySelectorAll("canvas").length,
	};
})())`

// Measure fails the test where a page that was just opened loads anything from
// elsewhere, or too much, or moves what is read.
func (c *Cabinet) Measure(name string) {
	c.t.Helper()
	c.Eval(watch)
	c.WaitEval(`(() => {
		if (!window.twice) { window.twice = 1; requestAnimationFrame(() => requestAnimationFrame(() => { window.twice = 2 })) }
		return String(window.twice) })()`, "2")
	var q quality
	if err := json.Unmarshal([]byte(c.Eval(measured)), &q); err != nil {
		c.t.Fatal(err)
	}
	most := 80 << 10
	if q.Charts > 0 {
		most = 150 << 10
	}
	if len(q.Foreign) > 0 || q.Weight > most || q.Shift > 0.01 {
		c.t.Errorf("%s (%s): %+v", name, c.Path(), q)
	}
}

// Slow lets no more bytes a second arrive; -1: as many as come.
func (c *Cabinet) Slow(bytesPerSecond float64) {
	c.t.Helper()
	_, err := chromedp.Run(c.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule,
			network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{
				DownloadThroughput: bytesPerSecond, UploadThroughput: -1,
			}}})
		return cdp.Empty{}, err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
