package cabinet

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// Keys presses keys, as on a keyboard.
func (c *Cabinet) Keys(keys string) {
	c.t.Helper()
	c.do(chromedp.KeyEvent(keys))
}

// mostTabs is how many times a user may have to press Tab on one page: a full
// list of people has two links each, and how full it is depends on the day.
const mostTabs = 300

// focused tells what has the focus: its text or label, and whether that can be
// seen.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return "";
	const s = getComputedStyle(e), box = e.getBoundingClientRect();
	const seen = e.id === "main" || e.tagName === "H1" || s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
	const text = e.labels?.[0]?.textContent || e.getAttribute("aria-label") || e.textContent || e.name || "";
	return (seen && box.width > 0 ? "seen" : "unseen") + " " + e.tagName.toLowerCase() + " " + text.trim();
})()`

// Tab presses Tab until what has a text or a label is focused; wherever the
// focus is on the way must be seen.
func (c *Cabinet) Tab(text string) {
	c.t.Helper()
	var way []string
	for range mostTabs {
		c.Keys("\t")
		at := c.Eval(focused)
		seen, what, _ := strings.Cut(at, " ")
		if seen == "unseen" {
			c.t.Errorf("the page %s does not show that the focus is on %s", c.Path(), what)
		}
		if _, name, _ := strings.Cut(what, " "); name == text {
			return
		}
		way = append(way, what)
	}
	c.t.Fatalf("Tab does not get to %q on %s:\n%s", text, c.Path(), strings.Join(way, "\n"))
}
