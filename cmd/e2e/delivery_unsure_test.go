package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/cmd/e2e"
)

// TestMetricaCountsNoRowTwice: an answer that is lost, and a crash in the
// middle of a call, are followed by a look for the upload instead of a second
// one.
func TestMetricaCountsNoRowTwice(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		env = append(env, st.env...)
		dir := t.TempDir()
		s := e2e.Start(t, dir, env...)
		p := unlimited(s)
		p.account(s, "yandex", map[string]any{"counter_id": "55", "oauth_token": "t"})

		st.Fail("yandex", adsim.Fault{Fail: adsim.FailLost, Times: 1})
		p.arrive(t, s, 1000, 10, "yclid=17%d")
		p.until(t, s, 30*time.Second, map[string]int{"yandex delivered": 10})
		st.once(t, "yandex", 10)

		// What Metrica has no click for, an id with a leading 0 here.
		p.arrive(t, s, 2000, 5, "yclid=0%d")
		p.until(t, s, 30*time.Second, map[string]int{"yandex unmatched": 5})

		st.Fail("yandex", adsim.Fault{Fail: adsim.FailLatency, Latency: 60_000})
		before := len(st.Calls("yandex"))
		p.arrive(t, s, 3000, 10, "yclid=17%d")
		p.arriving(t, s, "yandex pending", 10)
		s.Kill() // the simulation counts a call whose caller goes away
		e2e.Eventually(t, 10*time.Second, func() error {
			if n := len(st.Calls("yandex")); n == before {
				return fmt.Errorf("no call was under way when the service was killed")
			}
			return nil
		})
		if got := len(st.Received("yandex")); got <= 15 {
			t.Errorf("Metrica has %d rows: the call in the middle of which the service was killed was not counted",
				got)
		}
		st.Fail("yandex", adsim.Fault{})
		s = e2e.Start(t, dir, env...)
		p.until(t, s, 60*time.Second, map[string]int{"yandex delivered": 20, "yandex unmatched": 5})
		st.once(t, "yandex", 25)
		p.closed(t, s)
	})
}

// arriving waits until what is to be sent has been taken up by the sender.
func (p project) arriving(t *testing.T, s *e2e.Service, state string, n int) {
	t.Helper()
	p.until(t, s, 10*time.Second, map[string]int{state: n})
	e2e.Eventually(t, 10*time.Second, func() error {
		for _, c := range p.conversions(s, "status=pending") {
			due, err := time.Parse(time.RFC3339, fmt.Sprint(c["next_attempt_at"]))
			if err != nil || time.Since(due) < 500*time.Millisecond {
				return fmt.Errorf("not due for half a second: %v %v", c["next_attempt_at"], err)
			}
		}
		return nil
	})
}

// TestLostAnswerOfANetworkThatCountsTwice: VK and a postback are not called
// again, unless the account says so.
func TestLostAnswerOfANetworkThatCountsTwice(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		s := e2e.Start(t, t.TempDir(), append(env, st.env...)...)
		careful, daring := unlimited(s), unlimited(s)
		for _, x := range []struct {
			project
			resend string
		}{{careful, "false"}, {daring, "true"}} {
			x.account(s, "vk", map[string]any{"pixel_id": "77", "resend_uncertain": x.resend},
				"activation_goal", "start")
			x.account(s, "postback", map[string]any{
				"url":              st.url + "/postback/" + x.id + "?tid={event_id}&sub={click.sub}",
				"resend_uncertain": x.resend}, "activation_goal", "start")
		}
		fail := func() {
			for _, n := range []string{"vk", "postback"} {
				st.Fail(n, adsim.Fault{Fail: adsim.FailLost, Times: 1})
			}
		}
		fail()
		careful.arrive(t, s, 1000, 5, "rb_clickid=A%d&sub=S%d")
		careful.until(t, s, 20*time.Second, map[string]int{"vk delivered": 4, "vk uncertain": 1,
			"postback delivered": 4, "postback uncertain": 1})
		fail()
		daring.arrive(t, s, 2000, 5, "rb_clickid=B%d&sub=S%d")
		daring.until(t, s, 20*time.Second, map[string]int{"vk delivered": 5, "postback delivered": 5})
		for _, network := range []string{"vk", "postback"} {
			copies := 0
			for _, it := range st.Received(network) {
				copies += it.Copies
			}
			if n := len(st.Received(network)); n != 10 || copies != 11 {
				t.Errorf("%s has %d conversions and was called %d times, want 10 and 11: once again where it was "+
					"allowed", network, n, copies)
			}
		}
		careful.closed(t, s)
		daring.closed(t, s)
	})
}

// TestKilledWhileCalling: of a network that counts twice, only what was under
// way at a crash is uncertain; what only waited is sent.
func TestKilledWhileCalling(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, env []string) {
		st := openStreet(t)
		env = append(env, st.env...)
		dir := t.TempDir()
		s := e2e.Start(t, dir, env...)
		p := unlimited(s)
		account := p.account(s, "vk", map[string]any{"pixel_id": "77"}, "activation_goal", "start")
		p.patch(s, account, map[string]any{"paused": true})
		const n = 100
		p.arrive(t, s, 1000, n, "rb_clickid=A%d")
		p.until(t, s, 20*time.Second, map[string]int{"vk parked": n})
		began := make(chan struct{}, n)
		st.at(func(_ http.ResponseWriter, r *http.Request, _ string) bool {
			began <- struct{}{}
			<-r.Context().Done() // never answered
			return true
		})
		p.patch(s, account, map[string]any{"paused": false})
		<-began
		s.Kill()
		st.at(nil)
		s = e2e.Start(t, dir, env...)
		e2e.Eventually(t, 60*time.Second, func() error {
			got := p.counts(t, s)
			if got["vk delivered"]+got["vk uncertain"] != n {
				return fmt.Errorf("%v", got)
			}
			return nil
		})
		if got := p.counts(t, s)["vk uncertain"]; got < 1 || got > 8 {
			t.Errorf("%d conversions are uncertain; at most the 8 calls of an account that are made at once can be",
				got)
		}
		st.once(t, "vk", p.counts(t, s)["vk delivered"])
		p.closed(t, s)
	})
}
