package cabinet

import (
	"strconv"

	"github.com/chromedp/chromedp"
)

// Snap keeps the whole page as a picture, without looking at it any further.
func (c *Cabinet) Snap(path string) {
	c.t.Helper()
	c.settle()
	png, err := chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		c.t.Fatal(err)
	}
	c.keep(path, png)
}

// Language changes to a language by the button of the page.
func (c *Cabinet) Language(code string) {
	c.t.Helper()
	c.settle()
	if c.Eval("document.documentElement.lang") == code {
		return
	}
	c.Press(map[string]string{"en": "English", "ru": "Русский"}[code])
	c.WaitEval("document.documentElement.lang", code)
}

// Weigh fails the test where the page that is open has more bytes than it may.
func (c *Cabinet) Weigh(name string, most int) {
	c.t.Helper()
	c.settle()
	size, err := strconv.Atoi(c.Eval("String(performance.getEntriesByType('navigation')[0].decodedBodySize)"))
	if err != nil || size == 0 || size > most {
		c.t.Errorf("%s has %d bytes, which is more than %d (%v)", name, size, most, err)
	}
}

// scrolled scrolls a page to its end and back, and notes the longest task that
// the browser had meanwhile.
const scrolled = `(() => {
	window.longest = -1;
	let most = 0, step = 0;
	new PerformanceObserver((l) => { for (const e of l.getEntries()) most = Math.max(most, e.duration); })
		.observe({type: "longtask"});
	const down = document.documentElement.scrollHeight / 20;
	(function on() {
		scrollBy(0, step < 20 ? down : -down);
		if (++step < 40) requestAnimationFrame(on); else setTimeout(() => { window.longest = most; }, 100);
	})();
	return ""; })()`

// Scroll opens a page and scrolls through it: it answers how long the longest
// task took, in milliseconds, 0 for none of 50 or more.
func (c *Cabinet) Scroll(path string) int {
	c.t.Helper()
	c.Open(path)
	c.settle()
	c.Eval(scrolled)
	c.WaitEval("String(window.longest >= 0)", "true")
	n, err := strconv.Atoi(c.Eval("String(Math.round(window.longest))"))
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}
