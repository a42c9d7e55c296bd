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
	// behind is how many are in the account's backlog, as far as is known; depth
	// how many of those are to be queued at once, and filled when they were.
	behind int
	depth  int
	filled time.Time
	// hangs: the last call was answered late or not at all; answers: it was
	// answered in time. See judgePace.
	hangs, answers bool
	// restsUntil is when the breaker lets a call through again, and shut what it
	// says; see judgePace.
	restsUntil time.Time
	shut       string
}

type leased struct {
	domain.Conversion
	until time.Time // end of the lease
}

// enqueue adds leased conversions to the account's queue and answers those that
// do not fit any more; shut is not empty when it is for an open breaker.
func (d *Deliver) enqueue(
	a domain.Account, cs []domain.Conversion, until time.Time,
) (left []domain.Conversion, shut string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := d.queueOf(a.ID)
	q.account = a
	if d.rests(q) {
		shut = q.shut
	}
	if room := d.room(q); len(cs) > room {
		cs, left = cs[:room], cs[room:]
		q.behind = countedMost
	}
	for _, c := range cs {
		q.items = append(q.items, leased{c, until})
	}
	d.startWorkers(a.ID, q)
	d.forget(a.ID, q)
	return left, shut
}

// rests tells whether the breaker lets nothing through now.
func (d *Deliver) rests(q *accountQueue) bool { return d.now().Before(q.restsUntil) }

// queueOf gives the queue of an account.
func (d *Deliver) queueOf(id string) *accountQueue {
	q := d.queues[id]
	if q == nil {
		q = &accountQueue{}
		d.queues[id] = q
	}
	return q
}

// forget lets go of a queue of which there is nothing to know.
func (d *Deliver) forget(id string, q *accountQueue) {
	if q.workers == 0 && len(q.items) == 0 && q.behind == 0 && !q.hangs {
		delete(d.queues, id)
	}
}

// room is how many conversions the queue still takes.
func (d *Deliver) room(q *accountQueue) int {
	most := max(d.cfg.Backlog, q.depth)
	if q.hangs {
		most = d.batch(q)
	}
	if d.rests(q) {
		most = 0
	}
	return max(most-len(q.items), 0)
}

// batch is how many conversions a call takes.
func (d *Deliver) batch(q *accountQueue) int { return max(1, d.dispatcher.Batch(q.account.Network)) }

// parallel is how many calls may be under way: one where a call takes a batch,
// and one until the account was seen to answer, so that those that hang do not
// take all connections; else several.
func (d *Deliver) parallel(q *accountQueue) int {
	if !q.answers || d.batch(q) > 1 {
		return 1
	}
	return max(1, d.cfg.Parallel)
}

// workers is how many calls the queue is worth.
func (d *Deliver) workers(q *accountQueue) int { return min(d.parallel(q), len(q.items)) }

func (d *Deliver) startWorkers(id string, q *accountQueue) {
	for q.workers < d.workers(q) {
		q.workers++
		d.active.Add(1)
		go d.work(id, q)
	}
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
	batch := d.batch(q)
	if q.workers > d.parallel(q) {
		batch = 0 // it hangs
	}
	var cs, late []domain.Conversion
	n := 0
	for ; n < len(q.items) && len(cs) < batch; n++ {
		switch c := q.items[n]; {
		case c.until.After(latest):
			cs = append(cs, c.Conversion)
		case c.until.After(now): // else somebody may have it by now
			late = append(late, c.Conversion)
		}
	}
	q.items = q.items[n:]
	d.putAside(late, "")
	if len(late) > 0 {
		q.behind = countedMost
	}
	if q.behind > 0 && len(q.items) <= q.depth/2 {
		d.lookSoon()
	}
	if len(cs) == 0 {
		q.workers--
		d.forget(id, q)
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
		began := d.now()
		vs := d.dispatcher.Deliver(ctx, a, unsent)
		d.judgePace(a.ID, d.now().Sub(began), vs)
		d.settle(a, unsent, vs, lost)
	}
	if len(accepted) > 0 {
		began := d.now()
		vs := d.dispatcher.Poll(ctx, a, accepted)
		d.judgePace(a.ID, d.now().Sub(began), vs)
		d.settle(a, accepted, vs, lost)
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
