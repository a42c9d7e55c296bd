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
				limit, until := counters.Take(c.limits, at.Add(s.after))
				var want time.Time
				if s.limit != "" {
					want = at.Add(s.until)
				}
				if limit != s.limit || !until.Equal(want) {
					t.Errorf("step %d: %q until %v, want %q until %v", i, limit, until, s.limit, want)
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
	c.Take(domain.Limits{PerDay: 1}, time.Date(2031, 6, 8, 2, 59, 59, 0, moscow)) // the 7th in UTC
	if limit, _ := c.Take(domain.Limits{PerDay: 1}, time.Date(2031, 6, 8, 3, 0, 0, 0, moscow)); limit != "" {
		t.Errorf("the day of UTC is a new one: %s", limit)
	}
	var none domain.Counters
	if none.Changed() {
		t.Error("nothing was counted")
	}
}

func TestEventTypes(t *testing.T) {
	t.Parallel()
	opens := map[domain.EventType]bool{"bot_started": true, "member_joined": true}
	closes := map[domain.EventType]bool{"bot_stopped": true, "member_left": true}
	paid := map[domain.EventType]bool{
		"payment_created": true, "payment_refunded": true, "subscription_activated": true,
		"subscription_renewed": true,
	}
	seen := map[domain.EventType]bool{}
	for _, e := range domain.EventTypes() {
		if seen[e] || e.Opens() != opens[e] || e.Closes() != closes[e] || e.Commerce() != paid[e] {
			t.Errorf("%s: opens %v, closes %v, commerce %v", e, e.Opens(), e.Closes(), e.Commerce())
		}
		seen[e] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d types", len(seen))
	}
}
