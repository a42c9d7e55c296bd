package main

import (
	"fmt"
	"slices"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// goal is a figure that the service is to reach. Nothing fails that misses it.
type goal struct {
	name     string
	unit     string
	atLeast  bool
	postgres float64
	sqlite   float64
	figure   func(r *report, database string) (float64, bool)
}

// judged is a goal and what was measured.
type judged struct {
	Name     string  `json:"name"`
	Database string  `json:"database"`
	Unit     string  `json:"unit"`
	AtLeast  bool    `json:"at_least"`
	Target   float64 `json:"target"`
	Measured float64 `json:"measured"`
	Met      bool    `json:"met"`
}

func goals() []goal {
	share := func(r *report, db string) (float64, bool) {
		empty := r.find(db, func(l *line) bool { return l.Part == intoEmpty })
		large := r.find(db, func(l *line) bool { return l.Part == intoLarge })
		if empty == nil || large == nil {
			return 0, false
		}
		return large.PerSecond / empty.PerSecond, true
	}
	rate := func(d *drained) float64 { return d.PerSecond }
	cpu := func(d *drained) float64 { return d.cpu() }
	moreRate := func(base, l *line) float64 { return l.PerSecond / base.PerSecond }
	lessCPU := func(base, l *line) float64 { return base.cpu() / l.cpu() }
	return []goal{
		{"CPU of a start", "µs", false, 150, 150, ofStart(func(l *line) float64 { return l.cpu() })},
		{"rate of starts beside the empty handler", "×", true, 0.16, 0.13,
			ofStart(func(l *line) float64 { return l.Beside })},
		{"written for a start", "KB", false, 2.5, 16, ofStart(func(l *line) float64 { return l.Written / 1000 })},
		{"rate of starts beside the base", "×", true, 1.8, 2.4, besideBase(moreRate)},
		{"CPU of a start of the base beside ours", "×", true, 1.8, 2.4, besideBase(lessCPU)},
		{"5,000 projects beside 100", "×", true, 0.8, 0.7, manyProjects},
		{"p99 of the open loop", "ms", false, 25, 60, ofPart(open, func(l *line) float64 { return l.P99 })},
		{"peak of memory", "MB", false, 160, 175,
			ofPart(peak, func(l *line) float64 { return l.PeakMemory / (1 << 20) })},
		{"batched conversions of 1 account", "/s", true, 9000, 9000, ofDelivery(1, rate)},
		{"their CPU", "µs", false, 90, 90, ofDelivery(1, cpu)},
		{"batched conversions of 1,000 accounts", "/s", true, 6000, 7000, ofDelivery(1000, rate)},
		{"their CPU", "µs", false, 130, 110, ofDelivery(1000, cpu)},
		{"p99 of a healthy account beside others", "ms", false, 1000, 1000,
			ofFairness(func(f *fairness) float64 { return f.P99 })},
		{"hand-overs for a delivery there", "×", false, 2, 2,
			ofFairness(func(f *fairness) float64 { return f.HandOvers })},
		{"p99 of a project beside one of ten times its rate", "×", false, 3, 3, ofTenants},
		{"rate into a large database beside an empty one", "×", true, 0.8, 0.6, share},
		{"pages but the year's funnel, the slowest's p95", "ms", false, 50, 50, slowest(false)},
		{"the year's funnel, p95", "ms", false, 100, 100, slowest(true)},
	}
}

// judge compares what was measured with the goals.
func (r *report) judge() (out []judged) {
	for _, g := range goals() {
		for _, db := range allDatabases() {
			target := g.postgres
			if db == database.SQLite {
				target = g.sqlite
			}
			if v, ok := g.figure(r, db); ok {
				out = append(out, judged{
					Name: g.name, Database: db, Unit: g.unit, AtLeast: g.atLeast, Target: target, Measured: v,
					Met: v == target || v > target == g.atLeast,
				})
			}
		}
	}
	return out
}

// find gives a line of our build; the first of a part is the one over
// the most connections and the fewest projects.
func (r *report) find(db string, fits func(l *line) bool) *line {
	i := slices.IndexFunc(r.Lines, func(l line) bool { return l.Build == ours && l.Database == db && fits(&l) })
	if i < 0 {
		return nil
	}
	return &r.Lines[i]
}

func ofPart(part string, figure func(l *line) float64) func(r *report, db string) (float64, bool) {
	return func(r *report, db string) (float64, bool) {
		if l := r.find(db, func(l *line) bool { return l.Part == part }); l != nil {
			return figure(l), true
		}
		return 0, false
	}
}

func ofStart(figure func(l *line) float64) func(r *report, db string) (float64, bool) {
	return ofPart(starts, figure)
}

func besideBase(figure func(base, l *line) float64) func(r *report, db string) (float64, bool) {
	return func(r *report, db string) (float64, bool) {
		l := r.find(db, func(l *line) bool { return l.Part == starts })
		i := slices.IndexFunc(r.Lines, func(o line) bool {
			return r.Base != "" && o.Build == r.Base && o.Database == db && o.Part == starts
		})
		if l == nil || i < 0 {
			return 0, false
		}
		return figure(&r.Lines[i], l), true
	}
}

func manyProjects(r *report, db string) (float64, bool) {
	few := r.find(db, func(l *line) bool { return l.Part == starts })
	if few == nil {
		return 0, false
	}
	many := r.find(db, func(l *line) bool {
		return l.Part == starts && l.Connections == few.Connections && l.Projects > few.Projects
	})
	if many == nil || few.Beside == 0 {
		return 0, false
	}
	// Each beside the empty handler of its own round: the machine may have
	// changed between the rows.
	return many.Beside / few.Beside, true
}

func ofDelivery(accounts int, figure func(d *drained) float64) func(r *report, db string) (float64, bool) {
	return func(r *report, db string) (float64, bool) {
		for i := range r.Deliveries {
			d := &r.Deliveries[i]
			if d.Build == ours && d.Database == db && d.Network == batchedNetwork && d.Accounts == accounts {
				return figure(d), true
			}
		}
		return 0, false
	}
}

func ofFairness(figure func(f *fairness) float64) func(r *report, db string) (float64, bool) {
	return func(r *report, db string) (float64, bool) {
		for i := range r.Fairness {
			if f := &r.Fairness[i]; f.Build == ours && f.Database == db {
				return figure(f), true
			}
		}
		return 0, false
	}
}

// slowest is the p95 of the slowest page, of the year's funnel or of all
// others.
func slowest(funnel bool) func(r *report, db string) (float64, bool) {
	return func(r *report, db string) (most float64, ok bool) {
		for _, p := range r.Pages {
			if p.Database == db && isFunnel(p.Page) == funnel {
				most, ok = max(most, p.P95), true
			}
		}
		return most, ok
	}
}

func targetTable(js []judged) string {
	var t table
	t.head("target", "database", "measured", "to be", "met")
	for _, j := range js {
		sign, met := "≤", "yes"
		if j.AtLeast {
			sign = "≥"
		}
		if !j.Met {
			met = "**no**"
		}
		t.row(j.Name, databaseTitle(j.Database), short(j.Measured)+" "+j.Unit,
			sign+" "+short(j.Target)+" "+j.Unit, met)
	}
	return t.String()
}

// short writes a figure with three digits that count.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
