package cmd

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/lifecycle"
)

// Simulate serves the simulated ad networks of a build until it is interrupted,
// and answers the exit code. It is the whole of command adsim.
func Simulate(args []string, options ...Option) int {
	p := &program{out: os.Stdout, err: os.Stderr}
	for _, o := range options {
		o(p)
	}
	ctx, stop := lifecycle.UntilSignal(context.Background())
	defer stop()
	err := p.simulate(ctx, args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	fmt.Fprintln(p.err, "adsim:", err)
	return exitFailed
}

func (p *program) simulate(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("adsim", flag.ContinueOnError)
	fs.SetOutput(p.err)
	addr := fs.String("addr", demoSimAddr, "address to listen on")
	stage := fs.Duration("stage", 2*time.Second, "how long an asynchronous network stays in each state")
	goals := fs.String("goals", "", "goals of every counter, joined by commas; empty: any goal exists")
	if err := fs.Parse(args); err != nil {
		return err
	}
	o := adsim.Options{Stage: *stage}
	if *goals != "" {
		o.Goals = strings.Split(*goals, ",")
	}
	ds, err := p.plugins.networks()
	if err != nil {
		return err
	}
	sim := p.plugins.simulation(o)
	defer sim.Close()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	announce(p.out, "http://"+l.Addr().String(), sim.Networks(), ds)
	return serveSimulation(ctx, l, sim)
}

// announce prints what to give to tgtrack. Networks without an address of their
// own are called at those that their accounts name, for which local ones are
// allowed.
func announce(out io.Writer, base string, served []string, ds []adnet.Descriptor) {
	fmt.Fprintf(out, "listening on %s\n", base)
	addresses := map[string]string{"adnetworks.telegram.base_url": base + "/telegram"}
	for key, value := range adnet.Simulated(ds, base, 0) {
		if strings.HasPrefix(value, base+"/") {
			addresses[key] = value
		}
	}
	fmt.Fprintf(out, "# bots of MAX: POST %[1]s/max/subscriptions, then POST %[1]s/max/_write\n", base)
	for _, section := range served {
		if section == "max" {
			continue
		}
		if addresses["adnetworks."+section+".base_url"] == "" {
			fmt.Fprintf(out, "# addresses of %s accounts begin with %s/%s/\n", section, base, section)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(addresses)) {
		section, _, _ := strings.Cut(strings.TrimPrefix(key, "adnetworks."), ".")
		if slices.Contains(served, section) {
			fmt.Fprintf(out, "export %s=%s\n", config.Variable(key), addresses[key])
		}
	}
	fmt.Fprintln(out, "export TGTRACK_OUTBOUND_ALLOW_PRIVATE=true")
}

func serveSimulation(ctx context.Context, l net.Listener, h http.Handler) error {
	// Calls that hang by order end with the process, not after their time.
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
