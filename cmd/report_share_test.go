package cmd

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/usecase"
)

var (
	sharedAddress = regexp.MustCompile(`(/shared/report/[a-z0-9]+)<`)
	ways          = regexp.MustCompile(`(?:<a [^>]*href|<form [^>]*action)="([^"]*)"`)
)

// stranger asks for a page with nothing but its address, and a cookie if any.
func (h *house) stranger(method, address string, form url.Values, cookies ...*http.Cookie) (*http.Response, string) {
	h.t.Helper()
	r := httptest.NewRequest(method, address, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	res, err := h.HTTP.App().Test(r, 10_000)
	h.ok(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	h.ok(err)
	return res, string(b)
}

// shareOf shares a page of the project as the editor, and gives the address.
func (h *house) shareOf(id string, form url.Values) string {
	h.t.Helper()
	code, text, _ := h.browse("editor", "POST", "/projects/"+id+"/shares", form)
	address := sharedAddress.FindStringSubmatch(text)
	if code != 200 || address == nil {
		h.t.Fatalf("%d %s", code, text)
	}
	return address[1]
}

// TestSharedReports: whoever has the address sees the page, of the period and
// the filter that were shared, and nothing leads from there anywhere.
func TestSharedReports(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.project()
	for _, page := range usecase.ReportPages() {
		address := h.shareOf(id, url.Values{
			"report": {string(page)}, "from": {"2026-01-05"}, "to": {"2026-01-11"}, "period": {"7d"},
			"utm_source": {"ya"}, "by": {"utm_campaign"}, "days": {"7"},
		})
		_, shown := h.stranger("GET", address, nil)
		for _, other := range []string{
			"?from=2025-01-01&to=2025-12-31", "?period=365d", "?utm_source=", "?source=x", "?by=link",
		} {
			_, text := h.stranger("GET", address+other, nil)
			// The forms of language and theme lead back to where they were sent from.
			if strings.ReplaceAll(text, html.EscapeString(other), "") != shown {
				t.Errorf("%s%s is another page", page, other)
			}
		}
		res, text := h.stranger("GET", address, nil)
		if res.StatusCode != 200 || res.Header.Get("Cache-Control") != "no-store" ||
			!strings.Contains(res.Header.Get("X-Robots-Tag"), "noindex") {
			t.Errorf("%s: %d %v", page, res.StatusCode, res.Header)
		}
		if !strings.Contains(text, "Jan 2026") || !strings.Contains(text, "ya") {
			t.Errorf("%s does not say what it is about: %s", page, text)
		}
		for _, way := range ways.FindAllStringSubmatch(text, -1) {
			to := html.UnescapeString(way[1])
			if !strings.HasPrefix(to, "#") && !strings.HasPrefix(to, address) && to != "/language" && to != "/theme" {
				t.Errorf("%s leads to %s", page, to)
			}
		}
		if strings.Contains(text, "/projects/") || strings.Contains(text, "example.org") {
			t.Errorf("%s names what is behind it", page)
		}
	}
}

// TestSharedReportMoves: one that goes along with time shows today's days.
func TestSharedReportMoves(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	address := h.shareOf(h.project(), url.Values{
		"report": {"overview"}, "from": {"2026-01-05"}, "to": {"2026-01-05"}, "period": {"today"}, "moves": {"1"},
	})
	if _, text := h.stranger("GET", address, nil); !strings.Contains(text, h.Store.Now().UTC().Format("2 Jan 2006")) {
		t.Error(text)
	}
}

// TestSharedReportPassword: the page is shown to who gave the password, and the
// list can end it.
func TestSharedReportPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.project()
	const password = "four words in a row"
	address := h.shareOf(id, url.Values{"report": {"sources"}, "period": {"30d"}, "moves": {"1"}, "password": {password}})
	_, closed := h.stranger("GET", address, nil)
	if !strings.Contains(closed, `type="password"`) || strings.Contains(closed, "tracking links") {
		t.Error(closed)
	}
	if res, text := h.stranger("POST", address, url.Values{"password": {"guess"}}); res.StatusCode != 422 ||
		!strings.Contains(text, "not the password") {
		t.Errorf("%d %s", res.StatusCode, text)
	}
	res, _ := h.stranger("POST", address, url.Values{"password": {password}})
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	if _, text := h.stranger("GET", address, nil, res.Cookies()...); !strings.Contains(text, "tracking links") {
		t.Error(text)
	}
	_, list, _ := h.browse("editor", "GET", "/projects/"+id+"/shares", nil)
	withdraw := regexp.MustCompile(`action="([^"]*/withdraw)"`).FindStringSubmatch(list)
	if withdraw == nil {
		t.Fatal(list)
	}
	if code, _, _ := h.browse("editor", "POST", withdraw[1], url.Values{}); code != http.StatusSeeOther {
		t.Error(code)
	}
	if res, text := h.stranger("GET", address, nil); res.StatusCode != 404 || !strings.Contains(text, "not open any more") {
		t.Errorf("%d %s", res.StatusCode, text)
	}
}
