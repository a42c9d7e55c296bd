package faults_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/cmd/e2e"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// stopWithin is how long a process may take to stop, whatever is away.
const stopWithin = 10 * time.Second

// TestStopAtHangingNetwork: the network answers some calls and hangs at others.
// The stop waits for none of them, and what was answered is known afterwards,
// though the network counts a repeat.
func TestStopAtHangingNetwork(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, postgres string) {
		const n = 60
		var env []string
		if postgres != "" {
			env = []string{"TGTRACK_DATABASE_URL=" + postgres, "TGTRACK_SECRET_KEY=key-of-the-fault-suite-and-of-nothing-else"}
		}
		c := newCounter(t, "vk", "rb_clickid=Rb%d", map[string]any{"pixel_id": "77"}, n, env...)
		var calls, answered atomic.Int32
		hung := make(chan struct{}, n+people)
		some := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1)%2 == 0 {
				hung <- struct{}{}
				<-r.Context().Done()
				return
			}
			c.sim.ServeHTTP(w, r)
			answered.Add(1)
		})
		c.door.Store(&some)
		c.pause(false)
		<-hung
		if code, took := c.s.Terminate(); code != 0 || took > stopWithin {
			t.Errorf("status %d after %s:\n%s", code, took, c.s.Log())
		}
		known := int(answered.Load())
		c.door.Store(nil)
		c.start()
		e2e.Eventually(t, 30*time.Second, func() error {
			if got := c.counts(); got["delivered"]+got["uncertain"] != n+people {
				return errOpen
			}
			return nil
		})
		if got := c.counts(); got["uncertain"] > len(hung)+1 {
			t.Errorf("%v, though only %d calls were never answered and %d were", got, len(hung)+1, known)
		}
		c.once("vk", c.counts()["delivered"])
	})
}

const errOpen = stillConnected("some conversions are still open")

// TestStopWithoutDatabase: calls are answered while the database hangs, and the
// process is stopped. It can not write what came, and says so.
func TestStopWithoutDatabase(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(t *testing.T, pg *pgtmp.Server, r *relay){
		"hangs": func(_ *testing.T, _ *pgtmp.Server, r *relay) { r.hold() },
		"is gone": func(t *testing.T, pg *pgtmp.Server, _ *relay) {
			if err := pg.Halt(t.Context()); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pg := ownServer(t, pgtmp.Options{})
			r := newRelay(t, pg.URL)
			const n = 10
			c := newCounter(t, "vk", "rb_clickid=Rb%d", map[string]any{"pixel_id": "77"}, n,
				"TGTRACK_DATABASE_URL="+r.address(pg.URL), "TGTRACK_SECRET_KEY=key-of-the-fault-suite-and-of-nothing-else")
			under, answer := make(chan struct{}, n+people), make(chan struct{})
			waits := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				under <- struct{}{}
				select {
				case <-answer:
					c.sim.ServeHTTP(w, req)
				case <-req.Context().Done():
				}
			})
			c.door.Store(&waits)
			c.pause(false)
			<-under
			away(t, pg, r)
			close(answer)
			code, took := c.s.Terminate()
			if code != 1 || took > stopWithin {
				t.Errorf("status %d after %s:\n%s", code, took, c.s.Log())
			}
			if log := c.s.Log(); !strings.Contains(log, "outcomes of deliveries were not written") ||
				!strings.Contains(log, " delivered") {
				t.Errorf("the log does not name what is lost:\n%s", log)
			}
		})
	}
}
