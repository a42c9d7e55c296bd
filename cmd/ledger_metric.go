package cmd

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
)

// ledgerShare bounds what reading the ledger costs: after a reading that took
// a second the next one waits this many.
const ledgerShare = 50

// noNetwork is the label of conversions that belong to no ad network.
const noNetwork = "none"

// ledgerSource shows the ledger of all projects. Adding it up reads an entry
// of every conversion, so a large one is read less often than it is asked
// for; in between the last numbers are shown.
func ledgerSource(totals func(context.Context) (store.LedgerTotals, error), networks []string,
	now func() time.Time) func(context.Context, func(prometheus.Metric)) error {
	conversions := gauge("conversions",
		"Conversions by network and status; those that belong to none have the network none.", "network", "status")
	created := gauge("ledger_created", "Conversions that were ever made, by network, counted when they were.",
		"network")
	balanced := gauge("ledger_balanced",
		"1 while every conversion that was made is in some status, 0 when one is missing.")
	var last store.LedgerTotals
	var next time.Time
	return func(ctx context.Context, emit func(prometheus.Metric)) error {
		if began := now(); !began.Before(next) {
			l, err := totals(ctx)
			if err != nil {
				return err
			}
			last, next = l, began.Add(ledgerShare*now().Sub(began))
		}
		counts, made := map[[2]string]int{}, map[string]int{}
		for _, n := range append([]string{noNetwork}, networks...) {
			made[n] = 0
			for _, status := range domain.Statuses() {
				counts[[2]string{n, string(status)}] = 0
			}
		}
		for network, n := range last.Created {
			made[label(network)] = n
		}
		for _, line := range last.By {
			counts[[2]string{label(line.Network), string(line.Status)}] = line.Count
		}
		for k, n := range counts {
			emit(conversions(float64(n), k[:]...))
		}
		for network, n := range made {
			emit(created(float64(n), network))
		}
		good := 0.0
		if last.Balanced() {
			good = 1
		}
		emit(balanced(good))
		return nil
	}
}

func label(network string) string {
	if network == "" {
		return noNetwork
	}
	return network
}
