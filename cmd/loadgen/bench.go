package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/pgtmp"
)

// benchmark is one run of everything.
type benchmark struct {
	options
	self        string // this program
	contenders  []contender
	postgres    *pgtmp.Server
	progress    io.Writer
	tellsWrites bool
	places      int // that were made
	began       time.Time
	patience    time.Duration // until when runs are made again
	report      report
}

// open makes a benchmark and what it needs; close ends it.
func openBenchmark(ctx context.Context, o options, progress io.Writer) (b *benchmark, err error) {
	b = &benchmark{options: o, progress: progress, began: time.Now(), patience: long}
	if b.self, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	if b.binary, err = filepath.Abs(o.binary); err != nil {
		return nil, fmt.Errorf("--binary: %w", err)
	}
	if b.dir, err = os.MkdirTemp(o.dir, "tgtrack-loadgen-"); err != nil {
		return nil, fmt.Errorf("--dir: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	if b.report.Machine, err = lookAtMachine(b.dir); err != nil {
		return nil, err
	}
	b.tellsWrites = tellsWrites(b.dir)
	b.report.Machine.WritesCounted = "write_bytes"
	if !b.tellsWrites {
		b.report.Machine.WritesCounted = "wchar"
	}
	if slices.Contains(b.databases, database.Postgres) {
		// fsync stays on: an answer is to mean that the event is on the disk.
		if b.postgres, err = pgtmp.Start(ctx, pgtmp.Options{Durable: true, Log: progress}); err != nil {
			return nil, err
		}
		err = tell(ctx, b.postgres.URL, settings...)
	}
	for _, db := range b.databases {
		b.contenders = append(b.contenders, contender{build: ours, binary: b.binary, database: db})
	}
	return b, err
}

// ours is the build that is measured.
const ours = "tgtrack"

func (b *benchmark) close() error {
	err := os.RemoveAll(b.dir)
	if b.postgres != nil {
		err = errors.Join(err, b.postgres.Stop())
	}
	return err
}

// bench measures everything and prints the tables to out, and how far it is to
// progress.
func bench(ctx context.Context, o options, out, progress io.Writer) (err error) {
	b, err := openBenchmark(ctx, o, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.measureAll(ctx); err != nil {
		return err
	}
	return b.report.write(out, o.json)
}

func (b *benchmark) measureAll(ctx context.Context) error {
	for _, r := range b.rows() {
		if err := b.measureRow(ctx, r, b.entries()); err != nil {
			return err
		}
	}
	if slices.Contains(b.parts, delivery) {
		if err := b.measureDeliveries(ctx); err != nil {
			return err
		}
	}
	if slices.Contains(b.parts, fair) {
		if err := b.measureFairness(ctx); err != nil {
			return err
		}
	}
	if slices.Contains(b.parts, shared) {
		if err := b.measureTenants(ctx); err != nil {
			return err
		}
	}
	b.report.Machine.Took = time.Since(b.began).Round(time.Second).String()
	return nil
}

// row is how a server is loaded for one line of the table.
type row struct {
	Part        string `json:"part"`
	Connections int    `json:"connections"`
	Projects    int    `json:"projects"`
	Rate        int    `json:"rate,omitempty"` // of an open loop
	seconds     time.Duration
	runs        int
}

// openConnections are enough for an open loop: those that wait for an answer
// of a slow server are to be few of them.
const openConnections = 512

// rows that are measured. The first is the one that the others are compared
// with.
func (b *benchmark) rows() (out []row) {
	most, few := slices.Max(b.connections), slices.Min(b.projects)
	for _, part := range b.parts {
		r := row{Part: part, Connections: most, Projects: few, seconds: b.measure, runs: 1}
		switch part {
		case starts:
			r.runs = b.runs
			out = append(out, r)
			r.runs = 1
			for _, r.Projects = range b.projects {
				for _, r.Connections = range b.connections {
					if r.Projects != few || r.Connections != most {
						out = append(out, r)
					}
				}
			}
			continue
		case open:
			r.Rate, r.Connections = b.rate, openConnections
		case peak:
			r.seconds = b.peakFor
		case delivery, fair, shared:
			continue
		}
		out = append(out, r)
	}
	return out
}

// sample is what one run gave.
type sample struct {
	PerSecond float64 `json:"requests_per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	cost
	PeakMemory float64 `json:"peak_memory_bytes"`
	// Empty is the rate of the empty handler right before, Beside that of the
	// service to it.
	Empty  float64 `json:"empty_requests_per_second"`
	Beside float64 `json:"beside_empty"`
	// What was not done when the service was given up.
	Unpublished int `json:"unpublished"`
	Undelivered int `json:"undelivered"`
	// LoadCPU is what the load itself used.
	LoadCPU float64 `json:"load_cpu_us"`
}

// run measures a contender once.
func (b *benchmark) run(ctx context.Context, c contender, r row) (out sample, err error) {
	s, err := b.serve(ctx, c)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	ts, err := s.targets(ctx, r.Projects, func(i int) account { return r.account(s, i) })
	if err != nil {
		return out, err
	}
	return b.loadService(ctx, s, ts, r)
}

// account that the projects of a row have: where delivering is no part of it,
// one to which a start without a click is nothing.
func (r row) account(s *service, i int) account {
	if r.Part == clicked || r.Part == day {
		return newAccount(batchedNetwork, s.networks.addr, i)
	}
	return newAccount(singleNetwork, s.networks.addr, i)
}

// loadService measures a service whose projects there are, and holds that what
// it answered is in the database.
func (b *benchmark) loadService(ctx context.Context, s *service, ts []target, r row) (out sample, err error) {
	if err := s.place.checkpoint(ctx); err != nil {
		return out, err
	}
	l := load{addr: s.addr, connections: r.Connections, rate: r.Rate, measure: r.seconds}
	warm, err := b.warm(ctx, s, l, ts, r.Part)
	if err != nil {
		return out, err
	}
	if _, err := s.rest(ctx, warm); err != nil {
		return out, err
	}
	before, err := s.mark(ctx)
	if err != nil {
		return out, err
	}
	self := cpuTime(os.Getpid())
	l.warmUp = min(b.warmUp, firstCalls)
	got, err := s.drive(ctx, l, ts, r.Part)
	if err != nil {
		return out, err
	}
	out.LoadCPU = microseconds(cpuTime(os.Getpid())-self) / float64(got.counted)
	// What a request costs includes that its event reaches the stream, and its
	// conversion the network.
	sum := left{warm.events + got.events, warm.conversions + got.conversions}
	missing, err := s.rest(ctx, sum)
	if err != nil {
		return out, err
	}
	out.Unpublished, out.Undelivered = max(0, missing.events), max(0, missing.conversions)
	after, err := s.mark(ctx)
	if err != nil {
		return out, err
	}
	out.PerSecond, out.P50, out.P99 = got.perSecond, milliseconds(got.p50), milliseconds(got.p99)
	if out.cost, err = after.since(before, got.counted); err != nil {
		return out, err
	}
	out.PeakMemory = peakMemory(s.cmd.Process.Pid)
	if err := s.stop(); err != nil || s.counted {
		return out, err
	}
	stored, err := s.place.events(ctx)
	if err == nil && stored != sum.events {
		err = fmt.Errorf("%d events were answered and %d are in the database: the figures mean nothing", sum.events,
			stored)
	}
	return out, err
}

// firstCalls is how long after its beginning a load is not in the times: its
// connections all come at once.
const firstCalls = 200 * time.Millisecond

// touched is how often a project is called on average before it is measured,
// so that the service knows nearly all of them.
const touched = 3

// warm loads a service before it is measured.
func (b *benchmark) warm(ctx context.Context, s *service, l load, ts []target, part string) (left, error) {
	l.warmUp, l.measure = b.warmUp, 0
	got, err := s.drive(ctx, l, ts, part)
	if l.total = touched*len(ts) - got.counted; err == nil && l.total > 0 {
		l.rate = 0
		var more result
		more, err = s.drive(ctx, l, ts, part)
		got.events, got.conversions = got.events+more.events, got.conversions+more.conversions
	}
	return got.left, err
}

// drive loads a service with people of whom nobody was there before.
func (s *service) drive(ctx context.Context, l load, ts []target, part string) (result, error) {
	s.run++
	l.script = loader(part, ts, s.run-1)
	return drive(ctx, l)
}

// rest waits until the service is done with what loads left behind.
func (s *service) rest(ctx context.Context, of left) (missing left, err error) {
	if missing.events, err = s.wait(ctx, published, of.events, restWithin); err == nil {
		missing.conversions, err = s.wait(ctx, outcomes(batchedNetwork), of.conversions, restWithin)
	}
	return missing, err
}
