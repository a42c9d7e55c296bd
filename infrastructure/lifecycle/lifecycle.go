// Package lifecycle starts the parts of a process in order and stops them in
// the reverse order. It does not know what the parts do, nor does it restart
// any: a part that fails ends the process, cleanly.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Part is one thing that is started and stopped. Every function may be nil.
type Part struct {
	// Name stands in logs and errors.
	Name string
	// Start makes the part ready. It returns soon, and its context is over
	// after StartTimeout: what goes on belongs in Run.
	Start func(ctx context.Context) error
	// Run works until its context is over. Its return before that, with an
	// error or without, stops the whole group.
	Run func(ctx context.Context) error
	// Stop ends what Start began, after Run has returned. Its context is over
	// after StopTimeout.
	Stop func(ctx context.Context) error
	// StartTimeout defaults to a minute.
	StartTimeout time.Duration
	// StopTimeout defaults to 10 seconds.
	StopTimeout time.Duration
}

// ErrEnded is returned when a part's Run came back by itself without an error.
var ErrEnded = errors.New("ended by itself")

// Group is parts in the order in which they start: what others need comes
// first, and so is stopped last.
type Group struct {
	// Parts in the order of their start.
	Parts []Part
	// Started is called when all parts are started. It may be nil.
	Started func()
	// Log defaults to nowhere.
	Log *slog.Logger
}

// Run starts all parts, waits until the context is over or a part ends, and
// stops what was started. It returns nil when the context ended it and all
// went well.
func (g Group) Run(ctx context.Context) error {
	if g.Log == nil {
		g.Log = slog.New(slog.DiscardHandler)
	}
	r := &running{log: g.Log, ended: make(chan error, len(g.Parts))}
	err := r.startAll(ctx, g.Parts)
	if err == nil {
		if g.Started != nil {
			g.Started()
		}
		select {
		case <-ctx.Done():
		case err = <-r.ended:
		}
	}
	// The parts stop after the context of the group is over, so their own
	// deadlines cannot come from it.
	stopErr := r.stopAll(context.WithoutCancel(ctx))
	return errors.Join(err, stopErr)
}

type running struct {
	log   *slog.Logger
	ended chan error
	stops []func(ctx context.Context) error
}

func (r *running) startAll(ctx context.Context, parts []Part) error {
	for _, p := range parts {
		if ctx.Err() != nil {
			return nil // told to stop while starting: not a failure
		}
		select {
		case err := <-r.ended:
			return err
		default:
		}
		if err := r.start(ctx, p); err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil
			}
			return fmt.Errorf("start %s: %w", p.Name, err)
		}
	}
	return nil
}

func (r *running) start(ctx context.Context, p Part) error {
	began := time.Now()
	if p.Start != nil {
		startCtx, cancel := context.WithTimeout(ctx, or(p.StartTimeout, time.Minute))
		defer cancel()
		if err := p.Start(startCtx); err != nil {
			return err
		}
	}
	// Run must outlive the group's context: the part's turn to stop comes later.
	runCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	if p.Run != nil {
		done.Go(func() {
			err := p.Run(runCtx)
			if runCtx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
				return
			}
			if err == nil {
				err = ErrEnded
			}
			r.ended <- fmt.Errorf("%s: %w", p.Name, err)
		})
	}
	r.stops = append(r.stops, func(ctx context.Context) error { return r.stop(ctx, p, cancel, &done) })
	r.log.Debug("started", "part", p.Name, "took", time.Since(began))
	return nil
}

func (r *running) stop(ctx context.Context, p Part, cancel context.CancelFunc, done *sync.WaitGroup) error {
	began := time.Now()
	ctx, release := context.WithTimeout(ctx, or(p.StopTimeout, 10*time.Second))
	defer release()
	cancel()
	var err error
	select {
	case <-finished(done):
	case <-ctx.Done():
		err = errors.New("still at work after its time to stop")
	}
	if p.Stop != nil {
		err = errors.Join(err, p.Stop(ctx))
	}
	if err != nil {
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	r.log.Debug("stopped", "part", p.Name, "took", time.Since(began))
	return nil
}

// stopAll stops everything, whatever fails on the way.
func (r *running) stopAll(ctx context.Context) error {
	var errs []error
	for _, stop := range slices.Backward(r.stops) {
		errs = append(errs, stop(ctx))
	}
	// A part may have failed while the others were being stopped.
	for {
		select {
		case err := <-r.ended:
			errs = append(errs, err)
		default:
			return errors.Join(errs...)
		}
	}
}

func finished(wg *sync.WaitGroup) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		wg.Wait()
		close(c)
	}()
	return c
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// UntilSignal returns a context that is over at SIGINT or SIGTERM. After the
// first signal, or after stop, a second one ends the process at once, as if
// nobody had listened.
func UntilSignal(ctx context.Context) (_ context.Context, stop context.CancelFunc) {
	ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
