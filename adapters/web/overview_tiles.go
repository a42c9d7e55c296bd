package web

import (
	"math"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// metric is a figure that a tile of the overview shows and its chart draws.
type metric struct {
	key  string // of the term
	good string // "up" or "down": the direction that is welcome; "" for neither
	as   func(page, float64) string
	of   func(*report.Totals) *float64
	// piece is the figure of a piece of the range, nil where there is none.
	piece func(*report.Piece) *float64
	cost  bool // it needs costs
	deep  bool // pieces need more of links, see report.OverviewInput
}

// metric is what the chart shows: what the address asks for.
func (v *visit) metric() metric {
	all := metrics()
	for _, m := range all {
		if m.key == v.query("metric") {
			return m
		}
	}
	return all[0]
}

// metrics are all of them in the order of the tiles. The first is what the
// chart shows without being asked.
func metrics() []metric {
	count := func(n int64) *float64 { f := float64(n); return &f }
	share := func(part, whole int64) *float64 {
		if whole == 0 {
			return nil
		}
		f := 100 * float64(part) / float64(whole)
		return &f
	}
	money := func(a *domain.Amount) *float64 {
		if a == nil {
			return nil
		}
		f := a.Float64()
		return &f
	}
	return []metric{
		{
			key: "joins", good: "up", as: page.whole,
			of:    func(t *report.Totals) *float64 { return count(t.Joins) },
			piece: func(p *report.Piece) *float64 { return count(p.Joins) },
		},
		{
			key: "leaves", good: "down", as: page.whole,
			of:    func(t *report.Totals) *float64 { return count(t.Leaves) },
			piece: func(p *report.Piece) *float64 { return count(p.Leaves) },
		},
		{
			key: "net", good: "up", as: page.whole,
			of:    func(t *report.Totals) *float64 { return count(t.Joins - t.Leaves) },
			piece: func(p *report.Piece) *float64 { return count(p.Joins - p.Leaves) },
		},
		{
			key: "clicks", good: "up", as: page.whole,
			of:    func(t *report.Totals) *float64 { return count(t.Clicks) },
			piece: func(p *report.Piece) *float64 { return count(p.Clicks) },
		},
		{
			key: "conversion", good: "up", as: page.Share,
			of:    func(t *report.Totals) *float64 { return share(t.ClickJoins, t.Clicks) },
			piece: func(p *report.Piece) *float64 { return share(p.ClickJoins, p.Clicks) },
		},
		{
			key: "attributed", good: "up", as: page.Share, deep: true,
			of:    func(t *report.Totals) *float64 { return share(t.ByLink, t.Joins) },
			piece: func(p *report.Piece) *float64 { return share(p.ByLink, p.Joins) },
		},
		{
			key: "stayed", good: "up", as: page.Share,
			of:    func(t *report.Totals) *float64 { return share(t.Stayed(1), t.Eligible[1]) },
			piece: func(p *report.Piece) *float64 { return share(p.Stayed(1), p.Eligible[1]) },
		},
		{
			key: "revenue", good: "up", as: page.money,
			of:    func(t *report.Totals) *float64 { return money(&t.Revenue) },
			piece: func(p *report.Piece) *float64 { return money(&p.Revenue) },
		},
		{
			key: "cost", as: page.money, cost: true,
			of:    func(t *report.Totals) *float64 { return money(t.Cost) },
			piece: func(p *report.Piece) *float64 { return money(p.Cost) },
		},
		{
			key: "cost_joined", good: "down", as: page.money, cost: true, deep: true,
			of:    func(t *report.Totals) *float64 { return money(t.PerJoined) },
			piece: func(p *report.Piece) *float64 { return money(p.PerJoined) },
		},
		{
			key: "cost_stayed", good: "down", as: page.money, cost: true, deep: true,
			of:    func(t *report.Totals) *float64 { return money(t.PerStayed) },
			piece: func(p *report.Piece) *float64 { return money(p.PerStayed) },
		},
		{
			key: "return", good: "up", as: page.percent, cost: true, deep: true,
			of:    func(t *report.Totals) *float64 { return percentOf(t.Return) },
			piece: func(p *report.Piece) *float64 { return percentOf(p.Return) },
		},
	}
}

func percentOf(f *float64) *float64 {
	if f == nil {
		return nil
	}
	p := 100 * *f
	return &p
}

// whole, Share, percent and money write a figure of a metric.
func (p page) whole(f float64) string   { return p.Int(int64(f)) }
func (p page) Share(f float64) string   { return p.Decimal(&f) + p.v.lang.PercentSign() }
func (p page) percent(f float64) string { return p.Int(int64(math.Round(f))) + p.v.lang.PercentSign() }
func (p page) money(f float64) string   { return p.Money(domain.Amount(math.Round(f * 1e6))) }

// Next is the number after another.
func (p page) Next(n int) int { return n + 1 }

// written is a figure as a text; "–" for none.
func (p page) written(m *metric, f *float64) string {
	if f == nil {
		return "–"
	}
	return m.as(p, *f)
}

// tile is one figure, with that of the period before.
type tile struct {
	Key     string
	Href    string // the page with the figure in the chart
	Current bool
	Value   string
	Against bool // there is a Before
	Before  string
	Change  int    // per cent against before
	Known   bool   // there is a Change
	Good    string // "up" or "down": the direction that is welcome
}

// compare sets the change in percent. A change by ten times and more means
// nothing: the period before had hardly any.
func (t *tile) compare(now, before *float64) {
	if now == nil || before == nil || *before <= 0 {
		return
	}
	change := 100 * (*now - *before) / *before
	if t.Known = math.Abs(change) < 1000; t.Known {
		t.Change = int(math.Round(change))
	}
}

// hasCost tells whether a range has a cost.
func hasCost(t *report.Totals) bool { return t.Cost != nil && *t.Cost > 0 }

// tiles are the figures of an overview. Without any cost, what needs one is
// one tile that says so.
func (v *visit) tiles(w *view, o *report.Overview, chosen string) []tile {
	p := page{v: v}
	costs := hasCost(&o.Now) || hasCost(&o.Before)
	var out []tile
	for _, m := range metrics() {
		if m.cost && !costs && m.key != "cost" {
			continue
		}
		now := m.of(&o.Now)
		if m.key == "cost" && now != nil && *now == 0 {
			now = nil
		}
		t := tile{
			Key: m.key, Href: w.Set("metric", m.key), Current: m.key == chosen, Good: m.good, Value: p.written(&m, now),
		}
		if m.key == "revenue" && o.Now.Stars != 0 {
			t.Value = p.Income(o.Now.Money)
		}
		if w.Period.Compared != nil {
			before := m.of(&o.Before)
			if m.cost && before != nil && *before == 0 {
				before = nil
			}
			t.Against, t.Before = true, p.written(&m, before)
			t.compare(now, before)
		}
		out = append(out, t)
	}
	return out
}

// fewPieces are drawn as bars: a line through them would say nothing.
const fewPieces = 8

// metricChart draws a metric, and behind it that of the other period. Joins
// stand above zero, with what left below it.
func (v *visit) metricChart(m *metric, g report.Grain, o *report.Overview) chart {
	key := m.key
	c := chart{Type: "line", X: v.text("piece." + string(g)), Y: v.text("term." + key)}
	if len(o.Pieces) <= fewPieces {
		c.Type, c.Stacked = "bar", key == "joins"
	}
	for i := range o.Pieces {
		short, long := v.pieceNames(g, o.Pieces, i)
		c.Labels, c.Titles = append(c.Labels, short), append(c.Titles, long)
	}
	figures := func(ps []report.Piece, of func(*report.Piece) *float64) []*float64 {
		out := make([]*float64, len(o.Pieces))
		for i := range min(len(ps), len(out)) {
			if !ps[i].From.After(v.Now()) { // what is to come is not zero
				out[i] = of(&ps[i])
			}
		}
		return out
	}
	color := map[string]string{"joins": "up", "leaves": "down"}[key]
	c.Sets = []chartSet{{Label: v.text("term." + key), Data: figures(o.Pieces, m.piece), Color: color, Fill: true}}
	if key == "joins" {
		c.Sets = append(c.Sets, chartSet{
			Label: v.text("term.leaves"), Color: "down", Fill: true,
			Data: figures(o.Pieces, func(p *report.Piece) *float64 { n := -float64(p.Leaves); return &n }),
		}, chartSet{
			Label: v.text("term.net"), Color: "1", Kind: "line",
			Data: figures(o.Pieces, func(p *report.Piece) *float64 { n := float64(p.Joins - p.Leaves); return &n }),
		})
	}
	if len(o.PiecesBefore) > 0 {
		c.Sets = append(c.Sets, chartSet{
			Label: v.text("overview.before", v.text("term."+key)), Kind: "line", Ghost: true,
			Data: figures(o.PiecesBefore, m.piece),
		})
	}
	switch key {
	case "conversion", "attributed", "stayed", "return":
		c.Unit = "%"
	case "revenue", "cost", "cost_joined", "cost_stayed":
		c.Unit = currencySign(v.project.Currency)
	}
	return c
}

// pieceNames are what a piece is called under a chart, and in full.
func (v *visit) pieceNames(g report.Grain, ps []report.Piece, i int) (short, long string) {
	p := page{v: v}
	from := ps[i].From
	switch g {
	case report.ByHour:
		short = from.Format("15:04")
		if i > 0 && from.Hour() == ps[i-1].From.Hour() { // the clocks were put back
			short += " " + from.Format("-07:00")
		}
		return short, v.lang.LongDate(from) + " " + short
	case report.ByMonth:
		return v.monthName(from), v.monthName(from)
	case report.ByWeek:
		last := ps[i].To.AddDate(0, 0, -1)
		return from.Format(v.lang.ShortDateLayout()), p.Day(from) + " – " + p.Day(last)
	case report.ByDay:
	}
	return from.Format(v.lang.ShortDateLayout()), v.lang.LongDate(from)
}

// Piece is what a piece of the range is called in a table.
func (p page) Piece(g report.Grain, ps []report.Piece, i int) string {
	_, long := p.v.pieceNames(g, ps, i)
	if ps[i].Cut && g != report.ByDay {
		long += " *"
	}
	return long
}
