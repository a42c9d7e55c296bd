package web

import (
	"math"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/usecase/report"
)

func (w *Cabinet) overviewRoutes() []route {
	return []route{{get, project, viewer, (*visit).overview}}
}

// overviewPage is a project at a glance.
type overviewPage struct {
	View   *view
	Tiles  []tile
	Chart  chart
	Hourly bool // the chart is by the hour
	Days   []report.DailyRow
	Groups *table // the breakdown
	By     report.Dimension
	Export string // the daily report as a table
}

// tile is one figure, with that of the period before.
type tile struct {
	Key         string
	Value, Unit string // Unit is "" or "%"
	Before      string
	Change      int    // per cent against before
	Known       bool   // there is a Change
	Good        string // "up" or "down": the direction that is welcome
}

// chart is what a script draws; see assets/js/10_charts.js.
type chart struct {
	Type    string     `json:"type"`
	Labels  []string   `json:"labels"`
	Sets    []chartSet `json:"sets"`
	Stacked bool       `json:"stacked,omitempty"`
	// Titles name the points in full, with weekday and year.
	Titles []string `json:"titles,omitempty"`
	// X and Y are what the axes count.
	X string `json:"x,omitempty"`
	Y string `json:"y,omitempty"`
	// Unit stands behind each figure.
	Unit string `json:"unit,omitempty"`
}

type chartSet struct {
	Label  string    `json:"label"`
	Data   []float64 `json:"data"`
	Color  string    `json:"color,omitempty"`
	Kind   string    `json:"kind,omitempty"`
	Hidden bool      `json:"hidden,omitempty"`
	Fill   bool      `json:"fill,omitempty"`  // the area below a line
	Ghost  bool      `json:"ghost,omitempty"` // of the period before: pale and dashed
}

func (v *visit) overview() error {
	w, err := v.readView("by")
	if err != nil {
		return err
	}
	now, err := v.Reports.Sources(v.ctx, v.project, w.Period.Range, w.Filter)
	if err != nil {
		return err
	}
	was, err := v.Reports.Sources(v.ctx, v.project, w.Period.Before, w.Filter)
	if err != nil {
		return err
	}
	days, err := v.Reports.Daily(v.ctx, v.project, w.Period.Range, w.Filter)
	if err != nil {
		return err
	}
	p := overviewPage{View: w, Tiles: v.tiles(total(now), total(was)), Days: days, By: v.breakdown()}
	if p.Groups, err = v.groups(w, now, p.By); err != nil {
		return err
	}
	if w.Period.Days() <= hourlyDays {
		hours, err := v.Reports.Hourly(v.ctx, v.project, w.Period.Range, w.Filter)
		if err != nil {
			return err
		}
		p.Hourly, p.Chart = true, v.hoursChart(hours)
	} else {
		p.Chart = v.daysChart(days)
	}
	p.Export = v.export(w, "daily", nil)
	slices.Reverse(p.Days)
	return v.show("overview", p, v.text("overview.title"))
}

// sums are the figures of all sources, and how many of the joins came by a
// tracking link.
type sums struct {
	report.SourceFigures
	attributed int64
}

func total(sources map[report.Source]*report.SourceFigures) sums {
	var s sums
	for source, f := range sources {
		s.Add(f)
		if source.LinkID != "" {
			s.attributed += f.Joins
		}
	}
	return s
}

// compare sets the change in percent. A change by ten times and more means
// nothing: the period before had hardly any.
func (t *tile) compare(now, before float64) {
	change := 100 * (now - before) / before
	if t.Known = math.Abs(change) < 1000; t.Known {
		t.Change = int(math.Round(change))
	}
}

func (v *visit) tiles(now, was sums) []tile {
	p := page{v: v}
	count := func(key string, n, before int64, good string) tile {
		t := tile{Key: key, Value: p.Int(n), Before: p.Int(before), Good: good}
		if before > 0 {
			t.compare(float64(n), float64(before))
		}
		return t
	}
	share := func(key string, part, whole, partBefore, wholeBefore int64) tile {
		t := tile{Key: key, Value: p.Percent(part, whole), Good: "up"}
		t.Before = p.Percent(partBefore, wholeBefore)
		if whole > 0 && wholeBefore > 0 && partBefore > 0 {
			t.compare(float64(part)/float64(whole), float64(partBefore)/float64(wholeBefore))
		}
		return t
	}
	return []tile{
		count("joins", now.Joins, was.Joins, "up"),
		count("leaves", now.Leaves, was.Leaves, "down"),
		count("net", now.Joins-now.Leaves, was.Joins-was.Leaves, "up"),
		share("conversion", now.ClickJoins, now.Clicks, was.ClickJoins, was.Clicks),
		share("attributed", now.attributed, now.Joins, was.attributed, was.Joins),
		share("stayed", now.Stayed(1), now.Eligible[1], was.Stayed(1), was.Eligible[1]),
	}
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

// hourlyDays is how many days a chart by the hour has at most.
const hourlyDays = 2

func (v *visit) hoursChart(hours []report.HourRow) chart {
	labels, figures := make([]string, len(hours)), make([]*report.Figures, len(hours))
	titles := make([]string, len(hours))
	for i := range hours {
		labels[i], figures[i] = hours[i].From.Format("15:04"), &hours[i].Figures
		titles[i] = v.lang.LongDate(hours[i].From) + " " + labels[i]
	}
	c := v.figuresChart(labels, figures)
	c.Titles, c.X = titles, v.text("graph.hour")
	return c
}

func (v *visit) daysChart(days []report.DailyRow) chart {
	labels, figures := make([]string, len(days)), make([]*report.Figures, len(days))
	titles := make([]string, len(days))
	for i := range days {
		labels[i], figures[i] = v.shortDay(days[i].Date), &days[i].Figures
		titles[i] = v.longDay(days[i].Date)
	}
	c := v.figuresChart(labels, figures)
	c.Titles, c.X = titles, v.text("graph.when")
	return c
}

func (v *visit) figuresChart(labels []string, figures []*report.Figures) chart {
	n := len(figures)
	joins, leaves, clicks := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, f := range figures {
		joins[i], leaves[i], clicks[i] = float64(f.Joins), float64(f.Leaves), float64(f.Clicks)
	}
	c := chart{Type: "bar", Labels: labels, Y: v.text("graph.count")}
	c.Sets = []chartSet{
		{Label: v.text("figure.joins"), Data: joins, Color: "up"},
		{Label: v.text("figure.leaves"), Data: leaves, Color: "down"},
		{Label: v.text("figure.clicks"), Data: clicks, Color: "1", Kind: "line", Hidden: true},
	}
	return c
}

// shortDay writes a date of a report under a chart.
func (v *visit) shortDay(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format(v.lang.ShortDateLayout())
}
