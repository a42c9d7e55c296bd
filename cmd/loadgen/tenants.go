package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
)

// How much louder the loud project is, how many requests of an open loop are
// the quiet one's, and how often it is looked at alone and beside the loud one.
const (
	louder       = 10
	quietShare   = 40
	tenantRounds = 3
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
}

// measureTenants adds a row for each contender.
func (b *benchmark) measureTenants(ctx context.Context) error {
	for _, c := range b.contenders {
		n, err := b.shareService(ctx, c)
		if err != nil {
			return fmt.Errorf("tenants, %s: %w", c, err)
		}
		b.report.Tenants = append(b.report.Tenants, n)
		fmt.Fprintf(b.progress, "tenants, %s: p99 %.1f ms alone, %.1f ms beside ten times its rate: %.2f×\n", c,
			n.Alone, n.Beside, n.Ratio)
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
	var alone, beside, ratios []float64
	for round := range tenantRounds {
		before, err := s.drive(ctx, l, ts[:1], starts)
		if err != nil {
			return n, err
		}
		var loud sync.WaitGroup
		var failed error
		s.run++
		noise := l
		noise.rate, noise.connections, noise.script = n.Loud, openConnections, loader(starts, ts[1:], s.run-1)
		loud.Go(func() { _, failed = drive(ctx, noise) })
		with, err := s.drive(ctx, l, ts[:1], starts)
		loud.Wait()
		if err = errors.Join(err, failed); err != nil {
			return n, fmt.Errorf("round %d: %w", round+1, err)
		}
		alone, beside = append(alone, milliseconds(before.p99)), append(beside, milliseconds(with.p99))
		ratios = append(ratios, milliseconds(with.p99)/milliseconds(before.p99))
	}
	n.Alone, n.Beside, n.Ratio = median(alone), median(beside), median(ratios)
	return n, nil
}

// tenantTable says how a quiet project fares beside a loud one.
func tenantTable(ns []tenants) string {
	var t table
	t.head("load", "database", "starts/s of the quiet project", "of the loud one", "p99 alone, ms", "p99 beside, ms",
		"ratio")
	for _, n := range ns {
		t.row(titled("tenants", n.Build), databaseTitle(n.Database), strconv.Itoa(n.Quiet), strconv.Itoa(n.Loud),
			decimal(n.Alone), decimal(n.Beside), fmt.Sprintf("%.2f×", n.Ratio))
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
