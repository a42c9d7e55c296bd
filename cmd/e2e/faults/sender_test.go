package faults_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// TestSenderFrozen: one of two senders hangs for longer than its lease, with
// calls under way, and wakes up. What it had the other sends where that is
// safe, and its late outcomes double nothing.
func TestSenderFrozen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{database: ownDatabase(t), natsURL: newNATS(t, 0).url(), crew: sharedWork})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	l.goesOn(time.Second)
	frozen := w.withRole("deliver")[0]
	for _, network := range []string{"facebook", "postback"} {
		w.sim.Fail(network, adsim.Fault{Fail: adsim.FailLatency, Latency: 300, Rate: 0.2})
	}
	for range 2 {
		w.freeze(frozen)
		l.goesOn(8 * time.Second) // its lease is 4 s
		w.heals(healsWithin, "a sender froze")
		w.thaw(frozen)
		l.goesOn(2 * time.Second)
	}
	stop()
	l.judge()
}
