package domain_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

func TestJudgeGoal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		episode time.Duration // after monday; 1 for none
		touches []domain.Touch
		at      time.Duration
		state   domain.GoalState
		click   string
	}{
		"no start known":                 {1, nil, 0, domain.GoalWaits, ""},
		"organic":                        {0, nil, day, domain.GoalOrganic, ""},
		"by a click":                     {0, []domain.Touch{touched(0, "a")}, day, domain.GoalCounts, "a"},
		"the last moment of the 21 days": {0, []domain.Touch{touched(0, "a")}, window, domain.GoalCounts, "a"},
		"after the 21 days": {0, []domain.Touch{touched(0, "a")}, window + time.Second,
			domain.GoalLate, "a"},
		"organic, after the 21 days": {0, nil, window + time.Second, domain.GoalOrganic, ""},
		"the episode is young, the click is too old": {
			22 * day, []domain.Touch{touched(0, "a")}, 23 * day, domain.GoalOrganic, "",
		},
		"the episode is young, the click in its window": {
			10 * day, []domain.Touch{touched(0, "a")}, 12 * day, domain.GoalCounts, "a",
		},
		"organic first: from the click on": {
			0, []domain.Touch{touched(2*day, "a")}, 3 * day, domain.GoalCounts, "a",
		},
		"organic first: an earlier goal that arrives late": {
			0, []domain.Touch{touched(2*day, "a")}, day, domain.GoalOrganic, "",
		},
		"a goal before the start it waited for": {
			0, []domain.Touch{touched(0, "a")}, -20 * time.Hour, domain.GoalCounts, "a",
		},
		"two clicks, and a goal of the time between": {
			0, []domain.Touch{touched(0, "a"), touched(5*day, "b")}, 3 * day, domain.GoalCounts, "a",
		},
		"a start attributed half a minute later": {
			0, []domain.Touch{touched(30*time.Second, "a")}, 10 * time.Second, domain.GoalCounts, "a",
		},
		"before the first start, which came by no link": {
			0, []domain.Touch{touched(2*time.Second, "a")}, -day, domain.GoalOrganic, "",
		},
		"before it, and the start by a link came a little later": {
			0, []domain.Touch{touched(2*time.Minute, "a")}, -time.Minute, domain.GoalOrganic, "",
		},
		"told after a start of another month": {
			0, []domain.Touch{touched(0, "a"), touched(window+day, "b")}, 10 * day, domain.GoalCounts, "a",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &domain.Subscriber{Touches: c.touches}
			if c.episode != 1 {
				s.EpisodeID, s.EpisodeAt = "ep", monday.Add(c.episode)
			}
			own := domain.EpisodeStart{ID: s.EpisodeID, At: s.EpisodeAt}
			state, touch := domain.JudgeGoal(s, own, domain.LastClick, monday.Add(c.at), window)
			if state != c.state || touch.ClickID != c.click {
				t.Errorf("%s by %q, want %s by %q", state, touch.ClickID, c.state, c.click)
			}
		})
	}
}

// A goal of an organic subscription is not the ad's by which the person came
// again, however soon.
func TestJudgeGoalOfAnEarlierEpisode(t *testing.T) {
	t.Parallel()
	s := &domain.Subscriber{
		EpisodeID: "second", EpisodeAt: monday.Add(time.Minute), Touches: []domain.Touch{touched(time.Minute, "a")},
	}
	for at, want := range map[time.Duration]domain.GoalState{
		-day: domain.GoalOrganic, 30 * time.Second: domain.GoalOrganic, 2 * time.Minute: domain.GoalCounts,
	} {
		own := s.EpisodeOf(monday.Add(at), []domain.EpisodeStart{{ID: "first", At: monday}})
		if state, _ := domain.JudgeGoal(s, own, domain.LastClick, monday.Add(at), window); state != want {
			t.Errorf("%s after the first start it is %s, want %s", at, state, want)
		}
	}
}

func TestJudgeGoalByTheFirstClick(t *testing.T) {
	t.Parallel()
	s := &domain.Subscriber{
		EpisodeID: "ep", EpisodeAt: monday, Touches: []domain.Touch{touched(0, "a"), touched(day, "b")},
	}
	own := domain.EpisodeStart{ID: s.EpisodeID, At: s.EpisodeAt}
	state, touch := domain.JudgeGoal(s, own, domain.FirstClick, monday.Add(2*day), window)
	if state != domain.GoalCounts || touch.ClickID != "a" {
		t.Errorf("%s by %q", state, touch.ClickID)
	}
}

func TestCountKey(t *testing.T) {
	t.Parallel()
	sum, zero, back := domain.Amount(1), domain.Amount(0), domain.Amount(-5)
	type fact struct {
		episode string
		target  string
		account string
		event   string
		amount  *domain.Amount
	}
	key := func(f fact) string { return domain.CountKey(f.episode, f.target, f.account, f.event, f.amount) }
	goal := fact{"ep", "lead", "acc", "e1", nil}
	for name, c := range map[string]struct {
		a, b fact
		same bool
	}{
		"a goal once an episode":    {goal, fact{"ep", "lead", "acc", "e2", nil}, true},
		"again in the next episode": {goal, fact{"ep2", "lead", "acc", "e2", nil}, false},
		"each account":              {goal, fact{"ep", "lead", "acc2", "e1", nil}, false},
		"each target":               {goal, fact{"ep", "sale", "acc", "e1", nil}, false},
		"zero is no amount":         {goal, fact{"ep", "lead", "acc", "e2", &zero}, true},
		"nor is a negative one":     {goal, fact{"ep", "lead", "acc", "e2", &back}, true},
		"an amount counts each time": {
			fact{"ep", "sale", "acc", "e1", &sum},
			fact{"ep", "sale", "acc", "e2", &sum}, false,
		},
		"but once for each account": {
			fact{"ep", "sale", "acc", "e1", &sum},
			fact{"ep", "sale", "acc2", "e1", &sum}, false,
		},
		"and one event once": {
			fact{"ep", "sale", "acc", "e1", &sum},
			fact{"ep", "sale", "acc", "e1", &sum}, true,
		},
	} {
		if got := key(c.a) == key(c.b); got != c.same {
			t.Errorf("%s: same is %v", name, got)
		}
		if got := domain.ConversionID(key(c.a)) == domain.ConversionID(key(c.b)); got != c.same {
			t.Errorf("%s: same id is %v", name, got)
		}
	}
}

func TestActivationKey(t *testing.T) {
	t.Parallel()
	key := domain.ActivationKey
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"once for each click":         {key("ep", "click", "acc"), key("ep2", "click", "acc"), true},
		"another click":               {key("ep", "click", "acc"), key("ep2", "click2", "acc"), false},
		"once an episode without one": {key("ep", "", "acc"), key("ep", "", "acc"), true},
		"each episode without one":    {key("ep", "", "acc"), key("ep2", "", "acc"), false},
		"each account by click":       {key("ep", "click", "acc"), key("ep", "click", "acc2"), false},
		"each account by episode":     {key("ep", "", "acc"), key("ep", "", "acc2"), false},
		"a click is no episode":       {key("x", "", "acc"), key("ep", "x", "acc"), false},
		"an activation is no goal":    {key("ep", "", "acc"), domain.CountKey("ep", "", "acc", "e1", nil), false},
	} {
		if got := c.a == c.b; got != c.same {
			t.Errorf("%s: same is %v", name, got)
		}
	}
}

// Conversions of before and after an update, or of two installations, have the
// same ids: networks tell repeats by them.
func TestConversionID(t *testing.T) {
	t.Parallel()
	if got := domain.ConversionID("a|ep|acc"); got != "d91cce9e7309eac7d2c67518b4a5767b" {
		t.Error(got)
	}
}
