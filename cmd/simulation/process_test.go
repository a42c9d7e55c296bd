package simulation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	// committed is told of batches of arrivals that are in the database.
	committed func()
}

// do lets an operation through, or not.
func (g *gate) do(operation func() error) error {
	if g.dead {
		return errDead
	}
	if g.after > 0 {
		if g.after--; g.after == 0 {
			return g.fault(operation)
		}
	}
	return operation()
}

func (g *gate) fault(operation func() error) error {
	g.dead = g.how == killBefore || g.how == killAfter
	if g.how == failAfter || g.how == killAfter {
		if err := operation(); err != nil {
			return err
		}
	}
	if g.dead {
		return errDead
	}
	return errAway
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
	err = g.do(func() (err error) {
		held, err = g.Store.Begin(ctx, cs, owner, now)
		return err
	})
	return held, err
}

func (g *gate) Settle(ctx context.Context, ss []usecase.Settlement, now time.Time) error {
	return g.do(func() error { return g.Store.Settle(ctx, ss, now) })
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
	g := &gate{Store: w.Store, committed: w.taken}
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
	p := w.processes[i]
	if p.dead {
		p.stop()
		w.settled()
		<-p.ended // what it could not write any more is no error of the history's
		w.tell("process %d is started again", i)
		p = w.boot(i)
	}
	return p
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
