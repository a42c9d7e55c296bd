package cabinet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

// TestTables works with tables of many rows and of long names: they sort, search
// and turn pages where they stand, keep the focus and fit on the page.
func TestTables(t *testing.T) {
	t.Parallel()
	s := e2e.StartDemo(t)
	made := s.API(201, "POST", "/projects", map[string]any{
		"name": "Long names", "limits": map[string]any{"per_second": 0, "per_hour": 0, "per_day": 0},
	})
	key, base := made["api_key"].(string), "/projects/"+made["id"].(string)
	for n := range 60 {
		letter := []string{"W", "Ж"}[n%2]
		name, source := strings.Repeat(letter, 64), fmt.Sprintf("%s%d", strings.Repeat("W", 50), n)
		s.Event(key, "user_did_start_bot", fmt.Sprintf(
			`{"user_id":"%d","first_name":%q,"last_name":%q,"start_value":%q}`, 1000+n, name, name, source))
	}
	c := cabinet.New(t, s, browser.New(t))
	c.LogIn()

	const rows = "String(document.querySelectorAll('#table tbody:not(.total) tr').length)"
	c.Open(base)
	c.WaitEval(rows, "50")
	c.Wait("1–50 of 60")
	c.WaitEval("document.querySelector('#table .total td:nth-child(3)').textContent.trim()", "60")
	c.Eval("(() => { document.body.dataset.same = 'yes'; return '' })()")
	c.Press("Next ›")
	c.WaitEval(rows, "10")
	c.WaitEval("document.activeElement.textContent.trim()", "2") // there is no next page any more
	c.Eval("(() => { document.querySelector('#table-by-name').focus(); return '' })()")
	c.Keys("\r")
	c.WaitPath(func(path string) bool { return strings.HasSuffix(path, "?sort=name") })
	c.WaitEval("document.activeElement.id + ' ' + document.activeElement.closest('th')?.ariaSort",
		"table-by-name ascending")
	c.Eval("(() => { document.querySelector('#table-search-q').focus(); return '' })()")
	c.Keys("w59")
	c.Wait("Found 1 of 60.")
	c.WaitEval("document.activeElement.value", "w59")
	c.WaitEval("document.querySelector('#table .total td:nth-child(3)').textContent.trim()", "1")
	c.WaitEval("document.body.dataset.same ?? ''", "yes") // nothing but the table was changed
	c.Look("table-found")

	const fits = "(e => String(e.scrollWidth <= e.clientWidth))(document.querySelector('.scroll'))"
	c.Open(base + "/subscribers")
	c.WaitEval(rows, "50")
	c.WaitEval(fits, "true")
	c.Look("table-people")
	c.Press("Next ›")
	c.WaitEval(rows, "10")
	c.Width(375)
	c.Open(base + "/subscribers")
	c.WaitEval(fits, "true")
	c.Look("table-people-phone")
	c.Open(base)
	c.WaitEval("(e => { e.scrollLeft = 200; return String(e.querySelector('tbody th').getBoundingClientRect().left >= "+
		"e.getBoundingClientRect().left) })(document.querySelector('.scroll'))", "true")
	c.Look("table-phone")
	s.Stop()
}
