package web

import (
	"net/url"

	"github.com/tgtrack/tgtrack/usecase/report"
)

func (w *Cabinet) funnelRoutes() []route {
	return []route{
		{get, project + "/funnel", viewer, (*visit).funnel},
		{get, project + "/cohorts", viewer, (*visit).cohorts},
		{get, project + "/lifetime", viewer, (*visit).lifetime},
		{get, project + "/places", viewer, (*visit).places},
	}
}

// funnelPage shows the steps that the bot reports.
type funnelPage struct {
	View   *view
	Steps  []report.StepRow
	Most   int64 // people at the step with most people
	Export string
}

func (v *visit) funnel() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	p := funnelPage{View: w, Export: v.export(w, "funnel", nil)}
	if p.Steps, err = v.Reports.Funnel(v.ctx, v.project, w.Period.Range, w.Filter); err != nil {
		return err
	}
	for i := range p.Steps {
		p.Most = max(p.Most, p.Steps[i].People)
	}
	return v.show("funnel", p, v.text("nav.funnel"))
}

// cohortsPage shows the people of each week of joining, and how many stayed.
type cohortsPage struct {
	View   *view
	Weeks  []report.CohortRow
	After  []int // the columns: weeks after joining
	Export string
}

func (v *visit) cohorts() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	p := cohortsPage{View: w, Export: v.export(w, "retention", nil)}
	if p.Weeks, err = v.Reports.Retention(v.ctx, v.project, w.Period.Range, w.Filter); err != nil {
		return err
	}
	for i := range p.Weeks {
		for n := len(p.After); n < len(p.Weeks[i].Stayed); n++ {
			p.After = append(p.After, n+1)
		}
	}
	return v.show("cohorts", p, v.text("nav.cohorts"))
}

// Heat is how strongly a cell is coloured, 0 to 10, for a share of a whole.
func (p page) Heat(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return (10*part + whole/2) / whole
}

// lifetimePage shows how long people of each source stay, and what they bring.
type lifetimePage struct {
	View   *view
	Rows   []report.LifetimeRow
	By     report.Dimension
	Chart  chart
	Export string
}

func (v *visit) lifetime() error {
	w, err := v.readView("by")
	if err != nil {
		return err
	}
	p := lifetimePage{View: w, By: v.breakdown()}
	p.Export = v.export(w, "lifetime", url.Values{"group_by": {string(p.By)}})
	p.Rows, err = v.Reports.Lifetime(v.ctx, v.project, w.Period.Range, w.Filter, report.Grouping{p.By})
	if err != nil {
		return err
	}
	p.Chart = v.weeksChart(p.Rows)
	return v.show("lifetime", p, v.text("nav.lifetime"))
}

// maxLifeWeeks is how many weeks the chart of lifetimes has.
const maxLifeWeeks = 26

// weeksChart shows after how many weeks people left.
func (v *visit) weeksChart(rows []report.LifetimeRow) chart {
	var weeks [maxLifeWeeks]float64
	last := 0
	for i := range rows {
		for _, w := range rows[i].Weeks {
			n := min(w.Weeks, maxLifeWeeks-1)
			weeks[n] += float64(w.Left)
			last = max(last, n)
		}
	}
	c := chart{Type: "bar"}
	for n := range last + 1 {
		c.Labels = append(c.Labels, v.count("lifetime.week", n))
	}
	c.Sets = []chartSet{{Label: v.text("lifetime.left_after"), Data: weeks[:last+1], Color: "down"}}
	return c
}

// Value is what a row is grouped by, for the template.
func (p lifetimePage) Value(r report.LifetimeRow) string { return p.By.Of(&r.Source) }
