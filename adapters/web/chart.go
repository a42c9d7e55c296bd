package web

import (
	"html/template"
	"time"
)

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
	Label string     `json:"label"`
	Data  []*float64 `json:"data"` // nil: there is none
	Color string     `json:"color,omitempty"`
	Kind  string     `json:"kind,omitempty"`
	Fill  bool       `json:"fill,omitempty"`  // the area below a line
	Ghost bool       `json:"ghost,omitempty"` // of another period: pale and dashed
}

// drawn is a chart as the template "chart" shows it.
type drawn struct {
	page
	chart
	Label string
	Table bool // its figures stand below it as a table, too
}

// Draw shows a chart with what it is called and its figures as a table.
func (p page) Draw(c chart, label string) drawn { return drawn{p, c, label, true} }

// DrawAlone shows a chart on a page that has a table of its own.
func (p page) DrawAlone(c chart, label string) drawn { return drawn{p, c, label, false} }

// Spec is what the script draws.
func (d drawn) Spec() chart { return d.chart }

// At is what a point of the chart is called in full.
func (d drawn) At(i int) string {
	if i < len(d.Titles) {
		return d.Titles[i]
	}
	return d.Labels[i]
}

// Value writes a figure of the chart; "–" for none.
func (d drawn) Value(n *float64) string {
	if n != nil && *n == float64(int64(*n)) {
		return d.Int(int64(*n))
	}
	return d.Decimal(n)
}

// shortDay writes a date of a report under a chart.
func (v *visit) shortDay(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format(v.lang.ShortDateLayout())
}

// longDay writes a date of a report where there is room: with its weekday and year.
func (v *visit) longDay(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return v.lang.LongDate(t)
}

// Trend writes a change with its direction by shape, and by colour whether it is
// welcome.
func (p page) Trend(t tile) template.HTML {
	if !t.Known {
		return ""
	}
	class := "trend"
	switch {
	case t.Change > 0:
		class += " trend-up"
	case t.Change < 0:
		class += " trend-down"
	}
	if t.Change != 0 && t.Good != "" {
		if t.Good == "up" == (t.Change > 0) {
			class += " up"
		} else {
			class += " down"
		}
	}
	return template.HTML(`<span class="` + class + `">` + template.HTMLEscapeString(p.Signed(t.Change)) + `</span>`)
}
