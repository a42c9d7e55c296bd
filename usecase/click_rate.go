package usecase

import (
	"net/netip"
	"sync"
	"time"
)

// ClickRate bounds how many visits of a link by one address make clicks: so many
// a minute, and twice as many at once. IPv6 addresses are one by their first 64
// bits, which one subscriber has. Private addresses are not counted: behind them
// may be anybody.
type ClickRate struct {
	perMinute float64
	now       func() time.Time

	mu sync.Mutex
	// Two generations, so that what was not used for a while is forgotten: by
	// then it is full again.
	young, old map[clickSource]*clickBucket
	since      time.Time // of the young
}

type clickSource struct {
	from netip.Prefix
	link string
}

type clickBucket struct {
	left float64
	at   time.Time
}

const (
	// clickBurst is how many minutes' clicks may come at once.
	clickBurst = 2
	// maxClickSources bounds each generation.
	maxClickSources = 50_000
)

// NewClickRate makes one; 0 a minute is no bound.
func NewClickRate(perMinute int, now func() time.Time) *ClickRate {
	return &ClickRate{
		perMinute: float64(perMinute), now: now, young: map[clickSource]*clickBucket{},
		old: map[clickSource]*clickBucket{}, since: now(),
	}
}

// Allow tells whether a visit of a link by an address makes a click.
func (r *ClickRate) Allow(ip, linkID string) bool {
	if r == nil || r.perMinute <= 0 {
		return true
	}
	from, ok := clickNetwork(ip)
	return !ok || r.take(clickSource{from, linkID})
}

// take takes one of what a source has left.
func (r *ClickRate) take(s clickSource) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	b := r.bucket(s, now)
	b.left = min(clickBurst*r.perMinute, b.left+now.Sub(b.at).Minutes()*r.perMinute)
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

func (r *ClickRate) bucket(s clickSource, now time.Time) *clickBucket {
	if now.Sub(r.since) > clickBurst*time.Minute || len(r.young) >= maxClickSources {
		r.old, r.young, r.since = r.young, map[clickSource]*clickBucket{}, now
	}
	b := r.young[s]
	if b == nil {
		if b = r.old[s]; b == nil {
			b = &clickBucket{left: clickBurst * r.perMinute, at: now}
		}
		r.young[s] = b
	}
	return b
}

// clickNetwork is what counts as one visitor; false for those that are not
// counted.
func clickNetwork(ip string) (netip.Prefix, bool) {
	p, ok := networkOf(ip)
	addr := p.Addr()
	return p, ok && !addr.IsPrivate() && !addr.IsLoopback() && !addr.IsLinkLocalUnicast() && !addr.IsUnspecified()
}

// networkOf is what one subscriber has of addresses: one of IPv4, of IPv6 those
// with the same first 64 bits.
func networkOf(ip string) (netip.Prefix, bool) {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	return p, err == nil
}
