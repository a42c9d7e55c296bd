package sim_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook/sim"
	"github.com/tgtrack/tgtrack/domain"
)

func networks() []adsim.Network { return []adsim.Network{sim.Network()} }

const (
	oldSecret = "whsec_T2xkT2xkT2xkT2xkT2xkT2xkT2xkT2xk"
	newSecret = "whsec_TmV3TmV3TmV3TmV3TmV3TmV3TmV3+/=="
)

func TestWebhookReceiverChecksSignatures(t *testing.T) {
	t.Parallel()
	c := simtest.NewClock()
	sim, base := simtest.Serve(t, adsim.Options{Networks: networks(), Now: c.Now})
	send := func(receiver string, settings adnet.Settings, late time.Duration) adnet.Class {
		settings["url"] = base + "/webhook/crm?secret=" + url.QueryEscape(receiver)
		a := adnet.Account{Client: http.DefaultClient, Now: c.Now().Add(-late), Settings: settings}
		return webhook.New().Deliver(t.Context(), a,
			[]domain.Conversion{simtest.Clicked("c1", "buy", "gclid", "G1", c.Now())})[0].Class
	}
	got := []adnet.Class{
		send(oldSecret, adnet.Settings{"secret": oldSecret}, 0),
		send(oldSecret, adnet.Settings{"secret": newSecret}, 0),
		send(oldSecret, adnet.Settings{"secret": newSecret, "previous_secret": oldSecret}, 0),
		send(newSecret, adnet.Settings{"secret": newSecret, "previous_secret": oldSecret}, 0),
		send(newSecret, adnet.Settings{"secret": newSecret}, 6*time.Minute),
	}
	want := []adnet.Class{adnet.Delivered, adnet.Misconfigured, adnet.Delivered, adnet.Delivered,
		adnet.Misconfigured}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	items := sim.Received("webhook")
	if len(items) != 1 || items[0].ID != "c1" || items[0].Target != "buy" || items[0].Copies != 3 {
		t.Errorf("counted %+v", items)
	}
}

func TestWebhookPingIsNoConversion(t *testing.T) {
	t.Parallel()
	c := simtest.NewClock()
	sim, base := simtest.Serve(t, adsim.Options{Networks: networks(), Now: c.Now})
	a := adnet.Account{Client: http.DefaultClient, Now: c.Now(),
		Settings: adnet.Settings{"url": base + "/webhook/crm", "secret": oldSecret}}
	if r := webhook.New().Test(t.Context(), a); !r.OK || len(sim.Received("webhook")) != 0 {
		t.Errorf("test %+v, counted %d", r, len(sim.Received("webhook")))
	}
}
