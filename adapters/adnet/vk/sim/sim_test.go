package sim_test

import (
	"net/http"
	"testing"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/vk"
	"github.com/tgtrack/tgtrack/adapters/adnet/vk/sim"
	"github.com/tgtrack/tgtrack/domain"
)

func networks() []adsim.Network { return []adsim.Network{sim.Network()} }

func TestVKCountsWhatItCanReadEachTime(t *testing.T) {
	t.Parallel()
	c := simtest.NewClock()
	sim, url := simtest.Serve(t, adsim.Options{Networks: networks(), Now: c.Now})
	sink := vk.New(adnet.Values{"base_url": url + "/vk"})
	a := adnet.Account{Client: http.DefaultClient, Now: c.Now(), Settings: adnet.Settings{"pixel_id": "3500112"}}
	value := domain.Amount(199_500_000)
	con := simtest.Clicked("c1", "buy", "rb_clickid", "Rb;1&x=y z", c.Now())
	con.Value = &value
	for range 2 {
		if got := sink.Deliver(t.Context(), a, []domain.Conversion{con})[0]; got.Class != adnet.Delivered {
			t.Fatalf("got %s (%s)", got.Class, got.Reason)
		}
	}
	items := sim.Received("vk")
	if len(items) != 1 || items[0].Copies != 2 || items[0].Target != "buy" || items[0].Value != "199.5" ||
		items[0].Extra["rb_clickid"] != "Rb;1&x=y z" {
		t.Errorf("counted %+v", items)
	}
}

func TestVKShowsAPictureForRubbish(t *testing.T) {
	t.Parallel()
	sim, url := simtest.Serve(t, adsim.Options{Networks: networks()})
	// The last is what an encoder makes that knows only ampersands.
	for _, q := range []string{"", "id=1", "id=1;e=RG%3A/buy", "id=1;e=buy;rb_clickid=x",
		"e=RG%3A%2Fbuy&id=1&rb_clickid=x"} {
		resp, err := http.Get(url + "/vk/tracker?" + q)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "image/gif" {
			t.Errorf("%q: %d %s", q, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
	}
	if items := sim.Received("vk"); len(items) != 0 {
		t.Errorf("counted %+v", items)
	}
}
