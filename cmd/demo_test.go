package cmd

import (
	mathrand "math/rand/v2"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// TestDemoHistory: the sample projects have a past in which nothing is lost,
// and which every report has something of.
func TestDemoHistory(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.ok(seedDemo(ctx, h.App, adsim.Of(Plugins{}.sinks()), "http://127.0.0.1:1"))
	for _, plan := range demoPlans() {
		created, by, err := h.Store.Ledger(ctx, plan.project)
		h.ok(err)
		sum, seen := 0, map[domain.Status]int{}
		for _, l := range by {
			sum += l.Count
			seen[l.Status] += l.Count
		}
		if created == 0 || sum != created {
			t.Errorf("%s: %d conversions were made, there are %d", plan.project, created, sum)
		}
		if plan.project == demoProject {
			for _, s := range []domain.Status{domain.Delivered, domain.Unmatched, domain.Rejected,
				domain.Expired, domain.Uncertain, domain.Unattributed} {
				if seen[s] == 0 {
					t.Errorf("no conversion is %s", s)
				}
			}
			if seen[domain.Delivered] < created/2 {
				t.Errorf("only %d of %d conversions were delivered", seen[domain.Delivered], created)
			}
		}
		p, err := h.Store.Project(ctx, plan.project)
		h.ok(err)
		rng, err := h.Reports.Range(&p, report.RangeInput{Days: demoDays + 2})
		h.ok(err)
		sources, err := h.Reports.Sources(ctx, &p, rng, report.Filter{})
		h.ok(err)
		for _, s := range plan.sources {
			if s.link == "" {
				continue
			}
			var clicks, joins int64
			for source, f := range sources {
				if source.LinkID == s.link {
					clicks, joins = clicks+f.Clicks, joins+f.Joins
				}
			}
			if share := float64(joins) / float64(max(clicks, 1)); share < s.starts/2 ||
				share > s.starts*1.5 {
				t.Errorf("%s: %d of %d clicks joined, the plan says %.2f", s.name, joins, clicks,
					s.starts)
			}
		}
		steps, err := h.Reports.Funnel(ctx, &p, rng, report.Filter{})
		h.ok(err)
		if len(steps) != len(plan.steps) {
			t.Errorf("%s: %d steps of the funnel, want %d", plan.project, len(steps), len(plan.steps))
		}
		cohorts, err := h.Reports.Retention(ctx, &p, rng, report.Filter{})
		h.ok(err)
		if len(cohorts) < demoDays/7 || cohorts[2].Stayed[1] >= cohorts[2].Joined {
			t.Errorf("%s: weeks of joining: %v", plan.project, cohorts)
		}
	}
	past := demoPlans()[1].happenings(clock(), mathrand.New(mathrand.NewPCG(1, 2)))
	if past[len(past)-1].at.After(clock().Add(-demoPlans()[1].silent + time.Second)) {
		t.Error("the silent project is not silent")
	}
}
