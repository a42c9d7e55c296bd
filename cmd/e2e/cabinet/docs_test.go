package cabinet_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

// TestDocs reads the description of the interface in both languages, and tries
// a call on it: with a key of production, a wrong one, and one of the sandbox.
func TestDocs(t *testing.T) {
	t.Parallel()
	s := e2e.Start(t, t.TempDir())
	key := func(mode string) string {
		return s.API(201, "POST", "/projects", map[string]any{"name": mode, "mode": mode})["api_key"].(string)
	}
	c := cabinet.New(t, s, browser.New(t))
	c.Open("/docs?lang=ru")
	c.Wait("Попробовать")
	c.Look("docs-ru")
	c.Press("English")
	c.Wait("Try it")
	c.Look("docs-en")
	c.Fill("key", key("production"))
	c.Press("Send")
	c.Wait("the key of a project in production")
	c.Fill("key", "tgk_wrong")
	c.Press("Send")
	c.Wait("\"error_code\": 401")
	c.Fill("key", key("sandbox"))
	c.Choose("method", "add_event")
	c.Press("Send")
	c.Wait("\"duplicate\": false")
	c.Look("docs-tried")
	c.Fill("body", "{")
	c.Press("Send")
	c.Wait("The body is no JSON")
	c.Width(390)
	c.Look("docs-phone")
	s.Stop()
}
