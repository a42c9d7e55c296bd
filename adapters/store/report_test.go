package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// claimRollup takes the rollups of project p.
func (f *fixture) claimRollup(owner string, now time.Time) (usecase.RollupClaim, bool) {
	f.t.Helper()
	c := usecase.RollupClaim{ProjectID: "p", Owner: owner, Until: now.Add(time.Minute)}
	_, ok, err := f.ClaimRollup(f.t.Context(), "p", owner, now, c.Until, false)
	f.ok(err)
	return c, ok
}

func joins(n int64) usecase.DayFigures {
	return usecase.DayFigures{
		{Name: "ad", UTM: domain.UTM{Source: "s'"}}: {
			Figures: usecase.Figures{Joins: n, Left: [3]int64{1, 2, 3}, Money: usecase.Money{Revenue: 5_500_000}}, Lives: map[int]usecase.Lives{0: {People: 2, Seconds: 200}, 3: {People: 1, Seconds: 3_000_000}},
			Steps: map[usecase.StepKey]*usecase.StepFigures{{Step: "buy", Label: "plan", Value: "b"}: {Events: n, Money: usecase.Money{Costs: 1}}},
		},
		{}: {Figures: usecase.Figures{Joins: 1}},
	}
}

func TestRollupsOfADay(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		c, ok := f.claimRollup("a", noon)
		if !ok {
			t.Fatal("nobody has it, and yet it can not be taken")
		}
		f.ok(f.SaveDay(ctx, c, "2031-03-13", joins(4)))
		f.ok(f.SaveDay(ctx, c, "2031-03-14", joins(9)))
		f.ok(f.SaveDay(ctx, c, "2031-03-14", joins(5))) // in the place of the former
		days, err := f.RollupDays(ctx, "p", "2031-03-14", "2031-03-31", usecase.ReportFilter{})
		f.ok(err)
		want := map[string]*usecase.Figures{"2031-03-14": {Joins: 6, Left: [3]int64{1, 2, 3}, Money: usecase.Money{Revenue: 5_500_000}}}
		if diff := cmp.Diff(want, days); diff != "" {
			t.Errorf("days (-want +got):\n%s", diff)
		}
		sources, err := f.RollupSources(ctx, "p", "2031-03-01", "2031-03-31", usecase.ReportFilter{}, [3]string{"2031-03-14", "2031-03-13", ""})
		f.ok(err)
		ad := sources[usecase.ReportSource{Name: "ad", UTM: domain.UTM{Source: "s'"}}]
		if ad == nil || ad.Joins != 9 || ad.Ripe != [3]int64{9, 4, 0} || ad.Left != [3]int64{2, 2, 0} || ad.Revenue != 11_000_000 || len(sources) != 2 {
			t.Errorf("sources: %+v", ad)
		}
		quote := "s'"
		days, err = f.RollupDays(ctx, "p", "2031-03-01", "2031-03-31", usecase.ReportFilter{Origin: &quote})
		f.ok(err)
		if days["2031-03-14"].Joins != 5 || days["2031-03-13"].Joins != 4 {
			t.Errorf("of a source: %v", days)
		}
		steps, err := f.RollupSteps(ctx, "p", "2031-03-01", "2031-03-31", usecase.ReportFilter{})
		f.ok(err)
		wantSteps := map[usecase.StepKey]*usecase.StepFigures{{Step: "buy", Label: "plan", Value: "b"}: {Events: 9, Money: usecase.Money{Costs: 2}}}
		if diff := cmp.Diff(wantSteps, steps); diff != "" {
			t.Errorf("steps (-want +got):\n%s", diff)
		}
		lives := map[int]int64{}
		f.ok(f.RollupLives(ctx, "p", "2031-03-01", "2031-03-31", usecase.ReportFilter{}, func(_ string, weeks int, n int64) { lives[weeks] += n }))
		if diff := cmp.Diff(map[int]int64{0: 4, 3: 2}, lives); diff != "" {
			t.Errorf("lives:\n%s", diff)
		}
		f.ok(f.SaveDay(ctx, c, "2031-03-14", nil))
		f.ok(f.ClearRollups(ctx, c, "2031-03-14"))
		if n := f.count("rollup_days WHERE day = '2031-03-14'"); n != 0 {
			t.Errorf("%d rows of a day without figures", n)
		}
		f.ok(f.DropRollups(ctx, "p"))
		for _, table := range []string{"rollup_days", "rollup_lives", "rollup_steps", "rollup_people", "rollup_numbers", "rollup_sources", "rollup_projects"} {
			if n := f.count(table); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
	})
}

// Sums beyond 64 bits are the largest there is, rather than an error for ever.
func TestRollupsOfTooMuchMoney(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, _ := f.claimRollup("a", noon)
		rich := usecase.DayFigures{{}: {Figures: usecase.Figures{Money: usecase.Money{Revenue: 1<<63 - 1, Costs: 1_999_999}}}}
		for _, day := range []string{"2031-03-12", "2031-03-13", "2031-03-14"} {
			f.ok(f.SaveDay(t.Context(), c, day, rich))
		}
		sources, err := f.RollupSources(t.Context(), "p", "2031-03-01", "2031-03-31", usecase.ReportFilter{}, [3]string{})
		f.ok(err)
		if got := sources[usecase.ReportSource{}].Money; got != (usecase.Money{Revenue: 1<<63 - 1, Costs: 5_999_997}) {
			t.Errorf("%+v", got)
		}
	})
}

// One process works on a project at a time, and one that was thought dead
// writes nothing over what came after it.
func TestRollupClaims(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		first, ok := f.claimRollup("a", noon)
		if !ok {
			t.Fatal("it can not be taken")
		}
		if _, ok := f.claimRollup("b", noon.Add(time.Second)); ok {
			t.Error("two have it")
		}
		second, ok := f.claimRollup("b", noon.Add(2*time.Minute))
		if !ok {
			t.Fatal("a dead process keeps it for ever")
		}
		f.ok(f.SaveDay(ctx, second, "2031-03-14", joins(2)))
		for what, err := range map[string]error{
			"hold":   f.HoldRollup(ctx, first),
			"save":   f.SaveDay(ctx, first, "2031-03-14", joins(1)),
			"clear":  f.ClearRollups(ctx, first, ""),
			"finish": f.FinishRollup(ctx, first, "basis of a", nil, noon),
		} {
			if !errors.Is(err, domain.ErrConflict) {
				t.Errorf("%s after the claim was lost: %v, want ErrConflict", what, err)
			}
		}
		if n := f.count("rollup_days WHERE joins = 2"); n != 1 {
			t.Error("the later figures are gone")
		}
		f.ok(f.FinishRollup(ctx, second, "basis of b", nil, noon.Add(time.Hour)))
		if _, ok := f.claimRollup("a", noon.Add(30*time.Minute)); ok {
			t.Error("it is taken again before its rest is over")
		}
		basis, ok, err := f.ClaimRollup(ctx, "p", "a", noon.Add(30*time.Minute), noon.Add(31*time.Minute), true)
		f.ok(err)
		if !ok || basis != "basis of b" {
			t.Errorf("what is urgent does not wait: %v, basis %q", ok, basis)
		}
	})
}

func TestMarks(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.save(&usecase.IngestChanges{Events: []domain.Event{
			{ID: "r-0", ProjectID: "p", SubscriberID: "s", Type: domain.FunnelEvent, OccurredAt: noon.Add(-48 * time.Hour), ReceivedAt: noon},
		}})
		robot := f.click("c2", time.Hour)
		robot.Robot = true
		f.ok(f.SaveClicks(ctx, []domain.Click{f.click("c1", -24*time.Hour), robot}))
		f.ok(f.MarkDays(ctx, []usecase.EventMark{
			{ID: "x", ProjectID: "p", At: noon, ReceivedAt: noon}, {ID: "y", ProjectID: "p", At: noon.Add(time.Second), ReceivedAt: noon},
			{ID: "r-0", ProjectID: "p"}, // was too large for the stream
		}))
		projects, err := f.MarkedProjects(ctx, noon)
		f.ok(err)
		if !slices.Equal(projects, []string{"p"}) {
			t.Errorf("marked: %v", projects)
		}
		marks, err := f.RollupMarks(ctx, "p")
		f.ok(err)
		var got []time.Time
		for _, m := range marks {
			got = append(got, m.At)
		}
		quarter := noon.Truncate(15 * time.Minute)
		want := []time.Time{quarter.Add(-24 * time.Hour), quarter, noon.Add(-48 * time.Hour)}
		sorted := cmpopts.SortSlices(func(a, b time.Time) bool { return a.Before(b) })
		if diff := cmp.Diff(want, got, sorted); diff != "" {
			t.Errorf("marks (-want +got):\n%s", diff)
		}
		c, _ := f.claimRollup("a", noon)
		if projects, err = f.MarkedProjects(ctx, noon); err != nil || len(projects) != 0 {
			t.Errorf("somebody works on it, and yet it is offered: %v, %v", projects, err)
		}
		f.ok(f.MarkDays(ctx, []usecase.EventMark{{ID: "z", ProjectID: "p", At: noon, ReceivedAt: noon}}))
		f.ok(f.FinishRollup(ctx, c, "b", marks, noon))
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
		seen := map[int64]bool{first["s"]: true, first["t"]: true, again[long]: true, again["S"]: true, other["s"]: true}
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

// Who was at a step on two days is one, and so is who is added by their id.
func TestPeopleOfSteps(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, _ := f.claimRollup("a", noon)
		ads, posts := usecase.ReportSource{Name: "ads"}, usecase.ReportSource{Name: "posts"}
		people := func(ids ...string) *usecase.SourceDay {
			p := usecase.StepPeople{}
			for _, id := range ids {
				p.Add("form", id)
			}
			return &usecase.SourceDay{People: p}
		}
		f.ok(f.SaveDay(t.Context(), c, "2031-03-12", usecase.DayFigures{ads: people("ann", "bob"), posts: people("bob", "cat")}))
		f.ok(f.SaveDay(t.Context(), c, "2031-03-13", usecase.DayFigures{ads: people("ann", "dan")}))
		f.ok(f.SaveDay(t.Context(), c, "2031-03-13", usecase.DayFigures{ads: people("ann", "eve")})) // made anew
		more := usecase.StepPeople{}
		for _, id := range []string{"cat", "dan", "fay"} {
			more.Add("form", id)
		}
		more.Add("paid", "fay")
		for name, x := range map[string]struct {
			first, last string
			filter      usecase.ReportFilter
			more        usecase.StepPeople
			want        map[string]int64
		}{
			"both":           {"2031-03-12", "2031-03-13", usecase.ReportFilter{}, nil, map[string]int64{"form": 4}},
			"one day":        {"2031-03-13", "2031-03-13", usecase.ReportFilter{}, nil, map[string]int64{"form": 2}},
			"source":         {"2031-03-12", "2031-03-13", usecase.ReportFilter{Source: &posts.Name}, nil, map[string]int64{"form": 2}},
			"start value":    {"2031-03-12", "2031-03-13", usecase.ReportFilter{StartValue: &posts.Name}, nil, map[string]int64{"form": 2}},
			"no start value": {"2031-03-12", "2031-03-13", usecase.ReportFilter{StartValue: new(string)}, nil, map[string]int64{}},
			"more":           {"2031-03-12", "2031-03-13", usecase.ReportFilter{}, more, map[string]int64{"form": 6, "paid": 1}},
			"alone":          {"", "", usecase.ReportFilter{}, more, map[string]int64{"form": 3, "paid": 1}},
		} {
			got, err := f.RollupPeople(t.Context(), "p", x.first, x.last, x.filter, x.more)
			f.ok(err)
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}
