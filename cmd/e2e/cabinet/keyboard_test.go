package cabinet_test

import (
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

// TestKeyboard works with the pages by the keyboard alone: it never points.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	s := e2e.StartDemo(t)
	c := cabinet.New(t, s, browser.New(t))
	c.Open("/login")
	c.WaitEval("document.activeElement.name", "email")
	c.Keys("demo@example.org")
	c.Tab("Password")
	c.Keys("demo-password\r")
	c.Wait("Flowers 24")

	c.Tab("Demo bot")
	c.Keys("\r")
	c.Wait("Where they came from")
	// Before a swapped page is settled its links are plain ones: a key pressed
	// so early loads the page anew, and browsers begin new pages at the top.
	c.WaitEval("document.activeElement.tagName", "H1")
	c.Keys("5") // 90 days
	c.WaitPath(func(path string) bool { return strings.Contains(path, "period=") })
	c.WaitEval("document.activeElement.tagName", "H1")
	c.Tab("Skip to content")
	c.Keys("\r")
	c.WaitEval("document.activeElement.id", "main")
	c.Tab("VK Реклама")
	c.Keys("\r")
	c.WaitPath(func(path string) bool { return strings.Contains(path, "source=") })

	c.Tab("Subscribers")
	c.Keys("\r")
	c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "/subscribers") })
	c.Wait("Joined from")
	c.Keys("/")
	c.WaitEval("document.activeElement.name", "q")
	c.Keys("\ba\r") // the driver sends the character even though the page took the key
	c.WaitPath(func(path string) bool { return strings.Contains(path, "q=a") })

	c.Tab("Sources")
	c.Keys("\r")
	c.Wait("New tracking link")
	c.Tab("New tracking link")
	c.Keys("\r")
	c.WaitPath(func(path string) bool { return strings.Contains(path, "/sources/new") })
	c.Tab("Name")
	c.Keys("By the keyboard")
	c.Tab("Create the link")
	c.Keys("\r")
	c.Wait("Address for the ad")
	// As over plain http in a network, where browsers have no clipboard.
	c.Eval(`(() => {
		Object.defineProperty(navigator, "clipboard", {value: undefined});
		document.addEventListener("copy", () => { window.copiedText = document.activeElement.value; });
		return "";
	})()`)
	c.Tab("Copy: Address for the ad")
	c.Keys("\r")
	c.WaitEval("String(window.copiedText).replace(/.*\\/c\\/[^ ]+/, 'a click address')", "a click address")
	c.WaitEval("document.querySelector('.copying [role=status]').textContent", "Copied")
	c.WaitEval("document.activeElement.textContent.trim().slice(0, 4)", "Copy")
	c.Tab("Log out")
	c.Keys("\r")
	c.Wait("Log in")
	s.Stop()
}
