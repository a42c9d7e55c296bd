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

// VisitCounts counts visits of links that make no clicks.
type VisitCounts interface {
	// AddRobotVisits adds visits, by project, to those of the day.
	AddRobotVisits(ctx context.Context, at time.Time, visits map[string]int64) error
	// AddCrowdedVisits does so with visits of which too many came from one
	// address, or for which the disk had no room, by link.
	AddCrowdedVisits(ctx context.Context, at time.Time, visits map[CrowdedLink]int64) error
}

// CrowdedLink is a link some visits of which made no click.
type CrowdedLink struct{ ProjectID, LinkID string }

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
	// Visits counts what Robot is told of, and what Allow refuses. Nil: nobody does.
	Visits VisitCounts
	// Rate bounds the clicks of one address. Nil: nothing does.
	Rate *ClickRate
	// OverRate is told of visits above it. Nil: nobody is.
	OverRate func()
	// Disk has no room for clicks at times. Nil: it always has.
	Disk *DiskWatch
	// NoRoom is told of visits at such times. Nil: nobody is.
	NoRoom func()
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
	batches *fairBatcher[*pendingClick]
	// away is when storage is asked again, in nanoseconds; 0 while it answers.
	away atomic.Int64

	mu      sync.Mutex
	robots  map[string]int64 // visits not counted yet, by project
	crowded map[CrowdedLink]int64
}

type pendingClick struct {
	click  domain.Click
	result chan error
}

// NewClicks makes a Clicks; Run starts it.
func NewClicks(cfg ClicksConfig, store ClickStore, stream ClickStream, now func() time.Time) *Clicks {
	c := &Clicks{
		cfg: cfg, store: store, stream: stream, now: now, robots: map[string]int64{}, crowded: map[CrowdedLink]int64{},
	}
	c.batches = newFairBatcher(cfg.Queue, cfg.MaxBatch, func(p *pendingClick) string { return p.click.ProjectID }, c.write)
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
	if c.cfg.Visits != nil {
		counting.Go(func() { c.countVisits(ctx) })
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

// Allow tells whether a visit of a link by an address makes a click. One that
// makes none is counted.
func (c *Clicks) Allow(ip string, l *domain.Link) bool {
	told := c.cfg.OverRate
	if c.cfg.Rate.Allow(ip, l.ID) {
		if c.cfg.Disk.TakesClicks() {
			return true
		}
		told = c.cfg.NoRoom
	}
	if told != nil {
		told()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.crowded[CrowdedLink{l.ProjectID, l.ID}]++
	return false
}

// countEvery is how often such visits are added up in storage. What a crash
// loses of them nobody misses.
const countEvery = time.Minute

func (c *Clicks) countVisits(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.addVisits(ctx)
		case <-ctx.Done():
			c.addVisits(context.WithoutCancel(ctx))
			return
		}
	}
}

func (c *Clicks) addVisits(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	addUp(c, &c.robots, func(v map[string]int64) error { return c.cfg.Visits.AddRobotVisits(ctx, c.now(), v) })
	addUp(c, &c.crowded, func(v map[CrowdedLink]int64) error { return c.cfg.Visits.AddCrowdedVisits(ctx, c.now(), v) })
}

// addUp adds what was counted; what can not be added now is with the next.
func addUp[K comparable](c *Clicks, counted *map[K]int64, add func(map[K]int64) error) {
	c.mu.Lock()
	visits := *counted
	*counted = map[K]int64{}
	c.mu.Unlock()
	if len(visits) == 0 || add(visits) == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range visits {
		(*counted)[k] += n
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
