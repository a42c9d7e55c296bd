package faults_test

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestKilled: the process dies at random moments under load, twenty times.
// Senders who were not answered ask again, with their key.
func TestKilled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, postgres string) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, seed))
		w := newWorld(t, options{database: postgres})
		l := newLoad(w)
		for round := range 20 {
			if round > 0 {
				w.start()
			}
			had := l.count(200)
			stop := l.run(true)
			dying := time.AfterFunc(time.Duration(50+random.IntN(700))*time.Millisecond, w.s.Kill)
			<-w.s.Ended()
			dying.Stop()
			stop()
			t.Logf("round %d: %d requests were answered", round, l.count(200)-had)
		}
		w.start()
		l.judge()
	})
}
