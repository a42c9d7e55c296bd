// Command loadgen measures how many webhooks a second are taken, beside a
// server that answers without storing, and how many conversions a second are
// delivered to simulated ad networks:
//
//	loadgen bench --binary bin/tgtrack
//	loadgen compare --binary bin/tgtrack --base COMMIT
//
// It starts the servers, calls them over loopback and prints a table for each
// part. The empty handler and the networks are loadgen itself, as serve-empty
// and serve-networks. It is no tool for loading a service that somebody uses:
// it fills the databases that it makes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/tgtrack/tgtrack/infrastructure/lifecycle"
)

const usage = `usage: loadgen bench --binary FILE [flags]                  measure and print the tables
       loadgen compare --binary FILE --base COMMIT [flags]  the same of two builds, in turn
       loadgen large --binary FILE [flags]                  into large databases, and their pages
       loadgen serve-empty                                 answer without storing
       loadgen serve-networks                              simulate the ad networks`

func main() {
	// The servers are to die with this process, and the system ties them to
	// the thread that started them.
	runtime.LockOSThread()
	ctx, stop := lifecycle.UntilSignal(context.Background())
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to do\n%s", usage)
	}
	switch args[0] {
	case "bench", "compare":
		o, err := benchOptions(args[0], args[1:], errOut)
		if err != nil {
			return err
		}
		if o.base != "" {
			return compare(ctx, o, out, errOut)
		}
		return bench(ctx, o, out, errOut)
	case "large":
		o, err := largeOptions(args[1:], errOut)
		if err != nil {
			return err
		}
		return large(ctx, o, out, errOut)
	case "serve-empty":
		return serveEmpty(ctx, out)
	case "serve-networks":
		return serveNetworks(ctx, out)
	}
	return fmt.Errorf("%q is unknown\n%s", args[0], usage)
}
