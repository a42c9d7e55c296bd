package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// The networks that are delivered to.
const (
	batchedNetwork = "facebook" // up to 1000 in a call
	singleNetwork  = "postback" // one in a call
)

// newAccount is the n-th ad account of a network, which tells accounts apart.
func newAccount(network, networks string, n int) account {
	a := account{"network": network, "name": "Advertising", "activation_goal": "lead"}
	if network == batchedNetwork {
		a["settings"] = map[string]any{"dataset_id": fmt.Sprint(100_000 + n), "access_token": "bench-token"}
	} else {
		a["settings"] = map[string]any{
			"url": fmt.Sprintf("http://%s/postback/%d?tid={event_id}&subid={click.subid}&status={target}", networks,
				n),
		}
	}
	return a
}

// drained is one row of the table of deliveries.
type drained struct {
	Build       string  `json:"build"`
	Database    string  `json:"database"`
	Network     string  `json:"network"`
	Accounts    int     `json:"accounts"`
	Conversions int     `json:"conversions"`
	PerSecond   float64 `json:"conversions_per_second"`
	Early       int     `json:"early"` // came before it was measured
	cost
	PeakMemory float64 `json:"peak_memory_bytes"`
}

// measureDeliveries adds a row for each network, number of accounts and
// contender.
func (b *benchmark) measureDeliveries(ctx context.Context) error {
	both := []drained{{Network: batchedNetwork, Conversions: b.batched},
		{Network: singleNetwork, Conversions: b.single}}
	for _, d := range both {
		for _, d.Accounts = range b.accounts {
			for _, c := range b.contenders {
				d.Build, d.Database = c.build, c.database
				if err := b.drain(ctx, c, &d); err != nil {
					return fmt.Errorf("delivery to %s, %d accounts, %s: %w", d.Network, d.Accounts, c, err)
				}
				b.report.Deliveries = append(b.report.Deliveries, d)
				fmt.Fprintf(b.progress, "%s, %d accounts, %s: %.0f/s, %.0f µs\n", d.Network, d.Accounts,
					c, d.PerSecond,
					d.cpu())
			}
		}
	}
	return nil
}

// drain parks conversions at ad accounts that are paused and lets them go while
// nothing looks for what is due. Then it starts the service again and waits
// until it has an outcome of each.
func (b *benchmark) drain(ctx context.Context, c contender, d *drained) (err error) {
	s, err := b.serve(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	ts, err := s.park(ctx, d, b.quiet)
	if err != nil {
		return err
	}
	if err := s.release(ctx, ts, d, b.quiet); err != nil {
		return err
	}
	if err := s.deliver(ctx, ts, d); err != nil {
		return err
	}
	d.PeakMemory = peakMemory(s.cmd.Process.Pid)
	if err := s.settled(ctx, ts, d.Conversions); err != nil {
		return err
	}
	came, err := askReceived(ctx, s.networks.addr, d.Network)
	if err != nil {
		return err
	}
	return once(came, d.Conversions)
}

// parkers is over how many connections the conversions are made.
const parkers = 128

// park has people click and start, one for each conversion.
func (s *service) park(ctx context.Context, d *drained, quiet time.Duration) ([]target, error) {
	ts, err := s.targets(ctx, d.Accounts, func(i int) account {
		a := newAccount(d.Network, s.networks.addr, i)
		a["paused"] = true
		return a
	})
	if err != nil {
		return nil, err
	}
	got, err := drive(ctx, load{
		addr: s.addr, connections: min(parkers, d.Conversions), script: loader(clicked, ts, 0), total: d.Conversions,
	})
	if err != nil {
		return nil, fmt.Errorf("make conversions: %w", err)
	}
	missing, err := s.wait(ctx, published, got.events, settleWithin)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d events are in no stream", missing)
	}
	if err != nil {
		return nil, err
	}
	time.Sleep(quiet) // the reports have their turn
	return ts, nil
}

// release resumes the accounts. The relay, which looks for what is due, is
// told to look in an hour: the conversions are due and go nowhere, until the
// service is started again.
func (s *service) release(ctx context.Context, ts []target, d *drained, quiet time.Duration) error {
	if err := s.restart("TGTRACK_RELAY_INTERVAL=1h"); err != nil {
		return err
	}
	time.Sleep(quiet) // it looks once when it starts
	err := each(ctx, len(ts), func(ctx context.Context, i int) error {
		path := "/api/v1/projects/" + ts[i].id + "/ad-accounts/" + ts[i].account
		return s.do(ctx, http.MethodPatch, path, map[string]any{"paused": false}, nil)
	})
	if err != nil {
		return fmt.Errorf("resume the ad accounts: %w", err)
	}
	all, err := s.readMetrics(ctx)
	if err != nil {
		return err
	}
	if d.Early = int(all[outcomes(d.Network)]); d.Early > d.Conversions/2 {
		return fmt.Errorf("%d conversions of %d were delivered before they were measured", d.Early, d.Conversions)
	}
	if err := s.stop(); err != nil {
		return err
	}
	return s.place.settleDown(ctx)
}

// deliver starts the service and waits for the outcomes.
func (s *service) deliver(ctx context.Context, ts []target, d *drained) error {
	if err := s.start(); err != nil {
		return err
	}
	before, err := s.mark(ctx)
	if err != nil {
		return err
	}
	early := d.Early + int(before.metrics[outcomes(d.Network)])
	missing, err := s.wait(ctx, outcomes(d.Network), d.Conversions-d.Early, settleWithin)
	if err == nil && missing > 0 {
		err = fmt.Errorf("%d conversions have no outcome", missing)
	}
	if err != nil {
		return err
	}
	some := ts[:min(len(ts), managers)]
	if err := s.settled(ctx, some, share(d.Conversions, len(ts), len(some))); err != nil {
		return err
	}
	after, err := s.mark(ctx)
	if err != nil {
		return err
	}
	n := d.Conversions - early
	d.PerSecond = float64(n) / after.at.Sub(before.at).Seconds()
	d.cost, err = after.since(before, n)
	return err
}

// share is how many of all conversions the first some of the accounts have:
// the n-th is of the account n modulo their number.
func share(conversions, accounts, some int) int {
	return conversions/accounts*some + min(conversions%accounts, some)
}

// settled waits until the ledger has n conversions of projects as delivered.
func (s *service) settled(ctx context.Context, ts []target, n int) error {
	until := time.Now().Add(settleWithin)
	for {
		have, err := s.delivered(ctx, ts)
		if err != nil || have == n {
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("%d conversions of %d are delivered in the ledger", have, n)
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
