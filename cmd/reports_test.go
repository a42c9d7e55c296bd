package cmd

import (
	"html"
	"regexp"
	"testing"

	"github.com/tgtrack/tgtrack/usecase/report"
)

var exportLink = regexp.MustCompile(`href="(/api/v1/projects/[^"]*format=csv[^"]*)"`)

// TestPagesByEveryDimension: pages that break figures down take every
// dimension, and so does the table they lead to.
func TestPagesByEveryDimension(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	project := "/projects/" + h.project()
	for _, d := range report.Dimensions() {
		for _, page := range []string{project, project + "/lifetime"} {
			address := page + "?by=" + string(d) + "&" + string(d) + "=x"
			code, text, _ := h.browse("viewer", "GET", address, nil)
			link := exportLink.FindStringSubmatch(text)
			if code != 200 || link == nil {
				t.Errorf("%s: %d, leads to %v", address, code, link)
				continue
			}
			if code, text, _ = h.browse("viewer", "GET", html.UnescapeString(link[1]), nil); code != 200 {
				t.Errorf("%s: %d %s", link[1], code, text)
			}
		}
	}
}
