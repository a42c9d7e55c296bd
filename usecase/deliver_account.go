package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// accountQueue holds one ad account's leased conversions, most urgent first
// as they were handed over.
type accountQueue struct {
	account domain.Account
	items   []leased
	workers int
}

type leased struct {
	domain.Conversion
	until time.Time // end of the lease
}

// enqueue adds leased conversions to the account's queue and answers those that
// do not fit any more.
func (d *Deliver) enqueue(a domain.Account, cs []domain.Conversion, until time.Time) (left []domain.Conversion) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := d.queues[a.ID]
	if q == nil {
		q = &accountQueue{}
		d.queues[a.ID] = q
	}
	q.account = a
	if room := d.cfg.Backlog - len(q.items); len(cs) > room {
		cs, left = cs[:max(room, 0)], cs[max(room, 0):]
	}
	for _, c := range cs {
		q.items = append(q.items, leased{c, until})
	}
	for q.workers < d.workers(q) {
		q.workers++
		d.active.Add(1)
		go d.work(a.ID, q)
	}
	return left
}

// workers is how many calls the queue is worth: one where a call takes a
// batch, several where it takes one conversion.
func (d *Deliver) workers(q *accountQueue) int {
	batch := max(1, d.dispatcher.Batch(q.account.Network))
	if batch > 1 {
		return 1
	}
	return min(d.cfg.Parallel, len(q.items))
}

// work sends what is queued, call by call, and ends when nothing is left.
func (d *Deliver) work(id string, q *accountQueue) {
	defer d.active.Done()
	for {
		a, cs := d.next(id, q)
		if len(cs) == 0 {
			return
		}
		d.call(a, cs)
	}
}

// next takes one call's conversions from the queue. What could not be settled
// before its lease ends is given back instead: left to end, it would count as
// sent without an answer.
func (d *Deliver) next(id string, q *accountQueue) (domain.Account, []domain.Conversion) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if d.stop.Err() != nil {
		for _, c := range q.items {
			d.release([]domain.Conversion{c.Conversion}, now)
		}
		q.items = nil
	}
	latest := now.Add(d.cfg.Timeout)
	batch := max(1, d.dispatcher.Batch(q.account.Network))
	var cs []domain.Conversion
	n := 0
	for ; n < len(q.items) && len(cs) < batch; n++ {
		switch c := q.items[n]; {
		case c.until.After(latest):
			cs = append(cs, c.Conversion)
		case c.until.After(now): // else somebody may have it by now
			d.release([]domain.Conversion{c.Conversion}, now.Add(d.cfg.RetryMin))
		}
	}
	q.items = q.items[n:]
	if len(cs) == 0 {
		if q.workers--; q.workers == 0 && len(q.items) == 0 {
			delete(d.queues, id)
		}
	}
	return q.account, cs
}

// call makes one call to the network and settles what came of it. It goes on
// for a while when the service stops: a call under way is not torn at once.
func (d *Deliver) call(a domain.Account, cs []domain.Conversion) {
	ctx, cancel := context.WithTimeout(d.calls, d.cfg.Timeout)
	defer cancel()
	lost, name := d.lostAnswer(a), d.newID()
	var unsent, accepted []domain.Conversion
	for _, c := range cs {
		switch {
		case c.Status == domain.Accepted:
			accepted = append(accepted, c)
		case c.AttemptOpen && lost != VerdictRetry:
			d.settler.add(because(c, lost.Status(false), domain.ReasonInterrupted))
		default:
			if !c.AttemptOpen {
				c.BatchID = d.dispatcher.Upload(a, name, c)
			}
			c.AccountVersion = a.Version
			unsent = append(unsent, c)
		}
	}
	if unsent = d.begun(a, unsent); len(unsent) > 0 {
		d.settle(a, unsent, d.dispatcher.Deliver(ctx, a, unsent), lost)
	}
	if len(accepted) > 0 {
		d.settle(a, accepted, d.dispatcher.Poll(ctx, a, accepted), lost)
	}
}

// lostAnswer judges the account's attempts whose answer nobody has, be it that
// the connection broke or that we stopped: they are made again where that
// counts nothing twice. It is the only judge of this.
func (d *Deliver) lostAnswer(a domain.Account) VerdictClass {
	if d.dispatcher.Repeatable(a) {
		return VerdictRetry
	}
	return VerdictUncertain
}
