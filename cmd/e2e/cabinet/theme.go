package cabinet

import (
	"context"
	"path/filepath"
	"strconv"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Dark chooses the dark theme.
func (c *Cabinet) Dark() { c.Theme("dark") }

// Theme presses the button of the page, which goes round the themes, until it is
// the one.
func (c *Cabinet) Theme(name string) {
	c.t.Helper()
	const next = "document.querySelector('button[name=theme]').value"
	for c.settle(); c.Eval("document.documentElement.dataset.bsTheme") != name; c.settle() {
		now := c.Eval(next)
		c.Eval("(() => { setTimeout(() => document.querySelector('button[name=theme]').click()); return '' })()")
		c.WaitEval("String("+next+" !== "+strconv.Quote(now)+")", "true")
	}
}

// Picture keeps what the window shows as a picture for the documentation.
func (c *Cabinet) Picture(dir, name string) {
	c.t.Helper()
	quality := int64(80)
	shot, err := chromedp.Run(c.ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		r, err := cdp.Call(ctx, t, page.CaptureScreenshot,
			page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &quality})
		if err != nil {
			return nil, err
		}
		return r.Data, nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.keep(filepath.Join(dir, name+".webp"), shot)
}
