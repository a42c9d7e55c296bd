package usecase_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// overview reads the days from one to another, held against the days before.
func (l *ledger) overview(from, to string, g report.Grain) *report.Overview {
	l.Helper()
	rng := l.span(from, to)
	c, err := l.reports.Compare(&l.p.Project, rng, report.CompareInput{})
	l.ok(err)
	o, err := l.reports.Overview(l.Context(), &l.p.Project, report.OverviewInput{
		Range: rng, Compared: c, Grain: g, Deep: true,
	})
	l.ok(err)
	return o
}

// Revenue per subscriber is of those who joined in the period: what others paid
// in it is not, and what they paid later is.
func TestRevenueOfThoseWhoJoined(t *testing.T) {
	ledgers(t, func(l *ledger) {
		ad := l.link("ad", "")
		l.send(start(1, ad.StartValue), step(1, "", "100"))
		l.after(7 * day)
		l.send(start(2, ad.StartValue), start(3, ad.StartValue), step(1, "", "1000"), step(2, "", "30"))
		l.after(7 * day)
		l.send(step(2, "", "10"), step(3, "", "-5"), step(1, "", "500"))
		l.settle()
		read := func(r *report.Reader, from, to string, f report.Filter) report.LifetimeRow {
			l.Helper()
			rows, err := r.Lifetime(l.Context(), &l.p.Project, l.span(from, to), f, report.Grouping{report.BySource})
			l.ok(err)
			if len(rows) != 1 {
				l.Fatalf("rows: %+v", rows)
			}
			return rows[0]
		}
		want := report.Money{Revenue: 40_000_000, Costs: 5_000_000}
		for what, r := range map[string]*report.Reader{"rollups": l.reports, "rows": l.reports.WithoutRollups()} {
			row := read(r, "2031-03-10", "2031-03-10", report.Filter{report.BySource: "ad"})
			if row.Joined != 2 || row.OfJoined != want || *row.PerSubscriber != 20_000_000 || row.Revenue != 1030_000_000 {
				l.Errorf("%s: %+v", what, row)
			}
		}
		all := read(l.reports, "2031-03-01", "2031-03-31", report.Filter{})
		if all.OfJoined != all.Money {
			l.Errorf("of all who ever joined: %+v is not %+v", all.OfJoined, all.Money)
		}
	})
}

// The figures of an overview are those of the other reports, and its pieces add
// up to it, on days of 23 hours as well.
func TestOverviewAddsUp(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.p.Timezone = "Europe/Berlin" // the clocks change on 30 March 2031
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		l.now = time.Date(2031, 3, 24, 9, 0, 0, 0, time.UTC)
		l.account("yclid", nil)
		ad, post := l.link("ad", ""), l.link("post", "")
		for n := range int64(40) {
			value := []string{ad.StartValue, post.StartValue, "blog", l.click(ad, "yclid=1").StartValue}[n%4]
			l.send(start(n+1, value), step(n+1, "", "10"))
			if n%3 == 0 {
				l.send(stop(n + 1))
			}
			l.after(7 * time.Hour)
		}
		l.ok(l.SetCosts(l.Context(), l.p.ID, []domain.LinkCost{
			{LinkID: ad.ID, Day: "2031-03-25", Amount: 300_000_000, Currency: "RUB"},
			{LinkID: ad.ID, Day: "2031-04-02", Amount: 100_000_000, Currency: "RUB"},
		}))
		l.settle()
		for _, g := range []report.Grain{report.ByDay, report.ByWeek, report.ByMonth} {
			o := l.overview("2031-03-22", "2031-04-06", g)
			var sum report.SourceFigures
			var byLink int64
			var cost domain.Amount
			for i := range o.Pieces {
				sum.Add(&o.Pieces[i].SourceFigures)
				byLink += o.Pieces[i].ByLink
				cost += *o.Pieces[i].Cost
			}
			if d := cmp.Diff(o.Now.SourceFigures, sum); d != "" || byLink != o.Now.ByLink || cost != *o.Now.Cost {
				l.Errorf("%s: %d of %d by links, cost %s of %s, figures (-total +pieces):\n%s",
					g, byLink, o.Now.ByLink, cost, *o.Now.Cost, d)
			}
		}
		o := l.overview("2031-03-22", "2031-04-06", report.ByWeek)
		if o.Now.Joins != 40 || o.Now.ByLink != 30 || *o.Now.Cost != 400_000_000 || *o.Now.PerJoined != 20_000_000 ||
			*o.Now.Return != 0.5 {
			l.Errorf("totals: %+v, for each %s, return %v", o.Now, o.Now.PerJoined, *o.Now.Return)
		}
		links, err := l.reports.Links(l.Context(), &l.p.Project, l.span("2031-03-22", "2031-04-06"), report.Filter{})
		l.ok(err)
		for _, row := range links {
			if row.Link.ID == ad.ID && (*row.PerStayed != *o.Now.PerStayed || *row.PerSubscriber != *o.Now.PerJoined) {
				l.Errorf("the link costs %s and %s, the overview %s and %s",
					row.PerSubscriber, row.PerStayed, o.Now.PerJoined, o.Now.PerStayed)
			}
		}
		var cut []bool
		for i := range o.Pieces {
			cut = append(cut, o.Pieces[i].Cut)
		}
		if d := cmp.Diff([]bool{true, false, false}, cut); d != "" {
			l.Errorf("weeks that are cut: %s", d)
		}
		hours := l.overview("2031-03-30", "2031-03-30", report.ByHour)
		if len(hours.Pieces) != 23 || len(hours.PiecesBefore) != 24 {
			l.Errorf("%d and %d hours", len(hours.Pieces), len(hours.PiecesBefore))
		}
	})
}

// Today is held against yesterday until the same minute, whatever of it is in
// the rollups.
func TestTodayIsComparedFairly(t *testing.T) {
	ledgers(t, func(l *ledger) {
		ad := l.link("ad", "")
		for hour := range 24 { // yesterday: a join at each full hour and at half past
			at0 := time.Date(2031, 3, 2, hour, 0, 0, 0, time.UTC)
			l.send(at(at0, start(int64(100+hour), ad.StartValue)))
			l.send(at(at0.Add(30*time.Minute), start(int64(200+hour), "")))
		}
		l.settle()
		l.now = time.Date(2031, 3, 3, 10, 25, 0, 0, time.UTC)
		for what, r := range map[string]*report.Reader{"rollups": l.reports, "rows": l.reports.WithoutRollups()} {
			rng := l.span("2031-03-03", "2031-03-03")
			c, err := r.Compare(&l.p.Project, rng, report.CompareInput{})
			l.ok(err)
			for name, want := range map[string]int64{"": 21, "ad": 11} {
				f := report.Filter{}
				if name != "" {
					f[report.BySource] = name
				}
				o, err := r.Overview(l.Context(), &l.p.Project, report.OverviewInput{
					Range: rng, Compared: c, Grain: report.ByHour, Filter: f,
				})
				l.ok(err)
				if o.Before.Joins != want || len(o.PiecesBefore) != 24 {
					l.Errorf("%s, %q: %d joined yesterday until 10:25, want %d", what, name, o.Before.Joins, want)
				}
			}
		}
	})
}

// What a period cost is held against those who joined on its whole days, and its
// days cost what they cost, however much of the last one is compared.
func TestCostsAreOfWholeDays(t *testing.T) {
	ledgers(t, func(l *ledger) {
		ad, late := l.link("ad", ""), l.link("late", "")
		day1, day2 := time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2031, 3, 2, 0, 0, 0, 0, time.UTC)
		l.send(at(day1.Add(9*time.Hour), start(1, ad.StartValue)), at(day1.Add(20*time.Hour), start(2, ad.StartValue)),
			at(day2.Add(9*time.Hour), start(3, ad.StartValue)), at(day2.Add(20*time.Hour), start(4, late.StartValue)))
		l.settle()
		l.ok(l.SetCosts(l.Context(), l.p.ID, []domain.LinkCost{
			{LinkID: ad.ID, Day: "2031-03-01", Amount: 100_000_000, Currency: "RUB"},
			{LinkID: ad.ID, Day: "2031-03-02", Amount: 50_000_000, Currency: "RUB"},
			{LinkID: late.ID, Day: "2031-03-02", Amount: 30_000_000, Currency: "RUB"},
		}))
		l.now = time.Date(2031, 3, 4, 10, 25, 0, 0, time.UTC)
		o := l.overview("2031-03-03", "2031-03-04", report.ByDay)
		if b := &o.Before; b.Joins != 3 || *b.Cost != 100_000_000 || *b.PerJoined != 50_000_000 {
			l.Errorf("until 10:25 of its last day: %d joined, it cost %s, for each %s", b.Joins, b.Cost, b.PerJoined)
		}
		for i, want := range []domain.Amount{100_000_000, 80_000_000} {
			if p := &o.PiecesBefore[i]; p.Cost == nil || *p.Cost != want {
				l.Errorf("day %d cost %s, want %s", i+1, p.Cost, want)
			}
		}
		if p := o.PiecesBefore[1].PerJoined; p == nil || *p != 40_000_000 {
			l.Errorf("for each of its last day: %s", p)
		}
		if o = l.overview("2031-03-04", "2031-03-04", report.ByHour); o.Before.Cost != nil {
			l.Errorf("a part of a day cost %s, and costs are those of days", o.Before.Cost)
		}
	})
}

// A filter that takes a part of a link's people leaves its cost unknown.
func TestCostOfAPartIsUnknown(t *testing.T) {
	ledgers(t, func(l *ledger) {
		ad, other := l.link("ad", ""), l.link("other", "")
		l.send(start(1, l.click(ad, "utm_campaign=a").StartValue), start(2, l.click(ad, "utm_campaign=b").StartValue),
			start(3, other.StartValue))
		l.ok(l.SetCosts(l.Context(), l.p.ID, []domain.LinkCost{
			{LinkID: ad.ID, Day: "2031-03-03", Amount: 100_000_000, Currency: "RUB"},
		}))
		l.settle()
		for want, f := range map[string]report.Filter{
			"100":     {},
			"unknown": {report.ByUTMCampaign: "a"},
			"0":       {report.ByLink: other.ID},
		} {
			totals, _, err := l.reports.Totals(l.Context(), &l.p.Project, l.span("2031-03-03", "2031-03-03"), f)
			l.ok(err)
			got := "unknown"
			if totals.Cost != nil {
				got = totals.Cost.String()
			}
			if got != want {
				l.Errorf("%v: cost %s, want %s", f, got, want)
			}
		}
	})
}

// A week that the period cuts says how many of its days are in it, and the
// average row is of all people whose weeks are over.
func TestCohortsThatAreCut(t *testing.T) {
	ledgers(t, func(l *ledger) {
		for n := range int64(10) { // a person a day from Monday, 3 March on
			l.send(start(n+1, ""))
			l.after(day)
		}
		l.send(stop(1))
		l.now = time.Date(2031, 4, 1, 9, 0, 0, 0, time.UTC)
		l.settle()
		rows, err := l.reports.Retention(l.Context(), &l.p.Project, l.span("2031-03-05", "2031-03-16"), report.Filter{})
		l.ok(err)
		got := fmt.Sprint(rows[0].Days, rows[0].Cut(), rows[0].Joined, " ", rows[1].Days, rows[1].Cut(), rows[1].Joined)
		if got != "5 true 5 7 false 3" {
			l.Error(got)
		}
		rows, err = l.reports.Retention(l.Context(), &l.p.Project, l.span("2031-03-03", "2031-03-16"), report.Filter{})
		l.ok(err)
		if avg := report.Average(rows); avg[0] != (report.Stay{Share: 1, Of: 10}) || avg[1].Share > 0.901 ||
			avg[1].Share < 0.899 {
			l.Errorf("average: %+v", avg)
		}
	})
}
