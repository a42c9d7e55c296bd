package usecase

import (
	"context"
	"fmt"
	"sync"

	"github.com/tgtrack/tgtrack/domain"
)

// How many passwords are hashed at once, how many wait, how many of those
// places one network or browser has, and how many are kept for whoever is known
// to an account: to hash one takes much memory and time, and anybody may ask for
// it.
const (
	hashAtOnce  = 2
	hashWaiting = 8
	hashOfOne   = 2
	hashKept    = 2
)

// place is one of somebody in the queue.
type place struct {
	whose string // a network or a browser; "" is counted with nobody
	known bool   // to the account: strangers can not take all places
}

// hashing is the queue before the hashing of passwords.
type hashing struct {
	free chan struct{} // a token for each that may run

	mu sync.Mutex
	in int // running and waiting
	by map[string]int
}

func newHashing() *hashing {
	return &hashing{free: make(chan struct{}, hashAtOnce), by: map[string]int{}}
}

// enter waits for a turn. It answers domain.ErrLimited when too many wait.
func (h *hashing) enter(ctx context.Context, p place) (leave func(), err error) {
	most := hashAtOnce + hashWaiting
	if !p.known {
		most -= hashKept
	}
	h.mu.Lock()
	full := h.in >= most || p.whose != "" && h.by[p.whose] >= hashOfOne
	if !full {
		h.in++
		h.by[p.whose]++
	}
	h.mu.Unlock()
	if full {
		return nil, fmt.Errorf("look at a password: %w", domain.ErrLimited)
	}
	out := func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.in--
		if h.by[p.whose]--; h.by[p.whose] == 0 {
			delete(h.by, p.whose)
		}
	}
	select {
	case h.free <- struct{}{}:
		return func() { <-h.free; out() }, nil
	case <-ctx.Done():
		out()
		return nil, fmt.Errorf("look at a password: %w: %w", domain.ErrUnavailable, ctx.Err())
	}
}

// verify compares a password that somebody typed.
func (a *Access) verify(ctx context.Context, p place, password, hash string) (bool, error) {
	leave, err := a.hashing.enter(ctx, p)
	if err != nil {
		return false, err
	}
	defer leave()
	ok, err := a.passwords.Verify(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return ok, nil
}

// hash makes what is kept of a new password.
func (a *Access) hash(ctx context.Context, p place, password string) (string, error) {
	leave, err := a.hashing.enter(ctx, p)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := a.passwords.Hash(password)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}
