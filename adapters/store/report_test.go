package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// lease takes the work on the rollups.
func (f *fixture) lease(owner string, now time.Time) report.RollupLease {
	f.t.Helper()
	l := report.RollupLease{Name: "reports", Owner: owner, Until: now.Add(time.Minute)}
	held, err := f.HoldLease(f.t.Context(), l.Name, l.Owner, now, l.Until)
	f.ok(err)
	if !held {
		f.t.Fatalf("%s does not get the work", owner)
	}
	return l
}

func joins(day string, n int64) report.ProjectDay {
	return report.ProjectDay{ProjectID: "p", Day: day, Figures: report.DayFigures{
		{Name: "ad", UTM: domain.UTM{Source: "s'"}}: {
			Figures:   report.Figures{Joins: n, Left: [3]int64{1, 2, 3}, Money: report.Money{Revenue: 5_500_000}},
			Hours:     map[int]*report.Figures{7: {Joins: n}},
			Durations: map[int]report.Durations{0: {People: 2, Seconds: 200}, 3: {People: 1, Seconds: 3_000_000}},
			Steps: map[report.StepKey]*report.StepFigures{
				{Step: "buy", Label: "plan", Value: "b"}: {Events: n, Money: report.Money{Costs: 1}},
			},
		},
		{LinkID: "l", Network: "yandex"}: {Figures: report.Figures{Joins: 1}},
	}}
}

func replaced(days ...report.ProjectDay) *report.RollupRound {
	return &report.RollupRound{Replaced: days}
}

func added(days ...report.ProjectDay) *report.RollupRound { return &report.RollupRound{Added: days} }

func TestRollupsOfADay(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		l := f.lease("a", noon)
		f.ok(f.SaveRollups(ctx, l, replaced(joins("2031-03-13", 4), joins("2031-03-14", 9))))
		f.ok(f.SaveRollups(ctx, l, replaced(joins("2031-03-14", 2)))) // in the place of the former
		f.ok(f.SaveRollups(ctx, l, added(joins("2031-03-14", 3))))    // to that
		march := report.RollupQuery{ProjectID: "p", First: "2031-03-01", Last: "2031-03-31"}
		day := report.RollupQuery{ProjectID: "p", First: "2031-03-14", Last: "2031-03-31"}
		days, err := f.RollupDays(ctx, day)
		f.ok(err)
		want := map[string]*report.Figures{"2031-03-14": {
			Joins: 7, Left: [3]int64{2, 4, 6}, Money: report.Money{Revenue: 11_000_000},
		}}
		if diff := cmp.Diff(want, days); diff != "" {
			t.Errorf("days (-want +got):\n%s", diff)
		}
		hours, err := f.RollupHours(ctx, day)
		f.ok(err)
		if diff := cmp.Diff(map[string]map[int]*report.Figures{"2031-03-14": {7: {Joins: 5}}}, hours); diff != "" {
			t.Errorf("hours (-want +got):\n%s", diff)
		}
		ids, err := f.RollupSourceIDs(ctx, "p")
		f.ok(err)
		ad := report.Source{Name: "ad", UTM: domain.UTM{Source: "s'"}}
		link := report.Source{LinkID: "l", Network: "yandex"}
		if diff := cmp.Diff(map[string]report.Source{ad.ID("p"): ad, link.ID("p"): link}, ids); diff != "" {
			t.Errorf("sources (-want +got):\n%s", diff)
		}
		sources, err := f.RollupSources(ctx, march, [3]string{"2031-03-14", "2031-03-13", ""})
		f.ok(err)
		got := sources[ad.ID("p")]
		if got == nil || got.Joins != 9 || got.Eligible != [3]int64{9, 4, 0} || got.Left != [3]int64{3, 2, 0} ||
			got.Revenue != 16_500_000 || len(sources) != 2 {
			t.Errorf("a source: %+v", got)
		}
		ofAd := march
		ofAd.Sources = []string{ad.ID("p"), "unknown"}
		days, err = f.RollupDays(ctx, ofAd)
		f.ok(err)
		if days["2031-03-14"].Joins != 5 || days["2031-03-13"].Joins != 4 {
			t.Errorf("of a source: %v", days)
		}
		ofAd.Sources = []string{}
		if days, err = f.RollupDays(ctx, ofAd); err != nil || len(days) != 0 {
			t.Errorf("of no source: %v, %v", days, err)
		}
		steps, err := f.RollupSteps(ctx, march)
		f.ok(err)
		wantSteps := map[report.StepKey]*report.StepFigures{
			{Step: "buy", Label: "plan", Value: "b"}: {Events: 9, Money: report.Money{Costs: 3}},
		}
		if diff := cmp.Diff(wantSteps, steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		durations := map[int]int64{}
		f.ok(f.RollupDurations(ctx, march, func(_ string, weeks int, n int64) { durations[weeks] += n }))
		if diff := cmp.Diff(map[int]int64{0: 6, 3: 3}, durations); diff != "" {
			t.Errorf("durations:\n%s", diff)
		}
		f.ok(f.SaveRollups(ctx, l, replaced(report.ProjectDay{ProjectID: "p", Day: "2031-03-14"})))
		if n := f.count("rollup_days WHERE day = '2031-03-14'"); n != 0 {
			t.Errorf("%d rows of a day without figures", n)
		}
		f.ok(f.SaveRollups(ctx, l, &report.RollupRound{Begun: []report.RollupBeginning{{
			ProjectID: "p", Fingerprint: "new", First: "2031-03-14",
		}}}))
		if n := f.count("rollup_days"); n != 3 {
			t.Errorf("%d rows of days before the first one that is made anew, want 3", n)
		}
		f.ok(f.DeleteProject(ctx, "p"))
		for _, table := range []string{
			"rollup_days", "rollup_hours", "rollup_durations", "rollup_steps", "rollup_people",
			"rollup_sources", "rollup_projects",
		} {
			if n := f.count(table); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		if err := f.SaveRollups(ctx, l, added(joins("2031-03-14", 1))); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("figures of a project that is gone: %v, want ErrConflict", err)
		}
	})
}

// Sums beyond 64 bits are the largest there is, rather than an error for ever.
func TestRollupsOfTooMuchMoney(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		l := f.lease("a", noon)
		rich := report.DayFigures{{}: {
			Figures: report.Figures{Money: report.Money{Revenue: 1<<63 - 1, Costs: 1_999_999}},
		}}
		for _, day := range []string{"2031-03-12", "2031-03-13", "2031-03-14", "2031-03-14"} {
			more := added(report.ProjectDay{ProjectID: "p", Day: day, Figures: rich})
			f.ok(f.SaveRollups(t.Context(), l, more))
		}
		q := report.RollupQuery{ProjectID: "p", First: "2031-03-01", Last: "2031-03-31"}
		sources, err := f.RollupSources(t.Context(), q, [3]string{})
		f.ok(err)
		nothing := report.Source{}
		if got := sources[nothing.ID("p")].Money; got != (report.Money{Revenue: 1<<63 - 1, Costs: 7_999_996}) {
			t.Errorf("%+v", got)
		}
	})
}

// counted leaves an event with a fact for the reports.
func (f *fixture) counted(id string, typ domain.EventType, at time.Time) {
	f.t.Helper()
	fact := &report.Fact{At: at.UnixMicro(), Source: &report.FactSource{Name: "ad"}}
	f.save(&usecase.IngestChanges{
		Events: []domain.Event{{ID: id, ProjectID: "p", Type: typ, OccurredAt: at, ReceivedAt: noon}},
		Facts:  []*report.Fact{fact},
	})
}

// waiting gives the batches that wait to be counted.
func (f *fixture) waiting(steps bool) (b report.FactBatches) {
	f.t.Helper()
	f.ok(f.RollupSnapshot(f.t.Context(), func(ctx context.Context, s report.RollupSnapshot) (err error) {
		b, _, err = s.WaitingFacts(ctx, steps, 100)
		return err
	}))
	return b
}

// One process counts at a time, and one that was thought dead writes nothing
// over what came after it: what it had counted stays to be counted.
func TestOneProcessCounts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.counted("r-0", domain.BotStarted, noon)
		first := f.lease("a", noon)
		held, err := f.HoldLease(ctx, "reports", "b", noon.Add(time.Second), noon.Add(time.Minute))
		if err != nil || held {
			t.Errorf("two have it: %v", err)
		}
		second := f.lease("b", noon.Add(2*time.Minute))
		b := f.waiting(false)
		late := added(joins("2031-03-14", 1))
		late.Batches = b.Nos
		if err := f.SaveRollups(ctx, first, late); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("after the lease was lost: %v, want ErrConflict", err)
		}
		if n := f.count("rollup_days"); n != 0 || len(f.waiting(false).Nos) != 1 {
			t.Errorf("%d rows are written all the same, batches %v wait", n, f.waiting(false).Nos)
		}
		f.ok(f.SaveRollups(ctx, second, late))
		n := f.count("rollup_days WHERE joins = 2 AND source_id = ''")
		if n != 1 || len(f.waiting(false).Nos) != 0 {
			t.Error("the figures are not written, or the batch waits still")
		}
	})
}

// Who reads batches later has them still when others have struck them off.
func TestBatchesOfFacts(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		l := f.lease("a", noon)
		f.counted("r-0", domain.FunnelEvent, noon)
		click, robot := f.click("c1", -24*time.Hour), f.click("c2", time.Hour)
		robot.Robot = true
		f.ok(f.SaveClicks(ctx, []domain.Click{click, robot, click}))
		f.ok(f.SaveClicks(ctx, []domain.Click{click})) // again
		b := f.waiting(false)
		want := []report.CountedEvent{
			{
				EventID: "r-0", ProjectID: "p", Type: domain.FunnelEvent,
				Fact: report.Fact{At: noon.UnixMicro(), Source: &report.FactSource{Name: "ad"}},
			},
			{
				ProjectID: "p", Fact: report.Fact{
					At:     click.At.UnixMicro(),
					Source: &report.FactSource{LinkID: "l", Clicked: true, Params: []string{"gclid"}},
				},
			},
		}
		if diff := cmp.Diff(want, b.Events); diff != "" || len(b.Nos) != 2 {
			t.Errorf("facts (-want +got):\n%s, batches %v", diff, b.Nos)
		}
		f.ok(f.SaveRollups(ctx, l, &report.RollupRound{Batches: b.Nos}))
		if behind, err := f.RollupsBehind(ctx, false); err != nil || behind {
			t.Errorf("all is counted, and yet not: %v", err)
		}
		if behind, err := f.RollupsBehind(ctx, true); err != nil || !behind {
			t.Errorf("nobody waits for the steps: %v", err)
		}
		steps := f.waiting(true)
		if len(steps.Nos) != 1 || len(steps.Events) != 1 {
			t.Errorf("steps: %+v", steps)
		}
		f.ok(f.SaveRollups(ctx, l, &report.RollupRound{Steps: steps.Nos}))
		_, err := f.RelayEvents(ctx, 100, func(context.Context, []usecase.OutboxEvent) error { return nil })
		f.ok(err)
		if n := f.count("batch_readers WHERE reader <> 'words'"); n != 0 {
			t.Errorf("%d readers have not read", n)
		}
		if n := f.count("batches"); n != f.count("batch_readers") {
			t.Errorf("%d batches are left that nobody reads", n)
		}
	})
}

func TestMarks(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		quarter := noon.Truncate(15 * time.Minute)
		f.save(&usecase.IngestChanges{
			Events: []domain.Event{{
				ID: "r-0", ProjectID: "p", Type: domain.FunnelEvent, OccurredAt: noon, ReceivedAt: noon,
			}},
			Marks: []report.Mark{
				{ProjectID: "p", At: noon}, {ProjectID: "p", At: noon.Add(time.Second)},
				{ProjectID: "p", At: noon.Add(-24 * time.Hour)},
			},
		})
		last, err := f.MarkDays(ctx, "q", []time.Time{noon, noon.Add(time.Minute)})
		f.ok(err)
		var marks []report.RollupMark
		f.ok(f.RollupSnapshot(ctx, func(ctx context.Context, s report.RollupSnapshot) (err error) {
			marks, err = s.RollupMarks(ctx)
			return err
		}))
		got := make([]report.Mark, len(marks))
		var nos []int64
		for i, m := range marks {
			got[i], nos = m.Mark, append(nos, m.No)
		}
		want := []report.Mark{
			{ProjectID: "p", At: quarter.Add(-24 * time.Hour)}, {ProjectID: "p", At: quarter},
			{ProjectID: "q", At: quarter},
		}
		sorted := cmpopts.SortSlices(func(a, b report.Mark) bool {
			return a.ProjectID < b.ProjectID || a.ProjectID == b.ProjectID && a.At.Before(b.At)
		})
		if diff := cmp.Diff(want, got, sorted); diff != "" {
			t.Errorf("marks (-want +got):\n%s", diff)
		}
		if made, err := f.RollupsMade(ctx, "q", last); err != nil || made {
			t.Errorf("made before they are begun: %v", err)
		}
		f.ok(f.SaveRollups(ctx, f.lease("a", noon), &report.RollupRound{
			Begun: []report.RollupBeginning{{ProjectID: "q", Fingerprint: "f"}}, Marks: nos,
			Made:     []string{"q"},
			NewMarks: []report.Mark{{ProjectID: "q", At: noon}},
		}))
		if made, err := f.RollupsMade(ctx, "q", last); err != nil || !made {
			t.Errorf("not made up to the mark: %v", err)
		}
		if n := f.count("rollup_marks"); n != 1 {
			t.Errorf("%d marks, want the one that came meanwhile", n)
		}
	})
}

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.link("l", "Spring", "") // s and t
		names, err := f.TagNames(ctx, "p")
		f.ok(err)
		if !slices.Equal(names, []string{"s", "t"}) {
			t.Errorf("names: %v", names)
		}
		first, err := f.TagIDs(ctx, "p", names)
		f.ok(err)
		long := strings.Repeat("длинное-", 500) // longer than a key may be
		again, err := f.TagIDs(ctx, "p", []string{long, "t", "s", "S"})
		f.ok(err)
		other, err := f.TagIDs(ctx, "q", []string{"s"})
		f.ok(err)
		seen := map[int64]bool{
			first["s"]: true, first["t"]: true, again[long]: true, again["S"]: true, other["s"]: true,
		}
		if first["s"] == 0 || first["s"] != again["s"] || first["t"] != again["t"] || len(seen) != 5 {
			t.Errorf("numbers %v, then %v, of another project %v", first, again, other)
		}
		tags, err := f.Tags(ctx, "p", 3)
		f.ok(err)
		if len(tags) != 3 || tags[0].ID >= tags[1].ID {
			t.Errorf("tags: %v", tags)
		}
	})
}

// Who was at a step on two days is one, and so is who is added to a day again.
func TestPeopleOfSteps(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const ann, bob, cat, dan, eve, fay = 1, 2, 3, 1 << 40, 1<<40 + 1, 1<<40 + 2
		l := f.lease("a", noon)
		ads, posts := report.Source{Name: "ads"}, report.Source{Name: "posts"}
		people := func(nos ...int64) *report.SourceDay {
			p := report.StepPeople{}
			for _, no := range nos {
				p.Add("form", no)
			}
			return &report.SourceDay{People: p}
		}
		day := func(name string, d report.DayFigures) report.ProjectDay {
			return report.ProjectDay{ProjectID: "p", Day: name, Figures: d}
		}
		f.ok(f.SaveRollups(t.Context(), l, replaced(
			day("2031-03-12", report.DayFigures{ads: people(ann, bob)}),
			day("2031-03-13", report.DayFigures{ads: people(ann, dan)}),
		)))
		f.ok(f.SaveRollups(t.Context(), l, added(day("2031-03-12",
			report.DayFigures{ads: people(bob), posts: people(bob)}))))
		f.ok(f.SaveRollups(t.Context(), l, added(day("2031-03-12", report.DayFigures{posts: people(cat)}))))
		// made anew
		anew := day("2031-03-13", report.DayFigures{ads: people(ann, eve)})
		f.ok(f.SaveRollups(t.Context(), l, replaced(anew)))
		more := report.StepPeople{}
		for _, no := range []int64{cat, dan, fay} {
			more.Add("form", no)
		}
		more.Add("paid", fay)
		for name, x := range map[string]struct {
			first, last string
			sources     []string
			more        report.StepPeople
			want        map[string]int64
		}{
			"both":      {"2031-03-12", "2031-03-13", nil, nil, map[string]int64{"form": 4}},
			"one day":   {"2031-03-13", "2031-03-13", nil, nil, map[string]int64{"form": 2}},
			"source":    {"2031-03-12", "2031-03-13", []string{posts.ID("p")}, nil, map[string]int64{"form": 2}},
			"no source": {"2031-03-12", "2031-03-13", []string{}, nil, map[string]int64{}},
			"more":      {"2031-03-12", "2031-03-13", nil, more, map[string]int64{"form": 6, "paid": 1}},
			"alone":     {"", "", nil, more, map[string]int64{"form": 3, "paid": 1}},
		} {
			q := report.RollupQuery{ProjectID: "p", First: x.first, Last: x.last, Sources: x.sources}
			got, err := f.RollupPeople(t.Context(), q, x.more)
			f.ok(err)
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}
