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

// The parts of a benchmark: what the service is loaded with.
const (
	starts   = "start"    // closed loop, few projects and many
	open     = "open"     // the same at a fixed rate
	clicked  = "click"    // each start after a click, with a conversion
	day      = "day"      // what comes on a day
	peak     = "peak"     // starts for a minute, for the memory
	delivery = "delivery" // conversions to the ad networks
	fair     = "fair"     // a healthy ad account beside a slow one and some that hang
	shared   = "tenants"  // a quiet project beside a loud one
)

func allParts() []string {
	return []string{starts, open, clicked, day, peak, delivery, fair, shared}
}

func allDatabases() []string { return []string{database.Postgres, database.SQLite} }
func largeParts() []string   { return []string{ingest, pages} }

// options of a benchmark.
type options struct {
	binary      string        // of tgtrack
	base        string        // commit to compare with; empty: none
	measure     time.Duration // of one run
	warmUp      time.Duration // before it, not counted
	quiet       time.Duration // for what conversions leave the reports to do
	peakFor     time.Duration // how long the memory is watched
	runs        int           // of the row that the others are compared with
	connections []int
	projects    []int
	rate        int // of the open loop
	accounts    []int
	batched     int           // conversions of a network that takes many in a call
	single      int           // of one that takes one
	backlog     int           // conversions that wait for a slow account
	fairFor     time.Duration // how long a healthy one is looked at beside it
	parts       []string
	databases   []string
	people      int    // of a large database
	copies      int    // of which it is made
	pageRounds  int    // how often each of its pages is asked for, after once uncounted
	json        string // file
	dir         string // for the databases
}

// maxConnections is what the numbers of people leave room for, see people.go.
const maxConnections = 999

// flags declares them. A comparison measures twice as much: by default less of
// it.
func (o *options) flags(f *flag.FlagSet, comparison bool) (finish func() error) {
	var seconds, warmUp, peakSeconds, fairSeconds float64
	var connections, projects, accounts, only string
	defaults := [...]string{"64,256", "100,5000", ""}
	if comparison {
		defaults = [...]string{"256", "100", strings.Join([]string{starts, clicked, day, delivery}, ",")}
	}
	f.StringVar(&o.binary, "binary", "bin/tgtrack", "the service to measure")
	f.Float64Var(&seconds, "seconds", 8, "how long each run is measured")
	f.Float64Var(&warmUp, "warm-up", 1, "how long each run is loaded before, in seconds")
	f.Float64Var(&peakSeconds, "peak-seconds", 60, "how long the service is loaded for its peak of memory")
	f.IntVar(&o.runs, "runs", 5, "runs of starts over the most connections and the fewest projects; all else runs "+
		"once")
	f.StringVar(&connections, "connections", defaults[0], "numbers of connections of the closed loop")
	f.StringVar(&projects, "projects", defaults[1], "numbers of projects, each with an API key")
	f.IntVar(&o.rate, "rate", 4000, "requests a second of the open loop")
	f.StringVar(&accounts, "accounts", "1,1000", "numbers of ad accounts that deliveries are spread over")
	f.IntVar(&o.batched, "batched", 20000, "conversions delivered to the network that takes many in a call")
	f.IntVar(&o.single, "single", 5000, "conversions delivered to the one that takes one in a call")
	f.IntVar(&o.backlog, "backlog", 100_000, "conversions that wait for a slow ad account beside a healthy one")
	f.Float64Var(&fairSeconds, "fair-seconds", 30, "how long the healthy ad account is looked at beside it")
	f.StringVar(&only, "only", defaults[2], onlyThese(allParts()))
	f.StringVar(&o.json, "json", "", "file to write the figures to as JSON")
	f.StringVar(&o.dir, "dir", "", "folder for the databases, on a real disk (default the system's for temporary "+
		"files)")
	return func() error {
		o.measure, o.warmUp, o.peakFor, o.quiet = duration(seconds), duration(warmUp),
			duration(peakSeconds), 2*time.Second
		if o.fairFor = duration(fairSeconds); o.fairFor <= 0 || o.backlog < 1 {
			return fmt.Errorf("--fair-seconds and --backlog are above 0")
		}
		if o.measure <= 0 || o.warmUp < 0 || o.peakFor <= 0 || o.runs < 1 || o.rate < 1 || f.NArg() > 0 {
			return fmt.Errorf("--seconds, --peak-seconds, --runs and --rate are above 0, and nothing follows the " +
				"flags")
		}
		var err error
		if o.connections, err = numbers("--connections", connections, maxConnections); err != nil {
			return err
		}
		if o.projects, err = numbers("--projects", projects, 100_000); err != nil {
			return err
		}
		if o.accounts, err = numbers("--accounts", accounts, min(o.batched, o.single)); err != nil {
			return err
		}
		return o.choose(only, allParts())
	}
}

// loadsOfRun is how many loads with people of their own a run may have.
const loadsOfRun = 3

func onlyThese(parts []string) string {
	return "of " + strings.Join(append(parts, allDatabases()...), ", ") + ": these alone, joined by commas"
}

// largeOptions are those of large databases.
func largeOptions(args []string, errOut io.Writer) (options, error) {
	o := options{connections: []int{256}, warmUp: largeWarmUp, quiet: 2 * time.Second, pageRounds: 40}
	var seconds float64
	var only string
	projects := 100
	f := flag.NewFlagSet("loadgen large", flag.ContinueOnError)
	f.SetOutput(errOut)
	f.StringVar(&o.binary, "binary", "bin/tgtrack", "the service to measure")
	f.Float64Var(&seconds, "seconds", 8, "how long each run is measured")
	f.IntVar(&o.runs, "runs", 5, "runs into each database, in turn")
	f.IntVar(&o.people, "people", 10_000_000, "people of a large database; each has five events on average")
	f.IntVar(&o.copies, "copies", 100, "of how many copies of a part it is made")
	f.IntVar(&projects, "projects", projects, "how many projects there are; the first has a tenth of the people")
	f.StringVar(&only, "only", "", onlyThese(largeParts()))
	f.StringVar(&o.json, "json", "", "file to write the figures to as JSON")
	f.StringVar(&o.dir, "dir", "", "folder for the databases, on a real disk (default the system's for temporary "+
		"files)")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.measure, o.projects = duration(seconds), []int{projects}
	if o.measure <= 0 || o.runs < 1 || o.copies < 1 || projects < 2 || o.people < 20*o.copies || f.NArg() > 0 {
		return o, fmt.Errorf("--seconds, --runs and --copies are above 0, --projects above 1, and each copy has " +
			"20 people")
	}
	if most := (runs-o.copies)/loadsOfRun - again; o.runs > most {
		return o, fmt.Errorf("--runs is %d at most with %d copies", most, o.copies)
	}
	return o, o.choose(only, largeParts())
}

func benchOptions(name string, args []string, errOut io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("loadgen "+name, flag.ContinueOnError)
	f.SetOutput(errOut)
	finish := o.flags(f, name == "compare")
	if name == "compare" {
		f.StringVar(&o.base, "base", "", "the commit to compare with")
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if name == "compare" && o.base == "" {
		return o, fmt.Errorf("--base names the commit to compare with")
	}
	return o, finish()
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

// choose takes the parts and databases that are named, or all of those of
// which none is named.
func (o *options) choose(only string, parts []string) error {
	all := append(slices.Clone(parts), allDatabases()...)
	var names []string
	if only != "" {
		names = strings.Split(only, ",")
	}
	for _, n := range names {
		if !slices.Contains(all, n) {
			return fmt.Errorf("--only %q: %q is none of %s", only, n, strings.Join(all, ", "))
		}
	}
	named := func(all []string) []string {
		chosen := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !slices.Contains(names, s) })
		if len(chosen) == 0 {
			return all
		}
		return chosen
	}
	o.parts, o.databases = named(parts), named(allDatabases())
	return nil
}
