package cmd

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// endingCounter is the store as senders have it: conversions that end are
// counted once their end is written. The ledger has the same from the database,
// but adding it up reads every conversion, and alerts ask often.
type endingCounter struct {
	*store.Store
	observer *observer
}

// Settle writes outcomes and counts those that end a conversion.
func (c endingCounter) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	err := c.Store.Settle(ctx, ss, now)
	if err != nil {
		return err
	}
	for i := range ss {
		if !ss[i].Status.Unfinished() {
			c.observer.ended.WithLabelValues(string(ss[i].Status)).Inc()
		}
	}
	return nil
}

// ExpireDue ends what is over and counts the conversions.
func (c endingCounter) ExpireDue(ctx context.Context, now time.Time, limit int) (int, error) {
	expired, err := c.ExpireSends(ctx, now, limit)
	if err != nil {
		return 0, err
	}
	c.observer.ended.WithLabelValues(string(domain.Expired)).Add(float64(expired))
	waited, err := c.ExpireWaiting(ctx, now, limit)
	return expired + waited, err
}
