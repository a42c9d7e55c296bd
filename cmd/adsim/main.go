// Command adsim serves the simulated ad networks, for trying tgtrack without
// an account anywhere. Nothing it is given leaves it.
//
//	adsim --addr 127.0.0.1:8090 --stage 5s
//
// It prints the environment that points tgtrack to it. / shows what came,
// /{network}/_received the same as JSON; POST /_control makes a network fail:
//
//	{"network":"facebook","fail":"status","status":500,"times":3}
//	{"network":"yandex","revoke":"the token"}
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "adsim:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("adsim", flag.ContinueOnError)
	addr := fs.String("addr", "127.0.0.1:8090", "address to listen on")
	stage := fs.Duration("stage", 2*time.Second, "how long an asynchronous network stays in each state")
	goals := fs.String("goals", "", "goals of every counter, joined by commas; empty: any goal exists")
	if err := fs.Parse(args); err != nil {
		return err
	}
	o := adsim.Options{Stage: *stage}
	if *goals != "" {
		o.Goals = strings.Split(*goals, ",")
	}
	sim := adsim.New(o)
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	announce(out, "http://"+l.Addr().String(), sim.Networks())
	return serve(ctx, l, sim)
}

// announce prints what to give to tgtrack. Postbacks and webhooks have
// addresses of their own in each account, for which local ones are allowed.
func announce(out io.Writer, base string, networks []string) {
	_, _ = fmt.Fprintf(out, "listening on %s\n", base)
	for _, n := range networks {
		if n == "postback" || n == "webhook" {
			_, _ = fmt.Fprintf(out, "# addresses of %s accounts begin with %s/%s/\n", n, base, n)
			continue
		}
		_, _ = fmt.Fprintf(out, "export TGTRACK_ADNETWORKS_%s_BASE_URL=%s/%s\n", strings.ToUpper(n), base, n)
	}
	_, _ = fmt.Fprintln(out, "export TGTRACK_OUTBOUND_ALLOW_PRIVATE=true")
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	// Calls that hang by order end with the process, not after their time.
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
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
