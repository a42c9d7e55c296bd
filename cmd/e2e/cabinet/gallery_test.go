package cabinet_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/cmd/e2e/browser"
	"github.com/tgtrack/tgtrack/cmd/e2e/cabinet"
)

// gallery is what `make gallery` sets.
var gallery = flag.String("gallery", "", "keep a picture of each page, in every form, in this `folder`")

// crowd is a project with so many people of long names, each by a source of its
// own, and with as many links, up to as many as are made at once.
type crowd struct {
	rows       int
	path, link string
}

const mostLinks = 1000

// TestManyRows opens each page of a project with 10,000 rows: none is heavy, and
// none wider than its window. With -gallery it keeps pictures of all pages, with
// 3, 100 and 10,000 rows, in both languages, light and dark, wide and on a phone,
// and measures how long the longest task took while each was scrolled.
func TestManyRows(t *testing.T) {
	t.Parallel()
	s := e2e.StartDemo(t)
	sizes := []int{10_000}
	if *gallery != "" {
		sizes = []int{3, 100, 10_000}
	}
	tabs := browser.New(t)
	c := cabinet.New(t, s, tabs)
	c.LogIn()
	for _, rows := range sizes {
		p := gather(t, s, rows)
		if *gallery != "" {
			pictures(t, s, tabs, p)
			continue
		}
		c.Open(p.path)
		c.Wait("of 10,000") // the sources
		for _, page := range p.pages() {
			c.Open(page)
			c.Weigh(page, 300<<10)
			c.Check(page)
		}
		if worst := c.Scroll(p.path + "/subscribers"); worst > 0 {
			t.Logf("the longest task while people are scrolled: %d ms", worst)
		}
	}
	s.Stop()
}

// gather makes a project and lets people come.
func gather(t *testing.T, s *e2e.Service, rows int) crowd {
	t.Helper()
	made := s.API(201, "POST", "/projects", map[string]any{
		"name":   fmt.Sprintf("%d rows of a name that is longer than anybody would choose", rows),
		"limits": map[string]any{"per_second": 0, "per_hour": 0, "per_day": 0},
	})
	id, key := made["id"].(string), made["api_key"].(string)
	p := crowd{rows: rows, path: "/projects/" + id}
	var links []map[string]any
	for n := range min(rows, mostLinks) {
		links = append(links, map[string]any{"name": fmt.Sprintf("%s %d", strings.Repeat("Ж", 60), n),
			"utm": map[string]string{"source": strings.Repeat("s", 60), "campaign": fmt.Sprint("c", n)}})
	}
	items := s.API(201, "POST", p.path+"/links/bulk", map[string]any{"links": links})["items"].([]any)
	p.link = items[0].(map[string]any)["id"].(string)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(rows); n = next.Add(1) {
				letter := []string{"W", "Ж"}[n%2]
				body := fmt.Sprintf(`{"user_id":"%d","first_name":%q,"last_name":%q,"start_value":%q}`, 1000+n,
					strings.Repeat(letter, 64), strings.Repeat(letter, 64), fmt.Sprintf("%s%d", strings.Repeat("W", 50), n))
				for { // a busy service asks to come again
					a, err := e2e.Do(t.Context(), "POST", s.URL+"/v1/"+key+"/user_did_start_bot", body,
						"Content-Type: application/json")
					if err == nil && a.Code == 200 {
						break
					}
					if err != nil || a.Code != 503 {
						t.Errorf("somebody did not come: %d %s %v", a.Code, a.Body, err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	e2e.Eventually(t, time.Minute, func() error { // days are added up every second or so
		if n := s.Counted(strings.TrimPrefix(p.path, "/projects/"))["joins"]; n != rows {
			return fmt.Errorf("%d of %d joined", n, rows)
		}
		return nil
	})
	return p
}

// pages are those that show rows, and those around them.
func (p crowd) pages() []string {
	out := []string{"/projects", "/service"}
	for _, page := range []string{"", "/glossary", "/sources", "/sources/" + p.link, "/sources/new", "/sources/bulk",
		"/sources/templates", "/sources/rules", "/subscribers", "/subscribers/telegram/1001", "/funnel", "/cohorts",
		"/lifetime", "/places", "/accounts", "/accounts/new/facebook", "/conversions", "/connect", "/first-steps",
		"/live", "/notifications", "/settings", "/users", "/shares", "/audit"} {
		out = append(out, p.path+page)
	}
	return out
}

// pictures keeps each page in every form. A tab lasts for some minutes, so each
// form of the light has its own.
func pictures(t *testing.T, s *e2e.Service, tabs context.Context, p crowd) {
	t.Helper()
	report, err := os.OpenFile(filepath.Join(*gallery, "tasks.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer report.Close()
	for _, language := range []string{"en", "ru"} {
		for _, theme := range []string{"light", "dark"} {
			c := cabinet.New(t, s, tabs)
			c.Open("/projects")
			c.Language(language)
			c.Theme(theme)
			for form, width := range map[string]int64{"wide": 1280, "phone": 390} {
				c.Width(width)
				for _, page := range p.pages() {
					name := strings.Trim(strings.ReplaceAll(strings.TrimPrefix(page, p.path), "/", "-"), "-")
					if name == "" {
						name = "overview"
					}
					c.Open(page)
					c.Snap(filepath.Join(*gallery, fmt.Sprintf("%s-%d-%s-%s-%s.png", name, p.rows, language, theme, form)))
					if theme == "light" && language == "en" {
						fmt.Fprintf(report, "%s, %d rows, %s: %d ms\n", name, p.rows, form, c.Scroll(page))
					}
				}
			}
		}
	}
}
