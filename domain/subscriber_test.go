package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

// told is a start ("+") or stop ("-") at a second after monday.
type told struct {
	kind byte
	at   int
}

// story reads "+0 -5 +9".
func story(s string) []told {
	var out []told
	for _, f := range strings.Fields(s) {
		var at int
		if _, err := fmt.Sscan(f[1:], &at); err != nil {
			panic(err)
		}
		out = append(out, told{f[0], at})
	}
	return out
}

// hear tells a person's starts and stops in an order and gives what each
// changed.
func hear(events []told) (*domain.Subscriber, []domain.Change) {
	s := &domain.Subscriber{}
	var changes []domain.Change
	for i, e := range events {
		at := monday.Add(time.Duration(e.at) * time.Second)
		if e.kind == '+' {
			changes = append(changes, s.Start(at, fmt.Sprint("ep", i)))
			if at.After(s.LastStart) {
				s.LastStart = at
			}
		} else {
			changes = append(changes, s.Stop(at))
		}
	}
	return s, changes
}

func second(t time.Time) int {
	if t.IsZero() {
		return -1
	}
	return int(t.Sub(monday) / time.Second)
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	const no, opened, closed = domain.NoChange, domain.Opened, domain.Closed
	for events, c := range map[string]struct {
		changes           []domain.Change
		subscribed        bool
		first, last, left int // seconds, -1 for none
	}{
		"+0":             {[]domain.Change{opened}, true, 0, 0, -1},
		"+0 +9":          {[]domain.Change{opened, no}, true, 0, 0, -1},
		"+0 -5":          {[]domain.Change{opened, closed}, false, 0, 0, 5},
		"+0 -5 -9":       {[]domain.Change{opened, closed, no}, false, 0, 0, 5},
		"+0 -5 +9":       {[]domain.Change{opened, closed, opened}, true, 0, 9, -1},
		"+0 -5 +9 -9":    {[]domain.Change{opened, closed, opened, closed}, false, 0, 9, 9},
		"+5 -5":          {[]domain.Change{opened, closed}, false, 5, 5, 5},
		"-5 +5":          {[]domain.Change{no, opened}, true, 5, 5, -1},
		"+5 -5 +5":       {[]domain.Change{opened, closed, opened}, true, 5, 5, -1},
		"-5":             {[]domain.Change{no}, false, -1, -1, -1},
		"-5 +9":          {[]domain.Change{no, opened}, true, 9, 9, -1},
		"-5 +0":          {[]domain.Change{no, domain.OpenedClosed}, false, 0, 0, 5},
		"-5 -9 +0":       {[]domain.Change{no, no, domain.OpenedClosed}, false, 0, 0, 9},
		"+9 -5":          {[]domain.Change{opened, no}, true, 9, 9, -1},
		"+9 +5":          {[]domain.Change{opened, domain.Moved}, true, 5, 5, -1},
		"+9 -5 +0":       {[]domain.Change{opened, no, no}, true, 0, 9, -1},
		"+0 -5 +9 +3":    {[]domain.Change{opened, closed, opened, no}, true, 0, 9, -1},
		"+0 -5 +9 +7":    {[]domain.Change{opened, closed, opened, domain.Moved}, true, 0, 7, -1},
		"+0 -5 +9 -3":    {[]domain.Change{opened, closed, opened, no}, true, 0, 9, -1},
		"+0 -5 +3":       {[]domain.Change{opened, closed, no}, false, 0, 0, 5},
		"+3 -5 +0":       {[]domain.Change{opened, closed, no}, false, 0, 3, 5},
		"+0 +9 -5":       {[]domain.Change{opened, no, no}, true, 0, 0, -1},
		"+0 +9 -5 -9":    {[]domain.Change{opened, no, no, closed}, false, 0, 0, 9},
		"+0 -5 -3 +4 +6": {[]domain.Change{opened, closed, no, no, opened}, true, 0, 6, -1},
	} {
		t.Run(events, func(t *testing.T) {
			t.Parallel()
			s, changes := hear(story(events))
			if d := cmp.Diff(c.changes, changes); d != "" {
				t.Errorf("changes: %s", d)
			}
			got := []int{second(s.FirstJoin), second(s.LastJoin()), second(s.LeftAt())}
			if d := cmp.Diff([]int{c.first, c.last, c.left}, got); d != "" || s.Subscribed != c.subscribed {
				t.Errorf("first, last and left are %v, subscribed %v", got, s.Subscribed)
			}
		})
	}
}

// Whether somebody is subscribed, and since when at the earliest, does not
// depend on the order in which it is told.
func TestEveryOrderOfArrivalEndsTheSame(t *testing.T) {
	t.Parallel()
	for _, events := range []string{"+0 -5", "+0 -5 +9", "+0 +3 -5", "-5 +9", "+0 -5 +9 +12"} {
		want, _ := hear(story(events))
		for order := range orders(story(events)) {
			got, _ := hear(order)
			if got.Subscribed != want.Subscribed || !got.FirstJoin.Equal(want.FirstJoin) {
				t.Errorf("%s told as %s: subscribed %v since %d, want %v since %d", events, text(order),
					got.Subscribed, second(got.FirstJoin), want.Subscribed, second(want.FirstJoin))
			}
		}
	}
}

func text(events []told) string {
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprintf("%c%d", e.kind, e.at))
	}
	return strings.Join(out, " ")
}

// orders gives all orders of the events.
func orders(events []told) func(yield func([]told) bool) {
	return func(yield func([]told) bool) {
		var permute func(n int) bool
		es := slices.Clone(events)
		permute = func(n int) bool {
			if n == len(es) {
				return yield(slices.Clone(es))
			}
			for i := n; i < len(es); i++ {
				es[n], es[i] = es[i], es[n]
				if !permute(n + 1) {
					return false
				}
				es[n], es[i] = es[i], es[n]
			}
			return true
		}
		permute(0)
	}
}

func TestReattributes(t *testing.T) {
	t.Parallel()
	plain := func() *domain.Subscriber {
		return &domain.Subscriber{EpisodeID: "ep", EpisodeAt: monday, Subscribed: true, LastStart: monday}
	}
	for name, c := range map[string]struct {
		change func(*domain.Subscriber)
		after  time.Duration
		want   bool
	}{
		"at once":                       {nil, 0, true},
		"a minute later":                {nil, time.Minute, true},
		"more than a minute later":      {nil, time.Minute + time.Microsecond, false},
		"told after it, but earlier":    {nil, -time.Minute, true},
		"a minute and more before":      {nil, -time.Minute - time.Microsecond, false},
		"never started without a value": {func(s *domain.Subscriber) { s.LastStart = time.Time{} }, 0, false},
		"nothing started":               {func(s *domain.Subscriber) { s.EpisodeID = "" }, 0, false},
		"attributed already": {
			func(s *domain.Subscriber) { s.Touches = []domain.Touch{touched(0, "a")} }, 0, false,
		},
		"attributed in an older episode": {
			func(s *domain.Subscriber) { s.Touches = []domain.Touch{touched(-5*day, "a")} }, 0, true,
		},
	} {
		s := plain()
		if c.change != nil {
			c.change(s)
		}
		if got := s.Reattributes(monday.Add(c.after), time.Minute); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if s.Reattributes(monday.Add(c.after), 0) {
			t.Errorf("%s: within no time nothing is", name)
		}
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before           string // what the person did by name
		anonymous        int    // second of the anonymous start
		adopted          bool
		subscribed       bool
		first, last, out int
	}{
		"unknown until now":        {"", 3, true, true, 3, 3, -1},
		"left before":              {"+0 -1", 3, true, true, 0, 3, -1},
		"left after it":            {"+0 -5", 3, false, false, 0, 0, 5},
		"subscribed already":       {"+0", 3, false, true, 0, 0, -1},
		"only a stop known, after": {"-5", 3, true, false, 3, 3, 5},
		"only a stop, before":      {"-1", 3, true, true, 3, 3, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := hear(story(c.before))
			anon := &domain.Subscriber{}
			anon.Start(monday.Add(time.Duration(c.anonymous)*time.Second), "anon")
			if got := s.Adopt(anon); got != c.adopted || (s.EpisodeID == "anon") != c.adopted {
				t.Errorf("adopted %v, episode %q", got, s.EpisodeID)
			}
			got := []int{second(s.FirstJoin), second(s.LastJoin()), second(s.LeftAt())}
			if d := cmp.Diff([]int{c.first, c.last, c.out}, got); d != "" || s.Subscribed != c.subscribed {
				t.Errorf("first, last and left are %v, subscribed %v", got, s.Subscribed)
			}
		})
	}
}

func TestFirstSource(t *testing.T) {
	t.Parallel()
	foreign := domain.OrganicTouch(monday, "blog")
	guess := touched(day, "g")
	guess.Reason, guess.UTM = domain.ByGuess, domain.UTM{Source: "g"}
	for name, c := range map[string]struct {
		starts   []domain.Touch
		withdraw string
		want     string
		utm      domain.UTM
	}{
		"organic":                    {starts: []domain.Touch{domain.OrganicTouch(monday, "")}},
		"a value of somebody else's": {starts: []domain.Touch{foreign}, want: "blog"},
		"attributed after it":        {starts: []domain.Touch{foreign, touched(day, "a")}, want: "src a"},
		"first of two":               {starts: []domain.Touch{touched(0, "a"), touched(day, "b")}, want: "src a"},
		"told in the other order":    {starts: []domain.Touch{touched(day, "b"), touched(0, "a")}, want: "src a"},
		"long ago":                   {starts: []domain.Touch{touched(0, "a"), touched(60*day, "b")}, want: "src a"},
		"a guess":                    {starts: []domain.Touch{guess}, want: "src g", utm: domain.UTM{Source: "g"}},
		"a guess that was wrong":     {starts: []domain.Touch{guess}, withdraw: "g"},
		"and another start after it": {
			starts: []domain.Touch{guess, touched(2*day, "b")}, withdraw: "g", want: "src b",
		},
		"a wrong guess after a real start": {starts: []domain.Touch{touched(0, "a"), guess}, withdraw: "g",
			want: "src a"},
		"long after a real start": {
			starts: []domain.Touch{touched(-60*day, "a"), guess}, withdraw: "g", want: "src a",
		},
		"not their click": {starts: []domain.Touch{guess}, withdraw: "x", want: "src g", utm: domain.UTM{Source: "g"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &domain.Subscriber{}
			for _, touch := range c.starts {
				s.Attribute(touch, window)
			}
			if c.withdraw != "" {
				s.Withdraw(c.withdraw)
			}
			if s.FirstSource != c.want || s.FirstUTM != c.utm {
				t.Errorf("source %q %+v, want %q %+v", s.FirstSource, s.FirstUTM, c.want, c.utm)
			}
		})
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	guess := touched(0, "g")
	guess.Reason, guess.Confidence = domain.ByGuess, 0.5
	for name, c := range map[string]struct {
		click   string
		episode time.Duration // after monday
		current bool
		reason  domain.Reason
	}{
		"the current episode's":  {"g", 0, true, domain.ByClick},
		"that of an earlier one": {"g", day, false, domain.ByClick},
		"another click":          {"x", 0, false, domain.ByGuess},
	} {
		s := &domain.Subscriber{EpisodeID: "ep", EpisodeAt: monday.Add(c.episode), Touches: []domain.Touch{guess}}
		if got := s.Confirm(c.click); got != c.current || s.Touches[0].Reason != c.reason ||
			(s.Touches[0].Confidence == 1) != (c.reason == domain.ByClick) {
			t.Errorf("%s: %v, %+v", name, got, s.Touches[0])
		}
	}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	s := &domain.Subscriber{SubscriberKey: domain.SubscriberKey{UserID: 5}}
	s.Learn(domain.Person{ID: 5, Username: "anna", FirstName: "Anna", LastName: "K", Language: "ru", IsPremium: &yes})
	s.Learn(domain.Person{ID: 5, FirstName: "Аня"})
	s.Learn(domain.Person{ID: 5, IsPremium: &no})
	want := domain.Person{ID: 5, Username: "anna", FirstName: "Аня", LastName: "K", Language: "ru", IsPremium: &no}
	if d := cmp.Diff(want, s.Person); d != "" {
		t.Error(d)
	}
}
