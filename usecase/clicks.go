package usecase

import (
	"context"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ClickStore keeps clicks, a batch in one transaction.
type ClickStore interface {
	SaveClicks(ctx context.Context, cs []domain.Click) error
}

// Clicks stores clicks, those that come together in one transaction. A click
// is answered after the commit, so that a start that follows at once finds
// it.
type Clicks struct {
	store   ClickStore
	timeout time.Duration
	batches *batcher[*pendingClick]
}

type pendingClick struct {
	click  domain.Click
	result chan error
}

// NewClicks makes a Clicks; Run starts it.
func NewClicks(store ClickStore, queue, maxBatch int, timeout time.Duration) *Clicks {
	c := &Clicks{store: store, timeout: timeout}
	c.batches = newBatcher(queue, maxBatch, nil, c.write)
	return c
}

// Record stores a click. Errors wrap domain.ErrUnavailable when storage can
// not take it.
func (c *Clicks) Record(ctx context.Context, click domain.Click) error {
	p := &pendingClick{click: click, result: make(chan error, 1)}
	if !c.batches.offer(p) {
		return fmt.Errorf("%w: too many clicks are waiting to be stored", domain.ErrUnavailable)
	}
	stored, err := await(ctx, p.result, c.batches.ended)
	if err != nil {
		return err
	}
	return stored
}

// Run stores clicks until ctx ends, and those that are queued by then.
func (c *Clicks) Run(ctx context.Context) error {
	c.batches.run(ctx)
	return nil
}

func (c *Clicks) write(ctx context.Context, ps []*pendingClick) {
	clicks := make([]domain.Click, len(ps))
	for i, p := range ps {
		clicks[i] = p.click
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
	defer cancel()
	err := c.store.SaveClicks(ctx, clicks)
	for _, p := range ps {
		p.result <- err
	}
}
