package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// The servers that are measured.
const (
	empty       = "empty"
	transaction = "transaction"
	unbatched   = "unbatched" // ours, with a transaction for each request
	ours        = "tgtrack"
)

// The parts of a benchmark.
const (
	ingest   = "ingest"
	delivery = "delivery"
	pages    = "pages"
)

// options of a benchmark.
type options struct {
	binary      string        // of tgtrack
	measure     time.Duration // of one cell
	warmUp      time.Duration // before it, not counted
	connections []int
	keys        int
	servers     []string
	databases   []string
	dir         string // for the databases
	parts       []string
	accounts    []int // ad accounts that conversions are spread over
	batched     int   // conversions of a network that takes many in a call
	single      int   // of one that takes one
	people      int   // of the project whose pages are asked for
}

// maxConnections is what the numbers of people leave room for, see update.go.
const maxConnections = 999

func benchOptions(args []string, errOut io.Writer) (options, error) {
	var o options
	var seconds, warmUp float64
	var connections, only, part, accounts string
	f := flag.NewFlagSet("loadgen bench", flag.ContinueOnError)
	f.SetOutput(errOut)
	f.StringVar(&o.binary, "binary", "bin/tgtrack", "the service to measure")
	f.Float64Var(&seconds, "seconds", 8, "how long each cell is measured")
	f.Float64Var(&warmUp, "warm-up", 2, "how long each cell is loaded before, in seconds")
	f.StringVar(&connections, "connections", "64,256", "how many connections, one table row each")
	f.IntVar(&o.keys, "keys", 5000, "how many projects with an API key of their own")
	f.StringVar(&part, "part", "all", "ingest, delivery, pages or all")
	f.StringVar(&accounts, "accounts", "1,1000", "numbers of ad accounts that deliveries are spread over")
	f.IntVar(&o.batched, "batched", 20000, "how many conversions are delivered to the network that takes many in a call")
	f.IntVar(&o.single, "single", 5000, "how many to the network that takes one in a call")
	f.IntVar(&o.people, "people", 1_000_000, "how many people the project has whose pages are asked for")
	f.StringVar(&only, "only", "", "of "+strings.Join(allNames(), ", ")+": measure these alone, joined by commas")
	f.StringVar(&o.dir, "dir", "", "folder for the databases; on a real disk (default the system's folder for temporary files)")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.measure, o.warmUp = duration(seconds), duration(warmUp)
	if o.people < 100 {
		return o, fmt.Errorf("--people is 100 at least")
	}
	if o.measure <= 0 || o.warmUp < 0 || o.keys < 1 || f.NArg() > 0 {
		return o, fmt.Errorf("--seconds and --keys are above 0, and nothing follows the flags")
	}
	var err error
	if o.connections, err = numbers("--connections", connections, maxConnections); err != nil {
		return o, err
	}
	if o.accounts, err = numbers("--accounts", accounts, min(o.batched, o.single)); err != nil {
		return o, err
	}
	switch part {
	case "all":
		o.parts = []string{ingest, delivery, pages}
	case ingest, delivery, pages:
		o.parts = []string{part}
	default:
		return o, fmt.Errorf("--part %q: ingest, delivery, pages or all", part)
	}
	return o, o.choose(only)
}

// numbers reads those of a flag.
func numbers(flag, text string, most int) (out []int, err error) {
	for _, c := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(c))
		if err != nil || n < 1 || n > most {
			return nil, fmt.Errorf("%s %q: numbers from 1 to %d, joined by commas", flag, text, most)
		}
		out = append(out, n)
	}
	return out, nil
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func allServers() []string   { return []string{empty, transaction, unbatched, ours} }
func allDatabases() []string { return []string{database.SQLite, database.Postgres} }
func allNames() []string     { return append(allServers(), allDatabases()...) }

// choose takes the servers and databases that are named, or all of those of
// which none is named.
func (o *options) choose(only string) error {
	var names []string
	if only != "" {
		names = strings.Split(only, ",")
	}
	for _, n := range names {
		if !slices.Contains(allNames(), n) {
			return fmt.Errorf("--only %q: %q is none of %s", only, n, strings.Join(allNames(), ", "))
		}
	}
	named := func(all []string) []string {
		if chosen := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !slices.Contains(names, s) }); len(chosen) > 0 {
			return chosen
		}
		return all
	}
	o.servers, o.databases = named(allServers()), named(allDatabases())
	return nil
}
