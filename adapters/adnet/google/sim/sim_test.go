package sim_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/google"
	"github.com/tgtrack/tgtrack/adapters/adnet/google/published"
	"github.com/tgtrack/tgtrack/adapters/adnet/google/sim"
	"github.com/tgtrack/tgtrack/domain"
)

func networks() []adsim.Network { return []adsim.Network{sim.Network()} }

type googleStand struct {
	*simtest.Clock
	sim  *adsim.Sim
	sink *google.Sink
}

func newGoogleStand(t *testing.T) *googleStand {
	t.Helper()
	c := simtest.NewClock()
	sim, url := simtest.Serve(t, adsim.Options{Networks: networks(), Now: c.Now, Stage: time.Hour})
	return &googleStand{c, sim, google.New(adnet.Values{
		"base_url": url + "/google", "google_oauth.base_url": url + "/google_oauth",
	})}
}

func (g *googleStand) account() adnet.Account {
	return adnet.Account{ID: "a", Client: http.DefaultClient, Now: g.Now(), Settings: adnet.Settings{
		"customer_id": "123-456-7890", "conversion_actions": map[string]any{"buy": "77"},
		"client_id": "c", "client_secret": "secret-1", "refresh_token": "refresh-1",
	}}
}

func TestGoogleTellsOutcomesLater(t *testing.T) {
	t.Parallel()
	g := newGoogleStand(t)
	value := domain.Amount(1_500_000)
	cs := []domain.Conversion{
		simtest.Clicked("c1", "buy", "gclid", "G1", g.Now()),
		simtest.Clicked("c2", "buy", "gclid", "sim-CLICK_NOT_FOUND", g.Now()),
		simtest.Clicked("c3", "buy", "gclid", "G3.t"+strconv.FormatInt(g.Now().Add(-time.Hour).Unix(), 10),
			g.Now()),
		simtest.Clicked("c4", "buy", "gclid", "G4.t"+strconv.FormatInt(g.Now().Add(time.Hour).Unix(), 10),
			g.Now()),
	}
	cs[0].Value, cs[0].Currency = &value, "EUR"
	take := func() {
		for i, v := range g.sink.Deliver(t.Context(), g.account(), cs) {
			if v.Class != adnet.Accepted {
				t.Fatalf("deliver %d: %s (%s)", i, v.Class, v.Reason)
			}
			cs[i].Handle = v.Handle
		}
	}
	take()
	g.Forward(30 * time.Minute)
	open := []adnet.Class{adnet.Accepted, adnet.Accepted, adnet.Accepted, adnet.Accepted}
	if diff := cmp.Diff(open, simtest.Classes(g.sink.Poll(t.Context(), g.account(), cs))); diff != "" {
		t.Errorf("too early: -want +got\n%s", diff)
	}
	g.Forward(31 * time.Minute)
	want := []adnet.Class{adnet.Delivered, adnet.Unmatched, adnet.Resend, adnet.Unmatched}
	if diff := cmp.Diff(want, simtest.Classes(g.sink.Poll(t.Context(), g.account(), cs))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// What was counted is a duplicate; what was too young is counted now.
	g.Forward(6 * time.Hour)
	take()
	g.Forward(2 * time.Hour)
	want = []adnet.Class{adnet.Duplicate, adnet.Unmatched, adnet.Delivered}
	if diff := cmp.Diff(want, simtest.Classes(g.sink.Poll(t.Context(), g.account(), cs))[:3]); diff != "" {
		t.Errorf("sent again: -want +got\n%s", diff)
	}
	first := g.sim.Received("google")[0]
	if first.ID != "c1" || first.Target != "77" || first.Value != "1.5" || first.Currency != "EUR" ||
		first.Copies != 2 || first.Outcome != "SUCCESS" {
		t.Errorf("counted %+v", first)
	}
}

func TestGoogleRefusesAllForOne(t *testing.T) {
	t.Parallel()
	g := newGoogleStand(t)
	// A currency that is none is found by the network, not by the sink.
	bad := simtest.Clicked("c1", "buy", "gclid", "G1", g.Now())
	value := domain.Amount(1_000_000)
	bad.Value, bad.Currency = &value, "RUBLES"
	got := g.sink.Deliver(t.Context(), g.account(), []domain.Conversion{bad})[0]
	if got.Class != adnet.Rejected || !strings.Contains(got.Reason, "events[0].currency") {
		t.Errorf("got %s (%s)", got.Class, got.Reason)
	}
	if items := g.sim.Received("google"); len(items) != 0 {
		t.Errorf("counted %+v", items)
	}
}

func TestGoogleTestCountsNothing(t *testing.T) {
	t.Parallel()
	g := newGoogleStand(t)
	if r := g.sink.Test(t.Context(), g.account()); !r.OK || len(g.sim.Received("google")) != 0 {
		t.Errorf("test %+v, counted %d", r, len(g.sim.Received("google")))
	}
}

func TestGoogleRevokedTokenNeedsANewOne(t *testing.T) {
	t.Parallel()
	g := newGoogleStand(t)
	deliver := func(id string) adnet.Class {
		return g.sink.Deliver(t.Context(), g.account(),
			[]domain.Conversion{simtest.Clicked(id, "buy", "wbraid", "W1", g.Now())})[0].Class
	}
	if got := deliver("c1"); got != adnet.Accepted {
		t.Fatalf("before: %s", got)
	}
	g.sim.Revoke("google", "refresh-1")
	if got := deliver("c2"); got != adnet.AuthRevoked {
		t.Errorf("revoked: %s", got)
	}
	g.sim.Restore("google", "refresh-1")
	if got := deliver("c2"); got != adnet.Accepted {
		t.Errorf("restored: %s", got)
	}
}

func TestGoogleTellsReasonsAsItPublishesThem(t *testing.T) {
	t.Parallel()
	g := newGoogleStand(t)
	list := published.Processing()
	cs := make([]domain.Conversion, len(list.Names))
	for i, name := range list.Names {
		end := strings.TrimPrefix(strings.TrimPrefix(name, "PROCESSING_ERROR_"), "REASON_")
		cs[i] = simtest.Clicked("c"+strconv.Itoa(i), "buy", "wbraid", "sim-"+end, g.Now())
	}
	for i, v := range g.sink.Deliver(t.Context(), g.account(), cs) {
		cs[i].Handle = v.Handle
	}
	g.Forward(2 * time.Hour)
	for i, v := range g.sink.Poll(t.Context(), g.account(), cs) {
		if name := list.Names[i]; v.Class != list.Means[name].Class || !strings.Contains(v.Reason, name) {
			t.Errorf("%s gave %s (%s)", name, v.Class, v.Reason)
		}
	}
}

func TestGoogleWarnsOfWhatItTakes(t *testing.T) {
	t.Parallel()
	g := newGoogleStand(t)
	cs := []domain.Conversion{simtest.Clicked("c1", "buy", "gclid", "simwarn-INVALID_CLIENT_ID", g.Now())}
	v := g.sink.Deliver(t.Context(), g.account(), cs)[0]
	if v.Class != adnet.Accepted || !strings.Contains(v.Warning, "WARNING_REASON_INVALID_CLIENT_ID") {
		t.Fatalf("got %s, warned of %q", v.Class, v.Warning)
	}
	g.Forward(2 * time.Hour)
	cs[0].Handle = v.Handle
	if got := g.sink.Poll(t.Context(), g.account(), cs)[0]; got.Class != adnet.Delivered || got.Reason != v.Warning {
		t.Errorf("later: %s, %q", got.Class, got.Reason)
	}
}
