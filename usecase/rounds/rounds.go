// Package rounds does the work of loops, round by round: each has its time, and
// what fails is told once, until it works again. Between two rounds it waits. It
// makes no loop.
package rounds

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Work is what a loop does again and again. It is safe for concurrent use.
type Work struct {
	// Doing says what it does: "count what is new".
	Doing string
	// Within is how long one round may take. A database that hangs, or somebody's
	// lock, must not stop the loop for ever.
	Within time.Duration
	// Ignore tells errors that are no failure. Defaults to none.
	Ignore func(error) bool
	Logger *slog.Logger

	mu      sync.Mutex
	failing bool
}

// Round does it once. The error is f's, and was told.
func (w *Work) Round(ctx context.Context, f func(ctx context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, w.Within)
	defer cancel()
	err := f(limited)
	if ctx.Err() == nil { // else it was broken off
		w.tell(err)
	}
	return err
}

func (w *Work) tell(err error) {
	failed := err != nil && (w.Ignore == nil || !w.Ignore(err))
	w.mu.Lock()
	before := w.failing
	w.failing = failed
	w.mu.Unlock()
	switch {
	case failed && !before && errors.Is(err, context.DeadlineExceeded):
		w.Logger.Warn(w.Doing+": failed, and is tried again: see whether the database hangs, or somebody holds a lock",
			"within", w.Within.String(), "error", err)
	case failed && !before:
		w.Logger.Warn(w.Doing+": failed, and is tried again until it works", "error", err)
	case before && !failed:
		w.Logger.Info(w.Doing + ": works again")
	}
}

// Pause waits, or answers false when ctx ends first.
func Pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
