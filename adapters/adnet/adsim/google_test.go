package adsim_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/google"
	"github.com/tgtrack/tgtrack/domain"
)

// clock that a test turns.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Unix())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(c.at.Load(), 0).UTC() }
func (c *clock) forward(d time.Duration) { c.at.Add(int64(d / time.Second)) }

// serve makes a simulation that can be reached at the address given.
func serve(t *testing.T, o adsim.Options) (*adsim.Sim, string) {
	t.Helper()
	sim := adsim.New(o)
	srv := httptest.NewServer(sim)
	t.Cleanup(srv.Close)
	return sim, srv.URL
}

// clicked is a conversion of a person whose click carried one parameter.
func clicked(id, target, param, value string, at time.Time) domain.Conversion {
	return domain.Conversion{
		ID: id, ProjectID: "p", Messenger: domain.Telegram, UserID: 42, Kind: domain.Goal, Target: target, Name: target, OccurredAt: at,
		Click: &domain.Click{ID: "k", At: at.Add(-48 * time.Hour), Params: map[string]string{param: value}},
	}
}

func classes(vs []adnet.Verdict) []adnet.Class {
	cs := make([]adnet.Class, len(vs))
	for i, v := range vs {
		cs[i] = v.Class
	}
	return cs
}

type googleStand struct {
	*clock
	sim  *adsim.Sim
	sink *google.Sink
}

func newGoogleStand(t *testing.T) *googleStand {
	t.Helper()
	c := newClock()
	sim, url := serve(t, adsim.Options{Now: c.Now, Stage: time.Hour})
	return &googleStand{c, sim, google.New(google.Options{BaseURL: url + "/google", OAuthBaseURL: url + "/google_oauth"})}
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
		clicked("c1", "buy", "gclid", "G1", g.Now()),
		clicked("c2", "buy", "gclid", "sim-CLICK_NOT_FOUND", g.Now()),
		clicked("c3", "buy", "gclid", "G3.t"+strconv.FormatInt(g.Now().Add(-time.Hour).Unix(), 10), g.Now()),
		clicked("c4", "buy", "gclid", "G4.t"+strconv.FormatInt(g.Now().Add(time.Hour).Unix(), 10), g.Now()),
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
	g.forward(30 * time.Minute)
	open := []adnet.Class{adnet.Accepted, adnet.Accepted, adnet.Accepted, adnet.Accepted}
	if diff := cmp.Diff(open, classes(g.sink.Poll(t.Context(), g.account(), cs))); diff != "" {
		t.Errorf("too early: -want +got\n%s", diff)
	}
	g.forward(31 * time.Minute)
	want := []adnet.Class{adnet.Delivered, adnet.Unmatched, adnet.Hold, adnet.Unmatched}
	if diff := cmp.Diff(want, classes(g.sink.Poll(t.Context(), g.account(), cs))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// What was counted is a duplicate; what was too young is counted now.
	g.forward(6 * time.Hour)
	take()
	g.forward(2 * time.Hour)
	want = []adnet.Class{adnet.Duplicate, adnet.Unmatched, adnet.Delivered}
	if diff := cmp.Diff(want, classes(g.sink.Poll(t.Context(), g.account(), cs))[:3]); diff != "" {
		t.Errorf("sent again: -want +got\n%s", diff)
	}
	first := g.sim.Received("google")[0]
	if first.ID != "c1" || first.Target != "77" || first.Value != "1.5" || first.Currency != "EUR" || first.Copies != 2 || first.Outcome != "SUCCESS" {
		t.Errorf("counted %+v", first)
	}
}

func TestGoogleRefusesAllForOne(t *testing.T) {
	t.Parallel()
	g := newGoogleStand(t)
	// A currency that is none is found by the network, not by the sink.
	bad := clicked("c1", "buy", "gclid", "G1", g.Now())
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
		return g.sink.Deliver(t.Context(), g.account(), []domain.Conversion{clicked(id, "buy", "wbraid", "W1", g.Now())})[0].Class
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
