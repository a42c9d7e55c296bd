package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex"
	"github.com/tgtrack/tgtrack/domain"
)

func account() domain.Account {
	return domain.Account{ID: "ya", Network: "yandex", Settings: map[string]any{
		"counter_id": "44", "oauth_token": "y0_token",
	}}
}

func TestMetricaGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{Stage: time.Minute}, yandex.New(nil))
	cs := w.Conversions(5)
	vs := w.Dispatcher.Deliver(t.Context(), account(), cs)
	simtest.Want(t, vs, map[adnet.Class]int{adnet.Accepted: 5})
	for i := range cs {
		cs[i].Handle = vs[i].Handle
	}
	w.Forward(3 * time.Minute)
	simtest.Want(t, w.Dispatcher.Poll(t.Context(), account(), cs), map[adnet.Class]int{adnet.Accepted: 5})
	w.Forward(2 * time.Minute)
	simtest.Want(t, w.Dispatcher.Poll(t.Context(), account(), cs), map[adnet.Class]int{adnet.Delivered: 5})
	if it := w.Sim.Received("yandex")[0]; it.Outcome != "linked" || it.Target != "Lead" || it.Account != "44" {
		t.Errorf("%+v", it)
	}
}

func TestMetricaLinksNoStrangers(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{Goals: []string{"Lead"}}, yandex.New(nil))
	cs := w.Conversions(2)
	cs[0].Click.Params["ym_uid"] = "0123"
	cs[1].Name = "other"
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), account(), cs[:1]), map[adnet.Class]int{adnet.Unmatched: 1})
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), account(), cs[1:]), map[adnet.Class]int{adnet.Rejected: 1})
	if r := w.Dispatcher.Test(t.Context(), account()); !r.OK ||
		!strings.Contains(strings.Join(r.Checked, " "), "Lead") {
		t.Errorf("test: %+v", r)
	}
}

func TestMetricaChats(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{}, yandex.New(nil))
	cs := w.Conversions(1)
	cs[0].Kind = domain.Activation
	cs[0].Click.Params = map[string]string{"yclid": "12345678901234567890"}
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), account(), cs), map[adnet.Class]int{adnet.Delivered: 1})
	it := w.Sim.Received("yandex")[0]
	if it.Target != "chat" || it.Extra["Yclid"] != "12345678901234567890" || it.Extra["ChatUserID"] != "1" {
		t.Errorf("%+v", it)
	}
}

// The connection broke before Metrica had the file: it is sent again, as a new
// attempt, once the list had time to show it.
func TestMetricaLostRequestIsSentAgain(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{Stage: time.Minute}, yandex.New(nil))
	cs := w.Conversions(3)
	w.Sim.Fail("yandex", adsim.Fault{Fail: adsim.FailReset, Times: 1})
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), account(), cs), map[adnet.Class]int{adnet.Uncertain: 3})
	for i := range cs {
		cs[i].AttemptOpen = true
	}
	vs := w.Dispatcher.Deliver(t.Context(), account(), cs)
	simtest.Want(t, vs, map[adnet.Class]int{adnet.Retry: 3})
	if vs[0].After <= 0 || vs[0].After > time.Minute {
		t.Errorf("%+v", vs[0])
	}
	w.Forward(2 * time.Minute)
	simtest.Want(t, w.Dispatcher.Deliver(t.Context(), account(), cs), map[adnet.Class]int{adnet.Resend: 3})
	if n := len(w.Sim.Received("yandex")); n != 0 {
		t.Errorf("%d rows were sent under the name of a lost upload", n)
	}
}

func TestMetricaBadRowAlone(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{}, yandex.New(nil))
	cs := w.Conversions(20)
	cs[7].Click.Params["ym_uid"] = "not a number"
	vs := w.Dispatcher.Deliver(t.Context(), account(), cs)
	simtest.Want(t, vs, map[adnet.Class]int{adnet.Delivered: 19, adnet.Rejected: 1})
	if vs[7].Class != adnet.Rejected || len(w.Sim.Received("yandex")) != 19 {
		t.Errorf("%+v", vs[7])
	}
	for _, it := range w.Sim.Received("yandex") {
		if it.Copies != 1 {
			t.Errorf("%s came %d times", it.ID, it.Copies)
		}
	}
}
