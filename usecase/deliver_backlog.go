package usecase

import (
	"context"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// AccountBacklog is how many conversions an ad account's backlog has.
type AccountBacklog struct {
	AccountID string
	Network   string
	Count     int
}

// BacklogShare is how many conversions of an ad account's backlog are asked
// for.
type BacklogShare struct {
	AccountID string
	Most      int
}

const (
	// lookForBacklogs is how often it is looked for accounts with a backlog,
	// unless it is configured.
	lookForBacklogs = 200 * time.Millisecond
	// countedMost is up to which number a backlog is counted; one of as many may
	// have more.
	countedMost = 500
	// takenAtOnce is about how many conversions are taken from backlogs at once.
	takenAtOnce = 2000
	// drainsIn is about how long an account is to take for half of its queue,
	// where a backlog fills it: how deep that is, is found out.
	drainsIn = 2 * time.Second
)

// refill takes from the backlogs what the accounts' queues have room for, until
// ctx ends. So a conversion that has to wait for its account waits in the
// database, is taken once, and stands in nobody's way.
func (d *Deliver) refill(ctx context.Context) {
	// What waited while the service was away is found soon.
	look := time.NewTicker(d.cfg.LookForBacklogs / 10)
	defer look.Stop()
	finding := &rounds.Work{Doing: "look for ad accounts with a backlog", Within: recordWithin, Logger: d.logger}
	taking := &rounds.Work{
		Doing: "take conversions from the backlogs of ad accounts", Within: recordWithin, Logger: d.logger,
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			look.Reset(d.cfg.LookForBacklogs)
			_ = finding.Round(ctx, d.findBacklogs)
		case <-d.drained:
		}
		for more := true; more && ctx.Err() == nil; {
			_ = taking.Round(ctx, func(ctx context.Context) (err error) {
				more, err = d.takeBacklogs(ctx)
				return err
			})
		}
	}
}

// lookSoon asks for conversions from the backlogs; it never blocks.
func (d *Deliver) lookSoon() {
	select {
	case d.drained <- struct{}{}:
	default:
	}
}

// findBacklogs notes which accounts have a backlog: other processes fill them,
// too.
func (d *Deliver) findBacklogs(ctx context.Context) error {
	found, err := d.store.Backlogged(ctx, d.known(), d.now(), countedMost)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range found {
		q := d.queueOf(b.AccountID)
		q.behind = b.Count
		if q.account.ID == "" {
			q.account.ID, q.account.Network = b.AccountID, b.Network
		}
	}
	return nil
}

// known are the accounts with a backlog that is being taken. To count it again
// each time would cost more than to take it.
func (d *Deliver) known() (ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, q := range d.queues {
		if q.behind > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// takeBacklogs takes some conversions from backlogs and queues them; more says
// that there is room for others.
func (d *Deliver) takeBacklogs(ctx context.Context) (more bool, err error) {
	if !d.begin() {
		return false, nil
	}
	defer d.active.Done()
	shares, more := d.shares()
	if len(shares) == 0 {
		return false, nil
	}
	now := d.now()
	cs, err := d.store.LeaseBacklog(ctx, shares, d.owner, now, now.Add(d.cfg.Lease))
	if err != nil {
		return false, err
	}
	d.noteTaken(shares, cs)
	return more, d.routeAll(ctx, cs, now)
}

// shares are what is asked for now, so much of an account as its queue has room
// for; more says that there is room for others.
func (d *Deliver) shares() (out []BacklogShare, more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, sum := d.now(), 0
	for _, id := range d.hungry(now) {
		if sum >= takenAtOnce {
			return out, true
		}
		q := d.queues[id]
		d.shared = id
		d.deepen(q, now)
		n := min(q.depth-len(q.items), takenAtOnce)
		if q.behind < countedMost {
			n = min(n, q.behind)
		}
		out = append(out, BacklogShare{id, n})
		sum += n
	}
	return out, false
}

// hungry are the accounts whose queues have room for what is in their backlog,
// from the one after the last that had a share on. Accounts that were made one
// after the other often have their conversions side by side, too: taken and
// settled together they change far fewer pages of the database.
func (d *Deliver) hungry(now time.Time) []string {
	var ids []string
	for id, q := range d.queues {
		if q.behind > 0 && !now.Before(q.restsUntil) && len(q.items) <= q.depth/2 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	next, had := slices.BinarySearch(ids, d.shared)
	if had {
		next++
	}
	return append(ids[next:], ids[:next]...)
}

// deepen fits the depth of a queue to how quickly it drained.
func (d *Deliver) deepen(q *accountQueue, now time.Time) {
	batch := d.batch(q)
	least := 2 * max(batch, d.cfg.Parallel)
	switch {
	case q.hangs:
		q.depth = batch
	case q.depth == 0:
		q.depth = least
	default:
		took := max(now.Sub(q.filled), drainsIn/4)
		q.depth = int(time.Duration(q.depth) * drainsIn / took)
		q.depth = min(max(q.depth, least), max(d.cfg.Backlog, 2*least))
	}
	q.filled = now
}

// noteTaken notes what is left in the backlogs.
func (d *Deliver) noteTaken(shares []BacklogShare, cs []domain.Conversion) {
	taken := map[string]int{}
	for _, c := range cs {
		taken[c.AccountID]++
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range shares {
		q := d.queues[s.AccountID]
		switch n := taken[s.AccountID]; {
		case q == nil:
		case n < s.Most:
			q.behind = 0
			d.forget(s.AccountID, q)
			// Others may have it, or it is not written yet: it is looked for again.
		case q.behind < countedMost:
			q.behind -= n
		}
	}
}

// putAside puts leased conversions into the backlog of their account: there is
// no room for them. They are parked when it is for an open breaker; shut is what
// that says.
func (d *Deliver) putAside(cs []domain.Conversion, shut string) {
	at := d.now()
	ss := make([]Settlement, len(cs))
	for i, c := range cs {
		ss[i] = Settlement{
			ID: c.ID, Attempt: c.Attempt, Status: c.Status, ReasonCode: c.ReasonCode, Reason: c.StatusReason,
			NextAttemptAt: &at, Handle: c.Handle, AttemptOpen: c.AttemptOpen, Backlog: true,
		}
		if shut != "" && c.Status.Open() {
			ss[i].Status, ss[i].ReasonCode, ss[i].Reason = domain.Parked, domain.ReasonNetwork, shut
		}
	}
	if len(ss) > 0 {
		d.settler.add(ss...)
	}
}

// hangsAfter is the part of a call's time after which the account is taken to
// hang.
const hangsAfter = 3

// judgePace notes how quickly an account's calls are answered. One that hangs
// has one call under way and one waiting, and one whose breaker is open has
// none until it closes: their conversions are not handed over for nothing, and
// they take no connections from others.
func (d *Deliver) judgePace(accountID string, took time.Duration, vs []Verdict) {
	var rest time.Duration
	open, shut := false, ""
	for _, v := range vs {
		if v.Class == VerdictBreakerOpen {
			open, shut, rest = true, v.Reason, max(rest, v.After)
		}
	}
	d.mu.Lock()
	q := d.queueOf(accountID)
	q.hangs = open || took >= d.cfg.Timeout/hangsAfter
	q.answers = !q.hangs
	keep := len(q.items)
	if open {
		q.restsUntil, q.shut, keep = d.now().Add(rest), shut, 0
	} else if q.hangs {
		keep = min(keep, d.batch(q))
	}
	var cs []domain.Conversion
	for _, c := range q.items[keep:] {
		cs = append(cs, c.Conversion)
	}
	if q.items = q.items[:keep]; len(cs) > 0 {
		q.behind = countedMost
	}
	if d.stop.Err() == nil {
		d.startWorkers(accountID, q)
	}
	d.mu.Unlock()
	d.putAside(cs, shut)
}
