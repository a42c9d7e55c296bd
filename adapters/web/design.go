package web

import "time"

func (w *Cabinet) designRoutes() []route {
	return []route{{get, "/design", admin, (*visit).design}}
}

// designPage shows the parts that pages are made of, see docs/design-system.md.
type designPage struct {
	Colours []colour
	Icons   []string
	Tiles   []tile
	Chart   chart
	Badges  []string
}

// colour is one with a meaning: the class or variable that gives it.
type colour struct{ Class, Name, Meaning string }

func (v *visit) design() error {
	p := designPage{
		Colours: []colour{
			{"up", "--up", "design.good"}, {"down", "--down", "design.bad"}, {"warn", "--warn", "design.careful"},
			{"text-body-secondary", "--bs-secondary-color", "design.quiet"},
		},
		Badges: []string{"success", "danger", "warning", "secondary", "primary"},
		Tiles: []tile{
			{Key: "joins", Value: "1 284", Before: "1 102", Change: 17, Known: true, Good: "up"},
			{Key: "leaves", Value: "310", Before: "268", Change: 16, Known: true, Good: "down"},
			{Key: "net", Value: "974", Before: "834", Change: 17, Known: true, Good: "up"},
		},
		Chart: v.sampleChart(),
	}
	for _, m := range menuPages() {
		p.Icons = append(p.Icons, m.icon)
	}
	return v.show("design", p, v.text("design.title"))
}

// sampleChart has figures that nobody counted.
func (v *visit) sampleChart() chart {
	c := chart{Type: "bar", X: v.text("graph.when"), Y: v.text("graph.count"), Stacked: true}
	var joins, leaves, before []*float64
	first := time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)
	for i := range 14 {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		c.Labels, c.Titles = append(c.Labels, v.shortDay(day)), append(c.Titles, v.longDay(day))
		in, out := float64(40+13*i%37), -float64(9+7*i%11)
		was := in * 0.8
		joins, leaves, before = append(joins, &in), append(leaves, &out), append(before, &was)
	}
	c.Sets = []chartSet{
		{Label: v.text("figure.joins"), Data: joins, Color: "up"},
		{Label: v.text("figure.leaves"), Data: leaves, Color: "down"},
		{Label: v.text("design.previous"), Data: before, Kind: "line", Ghost: true},
	}
	return c
}
