package adnet

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/tgtrack/tgtrack/domain"
)

// Rates between which calls are slowed and quickened again, per second.
const (
	firstSlow = rate.Limit(5)
	slowest   = rate.Limit(0.1)
)

// limit of the calls of one account, or of all with the same key.
type limit struct {
	most  rate.Limit // what the network's documents allow
	slots chan struct{}

	mu    sync.Mutex
	rate  *rate.Limiter
	until time.Time // the network asked not to be called before
	why   string
	slow  time.Time // when calls were last slowed
}

func (d *Dispatcher) limit(s Sink, desc Descriptor, a Account) *limit {
	l := Limits{}
	if x, ok := s.(Limiter); ok {
		l = x.Limits(a.Settings)
	}
	key := desc.Name + "\x00key\x00" + l.Key
	if l.Key == "" {
		key = desc.Name + "\x00account\x00" + a.ID
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.limits.get(key, d.o.Now()); ok {
		return old
	}
	n := &limit{most: rate.Inf}
	if l.PerSecond > 0 {
		n.most = rate.Limit(l.PerSecond)
	}
	if l.Parallel > 0 {
		n.slots = make(chan struct{}, l.Parallel)
	}
	n.rate = rate.NewLimiter(n.most, max(l.PerSecond, 1))
	d.limits.put(key, n, d.o.Now())
	return n
}

// limiter lets a call wait for its turn.
type limiter struct {
	*limit
	now      func() time.Time
	patience time.Duration // how long a call may wait
}

func (l limiter) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	if ctx.Err() != nil {
		return All(len(cs), stopped())
	}
	release, v := l.enter(ctx, l.now(), l.patience)
	if v != nil {
		return All(len(cs), *v)
	}
	defer release()
	began := l.now()
	vs := next(ctx, cs)
	if vs[0].Class != BreakerOpen { // else nobody was called
		l.learn(began, l.now(), vs)
	}
	return vs
}

func stopped() Verdict { return Verdict{Class: Hold, Reason: "stopped before it was sent"} }

// enter waits for the account's turn. A verdict says that it did not come.
func (l *limit) enter(ctx context.Context, now time.Time, most time.Duration) (release func(), v *Verdict) {
	l.mu.Lock()
	left, why := l.until.Sub(now), l.why
	l.mu.Unlock()
	if left > 0 {
		return nil, &Verdict{Class: Throttled, After: left, Reason: why}
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	if err := l.rate.Wait(ctx); err != nil {
		return nil, late(ctx, most)
	}
	if l.slots == nil {
		return func() {}, nil
	}
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots }, nil
	case <-ctx.Done():
		return nil, late(ctx, most)
	}
}

func late(ctx context.Context, most time.Duration) *Verdict {
	if ctx.Err() == context.Canceled {
		v := stopped()
		return &v
	}
	return &Verdict{
		Class: Throttled, After: 2 * most, Reason: "waits for its turn: calls to this network are limited",
	}
}

// learn slows down when the network asks for it and quickens, step by step,
// while it does not. Calls that were under way together when they were refused
// are one refusal: none of them came after the slowing down.
func (l *limit) learn(began, now time.Time, vs []Verdict) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range vs {
		if v.Class != Throttled {
			continue
		}
		if began.After(l.slow) {
			half := l.rate.Limit() / 2
			if l.rate.Limit() == rate.Inf {
				half = firstSlow
			}
			l.rate.SetLimit(max(half, slowest))
			l.slow = now
		}
		if t := now.Add(v.After); v.After > 0 && t.After(l.until) {
			l.until, l.why = t, v.Reason
		}
		return
	}
	switch r := l.rate.Limit() * 1.1; {
	case l.rate.Limit() == l.most:
	case l.most == rate.Inf && r > 20*firstSlow:
		l.rate.SetLimit(rate.Inf)
	default:
		l.rate.SetLimit(min(r, l.most))
	}
}
