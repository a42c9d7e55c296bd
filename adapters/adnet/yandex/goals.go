package yandex

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
)

// goals of a counter.
// https://yandex.com/dev/metrika/en/management/openapi/goal/goals
type goals struct {
	Goals *[]struct {
		Type       string `json:"type"`
		Conditions []struct {
			Type string `json:"type"`
			URL  string `json:"url"`
		} `json:"conditions"`
	} `json:"goals"`
}

// Test reads the counter's goals: Metrica has no upload that does not count.
func (s *Sink) Test(ctx context.Context, a adnet.Account) adnet.TestResult {
	r := adnet.TestResult{NotChecked: []string{
		"uploading: Metrica has no dry run, and reading does not show whether the token may write",
	}}
	c := s.api(a, nil)
	ans, v, _ := c.call(ctx, http.MethodGet, c.base+"/goals", sent{}, 0)
	var g goals
	if v == nil && (json.Unmarshal(ans.Body, &g) != nil || g.Goals == nil) {
		v = &adnet.Verdict{Class: adnet.Retry, Reason: "Metrica's list of goals can not be read"}
	}
	if v != nil {
		r.Class, r.Problems = v.Class, []string{v.Reason}
		return r
	}
	r.OK = true
	r.Checked = []string{"the token reads counter " + a.Settings.Text("counter_id")}
	names := g.identifiers()
	if len(names) == 0 {
		r.Checked = append(r.Checked, "the counter has no goal of the type JavaScript event that matches exactly;"+
			" what is sent is counted only from the day such a goal exists")
		return r
	}
	r.Checked = append(r.Checked, "goals that can be sent: "+adnet.Clip(strings.Join(names, ", "), 500))
	return r
}

// identifiers of the goals that an upload can name.
func (g goals) identifiers() []string {
	var names []string
	for _, goal := range *g.Goals {
		if goal.Type != "action" {
			continue
		}
		for _, c := range goal.Conditions {
			if c.Type == "exact" && !slices.Contains(names, c.URL) {
				names = append(names, c.URL)
			}
		}
	}
	return names
}
