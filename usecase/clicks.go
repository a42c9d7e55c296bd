package usecase

import (
	"context"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Clicks stores clicks, those that come together in one transaction. A click
// is answered after the commit, so that a start that follows at once finds
// it.
type Clicks struct {
	store   ClickStore
	timeout time.Duration
	queue   chan *pendingClick
	done    chan struct{}
	max     int
}

type pendingClick struct {
	click  domain.Click
	result chan error
}

// NewClicks makes a Clicks; Run starts it.
func NewClicks(store ClickStore, queue, maxBatch int, timeout time.Duration) *Clicks {
	return &Clicks{
		store: store, timeout: timeout, queue: make(chan *pendingClick, queue), done: make(chan struct{}), max: maxBatch,
	}
}

// Record stores a click. Errors wrap domain.ErrUnavailable when storage can
// not take it.
func (c *Clicks) Record(ctx context.Context, click domain.Click) error {
	p := &pendingClick{click: click, result: make(chan error, 1)}
	select {
	case c.queue <- p:
	default:
		return fmt.Errorf("%w: too many clicks are waiting to be stored", domain.ErrUnavailable)
	}
	select {
	case err := <-p.result:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: storage did not answer in time", domain.ErrUnavailable)
	case <-c.done:
		select {
		case err := <-p.result: // stored at the last moment
			return err
		default:
			return fmt.Errorf("%w: the service is stopping", domain.ErrUnavailable)
		}
	}
}

// Run stores clicks until ctx ends, and those that are queued by then.
func (c *Clicks) Run(ctx context.Context) error {
	defer close(c.done)
	for {
		select {
		case p := <-c.queue:
			c.commit(ctx, p)
		case <-ctx.Done():
			for {
				select {
				case p := <-c.queue:
					c.commit(ctx, p)
				default:
					return nil
				}
			}
		}
	}
}

func (c *Clicks) commit(ctx context.Context, first *pendingClick) {
	ps := []*pendingClick{first}
gather:
	for len(ps) < c.max {
		select {
		case p := <-c.queue:
			ps = append(ps, p)
		default:
			break gather
		}
	}
	clicks := make([]domain.Click, len(ps))
	for i, p := range ps {
		clicks[i] = p.click
	}
	tctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
	err := c.store.SaveClicks(tctx, clicks)
	cancel()
	for _, p := range ps {
		p.result <- err
	}
}
