package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/ga4"
	"github.com/tgtrack/tgtrack/adapters/adnet/ga4/sim"
	"github.com/tgtrack/tgtrack/domain"
)

func networks() []adsim.Network { return []adsim.Network{sim.Network()} }

func TestGA4TakesRubbishInSilence(t *testing.T) {
	t.Parallel()
	c := simtest.NewClock()
	sim, url := simtest.Serve(t, adsim.Options{Networks: networks(), Now: c.Now})
	sink := ga4.New(adnet.Values{"base_url": url + "/ga4"})
	account := func(secret string) adnet.Account {
		return adnet.Account{Client: http.DefaultClient, Now: c.Now(),
			Settings: adnet.Settings{"measurement_id": "G-AB12", "api_secret": secret}}
	}
	sim.Revoke("ga4", "dead")
	good := simtest.Clicked("c1", "trial", "_ga", "GA1.1.11.22", c.Now())
	old := simtest.Clicked("c2", "trial", "_ga", "GA1.1.11.22", c.Now().Add(-73*time.Hour))
	deliver := func(secret string, con domain.Conversion) {
		if got := sink.Deliver(t.Context(), account(secret),
			[]domain.Conversion{con})[0]; got.Class != adnet.Delivered {
			t.Errorf("got %s (%s)", got.Class, got.Reason)
		}
	}
	deliver("dead", good)
	deliver("live", old)
	if items := sim.Received("ga4"); len(items) != 0 {
		t.Errorf("counted %+v", items)
	}
	deliver("live", good)
	deliver("live", good)
	items := sim.Received("ga4")
	if len(items) != 1 || items[0].Copies != 2 || items[0].Extra["client_id"] != "11.22" {
		t.Errorf("counted %+v", items)
	}
}

func TestGA4ValidatorLooksAtAllButTheSecret(t *testing.T) {
	t.Parallel()
	sim, url := simtest.Serve(t, adsim.Options{Networks: networks()})
	sink := ga4.New(adnet.Values{"base_url": url + "/ga4"})
	a := adnet.Account{Client: http.DefaultClient, Now: time.Now(),
		Settings: adnet.Settings{"measurement_id": "G-AB12", "api_secret": "wrong"}}
	if r := sink.Test(t.Context(), a); !r.OK {
		t.Errorf("a good stream: %+v", r)
	}
	a.Settings["measurement_id"] = "AB12"
	if r := sink.Test(t.Context(), a); r.OK || !strings.Contains(strings.Join(r.Problems, " "), "measurement_id") {
		t.Errorf("a bad stream: %+v", r)
	}
	if items := sim.Received("ga4"); len(items) != 0 {
		t.Errorf("counted %+v", items)
	}
}
