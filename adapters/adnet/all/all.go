// Package all is the list of the ad networks that are built in: one line for
// each. It holds no logic.
package all

import (
	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook"
	"github.com/tgtrack/tgtrack/adapters/adnet/ga4"
	"github.com/tgtrack/tgtrack/adapters/adnet/google"
	"github.com/tgtrack/tgtrack/adapters/adnet/postback"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok"
	"github.com/tgtrack/tgtrack/adapters/adnet/vk"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex"
)

//go:generate go run ./gen

// Sinks makes all that are built in, with the defaults of their options, in
// the order in which pages list them.
func Sinks() []adnet.Sink {
	return []adnet.Sink{
		yandex.New(nil),
		facebook.New(nil),
		google.New(nil),
		ga4.New(nil),
		vk.New(nil),
		tiktok.New(nil),
		postback.New(),
		webhook.New(),
	}
}

// Simulation makes the simulation of all that are built in.
func Simulation(o adsim.Options) *adsim.Sim {
	o.Networks = adsim.Of(Sinks())
	return adsim.New(o)
}
