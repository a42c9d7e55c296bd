package sim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok/sim"
	"github.com/tgtrack/tgtrack/domain"
)

func networks() []adsim.Network { return []adsim.Network{sim.Network()} }

func TestTikTokTellsTheTruthInTheBody(t *testing.T) {
	t.Parallel()
	c := simtest.NewClock()
	sim, url := simtest.Serve(t, adsim.Options{Networks: networks(), Now: c.Now})
	sink := tiktok.New(adnet.Values{"base_url": url + "/tiktok"})
	account := func(token string) adnet.Account {
		return adnet.Account{Client: http.DefaultClient, Now: c.Now(),
			Settings: adnet.Settings{"pixel_code": "PX1", "access_token": token}}
	}
	good := simtest.Clicked("c1", "Subscribe", "ttclid", "T1", c.Now())
	old := simtest.Clicked("c2", "Subscribe", "ttclid", "T2", c.Now().Add(-8*24*time.Hour))
	both := []domain.Conversion{good, old}
	sim.Revoke("tiktok", "dead")
	for _, step := range []struct {
		name  string
		token string
		cs    []domain.Conversion
		want  []adnet.Class
	}{
		{"no token", "", both, []adnet.Class{adnet.AuthRevoked, adnet.AuthRevoked}},
		{"revoked token", "dead", both, []adnet.Class{adnet.AuthRevoked, adnet.AuthRevoked}},
		{"one bad event", "live", both, []adnet.Class{adnet.Bisect, adnet.Rejected}},
		{"the good one", "live", both[:1], []adnet.Class{adnet.Delivered}},
		{"and again", "live", both[:1], []adnet.Class{adnet.Delivered}},
	} {
		if diff := cmp.Diff(step.want,
			simtest.Classes(sink.Deliver(t.Context(), account(step.token), step.cs))); diff != "" {
			t.Errorf("%s: -want +got\n%s", step.name, diff)
		}
	}
	for _, call := range sim.Calls("tiktok") {
		if call.Status != http.StatusOK {
			t.Errorf("a call was answered %d", call.Status)
		}
	}
	items := sim.Received("tiktok")
	if len(items) != 1 || items[0].ID != "c1" || items[0].Copies != 2 || items[0].Extra["ttclid"] != "T1" {
		t.Errorf("counted %+v", items)
	}
}

func TestTikTokShowsTestsApart(t *testing.T) {
	t.Parallel()
	c := simtest.NewClock()
	sim, url := simtest.Serve(t, adsim.Options{Networks: networks(), Now: c.Now})
	sink := tiktok.New(adnet.Values{"base_url": url + "/tiktok"})
	a := adnet.Account{Client: http.DefaultClient, Now: c.Now(), Settings: adnet.Settings{
		"pixel_code": "PX1", "access_token": "live", "test_event_code": "TEST1",
	}}
	if r := sink.Test(t.Context(), a); !r.OK {
		t.Errorf("test %+v", r)
	}
	if items := sim.Received("tiktok"); len(items) != 1 || items[0].Outcome != "test" {
		t.Errorf("kept %+v", items)
	}
}
