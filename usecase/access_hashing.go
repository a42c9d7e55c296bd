package usecase

import (
	"context"
	"fmt"
	"sync"

	"github.com/tgtrack/tgtrack/domain"
)

// How many passwords are hashed at once, how many wait, and how many of those
// one network has: to hash one takes much memory and time, and anybody may ask
// for it.
const (
	hashAtOnce    = 2
	hashWaiting   = 8
	hashOfNetwork = 2
)

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
// Addresses that are not one visitor's, and "", are not counted by network.
func (h *hashing) enter(ctx context.Context, ip string) (leave func(), err error) {
	network := ""
	if p, ok := clickNetwork(ip); ok {
		network = p.String()
	}
	h.mu.Lock()
	full := h.in >= hashAtOnce+hashWaiting || network != "" && h.by[network] >= hashOfNetwork
	if !full {
		h.in++
		h.by[network]++
	}
	h.mu.Unlock()
	if full {
		return nil, fmt.Errorf("look at a password: %w", domain.ErrLimited)
	}
	out := func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.in--
		if h.by[network]--; h.by[network] == 0 {
			delete(h.by, network)
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

// verify compares a password that somebody at an address typed.
func (a *Access) verify(ctx context.Context, ip, password, hash string) (bool, error) {
	leave, err := a.hashing.enter(ctx, ip)
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
func (a *Access) hash(ctx context.Context, password string) (string, error) {
	leave, err := a.hashing.enter(ctx, "")
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
