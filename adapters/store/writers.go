package store

import (
	"context"
	"slices"
	"sync"
)

// writers lets one after the other write, as SQLite does. The pool would give
// its one connection to any of those who wait, so that an arrival could lose to
// all that runs behind. Here the oldest of those that somebody waits for goes
// first, and after each few of them one of the rest. nil lets everybody write.
type writers struct {
	mu      sync.Mutex
	writing bool
	awaited []chan struct{}
	rest    []chan struct{}
	passed  int // how many awaited ones went while one of the rest waited
}

// mostPassed is how many awaited writers go before one of the rest.
const mostPassed = 3

// enter waits for the turn to write; leave ends it. Who is awaited has a caller
// who waits for an answer.
func (w *writers) enter(ctx context.Context, awaited bool) (leave func(), err error) {
	if w == nil {
		return func() {}, nil
	}
	w.mu.Lock()
	if !w.writing {
		w.writing = true
		w.mu.Unlock()
		return w.leave, nil
	}
	turn := make(chan struct{})
	line := &w.rest
	if awaited {
		line = &w.awaited
	}
	*line = append(*line, turn)
	w.mu.Unlock()
	select {
	case <-turn:
		return w.leave, nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	i := slices.Index(*line, turn)
	if i >= 0 {
		*line = slices.Delete(*line, i, i+1)
	}
	w.mu.Unlock()
	if i < 0 { // the turn came at this very moment
		w.leave()
	}
	return nil, ctx.Err()
}

// leave gives the turn to the next.
func (w *writers) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	line, other := &w.awaited, &w.rest
	if w.passed >= mostPassed {
		line, other = other, line
	}
	if len(*line) == 0 {
		line = other
	}
	if len(*line) == 0 {
		w.writing, w.passed = false, 0
		return
	}
	if line == &w.awaited && len(w.rest) > 0 {
		w.passed++
	} else {
		w.passed = 0
	}
	close((*line)[0])
	*line = (*line)[1:]
}

// inTurn runs f when it is this writer's turn.
func (w *writers) inTurn(ctx context.Context, awaited bool, f func() error) error {
	leave, err := w.enter(ctx, awaited)
	if err != nil {
		return err
	}
	defer leave()
	return f()
}
