package simulation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// What befalls an operation of a process on the database.
const (
	failBefore = iota // it is refused
	failAfter         // it is done, and the answer is lost
	killBefore        // the process ends before it
	killAfter         // the process ends right after it
	breaks
	staysAway // it is refused, and many after it
)

var (
	errAway = fmt.Errorf("%w: the database is away", domain.ErrUnavailable)
	errDead = errors.New("the process was killed")
)

// gate is the store as a process sees it.
type gate struct {
	*store.Store
	dead  bool
	after int // operations until something breaks; 0: nothing does
	how   int
	// outage is how many operations the database refuses from now on, and
	// lasting how many it will when it stays away.
	outage, lasting int
	// committed is told of batches of arrivals that are in the database.
	committed func()
	// named are the conversions that leases were asked for.
	named map[string]bool
	// unwritten are conversions that were begun, or answered by their network,
	// since they were written last: when the process dies nobody knows.
	unwritten map[string]*network
	noting    sync.Mutex
	mending   sync.Mutex          // held while it is looked at, or changed, what befalls it
	networks  map[string]*network // by ad account
	calling   *sync.Mutex         // held while accounts do not change
	fail      func(format string, args ...any)
}

// answered notes what a network said to a call.
func (g *gate) answered(n *network, cs []domain.Conversion, v usecase.VerdictClass) {
	g.noting.Lock()
	defer g.noting.Unlock()
	for _, c := range cs {
		if v != usecase.VerdictUncertain {
			g.unwritten[c.ID] = n
		}
	}
}

// begun notes what may be sent from now on.
func (g *gate) begun(cs []domain.Conversion, held []string) {
	g.noting.Lock()
	defer g.noting.Unlock()
	for _, c := range cs {
		n := g.networks[c.AccountID]
		if !slices.Contains(held, c.ID) {
			continue
		}
		g.unwritten[c.ID] = n
		if n.account.Paused || c.AccountVersion != n.account.Version {
			g.fail("a call of %s begins by settings that it has no more", n.account.Network)
		}
	}
}

// buried is what nobody knows of a process that died.
func (g *gate) buried() {
	g.noting.Lock()
	defer g.noting.Unlock()
	for id, n := range g.unwritten {
		n.unsure[id] = true
	}
}

// with changes what befalls the process.
func (g *gate) with(change func()) {
	g.mending.Lock()
	defer g.mending.Unlock()
	change()
}

func (g *gate) isDead() (dead bool) {
	g.with(func() { dead = g.dead })
	return dead
}

// do lets an operation through, or not.
func (g *gate) do(operation func() error) error {
	g.mending.Lock()
	does, err := g.next()
	g.mending.Unlock()
	if does {
		return errors.Join(operation(), err)
	}
	return err
}

// next tells whether the next operation is done, and what is answered when its
// own answer is not.
func (g *gate) next() (does bool, err error) {
	switch {
	case g.dead:
		return false, errDead
	case g.outage > 0:
		g.outage--
		return false, errAway
	case g.after == 0:
		return true, nil
	}
	if g.after--; g.after > 0 {
		return true, nil
	}
	switch g.how {
	case killBefore, killAfter:
		g.dead, err = true, errDead
	case staysAway:
		g.outage, err = g.lasting, errAway
	default:
		err = errAway
	}
	return g.how == failAfter || g.how == killAfter, err
}

func (g *gate) Ingest(ctx context.Context, do func(ctx context.Context, tx usecase.IngestTx) error) error {
	return g.do(func() error {
		err := g.Store.Ingest(ctx, do)
		if err == nil {
			g.committed()
		}
		return err
	})
}

func (g *gate) Lease(
	ctx context.Context, ids []string, owner string, now, until time.Time,
) (cs []domain.Conversion, err error) {
	err = g.do(func() (err error) {
		cs, err = g.Store.Lease(ctx, ids, owner, now, until)
		return err
	})
	if err == nil {
		for _, id := range ids {
			g.named[id] = true
		}
	}
	return cs, err
}

func (g *gate) LeaseBacklog(
	ctx context.Context, shares []usecase.BacklogShare, owner string, now, until time.Time,
) (cs []domain.Conversion, err error) {
	err = g.do(func() (err error) {
		cs, err = g.Store.LeaseBacklog(ctx, shares, owner, now, until)
		return err
	})
	return cs, err
}

func (g *gate) Begin(
	ctx context.Context, cs []domain.Conversion, owner string, now time.Time,
) (held []string, err error) {
	g.calling.Lock()
	defer g.calling.Unlock()
	err = g.do(func() (err error) {
		if held, err = g.Store.Begin(ctx, cs, owner, now); err == nil {
			g.begun(cs, held)
		}
		return err
	})
	return held, err
}

func (g *gate) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	err := g.do(func() error { return g.Store.Settle(ctx, ss, now) })
	g.noting.Lock()
	defer g.noting.Unlock()
	for i := range ss {
		switch n := g.unwritten[ss[i].ID]; {
		case err == nil:
			delete(g.unwritten, ss[i].ID)
		case n != nil && ss[i].Status == domain.Expired:
			n.unsure[ss[i].ID] = true // nobody knows that it was not sent before it is written
		}
	}
	return err
}

func (g *gate) SetHealth(
	ctx context.Context, id string, h domain.Health, reason string, pause bool, now time.Time,
) error {
	return g.do(func() error { return g.Store.SetHealth(ctx, id, h, reason, pause, now) })
}

func (g *gate) ExpireDue(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = g.do(func() (err error) {
		n, err = g.Store.ExpireDue(ctx, now, limit)
		return err
	})
	return n, err
}

// process is a tgtrack.
type process struct {
	*gate
	deliver *usecase.Deliver
	stop    context.CancelFunc
	ended   chan error
}

// boot starts a process in place of one that is no more.
func (w *world) boot(i int) *process {
	g := &gate{
		Store: w.Store, committed: w.taken, networks: w.networks, named: map[string]bool{},
		unwritten: map[string]*network{}, calling: &w.calling, fail: w.fail,
	}
	p := &process{gate: g, ended: make(chan error, 1)}
	p.deliver = usecase.NewDeliver(deliverConfig, g, dispatcher{w, g}, life{g, w.newID()}, w.newID, w.clock,
		func(time.Duration) time.Duration { return 0 }, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(w.ctx)
	p.stop = cancel
	go func() { p.ended <- p.deliver.Run(ctx) }()
	w.processes[i] = p
	return p
}

// alive gives a process; one that was killed is started again.
func (w *world) alive(n int) *process {
	i := n % len(w.processes)
	if p := w.processes[i]; p.isDead() {
		w.bury(p)
		w.tell("process %d is started again", i)
		return w.boot(i)
	}
	return w.processes[i]
}

// bury lets a process end that can do nothing any more.
func (w *world) bury(p *process) {
	p.stop()
	w.settled()
	<-p.ended // what it could not write any more is no error of the history's
	p.buried()
}

// life is the process's sign of life.
type life struct {
	*gate
	id string
}

func (l life) ID() string { return l.id }

func (l life) Assure(context.Context) error { return l.do(func() error { return nil }) }

type unseen struct{}

func (unseen) ObserveBatch(int, time.Duration, error) {}
