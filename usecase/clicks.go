package usecase

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ClickStore keeps clicks, a batch in one transaction. One that is there
// already is left alone.
type ClickStore interface {
	SaveClicks(ctx context.Context, cs []domain.Click) error
}

// RobotVisits counts visits of links that make no clicks.
type RobotVisits interface {
	// AddRobotVisits adds visits, by project, to those of the day.
	AddRobotVisits(ctx context.Context, at time.Time, visits map[string]int64) error
}

// ClickStream keeps clicks while storage is away.
type ClickStream interface {
	// KeepClick answers when the stream has the click.
	KeepClick(ctx context.Context, c domain.Click) error
}

// ClicksConfig sets the sizes and times of Clicks.
type ClicksConfig struct {
	Queue    int // most clicks waiting
	MaxBatch int // most clicks in one transaction
	Timeout  time.Duration
	// Patience is how long a visitor waits for storage before their click goes
	// into the stream.
	Patience time.Duration
	// TryAgain is how long after a failure all clicks go into the stream at
	// once; then one visitor waits for storage again.
	TryAgain time.Duration
	// Robots counts what Robot is told of. Nil: nobody does.
	Robots RobotVisits
	// Lost is told of clicks that neither took. Nil: nobody counts them.
	Lost func()
}

// Clicks stores clicks, those that come together in one transaction. A click
// is answered after the commit, so that a start that follows at once finds
// it. While storage is away a stream keeps them.
type Clicks struct {
	cfg     ClicksConfig
	store   ClickStore
	stream  ClickStream
	now     func() time.Time
	batches *batcher[*pendingClick]
	// away is when storage is asked again, in nanoseconds; 0 while it answers.
	away atomic.Int64

	mu     sync.Mutex
	robots map[string]int64 // visits not counted yet, by project
}

type pendingClick struct {
	click  domain.Click
	result chan error
}

// NewClicks makes a Clicks; Run starts it.
func NewClicks(cfg ClicksConfig, store ClickStore, stream ClickStream, now func() time.Time) *Clicks {
	c := &Clicks{cfg: cfg, store: store, stream: stream, now: now, robots: map[string]int64{}}
	c.batches = newBatcher(cfg.Queue, cfg.MaxBatch, nil, c.write)
	return c
}

// Record stores a click, or leaves it to the stream. Both may have it in the
// end: its id was decided before. Errors wrap domain.ErrUnavailable when
// neither takes it.
func (c *Clicks) Record(ctx context.Context, click domain.Click) error {
	asked := c.asks()
	var err error
	if asked {
		if err = c.save(ctx, click); err == nil || !errors.Is(err, domain.ErrUnavailable) {
			return err
		}
	}
	kept := c.stream.KeepClick(ctx, click)
	if kept == nil {
		return nil
	}
	if !asked {
		if err = c.save(ctx, click); err == nil {
			return nil
		}
	}
	if c.cfg.Lost != nil {
		c.cfg.Lost()
	}
	return errors.Join(err, kept)
}

// asks tells whether storage is worth waiting for. While it is away it lets one
// click try from time to time.
func (c *Clicks) asks() bool {
	again := c.away.Load()
	now := c.now()
	return again == 0 ||
		now.UnixNano() >= again && c.away.CompareAndSwap(again, now.Add(c.cfg.TryAgain).UnixNano())
}

func (c *Clicks) save(ctx context.Context, click domain.Click) error {
	p := &pendingClick{click: click, result: make(chan error, 1)}
	if !c.batches.offer(p) {
		return fmt.Errorf("%w: too many clicks are waiting to be stored", domain.ErrUnavailable)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Patience)
	defer cancel()
	stored, err := await(ctx, p.result, c.batches.ended)
	if err == nil {
		err = stored
	}
	switch {
	case err == nil:
		c.away.Store(0)
	case errors.Is(err, domain.ErrUnavailable):
		c.away.Store(c.now().Add(c.cfg.TryAgain).UnixNano())
	}
	return err
}

// Run stores clicks until ctx ends, and those that are queued by then.
func (c *Clicks) Run(ctx context.Context) error {
	var counting sync.WaitGroup
	if c.cfg.Robots != nil {
		counting.Go(func() { c.countRobots(ctx) })
	}
	c.batches.run(ctx)
	counting.Wait()
	return nil
}

// Robot notes a visit by a robot: doctor tells their share.
func (c *Clicks) Robot(projectID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.robots[projectID]++
}

// countEvery is how often visits of robots are added up in storage. What a crash
// loses of them nobody misses.
const countEvery = time.Minute

func (c *Clicks) countRobots(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.addRobots(ctx)
		case <-ctx.Done():
			c.addRobots(context.WithoutCancel(ctx))
			return
		}
	}
}

func (c *Clicks) addRobots(ctx context.Context) {
	c.mu.Lock()
	visits := c.robots
	c.robots = map[string]int64{}
	c.mu.Unlock()
	if len(visits) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if c.cfg.Robots.AddRobotVisits(ctx, c.now(), visits) == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, n := range visits { // with the next
		c.robots[id] += n
	}
}

func (c *Clicks) write(ctx context.Context, ps []*pendingClick) {
	clicks := make([]domain.Click, len(ps))
	for i, p := range ps {
		clicks[i] = p.click
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Timeout)
	defer cancel()
	err := c.store.SaveClicks(ctx, clicks)
	for _, p := range ps {
		p.result <- err
	}
}
