package cabinet_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

// TestFirstValue: from the line that says the service is ready to the first
// conversion seen it takes six actions, all of them in the browser.
func TestFirstValue(t *testing.T) {
	t.Parallel()
	s := e2e.Start(t, t.TempDir())
	c := cabinet.New(t, s, browser.New(t))
	actions := 0
	do := func(act func()) { actions++; act() }

	do(func() { c.Open(c.SetupPath()) })
	c.Wait("Password")
	c.Fill("email", "anna@example.org")
	c.Fill("name", "Anna")
	c.Fill("password", "correct-horse")
	do(func() { c.Press("Create the owner") })
	c.Wait("Constructor")
	if zone := c.Eval("document.querySelector('[name=timezone]').value"); zone !=
		c.Eval("Intl.DateTimeFormat().resolvedOptions().timeZone") {
		t.Errorf("the time zone of a new project begins as %s", zone)
	}
	c.Fill("name", "Flower shop")
	c.Fill("username", "flower_shop_bot")
	do(func() { c.Press("Create and connect") })
	c.Wait("1 of 5 done")
	c.Look("first-steps-new")
	do(func() { c.Press("Make the link") })
	c.Wait("2 of 5 done")
	c.Look("first-steps-link")
	do(func() { c.Press("Connect this address") })
	c.Wait("See what it would get")
	do(func() { c.Press("Make a test start") })
	c.Wait("This request would be sent:")
	if actions > 6 {
		t.Errorf("the first conversion is seen after %d actions", actions)
	}
	if text := c.Text(); !strings.Contains(text, "sandbox") || !strings.Contains(text, "5 of 5 done") {
		t.Errorf("the page shows %s", text)
	}
	c.Look("first-steps-done")
	c.Width(375)
	c.Look("first-steps-phone")
	c.Press("Erase the test")
	c.Wait("3 of 5 done")
}
