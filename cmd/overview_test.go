package cmd

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// TestWrongPeriod: dates that can not be are answered with the page, the form as
// it was filled in and what is wrong beside its field.
func TestWrongPeriod(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	base := "/projects/" + h.project()
	for _, page := range []string{"", "/sources", "/funnel", "/cohorts", "/lifetime", "/places"} {
		code, text, _ := h.browse("viewer", "GET", base+page+"?from=2031-03-09&to=2031-03-01&source=ad", nil)
		for _, want := range []string{
			`value="2031-03-09"`, `value="2031-03-01"`, `id="to-fault">lies before from<`, `name="source" value="ad"`,
			`data-period`,
		} {
			if code != http.StatusUnprocessableEntity || !strings.Contains(text, want) {
				t.Errorf("%s: %d, without %s", page, code, want)
			}
		}
	}
	code, text, _ := h.browse("viewer", "GET",
		base+"?compare=dates&compare_from=2031-03-09&compare_to=2031-03-01", nil)
	if code != http.StatusUnprocessableEntity || !strings.Contains(text, `id="compare_to-fault"`) {
		t.Errorf("a comparison that can not be: %d", code)
	}
}

// TestOverviewPage: each tile leads to its chart without scripts, with period
// and filter kept; every figure says what it counts.
func TestOverviewPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	base := "/projects/" + h.project()
	code, text, _ := h.browse("viewer", "GET", base+"?period=month&source=ad&compare=year", nil)
	if code != 200 {
		t.Fatalf("%d %s", code, text)
	}
	links := regexp.MustCompile(`href="([^"]*metric=[^"]*)"`).FindAllStringSubmatch(text, -1)
	if len(links) < 9 {
		t.Errorf("%d tiles", len(links))
	}
	for _, m := range links {
		href := strings.ReplaceAll(m[1], "&amp;", "&")
		for _, kept := range []string{"period=month", "source=ad", "compare=year"} {
			if !strings.Contains(href, kept) {
				t.Errorf("%s has lost %s", href, kept)
			}
		}
		if code, _, _ := h.browse("viewer", "GET", href, nil); code != 200 {
			t.Errorf("%s: %d", href, code)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if ids[m[1]] {
			t.Errorf("two elements have the id %s", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`popovertarget="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !ids[m[1]] {
			t.Errorf("the button of %s opens nothing", m[1])
		}
	}
	_, text, _ = h.browse("viewer", "GET", base+"/glossary", nil)
	for _, term := range report.Terms() {
		if !strings.Contains(text, `id="`+term.Key+`"`) {
			t.Errorf("the glossary lacks %s", term.Key)
		}
	}
}

// TestTroublesOnPages: what a project needs somebody for is said on its card and
// on each of its pages, with times of its own zone.
func TestTroublesOnPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.project()
	h.ok(h.Store.CreateAccount(t.Context(), domain.Account{
		ID: newID(), ProjectID: id, Network: "facebook", Name: "Meta of May", Settings: map[string]any{},
		Health: domain.Reauth, HealthReason: "token revoked", CreatedAt: clock(), UpdatedAt: clock(),
	}))
	for _, page := range []string{"/projects", "/projects/" + id, "/projects/" + id + "/live",
		"/projects/" + id + "/settings", "/projects/" + id + "/glossary"} {
		if code, text, _ := h.browse("owner", "GET", page, nil); code != 200 ||
			!strings.Contains(text, "The ad account &#34;Meta of May&#34; has stopped") {
			t.Errorf("%s: %d, nothing of the account that stopped", page, code)
		}
	}
}
