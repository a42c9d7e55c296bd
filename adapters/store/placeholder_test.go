package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func TestPlaceholdersAreNoted(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.link("l", "Spring", "")
		click := func(id string, at time.Time, lost map[string]string) domain.Click {
			c := f.click(id, 0)
			c.LinkID, c.At, c.Placeholders = "l", at, lost
			return c
		}
		a := click("a1", noon, map[string]string{"utm_term": "{keyword}", "yclid": "undefined", "q": "{q}"})
		b := click("a2", noon.Add(time.Minute), map[string]string{"utm_term": "{other}"})
		f.ok(f.SaveClicks(t.Context(), []domain.Click{a}))
		f.ok(f.SaveClicks(t.Context(), []domain.Click{a, b})) // one is there already
		got, err := f.Placeholders(t.Context(), "p", noon)
		f.ok(err)
		want := []domain.LinkPlaceholder{
			{LinkID: "l", Param: "utm_term", Value: "{keyword}", First: noon, Last: b.At, Clicks: 2},
			{LinkID: "l", Param: "yclid", Value: "undefined", First: noon, Last: noon, Clicks: 1},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		lost, err := f.LostClickIDs(t.Context(), noon, 5)
		f.ok(err)
		if len(lost) != 1 || lost[0].Link != "Spring" || lost[0].Param != "yclid" {
			t.Errorf("%+v", lost)
		}
		long := click("a3", noon, map[string]string{"utm_source": "{" + strings.Repeat("я", 300) + "}"})
		f.ok(f.SaveClicks(t.Context(), []domain.Click{long}))
	})
}

func TestRobotVisitsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.ok(f.AddRobotVisits(t.Context(), noon, map[string]int64{"p": 3}))
		f.ok(f.AddRobotVisits(t.Context(), noon.Add(time.Hour), map[string]int64{"p": 4}))
		f.ok(f.SaveClicks(t.Context(), []domain.Click{f.click("r1", 0)}))
		got, err := f.RobotShares(t.Context(), noon, 5)
		f.ok(err)
		want := []store.RobotShare{{Robots: 7, Clicks: 1}}
		if d := cmp.Diff(want, got, cmpopts.IgnoreFields(store.RobotShare{}, "Project")); d != "" {
			t.Error(d)
		}
	})
}

func TestStartRulesAndValues(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		rules := []domain.StartRule{{Pattern: "a_{click}", LinkID: "l"}, {Pattern: "b_{click}", LinkID: "l"}}
		f.ok(f.SetStartRules(t.Context(), "p", rules))
		f.ok(f.SetStartRules(t.Context(), "p", rules[1:]))
		got, err := f.StartRules(t.Context(), "p")
		f.ok(err)
		if d := cmp.Diff(rules[1:], got); d != "" {
			t.Error(d)
		}
		none, err := f.StartValues(t.Context(), "p", noon)
		f.ok(err)
		if d := cmp.Diff([]usecase.StartValueCount(nil), none); d != "" {
			t.Error(d)
		}
	})
}
