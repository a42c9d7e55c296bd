// Package cabinet walks the pages of the built binary in a browser, as users do.
// It is for tests only, and apart from the others: a browser is busy for as
// long as it runs.
package cabinet

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// axe finds what people who can not see or point would stumble over:
// https://github.com/dequelabs/axe-core
//
//go:embed testdata/axe.min.js
var axe string

// Cabinet is a tab of a browser in which a user looks at the pages.
type Cabinet struct {
	t       testing.TB
	ctx     context.Context
	service *e2e.Service
}

// setupLink is printed at the first start.
var setupLink = regexp.MustCompile(`http://\S+(/setup/\S+)`)

// New opens a tab, as large as that of a desktop.
func New(t testing.TB, s *e2e.Service, browser context.Context) *Cabinet {
	t.Helper()
	ctx, cancel := context.WithTimeout(browser, 10*time.Minute)
	t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	c := &Cabinet{t: t, ctx: ctx, service: s}
	c.do(chromedp.Navigate("about:blank"))
	c.Width(1280)
	return c
}

// LogIn logs in as the user of the demo.
func (c *Cabinet) LogIn() {
	c.t.Helper()
	c.Open("/login")
	c.Fill("email", "demo@example.org")
	c.Fill("password", "demo-password")
	c.Press("Log in")
	c.Wait("Flowers 24")
}

// SetupPath is the address that makes the first owner.
func (c *Cabinet) SetupPath() string {
	c.t.Helper()
	m := setupLink.FindStringSubmatch(c.service.Log())
	if m == nil {
		c.t.Fatalf("no link for the first owner was printed:\n%s", c.service.Log())
	}
	return m[1]
}

func (c *Cabinet) do(actions ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	if err := chromedp.Do(c.ctx, actions...); err != nil {
		c.t.Fatal(err)
	}
}

// Width makes the window so wide, in pixels.
func (c *Cabinet) Width(pixels int64) {
	c.t.Helper()
	c.do(chromedp.EmulateViewport(pixels, 900))
}

// Open goes to a page.
func (c *Cabinet) Open(path string) {
	c.t.Helper()
	c.do(chromedp.Navigate(c.service.URL + path))
}

// Eval evaluates an expression to a text.
func (c *Cabinet) Eval(js string) string {
	c.t.Helper()
	s, err := chromedp.Run(c.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		c.t.Fatalf("%s: %v", js, err)
	}
	return s
}

// peek is Eval for what waits: it gives no text while the browser is between
// two pages.
func (c *Cabinet) peek(js string) string {
	s, err := chromedp.Run(c.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		return ""
	}
	return s
}

// Text is what the main part of the page says.
func (c *Cabinet) Text() string {
	c.t.Helper()
	return c.peek("document.querySelector('main')?.innerText ?? ''")
}

// Wait waits until the main part of the page says something.
func (c *Cabinet) Wait(text string) {
	c.t.Helper()
	e2e.Eventually(c.t, 20*time.Second, func() error {
		if got := c.Text(); !strings.Contains(got, text) {
			return fmt.Errorf("the page %s does not say %q but:\n%s\n%s", c.Path(), text, got, c.service.Log())
		}
		return nil
	})
}

// Path is the address of the page.
func (c *Cabinet) Path() string {
	c.t.Helper()
	return c.peek("location.pathname + location.search")
}

// WaitPath waits until the address of the page is one that a test asks for.
func (c *Cabinet) WaitPath(right func(path string) bool) {
	c.t.Helper()
	e2e.Eventually(c.t, 20*time.Second, func() error {
		if path := c.Path(); !right(path) {
			return fmt.Errorf("the page is still %s:\n%s", path, c.Text())
		}
		return nil
	})
}

// WaitEval waits until an expression gives a text.
func (c *Cabinet) WaitEval(js, want string) {
	c.t.Helper()
	e2e.Eventually(c.t, 20*time.Second, func() error {
		if got := c.peek(js); got != want {
			return fmt.Errorf("%s gives %q, want %q:\n%s", js, got, want, c.Text())
		}
		return nil
	})
}

// settle waits until the page is whole: before that its text may be there, but a
// link is a plain one yet, and a field may be taken out again.
func (c *Cabinet) settle() {
	c.t.Helper()
	c.WaitEval(`document.readyState === "complete" &&
		!document.querySelector(".htmx-swapping, .htmx-settling, .htmx-added") ? "whole" : ""`, "whole")
}

// Fill types into the field of that name.
func (c *Cabinet) Fill(name, value string) {
	c.t.Helper()
	c.settle()
	c.do(chromedp.Focus(chromedp.CSS("main [name='" + name + "']")))
	c.Eval("(e => { e.value = ''; return '' })(document.querySelector(\"main [name='" + name + "']\"))")
	c.do(chromedp.SendKeys(chromedp.CSS("main [name='"+name+"']"), value))
}

// AppCode is the one-time code that an app shows at a moment.
func (c *Cabinet) AppCode(secret string, at time.Time) string {
	c.t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		c.t.Fatal(err)
	}
	return code
}

// Choose chooses a value of the list of that name.
func (c *Cabinet) Choose(name, value string) {
	c.t.Helper()
	c.settle()
	c.do(chromedp.SetValue(chromedp.CSS("main [name='"+name+"']"), value))
}

// Press clicks the link or button with a text.
func (c *Cabinet) Press(text string) {
	c.t.Helper()
	c.settle()
	e2e.Eventually(c.t, 20*time.Second, func() error {
		found := c.peek(fmt.Sprintf(`(t => {
			const e = [...document.querySelectorAll("a, button, summary")]
				.find((e) => e.textContent.trim() === t && e.offsetParent !== null);
			if (e) setTimeout(() => e.click());
			return e ? "yes" : "";
		})(%q)`, text))
		if found == "" {
			return fmt.Errorf("the page %s has nothing to press that says %q:\n%s", c.Path(), text, c.Text())
		}
		return nil
	})
}

// Look keeps a picture of the page, and fails the test on what axe finds.
func (c *Cabinet) Look(name string) {
	c.t.Helper()
	if dir := os.Getenv("TGTEST_PICTURES"); dir != "" {
		png, err := chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			c.t.Fatal(err)
		}
		c.keep(filepath.Join(dir, name+".png"), png)
	}
	c.Check(name)
}

// keep writes a picture.
func (c *Cabinet) keep(path string, picture []byte) {
	c.t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, picture, 0o644)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// Check fails the test on what axe finds, and on a page wider than the window.
func (c *Cabinet) Check(name string) {
	c.t.Helper()
	if _, err := chromedp.Run(c.ctx, chromedp.Evaluate[string](axe+";''")); err != nil {
		c.t.Fatalf("load axe: %v", err)
	}
	c.Eval(`(() => {
		window.axeFound = null;
		const said = (n) => n.html + " " + n.any.map((a) => a.message).join(" ");
		axe.run({resultTypes: ["violations"]}).then((r) => {
			window.axeFound = r.violations.map((v) =>
				v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(said).join(" | ")).join("\n");
		});
		return ""; })()`)
	e2e.Eventually(c.t, 20*time.Second, func() error {
		if c.Eval("String(window.axeFound === null)") == "true" {
			return fmt.Errorf("axe is not done with %s", name)
		}
		return nil
	})
	if found := c.Eval("window.axeFound"); found != "" {
		c.t.Errorf("%s (%s): %s", name, c.Path(), found)
	}
	if wide := c.Eval(tooWide); wide != "" {
		c.t.Errorf("%s (%s) is wider than the window: %s", name, c.Path(), wide)
	}
}

// tooWide names what makes a page wider than the window, "" for nothing.
const tooWide = `(() => {
	const window_ = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= window_) return "";
	return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > window_ + 1)
		.slice(0, 3).map((e) => e.cloneNode().outerHTML.slice(0, 200)).join(" ") || "an element that is not seen";
})()`
