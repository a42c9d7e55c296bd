package database

import (
	"sync/atomic"
	"time"
)

// Clock tells the time of the database's server, whatever the clock of this
// host says: what several processes compare (limits, leases, what is due, the
// order of events) must not depend on which of them wrote it. It goes on by
// the host's monotonic clock and is set by what the server answers.
type Clock struct {
	host   func() time.Time
	offset atomic.Int64 // nanoseconds that the server is ahead of host
	set    atomic.Bool
}

// newClock makes a clock that is right as soon as it is set. Without a host's
// clock it is this host's, which does not follow when that is set.
func newClock(host func() time.Time) *Clock {
	if host == nil {
		began := time.Now()
		host = func() time.Time { return began.Add(time.Since(began)) }
	}
	return &Clock{host: host}
}

// Now is the time in UTC, as precise as the databases keep it.
func (c *Clock) Now() time.Time {
	return c.host().Add(time.Duration(c.offset.Load())).UTC().Truncate(time.Microsecond)
}

// adjust takes what the server's clock said at some moment between two of
// the host's. While the offset agrees with that it is left as it is, so that
// the clock does not tremble; else it is moved as little as it takes.
func (c *Clock) adjust(began, ended, said time.Time) {
	least, most := said.Sub(ended), said.Sub(began)
	if c.set.CompareAndSwap(false, true) {
		c.offset.Store(int64((least + most) / 2))
		return
	}
	c.offset.Store(int64(min(max(time.Duration(c.offset.Load()), least), most)))
}
