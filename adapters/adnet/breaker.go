package adnet

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/tgtrack/tgtrack/domain"
)

// state of an account between calls.
type state struct {
	network  string
	settings [sha256.Size]byte // of which the breaker's failures tell
	breaker  *gobreaker.TwoStepCircuitBreaker[struct{}]
	until    atomic.Int64 // when an open breaker lets a probe through, Unix nanoseconds
}

var (
	errFailed = errors.New("the network failed")
	errNoWord = errors.New("the call says nothing of the network")
)

// state of an account; a new one when its settings changed, since failures of
// the old address or key say nothing of the new.
func (d *Dispatcher) state(a domain.Account) *state {
	b, _ := json.Marshal(a.Settings)
	sum := sha256.Sum256(b)
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.states.get(a.ID, d.o.Now()); ok && s.settings == sum {
		return s
	}
	s := &state{network: a.Network, settings: sum}
	s.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        a.ID,
		MaxRequests: 1,
		Timeout:     d.o.BreakerOpenFor,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			return int(c.ConsecutiveFailures) >= d.o.BreakerFailures
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errNoWord) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				s.until.Store(time.Now().Add(d.o.BreakerOpenFor).UnixNano())
			}
			d.o.Logger.Warn("circuit breaker", "network", a.Network, "account", a.ID,
				"from", from.String(), "to", to.String())
		},
	})
	d.states.put(a.ID, s, d.o.Now())
	return s
}

// BreakerState of an account: "closed", "half-open" or "open".
func (d *Dispatcher) BreakerState(accountID string) string {
	d.mu.Lock()
	s := d.states.of[accountID]
	d.mu.Unlock()
	if s == nil {
		return gobreaker.StateClosed.String()
	}
	return s.value.breaker.State().String()
}

// Breakers counts the circuit breakers by network and state; every network of
// the registry is there.
func (d *Dispatcher) Breakers() map[string]map[string]int {
	out := map[string]map[string]int{}
	for _, desc := range d.o.Registry.All() {
		out[desc.Name] = map[string]int{}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, u := range d.states.of {
		s := u.value
		if out[s.network] == nil {
			out[s.network] = map[string]int{}
		}
		out[s.network][s.breaker.State().String()]++
	}
	return out
}

// breaker lets calls through unless the network failed too often. When it is
// trying again it lets one conversion through; the rest stays. Whole is an
// upload: nothing may have its name and not be in it.
type breaker struct {
	*state
	whole bool
}

func (b breaker) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	done, err := b.breaker.Allow()
	if err != nil {
		return All(len(cs), b.shut())
	}
	n := len(cs)
	if !b.whole && b.breaker.State() == gobreaker.StateHalfOpen { // what was allowed is the probe
		n = 1
	}
	vs := next(ctx, cs[:n])
	// A call that was broken off here says nothing of the network; one that
	// ran out of time does: a network that hangs is one that fails.
	if errors.Is(ctx.Err(), context.Canceled) {
		done(errNoWord)
	} else {
		done(outcome(vs))
	}
	return append(vs, All(len(cs)-n, b.shut())...)
}

func (s *state) shut() Verdict {
	left := time.Until(time.Unix(0, s.until.Load()))
	return Verdict{
		Class: BreakerOpen, After: max(left, time.Second),
		Reason: "not sent: the network failed too often and gets a rest",
	}
}

// outcome tells the breaker whether the network works: any judgement shows
// that it does, whatever it is.
func outcome(vs []Verdict) error {
	said := errNoWord
	for _, v := range vs {
		switch {
		case v.Class.NetworkFails():
			said = errFailed
		case !v.Class.NetworkUntold():
			return nil
		}
	}
	return said
}
