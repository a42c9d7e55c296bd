package usecase

import (
	"cmp"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

// LimitError says which limit of a project a request does not fit into, and
// until when. It is a domain.ErrLimited.
type LimitError struct {
	domain.Excess
	Signals int  // that the request brings
	Cap     bool // the limit is the installation's, not the project's own
}

// Error names the limit, and what would fit.
func (e *LimitError) Error() string {
	switch {
	case e.Never:
		return fmt.Sprintf("these %d events can never be taken together: the limit is %d %s; send fewer at a time",
			e.Signals, e.Max, e.Limit)
	case e.Left > 0:
		return fmt.Sprintf("these %d events do not fit: %d are left of the limit of %d %s",
			e.Signals, e.Left, e.Max, e.Limit)
	case e.Limit == domain.LimitPerSecond:
		return fmt.Sprintf("limit of %d requests %s is used up", e.Max, e.Limit)
	}
	return fmt.Sprintf("limit of %d events %s is used up", e.Max, e.Limit)
}

// Unwrap makes it a domain.ErrLimited.
func (e *LimitError) Unwrap() error { return domain.ErrLimited }

// Together is a call that brings several arrivals, and counts as one request.
// It is known to the writer of its project alone.
type Together struct {
	counted bool        // one of its arrivals was, as the request
	over    *LimitError // it found its second used up
}

// limits are those in force for a project.
func (i *Ingest) limits(p *ProjectView) domain.Limits { return p.Limits.Under(i.cfg.Caps) }

// overLimit is a limit of which it is known how little is left, with the limits
// it was judged by.
type overLimit struct {
	err    *LimitError
	limits domain.Limits
}

// tooLittle tells whether a request does not fit into what was left: it never
// becomes more before the window ends.
func (o *overLimit) tooLittle(u domain.Use) bool {
	if o.err.Limit == domain.LimitPerSecond {
		return u.Requests > o.err.Left
	}
	return u.Signals > o.err.Left
}

// knownOver refuses from memory what the database would refuse.
func (i *Ingest) knownOver(a *Arrival) error {
	if !a.counts() || a.IdempotencyKey != "" {
		return nil
	}
	v, ok := i.over.Load(a.Project.ID)
	if !ok {
		return nil
	}
	o, u := v.(*overLimit), a.use()
	if a.Together != nil {
		u.Requests = 0 // see knownOverTogether
	}
	switch {
	case o.limits != i.limits(a.Project) || !i.now().Before(o.err.Until):
		i.over.Delete(a.Project.ID)
		return nil
	case !o.tooLittle(u):
		return nil
	}
	e := *o.err
	e.Signals = u.Signals
	return &e
}

// knownOverTogether refuses a call from memory whose second is used up: all of
// it, though another second begins meanwhile.
func (i *Ingest) knownOverTogether(p *ProjectView) *LimitError {
	v, ok := i.over.Load(p.ID)
	if !ok {
		return nil
	}
	o := v.(*overLimit)
	if o.err.Limit != domain.LimitPerSecond || o.limits != i.limits(p) || !i.now().Before(o.err.Until) {
		return nil
	}
	return o.err
}

// takes is what an arrival is to be counted as in this attempt: a call that
// brings several is a request only once.
func (b *batch) takes(p *pending) domain.Use {
	u := p.use()
	if p.Together != nil && (p.Together.counted || b.calls[p.Together].counted) {
		u.Requests = 0
	}
	return u
}

// limited counts an arrival, or says which limit forbids it.
func (b *batch) limited(p *pending, c *domain.Counters) *LimitError {
	if err := b.callOver(p.Together); err != nil {
		return err
	}
	l, u := b.limits(p.Project), b.takes(p)
	e, fits := c.Take(l, u, b.at)
	if fits {
		if p.Together != nil {
			b.call(p.Together, Together{counted: true})
		}
		return nil
	}
	err := &LimitError{Excess: e, Signals: u.Signals, Cap: l != p.Project.Limits && e.Max == capOf(b.cfg.Caps, e.Limit)}
	if !e.Never {
		b.over.Store(p.Project.ID, &overLimit{err: err, limits: l})
	}
	if p.Together != nil && e.Limit == domain.LimitPerSecond {
		b.call(p.Together, Together{over: err})
	}
	return err
}

// call notes what was found about a call.
func (b *batch) call(t *Together, found Together) {
	if b.calls == nil {
		b.calls = map[*Together]Together{}
	}
	b.calls[t] = found
}

// callOver tells whether a call found its second used up: the rest of it finds
// so, too, in whichever second it is looked at.
func (b *batch) callOver(t *Together) *LimitError {
	if t == nil {
		return nil
	}
	return cmp.Or(b.calls[t].over, t.over)
}

func capOf(caps domain.Limits, limit string) int {
	switch limit {
	case domain.LimitPerSecond:
		return caps.PerSecond
	case domain.LimitPerHour:
		return caps.PerHour
	}
	return caps.PerDay
}

// settleCalls makes known what was counted of calls, now that it is committed.
func (b *batch) settleCalls() {
	for t, now := range b.calls {
		*t = now
	}
}
