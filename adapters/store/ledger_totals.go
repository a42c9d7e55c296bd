package store

import (
	"context"
	"fmt"

	"github.com/tgtrack/tgtrack/usecase"
)

// LedgerTotals is the ledger of all projects together.
type LedgerTotals struct {
	Created map[string]int       // by network, counted when they were made
	By      []usecase.LedgerLine // as they are now
}

// Balanced tells whether every conversion that was made is still in some
// status, network by network.
func (l LedgerTotals) Balanced() bool {
	left := map[string]int{}
	for network, n := range l.Created {
		left[network] += n
	}
	for _, line := range l.By {
		left[line.Network] -= line.Count
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return true
}

// LedgerTotals counts all conversions. It reads an entry of each, so it is
// nothing to ask for often.
func (s *Store) LedgerTotals(ctx context.Context) (LedgerTotals, error) {
	l := LedgerTotals{Created: map[string]int{}}
	// One statement, and so one moment, as in Ledger.
	rows, err := s.read.QueryContext(ctx, `SELECT 'created', t.network, '', sum(t.created) FROM conversion_totals t GROUP BY t.network
		UNION ALL SELECT 'status', v.network, v.status, count(*) FROM conversions v GROUP BY v.network, v.status`)
	if err != nil {
		return l, mapError("add up the ledger", err)
	}
	err = each(rows, func(r scanner) error {
		var kind string
		var line usecase.LedgerLine
		var n int64
		if err := r.Scan(&kind, &line.Network, &line.Status, &n); err != nil {
			return fmt.Errorf("a line of the ledger: %w", err)
		}
		if line.Count = int(n); kind == "created" {
			l.Created[line.Network] = line.Count
			return nil
		}
		l.By = append(l.By, line)
		return nil
	})
	return l, mapError("add up the ledger", err)
}
