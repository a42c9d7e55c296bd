package sim_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook"
	"github.com/tgtrack/tgtrack/domain"
)

func account() domain.Account {
	return domain.Account{ID: "fb", Network: "facebook", Settings: map[string]any{
		"dataset_id": json.Number("7001"), "access_token": "EAAtoken",
	}}
}

func TestMetaRefusesAllForOneOldEvent(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{}, facebook.New(nil))
	cs := w.Conversions(50)
	cs[17].OccurredAt = w.Now().Add(-8 * 24 * time.Hour)
	vs := w.Dispatcher.Deliver(t.Context(), account(), cs)
	simtest.Want(t, vs, map[adnet.Class]int{adnet.Delivered: 49, adnet.Rejected: 1})
	if !strings.Contains(vs[17].Reason, "2804003") {
		t.Errorf("reason %q", vs[17].Reason)
	}
	items := w.Sim.Received("facebook")
	if len(items) != 49 {
		t.Errorf("%d counted", len(items))
	}
	w.Dispatcher.Deliver(t.Context(), account(), cs[:1])
	if n := len(w.Sim.Received("facebook")); n != 49 {
		t.Errorf("a repeat was counted: %d", n)
	}
}

func TestMetaForgetsRepeatsAfterTwoDays(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{}, facebook.New(nil))
	cs := w.Conversions(1)
	cs[0].ExpiresAt = w.Now().Add(time.Hour * 1000)
	for _, hours := range []int{0, 47, 2} {
		w.Forward(time.Duration(hours) * time.Hour)
		simtest.Want(t, w.Dispatcher.Deliver(t.Context(), account(), cs),
			map[adnet.Class]int{adnet.Delivered: 1})
	}
	if n := len(w.Sim.Received("facebook")); n != 2 {
		t.Errorf("counted %d times, want 2: the third came after 49 hours", n)
	}
}

func TestMetaRevokedTokenIsHTTP500(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{}, facebook.New(nil))
	w.Sim.Revoke("facebook", "EAAtoken")
	vs := w.Dispatcher.Deliver(t.Context(), account(), w.Conversions(2))
	simtest.Want(t, vs, map[adnet.Class]int{adnet.AuthRevoked: 2})
	if vs[0].Exchange.StatusCode != 500 {
		t.Errorf("status %d", vs[0].Exchange.StatusCode)
	}
	if r := w.Dispatcher.Test(t.Context(), account()); r.OK {
		t.Error("the test found a revoked token fine")
	}
	w.Sim.Restore("facebook", "EAAtoken")
	if r := w.Dispatcher.Test(t.Context(), account()); !r.OK {
		t.Errorf("test: %+v", r)
	}
}

func TestMetaRefusesByItsOwnCodes(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]adnet.Class{
		"sim-803": adnet.Misconfigured, "sim-100-33": adnet.Misconfigured, "sim-2635": adnet.Misconfigured,
		"sim-190-463": adnet.AuthRevoked, "sim-80004": adnet.Throttled, "sim-2": adnet.Retry,
		"sim-100-2804066": adnet.Rejected, "sim-506": adnet.Rejected,
	} {
		w := simtest.NewWorld(t, adsim.Options{}, facebook.New(nil))
		cs := w.Conversions(3)
		params := map[string]string{"fbclid": id}
		cs[1].Click = &domain.Click{ID: "k", At: w.Now(), Params: params}
		if got := w.Dispatcher.Deliver(t.Context(), account(), cs)[1]; got.Class != want {
			t.Errorf("%s gave %s (%s), want %s", id, got.Class, got.Reason, want)
		}
	}
}
