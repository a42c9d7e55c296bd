package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
)

// The networks that are delivered to.
const (
	batchedNetwork = "facebook" // up to 1000 in a call
	singleNetwork  = "postback" // one in a call
)

// drained is one row of the table of deliveries.
type drained struct {
	database, network     string
	accounts, conversions int
	started               time.Duration // until the service listened
	took                  time.Duration // from its start until everything was delivered
	cpu                   time.Duration // of service and database, for one conversion
}

func (d drained) perSecond() float64 { return float64(d.conversions) / d.took.Seconds() }

// measureDelivery adds a row for each network and number of accounts.
func (b *benchmark) measureDelivery(ctx context.Context) error {
	for _, db := range b.databases {
		for _, d := range []drained{{network: batchedNetwork, conversions: b.batched}, {network: singleNetwork, conversions: b.single}} {
			d.database = db
			for _, d.accounts = range b.accounts {
				if err := b.drain(ctx, &d); err != nil {
					return fmt.Errorf("delivery to %s, %d accounts, %s: %w", d.network, d.accounts, db, err)
				}
				b.drained = append(b.drained, d)
				fmt.Fprintf(b.progress, "%s, %s, %d accounts: %.0f conversions/s\n", db, d.network, d.accounts, d.perSecond())
			}
		}
	}
	return nil
}

// drain starts the service with conversions that are due and waits until the
// database has them all as delivered.
func (b *benchmark) drain(ctx context.Context, d *drained) (err error) {
	p, err := b.place(ctx, delivery, d.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	nets, err := startChild(b.dir, b.self, []string{"serve-networks"}, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nets.stop()) }()
	if err := owe(ctx, p.options(), debt{network: d.network, addr: nets.addr, accounts: d.accounts, conversions: d.conversions}); err != nil {
		return err
	}
	if err := p.settleDown(ctx); err != nil {
		return err
	}
	db, err := database.Open(ctx, p.options())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := b.deliver(ctx, p, db, nets, d); err != nil {
		return err
	}
	came, err := askReceived(ctx, nets.addr, d.network)
	if err != nil {
		return err
	}
	return once(came, d.conversions)
}

func (b *benchmark) deliver(ctx context.Context, p *place, db *database.DB, nets *child, d *drained) error {
	before, _ := cpuTime(os.Getpid(), nets.cmd.Process.Pid)
	begun := time.Now()
	c, err := b.startOurs(p, "TGTRACK_ADNETWORKS_FACEBOOK_BASE_URL=http://"+nets.addr+"/facebook", "TGTRACK_OUTBOUND_ALLOW_PRIVATE=true")
	if err != nil {
		return err
	}
	d.started = time.Since(begun)
	err = allSettled(ctx, db)
	d.took = time.Since(begun)
	if after, ok := cpuTime(os.Getpid(), nets.cmd.Process.Pid); ok {
		d.cpu = (after - before) / time.Duration(d.conversions)
	}
	if err := errors.Join(err, c.stop()); err != nil {
		return err
	}
	var delivered int
	row := db.Read.DB.QueryRowContext(ctx, `SELECT count(*) FROM conversions WHERE status = '`+string(domain.Delivered)+`'`)
	if err := row.Scan(&delivered); err != nil {
		return fmt.Errorf("count what was delivered: %w", err)
	}
	if delivered != d.conversions {
		return fmt.Errorf("%d of %d were delivered", delivered, d.conversions)
	}
	return nil
}

// How often it is looked whether anything is left, and for how long.
const (
	lookEvery     = 20 * time.Millisecond
	deliverWithin = 4 * time.Minute
)

// open looks for a conversion without an outcome by the indexes that the relay
// uses: looking costs next to nothing.
const open = `SELECT EXISTS (SELECT 1 FROM conversions WHERE status IN ('pending', 'retrying', 'accepted', 'parked') AND next_attempt_at IS NOT NULL
	AND scheduled_at IS NULL) OR EXISTS (SELECT 1 FROM conversions WHERE status IN ('pending', 'retrying', 'accepted', 'parked') AND scheduled_at IS NOT NULL)`

func allSettled(ctx context.Context, db *database.DB) error {
	ctx, cancel := context.WithTimeout(ctx, deliverWithin)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		var left bool
		if err := db.Read.DB.QueryRowContext(ctx, open).Scan(&left); err != nil {
			return fmt.Errorf("look what is left to deliver: %w", err)
		}
		if !left {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not everything was delivered within %s: %w", deliverWithin, ctx.Err())
		}
	}
}

// deliveryTable compares each row with that of the first number of accounts,
// and what goes one by one with what goes in batches.
func deliveryTable(ds []drained) string {
	text := "| network | database | ad accounts | conversions | conversions/s | start, s | CPU, µs | to fewest accounts | to batched |\n" +
		"| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
	for _, d := range ds {
		few, batched := "–", "–"
		for _, o := range ds {
			if o.database == d.database && o.network == d.network && o.accounts < d.accounts {
				few = times(d.perSecond(), o.perSecond())
			}
			if o.database == d.database && o.network == batchedNetwork && d.network != batchedNetwork && o.accounts == d.accounts {
				batched = times(d.perSecond(), o.perSecond())
			}
		}
		text += fmt.Sprintf("| %s | %s | %d | %d | %.0f | %.1f | %d | %s | %s |\n", networkTitle(d.network), databaseTitle(d.database), d.accounts, d.conversions,
			d.perSecond(), d.started.Seconds(), d.cpu.Microseconds(), few, batched)
	}
	return text
}

func networkTitle(name string) string {
	if name == batchedNetwork {
		return name + ", batches"
	}
	return name + ", one by one"
}
