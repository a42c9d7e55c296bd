package domain_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

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
