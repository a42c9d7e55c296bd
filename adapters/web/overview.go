package web

import (
	"slices"

	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

func (w *Cabinet) overviewRoutes() []route {
	return []route{
		{get, project, viewer, (*visit).overview},
		{get, project + "/glossary", viewer, (*visit).glossary},
	}
}

// overviewPage is a project at a glance.
type overviewPage struct {
	View   *view
	Tiles  []tile
	Metric string // the tile whose figure the chart shows
	Chart  chart
	Grain  report.Grain
	Grains []report.Grain
	Rows   []report.Piece // the chart as a table, the last piece first
	Costs  bool           // anything cost something
	Cut    bool           // the table has pieces that the period cuts
	Groups *table         // the breakdown
	By     report.Dimension
	Export *exportMenu
}

func (v *visit) overview() error {
	if isNew, err := v.isNew(); err != nil {
		return err
	} else if isNew && v.shared == nil {
		return v.firstSteps()
	}
	w, err := v.readComparing("by", "metric", "grain")
	if err != nil {
		return err
	}
	grains, grain := w.Period.Range.Grains()
	if g := report.Grain(v.query("grain")); slices.Contains(grains, g) {
		grain = g
	}
	chosen := v.metric()
	o, err := v.Reports.Overview(v.ctx, v.project, report.OverviewInput{
		Range: w.Period.Range, Compared: w.Period.Compared, Filter: w.Filter, Grain: grain, Deep: chosen.deep,
	})
	if err != nil {
		return err
	}
	p := overviewPage{
		View: w, Grain: grain, Grains: grains, Rows: v.begun(o.Pieces), By: v.breakdown(), Metric: chosen.key,
		Costs: hasCost(&o.Now) || hasCost(&o.Before),
	}
	p.Tiles = v.tiles(w, o, p.Metric)
	p.Chart = v.metricChart(&chosen, grain, o)
	if p.Groups, err = v.groups(w, o.Sources, p.By); err != nil {
		return err
	}
	tables := []string{"daily", "sources", "audience"}
	if w.Period.Days() <= exportHours {
		tables = []string{"daily", "hourly", "sources", "audience"}
	}
	v.mayShare(w, usecase.OverviewPage)
	p.Export = v.reports(w, groupedBy(p.By), tables...)
	p.Cut = grain != report.ByDay && slices.ContainsFunc(p.Rows, func(r report.Piece) bool { return r.Cut })
	return v.show("overview", p, v.text("overview.title"))
}

// begun are the pieces that are not still to come, the last one first.
func (v *visit) begun(ps []report.Piece) []report.Piece {
	var out []report.Piece
	for i := range ps {
		if !ps[i].From.After(v.Now()) {
			out = append(out, ps[i])
		}
	}
	slices.Reverse(out)
	return out
}

// groups is the breakdown. Its sums are those of the tiles.
func (v *visit) groups(
	w *view, sources map[report.Source]*report.SourceFigures, by report.Dimension,
) (*table, error) {
	columns := []column[report.SourceRow]{dimensionColumn(v, w, by, func(r *report.SourceRow) *report.Source {
		return &r.Source
	})}
	return makeTable(v, listing[report.SourceRow]{
		Label: v.text("overview.breakdown"),
		Columns: append(columns, figureColumns(v, func(r *report.SourceRow) *report.SourceFigures {
			return &r.SourceFigures
		})...),
		Rows: report.Grouping{by}.Rows(sources), Sort: "-joins", Total: true, Empty: v.text("report.nothing"),
	})
}

// exportHours is how many days a table by the hour has at most.
const exportHours = 3
