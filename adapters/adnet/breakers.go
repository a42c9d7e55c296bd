package adnet

// Breakers counts the circuit breakers by network and state; every network of
// the registry is there.
func (d *Dispatcher) Breakers() map[string]map[string]int {
	out := map[string]map[string]int{}
	for _, desc := range d.o.Registry.All() {
		out[desc.Name] = map[string]int{}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.states {
		if out[s.network] == nil {
			out[s.network] = map[string]int{}
		}
		out[s.network][s.breaker.State().String()]++
	}
	return out
}
