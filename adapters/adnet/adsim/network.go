package adsim

import "net/http"

// Network is the simulation of one ad network. It lies in the folder of the
// network and is written apart from the sink, so that the two check each
// other.
type Network struct {
	Name string // of the sink
	// Serve makes what is served, by path prefix: the network's name, which is
	// its section of adnetworks in the configuration, and those of further
	// sections. The handlers see paths without the prefix.
	Serve    func(s *Sim) map[string]http.Handler
	Scenario Scenario
	// Demo is the account that the demo has. Nil: it has none.
	Demo *Demo
}

// Scenario is how the network is met from end to end: somebody clicks, starts
// under the goal "begin" and reaches the goal "lead".
type Scenario struct {
	// Settings of an account; base is the address of the simulation.
	Settings func(base string) map[string]any
	// Query of the click, such as "fbclid=Fb%d", where %d is the number of the
	// person. Its value is told to no other network that knows clicks by ids of
	// its own.
	Query string
	// Targets are what the network calls begin and lead, where it has other
	// names.
	Targets map[string]string
}

// Demo is an account of the demo's sample project.
type Demo struct {
	ID             string // Defaults to "demo-" and the network.
	Name           string
	ActivationGoal string
	Goals          map[string]string
	Settings       func(base string) map[string]any
	// Unmatched is the reason of the conversions of the past that the network
	// could not match; empty: it matched all.
	Unmatched string
	// LostAccess is why an account of another sample project is paused; empty:
	// there is none.
	LostAccess string
}

// Simulated is a sink that brings the simulation of its network.
type Simulated interface{ Simulation() Network }

// Of gives the simulations that sinks bring.
func Of[S any](sinks []S) []Network {
	var ns []Network
	for _, s := range sinks {
		if s, ok := any(s).(Simulated); ok {
			ns = append(ns, s.Simulation())
		}
	}
	return ns
}
