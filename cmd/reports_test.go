package cmd

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/usecase/report"
)

var (
	exportForm  = regexp.MustCompile(`(?s)<form method="get" action="([^"]*/export)".*?</form>`)
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
	tableOption = regexp.MustCompile(`<option value="([a-z]+)">`)
)

// exportsOf gives the addresses of all files that a page's form leads to.
func exportsOf(page string) (out []string) {
	form := exportForm.FindStringSubmatch(page)
	if form == nil {
		return nil
	}
	q := url.Values{}
	for _, input := range hiddenInput.FindAllStringSubmatch(form[0], -1) {
		q.Set(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
	}
	tables := []string{q.Get("table")}
	if tables[0] == "" {
		tables = nil
		chosen, _, _ := strings.Cut(form[0], "</select>")
		for _, option := range tableOption.FindAllStringSubmatch(chosen, -1) {
			tables = append(tables, option[1])
		}
	}
	for _, table := range tables {
		for _, format := range []string{"csv", "xlsx"} {
			q.Set("table", table)
			q.Set("format", format)
			out = append(out, form[1]+"?"+q.Encode())
		}
	}
	return out
}

// TestPagesByEveryDimension: pages that break figures down take every
// dimension, and so do the tables they lead to.
func TestPagesByEveryDimension(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	project := "/projects/" + h.project()
	for _, d := range report.Dimensions() {
		for _, page := range []string{project, project + "/lifetime"} {
			address := page + "?by=" + string(d) + "&" + string(d) + "=x"
			code, text, _ := h.browse("viewer", "GET", address, nil)
			files := exportsOf(text)
			if code != 200 || len(files) == 0 {
				t.Errorf("%s: %d, leads to %v", address, code, files)
			}
			for _, file := range files {
				if code, text, _ = h.browse("viewer", "GET", file, nil); code != 200 {
					t.Errorf("%s: %d %s", file, code, text)
				}
			}
		}
	}
}
