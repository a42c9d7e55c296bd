package faults_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestNetwork: an ad network misbehaves in every way it can. Nobody who sends
// events notices, what waits says why, and when it is over all is there once.
func TestNetwork(t *testing.T) {
	t.Parallel()
	hundred := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range 100 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	for name, f := range map[string]struct {
		fault adsim.Fault
		door  http.HandlerFunc
	}{
		"hangs":           {fault: adsim.Fault{Fail: adsim.FailHang}},
		"resets":          {fault: adsim.Fault{Fail: adsim.FailReset}},
		"loses answers":   {fault: adsim.Fault{Fail: adsim.FailLost}},
		"slow":            {fault: adsim.Fault{Fail: adsim.FailLatency, Latency: 700}},
		"slower than we":  {fault: adsim.Fault{Fail: adsim.FailLatency, Latency: 1500}},
		"rubbish":         {fault: adsim.Fault{Fail: adsim.FailGarbage}},
		"a hundred MB":    {door: hundred},
		"down":            {fault: adsim.Fault{Fail: adsim.FailStatus, Status: 502, Body: "<html>Bad Gateway</html>"}},
		"every third one": {fault: adsim.Fault{Fail: adsim.FailReset, Rate: 0.3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			l := newLoad(w)
			stop := l.run(false)
			defer stop()
			l.goesOn(300 * time.Millisecond)
			if f.door != nil {
				w.door.Store(&f.door)
			} else {
				w.sim.Fail("facebook", f.fault)
			}
			l.goesOn(3 * time.Second)
			w.kept()
			w.door.Store(nil)
			w.sim.Fail("facebook", adsim.Fault{})
			stop()
			l.judge()
		})
	}
}

// kept: whatever was tried and is not delivered says why.
func (w *world) kept() {
	w.t.Helper()
	for _, status := range []string{"retrying", "parked", "uncertain", "rejected", "expired"} {
		items := w.s.API(200, "GET", "/projects/"+w.id+"/conversions?limit=100&status="+status, nil)["items"].([]any)
		for _, it := range items {
			c := it.(map[string]any)
			if c["status_reason"] == "" {
				w.t.Errorf("%s without a reason: %v", status, c)
			}
			if status != "retrying" && status != "parked" {
				w.t.Errorf("given up: %v", fmt.Sprint(c))
			}
		}
	}
	if a := w.s.Call("GET", "/readyz", ""); a.Code != 200 {
		w.t.Errorf("an ad network makes the service unready: %d %s", a.Code, a.Body)
	}
	e2e.Eventually(w.t, recoverWithin, func() error {
		if l := w.s.API(200, "GET", "/projects/"+w.id+"/ledger", nil); l["balanced"] != true {
			return fmt.Errorf("the ledger does not balance: %v", l)
		}
		return nil
	})
}
