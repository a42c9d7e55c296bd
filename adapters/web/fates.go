package web

import (
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func (w *Cabinet) fatesRoutes() []route {
	return []route{{get, project + "/conversions", viewer, (*visit).fates}}
}

// fatesPage shows what became of the conversions that were made in a period.
type fatesPage struct {
	View   *view
	Grain  report.Grain
	Grains []report.Grain
	Chart  chart
	Export *exportMenu
	*report.Fates
}

// fate is a way in which conversions can end, or wait, as the page names it.
type fate struct {
	Term  string
	color string
	of    func(report.Fate) int64
}

// fates are all ways: each conversion is in one of them.
func fates() []fate {
	status := func(s domain.Status) func(report.Fate) int64 {
		return func(f report.Fate) int64 { return f.Of(s) }
	}
	return []fate{
		{"matched", "up", status(domain.Delivered)},
		{"accepted", "1", status(domain.Accepted)},
		{"unmatched", "6", status(domain.Unmatched)},
		{"refused", "down", status(domain.Rejected)},
		{"too_late", "2", status(domain.Expired)},
		{"unknown", "4", status(domain.Uncertain)},
		{"waiting", "5", report.Fate.Waiting},
		{"not_sent", "off", report.Fate.NotSent},
	}
}

func (v *visit) fates() error {
	w, err := v.readView("grain")
	if err != nil {
		return err
	}
	w.Filter = nil // conversions are told apart by where they go
	p := fatesPage{View: w}
	p.Grains, p.Grain = w.Period.Range.Grains()
	if g := report.Grain(v.query("grain")); slices.Contains(p.Grains, g) {
		p.Grain = g
	}
	if p.Fates, err = v.Reports.Fates(v.ctx, v.project, w.Period.Range, p.Grain); err != nil {
		return err
	}
	p.Chart, p.Export = v.fatesChart(p.Grain, p.Fates), v.reports(w, nil, "fates")
	return v.show("fates", p, v.text("nav.conversions"))
}

// fatesChart stacks the ways of conversions, by when they were made.
func (v *visit) fatesChart(g report.Grain, f *report.Fates) chart {
	c := chart{Type: "bar", Stacked: true, X: v.text("piece." + string(g)), Y: v.text("term.made")}
	pieces := make([]report.Piece, len(f.Pieces))
	for i := range f.Pieces {
		pieces[i] = f.Pieces[i].Piece
	}
	for i := range pieces {
		short, long := v.pieceNames(g, pieces, i)
		c.Labels, c.Titles = append(c.Labels, short), append(c.Titles, long)
	}
	for _, way := range fates() {
		if way.of(f.Total) == 0 {
			continue
		}
		data := make([]*float64, len(f.Pieces))
		for i := range f.Pieces {
			n := float64(way.of(f.Pieces[i].Fate))
			data[i] = &n
		}
		c.Sets = append(c.Sets, chartSet{Label: v.text("term." + way.Term), Data: data, Color: way.color})
	}
	return c
}

// Ways are the columns of the table: those that any conversion went.
func (p fatesPage) Ways() []fate {
	return slices.DeleteFunc(fates(), func(f fate) bool { return f.of(p.Total) == 0 })
}

// In is how many of a fate are in a way.
func (w fate) In(f report.Fate) int64 { return w.of(f) }

// NetworkOr is what people call a network; the conversions of no ad account
// have none.
func (p page) NetworkOr(network string) string {
	if network == "" {
		return p.T("fates.nobody")
	}
	return p.NetworkName(network)
}

// Because says why conversions are in a status.
func (p page) Because(r report.FateRow) string {
	switch {
	case r.Reason.Text() != "":
		return r.Reason.In(p.v.lang)
	case r.Status.Open() && r.Reason == domain.ReasonNone:
		return p.T("fates.no_reason")
	}
	return p.T("fates.network_says")
}
