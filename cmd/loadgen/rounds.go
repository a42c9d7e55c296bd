package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// line of the table: a row on one contender.
type line struct {
	Build    string `json:"build"`
	Database string `json:"database"`
	row
	sample           // the median of each figure
	Runs    []sample `json:"runs,omitempty"`
	LeftOut int      `json:"runs_left_out"` // see offBy
}

// A round is the empty handler and then each entry, so that all of them
// share what the machine does meanwhile.
type round struct {
	empty   float64
	samples []sample
}

// A round counts whose empty handler is at most offBy of the median away: the
// machine did something else during the others, which are made again, but not
// more often than again and not when the benchmark has taken long already.
const (
	offBy = 0.15
	again = 2
	long  = 11 * time.Minute
)

// entry is what a row is measured on.
type entry struct {
	build, database string
	part            string // instead of the row's
	run             func(ctx context.Context, r row) (sample, error)
}

func (e entry) String() string {
	return strings.TrimSpace(e.build + " on " + databaseTitle(e.database) + " " + e.part)
}

// entries are the contenders.
func (b *benchmark) entries() (out []entry) {
	for _, c := range b.contenders {
		run := func(ctx context.Context, r row) (sample, error) { return b.run(ctx, c, r) }
		out = append(out, entry{build: c.build, database: c.database, run: run})
	}
	return out
}

// measureRow adds a line for each entry.
func (b *benchmark) measureRow(ctx context.Context, r row, on []entry) error {
	var good []round
	made, wanted := 0, r.runs
	for made < wanted {
		n, err := b.round(ctx, r, on)
		if err != nil {
			return fmt.Errorf("%s, %d connections, %d projects: %w", r.Part, r.Connections, r.Projects, err)
		}
		good = append(good, n)
		if made++; made == wanted && made < r.runs+again && len(b.steady(r, good)) < r.runs &&
			time.Since(b.began) < b.patience {
			wanted++
		}
	}
	kept := b.steady(r, good)
	if len(kept) == 0 { // no two are alike: what there is, said to be so
		kept = good
	}
	for i, e := range on {
		l := line{Build: e.build, Database: e.database, row: r, LeftOut: made - len(kept)}
		for _, n := range kept {
			l.Runs = append(l.Runs, n.samples[i])
		}
		l.sample = medians(l.Runs)
		l.Part = cmp.Or(e.part, l.Part)
		b.report.Lines = append(b.report.Lines, l)
	}
	return nil
}

func (b *benchmark) round(ctx context.Context, r row, on []entry) (n round, err error) {
	if n.empty, err = b.runEmpty(ctx, b.emptyConnections(r)); err != nil {
		return n, fmt.Errorf("empty handler: %w", err)
	}
	for _, e := range on {
		s, err := e.run(ctx, r)
		if err != nil {
			return n, fmt.Errorf("%s: %w", e, err)
		}
		s.Empty, s.Beside = n.empty, s.PerSecond/n.empty
		n.samples = append(n.samples, s)
		fmt.Fprintf(b.progress, "%s, %d connections, %d projects, %s: %.0f/s, %.0f µs, empty handler %.0f/s\n",
			r.Part, r.Connections, r.Projects, e, s.PerSecond, s.cpu(), n.empty)
	}
	return n, nil
}

// emptyConnections are those over which the empty handler is called for a row:
// an open loop has more than it needs.
func (b *benchmark) emptyConnections(r row) int {
	if r.Rate > 0 {
		return slices.Max(b.connections)
	}
	return r.Connections
}

// emptyFor is how long the empty handler is measured at most.
const emptyFor = 2 * time.Second

// runEmpty measures the empty handler once.
func (b *benchmark) runEmpty(ctx context.Context, connections int) (perSecond float64, err error) {
	c, err := startChild(b.dir, b.self, []string{"serve-empty"}, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	before := cpuTime(c.cmd.Process.Pid)
	r, err := drive(ctx, load{
		addr: c.addr, connections: connections, warmUp: min(b.warmUp, time.Second), measure: min(b.measure, emptyFor),
		script: loader(starts, unknownTargets("http://"+c.addr, slices.Min(b.projects)), 0),
	})
	if err != nil {
		return 0, err
	}
	cpu := microseconds(cpuTime(c.cmd.Process.Pid)-before) / float64(r.counted)
	b.report.Empty = append(b.report.Empty, emptyRun{
		Connections: connections, PerSecond: r.perSecond, CPU: cpu, P50: milliseconds(r.p50), P99: milliseconds(r.p99),
	})
	return r.perSecond, nil
}

// steady are the rounds that count.
func (b *benchmark) steady(r row, all []round) (out []round) {
	var seen []float64
	for _, e := range b.report.Empty {
		if e.Connections == b.emptyConnections(r) {
			seen = append(seen, e.PerSecond)
		}
	}
	middle := median(seen)
	for _, n := range all {
		if math.Abs(n.empty-middle) <= offBy*middle {
			out = append(out, n)
		}
	}
	return out
}

// medians is the median of each figure.
func medians(all []sample) (m sample) {
	for _, figure := range []func(s *sample) *float64{
		func(s *sample) *float64 { return &s.PerSecond }, func(s *sample) *float64 { return &s.P50 },
		func(s *sample) *float64 { return &s.P99 }, func(s *sample) *float64 { return &s.ServerCPU },
		func(s *sample) *float64 { return &s.DatabaseCPU }, func(s *sample) *float64 { return &s.Written },
		func(s *sample) *float64 { return &s.Allocations }, func(s *sample) *float64 { return &s.PeakMemory },
		func(s *sample) *float64 { return &s.Empty }, func(s *sample) *float64 { return &s.Beside },
		func(s *sample) *float64 { return &s.LoadCPU },
	} {
		values := make([]float64, len(all))
		for i := range all {
			values[i] = *figure(&all[i])
		}
		*figure(&m) = median(values)
	}
	return m
}

// median of some; 0 of none.
func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
