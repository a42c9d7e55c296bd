package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"
)

// How much louder the loud project is, how many requests of an open loop are
// the quiet one's, and how often it is looked at alone and beside the loud one:
// a round in which the host gave others more than calm of our processors does
// not count, if enough are left.
const (
	louder           = 10
	quietShare       = 40
	tenantRounds     = 3
	mostTenantRounds = 9
	calm             = 0.005
)

// tenants is one row of the table of projects that share the service.
type tenants struct {
	Build    string  `json:"build"`
	Database string  `json:"database"`
	Quiet    int     `json:"quiet_per_second"`
	Loud     int     `json:"loud_per_second"`
	Alone    float64 `json:"p99_alone_ms"`
	Beside   float64 `json:"p99_beside_ms"`
	Ratio    float64 `json:"ratio"` // the median of the rounds
	// Stolen is what part of its processors the machine's host gave to others.
	Stolen  float64 `json:"stolen_percent"`
	LeftOut int     `json:"rounds_left_out,omitempty"`
}

// tenantRound is the quiet project once alone and once beside the loud one.
type tenantRound struct {
	alone, beside float64 // p99, milliseconds
	stolen        float64 // share of the processors' time
}

// undisturbed are the rounds in which the host gave nearly nothing to others.
func undisturbed(rs []tenantRound) []tenantRound {
	return slices.DeleteFunc(slices.Clone(rs), func(r tenantRound) bool { return r.stolen > calm })
}

// over is the median of a figure of rounds.
func over(rs []tenantRound, of func(tenantRound) float64) float64 {
	all := make([]float64, len(rs))
	for i, r := range rs {
		all[i] = of(r)
	}
	return median(all)
}

// measureTenants adds a row for each contender.
func (b *benchmark) measureTenants(ctx context.Context) error {
	for _, c := range b.contenders {
		n, err := b.shareService(ctx, c)
		if err != nil {
			return fmt.Errorf("tenants, %s: %w", c, err)
		}
		b.report.Tenants = append(b.report.Tenants, n)
		fmt.Fprintf(b.progress, "tenants, %s: p99 %.1f ms alone, %.1f ms beside ten times its rate: %.2f× "+
			"(%.1f %% stolen, %d rounds left out)\n", c, n.Alone, n.Beside, n.Ratio, n.Stolen, n.LeftOut)
	}
	return nil
}

// shareService loads a quiet project, alone and beside one that is ten times as
// loud, in turn.
func (b *benchmark) shareService(ctx context.Context, c contender) (n tenants, err error) {
	quiet := max(1, b.rate/quietShare)
	n = tenants{Build: c.build, Database: c.database, Quiet: quiet, Loud: louder * quiet}
	s, err := b.serve(ctx, c)
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	ts, err := s.targets(ctx, 2, func(i int) account { return newAccount(singleNetwork, s.networks.addr, i) })
	if err != nil {
		return n, err
	}
	l := load{addr: s.addr, connections: openConnections / louder, warmUp: b.warmUp, measure: b.measure, rate: quiet}
	var rs []tenantRound
	for len(rs) < mostTenantRounds && len(undisturbed(rs)) < tenantRounds {
		r, err := s.roundOfTenants(ctx, l, n.Loud, ts)
		if err != nil {
			return n, fmt.Errorf("round %d: %w", len(rs)+1, err)
		}
		rs = append(rs, r)
	}
	kept := undisturbed(rs)
	if len(kept) < tenantRounds {
		kept = rs
	}
	n.LeftOut = len(rs) - len(kept)
	n.Stolen = 100 * over(kept, func(r tenantRound) float64 { return r.stolen })
	n.Alone = over(kept, func(r tenantRound) float64 { return r.alone })
	n.Beside = over(kept, func(r tenantRound) float64 { return r.beside })
	n.Ratio = over(kept, func(r tenantRound) float64 { return r.beside / r.alone })
	return n, nil
}

// roundOfTenants is one round: the first target's project is the quiet one.
func (s *service) roundOfTenants(ctx context.Context, l load, loudRate int, ts []target) (r tenantRound, err error) {
	began, taken := time.Now(), stolen()
	alone, err := s.drive(ctx, l, ts[:1], starts)
	if err != nil {
		return r, err
	}
	var loud sync.WaitGroup
	var failed error
	s.run++
	noise := l
	noise.rate, noise.connections, noise.script = loudRate, openConnections, loader(starts, ts[1:], s.run-1)
	loud.Go(func() { _, failed = drive(ctx, noise) })
	beside, err := s.drive(ctx, l, ts[:1], starts)
	loud.Wait()
	if err = errors.Join(err, failed); err != nil {
		return r, err
	}
	r.alone, r.beside = milliseconds(alone.p99), milliseconds(beside.p99)
	r.stolen = float64(stolen()-taken) / float64(time.Since(began)) / float64(runtime.NumCPU())
	return r, nil
}

// tenantTable says how a quiet project fares beside a loud one.
func tenantTable(ns []tenants) string {
	var t table
	t.head("load", "database", "starts/s of the quiet project", "of the loud one", "p99 alone, ms", "p99 beside, ms",
		"ratio", "stolen, %", "rounds left out")
	for _, n := range ns {
		t.row(titled("tenants", n.Build), databaseTitle(n.Database), strconv.Itoa(n.Quiet), strconv.Itoa(n.Loud),
			decimal(n.Alone), decimal(n.Beside), fmt.Sprintf("%.2f×", n.Ratio), decimal(n.Stolen),
			strconv.Itoa(n.LeftOut))
	}
	return t.String()
}

func ofTenants(r *report, db string) (float64, bool) {
	for i := range r.Tenants {
		if n := &r.Tenants[i]; n.Build == ours && n.Database == db {
			return n.Ratio, true
		}
	}
	return 0, false
}
