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
	w.slowNetworks()
	w.freeze(frozen)
	l.goesOn(8 * time.Second) // its lease is 4 s
	w.heals(healsWithin, "a sender froze")
	w.thaw(frozen)
	l.goesOn(2 * time.Second)
	stop()
	l.judge()
}

// slowNetworks makes calls of which some are always under way.
func (w *world) slowNetworks() {
	for _, network := range []string{"facebook", "postback"} {
		w.sim.Fail(network, adsim.Fault{Fail: adsim.FailLatency, Latency: 300, Rate: 0.2})
	}
}

// TestLongSenderKilled: a sender dies with calls under way, with the leases
// that are the default. What it held goes out soon, not when they end.
func TestLongSenderKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{database: ownDatabase(t), natsURL: newNATS(t, 0).url(), crew: sharedWork,
		env: []string{"TGTRACK_DELIVERY_LEASE=2m", "TGTRACK_RELAY_REPUBLISH_AFTER=5m"}})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	w.slowNetworks()
	l.goesOn(3 * time.Second)
	died := time.Now()
	w.withRole("deliver")[0].Kill()
	w.heals(healsWithin, "a sender died")
	stop()
	l.judge()
	if took := time.Since(died); took > deadWithin {
		t.Errorf("what a dead sender held was done %s after its death", took)
	}
}

// deadWithin is how long a dead sender may hold conversions, 30 s, and what
// the others take to send them.
const deadWithin = 45 * time.Second

// TestLongEachKilled: every process but the one that is asked dies in turn,
// under load, and is started again.
func TestLongEachKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{database: ownDatabase(t), natsURL: newNATS(t, 0).url(), crew: sharedWork})
	l := newLoad(w)
	stop := l.run(false)
	defer stop()
	w.slowNetworks()
	for i, roles := range w.crw.roles {
		if w.crw.all[i] == w.s {
			continue
		}
		l.goesOn(2 * time.Second)
		w.crw.all[i].Kill()
		l.goesOn(time.Second)
		w.crw.all[i] = w.another(roles)
		w.heals(healsWithin, roles+" came back")
	}
	stop()
	l.judge()
}
