package web

import "github.com/tgtrack/tgtrack/usecase"

func (w *Cabinet) funnelRoutes() []route {
	return []route{
		{get, project + "/funnel", viewer, (*visit).funnel},
		{get, project + "/cohorts", viewer, (*visit).cohorts},
	}
}

// funnelPage shows the steps that the bot reports.
type funnelPage struct {
	View   *view
	Steps  []usecase.StepRow
	Most   int64 // people at the step that most reached
	Export string
}

func (v *visit) funnel() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	p := funnelPage{View: w, Export: v.export(w, "funnel", nil)}
	if p.Steps, err = v.Reports.Funnel(v.ctx, v.project, w.Period.Range, w.Filter.ReportFilter); err != nil {
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
	Weeks  []usecase.CohortRow
	After  []int // the columns: weeks after joining
	Export string
}

func (v *visit) cohorts() error {
	w, err := v.readView()
	if err != nil {
		return err
	}
	p := cohortsPage{View: w, Export: v.export(w, "retention", nil)}
	if p.Weeks, err = v.Reports.Retention(v.ctx, v.project, w.Period.Range, w.Filter.ReportFilter); err != nil {
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
