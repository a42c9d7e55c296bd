package web

import (
	"fmt"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
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

// funnelPage shows the way from the click to the steps that the bot reports.
type funnelPage struct {
	View    *view
	Stages  []stage
	Steps   bool  // the bot reported any
	NoClick int64 // who joined without a click
	Export  *exportMenu
}

// stage is a place on that way.
type stage struct {
	Name   string // of a step; "" for the others
	Term   string // of the others
	People int64
	Of     int64  // of whom the share is
	Before int64  // who were at the stage before, 0 for the first
	Width  string // of its bar
	Step   *report.StepRow
}

// Lost is how many of those before did not come so far.
func (s stage) Lost() int64 { return max(0, s.Before-s.People) }

func (v *visit) funnel() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	v.mayShare(w, usecase.FunnelPage)
	t, _, err := v.Reports.Totals(v.ctx, v.project, w.Period.Range, w.Filter)
	if err != nil {
		return err
	}
	steps, err := v.Reports.Funnel(v.ctx, v.project, w.Period.Range, w.Filter)
	if err != nil {
		return err
	}
	for i := range steps {
		if v.shared != nil {
			steps[i].Labels = nil // which may name people
		}
	}
	p := funnelPage{View: w, Steps: len(steps) > 0, NoClick: t.Joins - t.ClickJoins, Export: v.reports(w, nil, "funnel")}
	p.Stages = stages(&t, steps)
	return v.show("funnel", p, v.text("nav.funnel"))
}

// stages puts clicks and joins before the steps.
func stages(t *report.Totals, steps []report.StepRow) []stage {
	out := []stage{
		{Term: "clicks", People: t.Clicks, Of: t.Clicks},
		{Term: "click_joins", People: t.ClickJoins, Of: t.Clicks, Before: t.Clicks},
		{Term: "joins", People: t.Joins, Of: t.Joins},
	}
	before := t.Joins
	for i := range steps {
		out = append(out, stage{
			Name: steps[i].Step, People: steps[i].People, Of: t.Joins, Before: before, Step: &steps[i],
		})
		before = steps[i].People
	}
	most := int64(1)
	for _, s := range out {
		most = max(most, s.People)
	}
	for i := range out {
		out[i].Width = fmt.Sprintf("%.1f%%", 100*float64(out[i].People)/float64(most))
	}
	return out
}

// cohortsPage shows the people of each week of joining, and how many stayed.
type cohortsPage struct {
	View      *view
	Weeks     []report.CohortRow
	Average   []report.Stay // also the columns: weeks after joining
	Joined    int64
	Cut       bool // a week is cut by the period
	Export    *exportMenu
	low, high float64 // of all shares
}

func (v *visit) cohorts() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	v.mayShare(w, usecase.CohortsPage)
	p := cohortsPage{View: w, Export: v.reports(w, nil, "retention"), low: 1}
	if p.Weeks, err = v.Reports.Retention(v.ctx, v.project, w.Period.Range, w.Filter); err != nil {
		return err
	}
	p.Average = report.Average(p.Weeks)
	for i := range p.Weeks {
		row := &p.Weeks[i]
		p.Joined += row.Joined
		p.Cut = p.Cut || row.Cut()
		for _, stayed := range row.Stayed {
			if row.Joined > 0 {
				share := float64(stayed) / float64(row.Joined)
				p.low, p.high = min(p.low, share), max(p.high, share)
			}
		}
	}
	return v.show("cohorts", p, v.text("nav.cohorts"))
}

// heats is how many steps the colours of the cohorts have.
const heats = 10

// Heat is how strongly a cell is coloured, 0 to 10: from the smallest share on
// the page to the largest one.
func (p cohortsPage) Heat(part, whole int64) int {
	if whole == 0 || p.high <= p.low {
		return 0
	}
	share := (float64(part)/float64(whole) - p.low) / (p.high - p.low)
	return int(min(heats, max(0, share*heats+0.5)))
}

// Low and High are the ends of the scale.
func (p cohortsPage) Low() float64  { return 100 * p.low }
func (p cohortsPage) High() float64 { return 100 * p.high }

// Scaled tells whether the cells differ.
func (p cohortsPage) Scaled() bool { return p.high > p.low }

// Scale are the steps of the colours.
func (p cohortsPage) Scale() (out []int) {
	for n := range heats + 1 {
		out = append(out, n)
	}
	return out
}

// After are the numbers of weeks after joining.
func (p cohortsPage) After() (out []int) {
	for n := range p.Average {
		out = append(out, n+1)
	}
	return out
}

// lifetimePage shows how long people of each source stay, and what they bring.
type lifetimePage struct {
	View   *view
	Rows   *table
	By     report.Dimension
	Curve  []report.Stay
	Chart  chart
	Export *exportMenu
}

func (v *visit) lifetime() error {
	w, err := v.readView("by")
	if err != nil {
		return err
	}
	v.mayShare(w, usecase.LifetimePage)
	p := lifetimePage{View: w, By: v.breakdown()}
	p.Export = v.reports(w, groupedBy(p.By), "lifetime")
	rows, err := v.Reports.Lifetime(v.ctx, v.project, w.Period.Range, w.Filter, report.Grouping{p.By})
	if err != nil {
		return err
	}
	// Others brought something, but nobody stayed or left.
	rows = slices.DeleteFunc(rows, func(r report.LifetimeRow) bool { return r.Joined == 0 })
	if p.Rows, err = v.lifetimes(w, p.By, rows); err != nil {
		return err
	}
	weeks, err := v.Reports.Retention(v.ctx, v.project, w.Period.Range, w.Filter)
	if err != nil {
		return err
	}
	p.Curve = report.Average(weeks)
	p.Chart = v.curve(p.Curve)
	return v.show("lifetime", p, v.text("nav.lifetime"))
}

// curve shows how many were still there after so many weeks: the average row
// of the cohorts.
func (v *visit) curve(stays []report.Stay) chart {
	all := 100.0
	c := chart{Type: "line", Unit: "%", X: v.text("lifetime.weeks"), Labels: []string{v.text("lifetime.start")}}
	data := []*float64{&all}
	for n, s := range stays {
		var share *float64
		if s.Of > 0 {
			f := 100 * s.Share
			share = &f
		}
		c.Labels, data = append(c.Labels, v.count("lifetime.week", n+1)), append(data, share)
	}
	c.Sets = []chartSet{{Label: v.text("term.retention"), Data: data, Color: "1", Fill: true}}
	return c
}

// lifetimes is the table of sources, or of what else they are told apart by.
func (v *visit) lifetimes(w *view, by report.Dimension, rows []report.LifetimeRow) (*table, error) {
	type row = report.LifetimeRow
	name := page{v: v}.TermName
	return makeTable(v, listing[row]{
		Label: v.text("nav.lifetime"), Rows: rows, Sort: "-joins", Total: true, Empty: v.text("report.nothing"),
		Columns: []column[row]{
			dimensionColumn(v, w, by, func(r *row) *report.Source { return &r.Source }),
			countColumn("joins", v.text("figure.joins"), func(r *row) int64 { return r.Joined }).explained("joins"),
			shareColumn("still_in", name("still_in"), func(r *row) (int64, int64) {
				return r.StillIn(), r.Joined
			}).explained("still_in"),
			countColumn("left", name("left_of_joined"), func(r *row) int64 { return r.Left }).explained("left_of_joined"),
			decimalColumn("days", name("average_days"), func(r *row) *float64 {
				return r.AverageDays
			}).explained("average_days"),
			incomeColumn("revenue", name("revenue_joined"), func(r *row) report.Money {
				return r.OfJoined
			}).explained("revenue_joined"),
			ratioColumn("each", name("revenue_per_joined"), func(r *row) (*domain.Amount, int64) {
				return &r.OfJoined.Revenue, r.Joined
			}).explained("revenue_per_joined"),
		},
	})
}

// Whole writes the share of people who stayed; "–" where there were none.
func (p page) Whole(s report.Stay) string {
	if s.Of == 0 {
		return "–"
	}
	return p.Share(100 * s.Share)
}
