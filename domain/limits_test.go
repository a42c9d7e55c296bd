package domain_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

func TestCounters(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 6, 7, 23, 59, 58, 0, time.UTC)
	type step struct {
		after time.Duration // of at
		limit string        // that forbids it, "" when it counts
		until time.Duration
		use   domain.Use // one request of one signal where it says nothing
		left  int
		never bool
	}
	for name, c := range map[string]struct {
		limits domain.Limits
		steps  []step
	}{
		"no limit": {domain.Limits{}, []step{{}, {}, {}, {}, {}}},
		"second, from its first to its last microsecond": {domain.Limits{PerSecond: 2}, []step{
			{after: 0}, {after: time.Second - time.Microsecond},
			{after: time.Second - time.Microsecond, limit: "per second", until: time.Second},
			{after: time.Second}, {after: time.Second},
			{after: time.Second, limit: "per second", until: 2 * time.Second},
		}},
		"hour ends with the clock's": {domain.Limits{PerHour: 1}, []step{
			{after: 0}, {after: time.Second, limit: "per hour", until: 2 * time.Second}, {after: 2 * time.Second},
			{after: 30 * time.Minute, limit: "per hour", until: time.Hour + 2*time.Second},
		}},
		"day": {domain.Limits{PerDay: 1}, []step{
			{after: 0}, {after: time.Second, limit: "per day", until: 2 * time.Second}, {after: 2 * time.Second},
			{after: 12 * time.Hour, limit: "per day", until: 24*time.Hour + 2*time.Second},
		}},
		"the shortest is named": {domain.Limits{PerSecond: 1, PerHour: 1, PerDay: 1}, []step{
			{after: 0}, {after: 0, limit: "per second", until: time.Second},
			{after: time.Second, limit: "per hour", until: 2 * time.Second},
		}},
		"what is refused is not counted": {domain.Limits{PerSecond: 1, PerHour: 2}, []step{
			{after: 0}, {after: 0, limit: "per second", until: time.Second}, {after: time.Second},
			{after: time.Second + 1, limit: "per second", until: 2 * time.Second},
			{after: 2 * time.Second}, // the next hour
		}},
		"the hour counts what a request brings, all or nothing": {domain.Limits{PerHour: 5}, []step{
			{use: domain.Use{Requests: 1, Signals: 3}},
			{use: domain.Use{Requests: 1, Signals: 3}, limit: "per hour", until: 2 * time.Second, left: 2},
			{use: domain.Use{Requests: 1, Signals: 2}},
			{use: domain.Use{Requests: 1, Signals: 1}, limit: "per hour", until: 2 * time.Second},
		}},
		"the day counts just so": {domain.Limits{PerDay: 1000}, []step{
			{use: domain.Use{Requests: 1, Signals: 1000}},
			{limit: "per day", until: 2 * time.Second},
		}},
		"the second counts requests": {domain.Limits{PerSecond: 1}, []step{
			{use: domain.Use{Requests: 1, Signals: 1000}},
			{use: domain.Use{Signals: 5}}, // one more of the same request
			{limit: "per second", until: time.Second},
		}},
		"what never fits says so": {domain.Limits{PerSecond: 1, PerHour: 5}, []step{
			{use: domain.Use{Requests: 1, Signals: 6}, limit: "per hour", until: 2 * time.Second, left: 5, never: true},
			{},
			{use: domain.Use{Requests: 1, Signals: 6}, limit: "per hour", until: 2 * time.Second, left: 4, never: true},
		}},
		"a clock behind opens no old window": {domain.Limits{PerSecond: 1}, []step{
			{after: time.Second}, {after: 0, limit: "per second", until: 2 * time.Second},
			{after: time.Second, limit: "per second", until: 2 * time.Second},
		}},
		"a clock that was wrong is not waited for": {domain.Limits{PerSecond: 1, PerHour: 2}, []step{
			{after: 5 * time.Minute}, {after: 0}, {after: 0, limit: "per second", until: time.Second},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counters := domain.Counters{ProjectID: "p"}
			for i, s := range c.steps {
				if s.use == (domain.Use{}) {
					s.use = domain.Use{Requests: 1, Signals: 1}
				}
				e, fits := counters.Take(c.limits, s.use, at.Add(s.after))
				want := domain.Excess{Limit: s.limit, Left: s.left, Never: s.never}
				if s.limit != "" {
					want.Until = at.Add(s.until)
				}
				want.Max = e.Max
				if fits != (s.limit == "") || e != want || fits != (e.Max == 0) {
					t.Errorf("step %d: %+v, want %+v", i, e, want)
				}
			}
			if !counters.Changed() {
				t.Error("the first one counts in every case")
			}
		})
	}
}

func TestCountersAreUTC(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("MSK", 3*3600)
	var c domain.Counters
	one := domain.Use{Requests: 1, Signals: 1}
	c.Take(domain.Limits{PerDay: 1}, one, time.Date(2031, 6, 8, 2, 59, 59, 0, moscow)) // the 7th in UTC
	if e, fits := c.Take(domain.Limits{PerDay: 1}, one, time.Date(2031, 6, 8, 3, 0, 0, 0, moscow)); !fits {
		t.Errorf("the day of UTC is a new one: %+v", e)
	}
	var none domain.Counters
	if none.Changed() {
		t.Error("nothing was counted")
	}
}

func TestLimitsUnderCaps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ own, caps, want domain.Limits }{
		{domain.Limits{}, domain.Limits{}, domain.Limits{}},
		{domain.Limits{PerSecond: 3, PerHour: 500, PerDay: 5000}, domain.Limits{},
			domain.Limits{PerSecond: 3, PerHour: 500, PerDay: 5000}},
		{domain.Limits{}, domain.Limits{PerSecond: 10, PerDay: 7}, domain.Limits{PerSecond: 10, PerDay: 7}},
		{domain.Limits{PerSecond: 11, PerHour: 2}, domain.Limits{PerSecond: 10, PerHour: 3},
			domain.Limits{PerSecond: 10, PerHour: 2}},
	} {
		if got := c.own.Under(c.caps); got != c.want {
			t.Errorf("%+v under %+v: %+v, want %+v", c.own, c.caps, got, c.want)
		}
	}
}
