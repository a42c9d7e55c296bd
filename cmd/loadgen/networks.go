package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/all"
)

// networks simulates the ad networks, in a process of its own. Repeats of a
// call always come to the same simulator, so that each is noticed. They are
// many because a simulator looks at all it has whenever it is called back.
type networks [64]*adsim.Sim

func newNetworks() *networks {
	var n networks
	for i := range n {
		n[i] = all.Simulation(adsim.Options{})
	}
	return &n
}

// ServeHTTP implements http.Handler: /{network}/_received is what came to all
// the simulators, everything else is a call of a network.
func (n *networks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if network, ok := strings.CutSuffix(r.URL.Path, "/_received"); ok {
		w.Header().Set("Content-Type", "application/json")
		// An error means that the asker went away.
		_ = json.NewEncoder(w).Encode(n.received(strings.TrimPrefix(network, "/")))
		return
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, r.URL.RawQuery)
	n[h.Sum32()%uint32(len(n))].ServeHTTP(w, r)
}

// received says how often each conversion came to a network, by its id.
func (n *networks) received(network string) map[string]int {
	out := map[string]int{}
	for _, sim := range n {
		for _, it := range sim.Received(network) {
			out[it.ID] += it.Copies
		}
	}
	return out
}

// serveNetworks simulates on a free port of loopback until ctx ends.
func serveNetworks(ctx context.Context, out io.Writer) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s%s\n", announced, ln.Addr())
	mux := http.NewServeMux()
	mux.Handle("/", newNetworks())
	mux.Handle("/fair/", newPaces())
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return srv.Close()
	}
}

// askReceived is received of a process that simulates at addr.
func askReceived(ctx context.Context, addr, network string) (map[string]int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/"+network+"/_received", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask what came: %w", err)
	}
	defer res.Body.Close()
	var out map[string]int
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return nil, fmt.Errorf("read what came: %w", err)
	}
	return out, nil
}

// once holds that n conversions came, each one time.
func once(came map[string]int, n int) error {
	var errs []error
	for id, times := range came {
		if times != 1 {
			errs = append(errs, fmt.Errorf("conversion %s came %d times", id, times))
		}
	}
	if len(came) != n {
		errs = append(errs, fmt.Errorf("%d conversions came of %d", len(came), n))
	}
	return errors.Join(errs[:min(len(errs), 5)]...)
}
