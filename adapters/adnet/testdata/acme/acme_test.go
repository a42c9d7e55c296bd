package acme_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adnettest"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim/simtest"
	"github.com/tgtrack/tgtrack/adapters/adnet/testdata/acme"
	"github.com/tgtrack/tgtrack/domain"
)

func TestSink(t *testing.T) {
	t.Parallel()
	adnettest.Run(t, acme.New(nil), "testdata")
}

func TestSimulation(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld(t, adsim.Options{}, acme.New(nil))
	account := domain.Account{Network: "acme", Settings: map[string]any{"key": "AcmeKey-0001"}}
	c := simtest.Clicked("c1", "lead", "acid", "Z9/x", w.Now())
	c.ExpiresAt = w.Now().Add(time.Hour)
	for range 2 {
		vs := w.Dispatcher.Deliver(t.Context(), account, []domain.Conversion{c})
		simtest.Want(t, vs, map[adnet.Class]int{adnet.Delivered: 1})
	}
	if items := w.Sim.Received("acme"); len(items) != 1 || items[0].Copies != 2 ||
		items[0].Extra["acid"] != "Z9/x" {
		t.Errorf("received %+v", items)
	}
	w.Sim.Revoke("acme", "AcmeKey-0001")
	vs := w.Dispatcher.Deliver(t.Context(), account, []domain.Conversion{c})
	simtest.Want(t, vs, map[adnet.Class]int{adnet.AuthRevoked: 1})
}
