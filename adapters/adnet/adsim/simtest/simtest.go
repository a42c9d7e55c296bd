// Package simtest has what the tests of simulated networks share: a clock that
// a test turns, a served simulation, a sink behind its stages, conversions. It
// is for tests only.
package simtest

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/domain"
)

// Clock that a test turns.
type Clock struct{ at atomic.Int64 }

// NewClock makes a clock that stands still.
func NewClock() *Clock {
	c := &Clock{}
	c.at.Store(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Unix())
	return c
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time { return time.Unix(c.at.Load(), 0).UTC() }

// Forward turns the clock.
func (c *Clock) Forward(d time.Duration) { c.at.Add(int64(d / time.Second)) }

// Serve serves a simulation at the address given.
func Serve(t testing.TB, o adsim.Options) (*adsim.Sim, string) {
	t.Helper()
	sim := adsim.New(o)
	srv := httptest.NewServer(sim)
	t.Cleanup(srv.Close)
	t.Cleanup(sim.Close)
	return sim, srv.URL
}

// Clicked is a conversion of a person whose click carried one parameter.
func Clicked(id, target, param, value string, at time.Time) domain.Conversion {
	return domain.Conversion{
		ID: id, ProjectID: "p", Messenger: domain.Telegram, UserID: 42, Kind: domain.Goal, Target: target,
		Name:       target,
		OccurredAt: at,
		Click: &domain.Click{ID: "k", At: at.Add(-48 * time.Hour),
			Params: map[string]string{param: value}},
	}
}

// Classes of verdicts, in their order.
func Classes(vs []adnet.Verdict) []adnet.Class {
	cs := make([]adnet.Class, len(vs))
	for i, v := range vs {
		cs[i] = v.Class
	}
	return cs
}

// World is sinks behind their stages against the simulation of their networks,
// with a clock that runs and can be put forward.
type World struct {
	Sim        *adsim.Sim
	URL        string
	Dispatcher *adnet.Dispatcher
	skip       *atomic.Int64 // nanoseconds the clock is ahead
}

// NewWorld makes a World of sinks that are configured for the simulation:
// nothing waits longer than a minute there.
func NewWorld(t testing.TB, o adsim.Options, sinks ...adnet.Sink) World {
	t.Helper()
	w := World{skip: &atomic.Int64{}}
	o.Now, o.Networks = w.Now, adsim.Of(sinks)
	w.Sim, w.URL = Serve(t, o)
	values := func(network string) adnet.Values {
		v := adnet.Values{"base_url": w.URL + "/" + network}
		for _, s := range sinks {
			for _, option := range s.Describe().Options {
				if s.Describe().Name == network && option.Kind == adnet.Duration {
					v[option.Name] = "1m"
				}
			}
		}
		return v
	}
	r, err := adnet.NewRegistry(adnet.Configure(sinks, values)...)
	if err != nil {
		t.Fatal(err)
	}
	clients := adnet.NewClients(adnet.ClientOptions{AllowPrivate: true, Timeout: 5 * time.Second})
	t.Cleanup(clients.CloseIdle)
	w.Dispatcher = adnet.NewDispatcher(adnet.Options{
		Registry: r, Clients: clients, Now: w.Now, BreakerFailures: 100,
	})
	return w
}

// Now is the time on the clock.
func (w World) Now() time.Time { return time.Now().Add(time.Duration(w.skip.Load())) }

// Forward puts the clock forward.
func (w World) Forward(d time.Duration) { w.skip.Add(int64(d)) }

// Conversions of so many people, who came an hour ago with the click ids of
// several networks.
func (w World) Conversions(n int) []domain.Conversion {
	cs := make([]domain.Conversion, n)
	now := w.Now()
	batch := fmt.Sprintf("%012xabcdefabcdefabcdefab", now.UnixMilli())
	for i := range cs {
		cs[i] = domain.Conversion{
			ID: fmt.Sprintf("conv%04d", i), ProjectID: "p", Kind: domain.Goal, Target: "lead",
			Name:      "Lead",
			Messenger: "telegram", UserID: int64(i + 1), OccurredAt: now.Add(-time.Minute), CreatedAt: now,
			ExpiresAt: now.Add(24 * time.Hour), BatchID: batch, Currency: "RUB",
			Click: &domain.Click{At: now.Add(-time.Hour), URL: "https://go.example/c/x",
				Params: map[string]string{
					"fbclid": fmt.Sprintf("Fb%d", i), "ym_uid": fmt.Sprintf("17%d", i+100),
					"subid": fmt.Sprintf("s%d", i),
				}},
		}
	}
	return cs
}

// Want tells how many verdicts there are of each class.
func Want(t testing.TB, vs []adnet.Verdict, want map[adnet.Class]int) {
	t.Helper()
	got := map[adnet.Class]int{}
	for _, v := range vs {
		got[v.Class]++
	}
	if !maps.Equal(want, got) {
		t.Fatalf("verdicts %v, want %v: %+v", got, want, vs)
	}
}
