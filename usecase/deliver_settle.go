package usecase

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Settlement is the outcome of one attempt, or of a lease without one.
type Settlement struct {
	ID      string
	Attempt int // as domain.Conversion has it
	// BatchID of the attempt whose outcome this is; empty for a lease without
	// one.
	BatchID       string
	Status        domain.Status
	ReasonCode    domain.ReasonCode
	Reason        string // in English, or the network's own words
	Attempted     bool   // the network was asked, not only for an outcome
	NextAttemptAt *time.Time
	DeliveredAt   *time.Time
	Handle        string
	// AttemptOpen leaves the attempt open under its batch id: its outcome is
	// not known and must be asked for under it.
	AttemptOpen bool
	// Backlog puts it into the backlog of its ad account, in the order of the
	// events, where it is due at once.
	Backlog bool
	Verdict string // class of the verdict
	// Call that was made, shared by all settlements of it; nil for none. Row
	// and RowAnswer are the conversion's own part of it, see AttemptDocument.
	Call           *Exchange
	Row, RowAnswer string
}

// settle turns verdicts into outcomes and shows the account's health. A
// conversion that was accepted before was only asked about. lost is the verdict
// where the answer was lost.
func (d *Deliver) settle(a domain.Account, cs []domain.Conversion, vs []Verdict, lost VerdictClass) {
	// Not the call's context: the time of a network that hangs is over.
	ctx, cancel := context.WithTimeout(context.Background(), recordWithin)
	defer cancel()
	outdated := d.outdated(ctx, a, vs)
	ss := make([]Settlement, len(cs))
	for i, c := range cs {
		v, why := &vs[i], domain.ReasonNetwork
		switch {
		case outdated && v.Class.Pauses():
			why = domain.ReasonAccountChanged
			v.Class, v.After, v.Reason = VerdictRetry, 0, why.Text()+": "+v.Reason
		case v.Class == VerdictReturned && c.AttemptBegan().Before(a.UpdatedAt):
			// It was sent before somebody last changed the account, and says
			// nothing of the account as it is now.
			v.Class, why = VerdictResend, domain.ReasonAccountChanged
			v.Reason = why.Text() + ": " + v.Reason
		case v.Class == VerdictUncertain:
			// Whether the network has it is to be found out under the name that
			// the attempt was made by.
			v.Class, c.AttemptOpen = lost, lost == VerdictRetry
		}
		ss[i] = d.settlement(c, *v)
		if v.Reason != "" {
			ss[i].ReasonCode = why
		}
		if v.Class == VerdictExpired && c.AttemptOpen {
			ss[i].Status, ss[i].ReasonCode = domain.Overdue(true)
			ss[i].Reason = ss[i].ReasonCode.Text()
		}
	}
	d.settler.add(ss...)
	d.judgeAccount(ctx, a, vs)
	d.warn(ctx, a, vs)
}

// outdated tells whether verdicts that would pause the account are about
// settings that were replaced while the call was under way.
func (d *Deliver) outdated(ctx context.Context, a domain.Account, vs []Verdict) bool {
	if !slices.ContainsFunc(vs, func(v Verdict) bool { return v.Class.Pauses() }) {
		return false
	}
	stored, err := d.store.AccountsByID(ctx, []string{a.ID})
	if err != nil {
		d.logger.Warn("read an ad account again", "account", a.ID, "error", err)
		return false
	}
	s, ok := stored[a.ID]
	return ok && !reflect.DeepEqual(s.Settings, a.Settings)
}

// settlement is the outcome of an attempt, or of a look for one, by its verdict.
func (d *Deliver) settlement(c domain.Conversion, v Verdict) Settlement {
	now, accepted := d.now(), c.Status == domain.Accepted
	s := Settlement{
		ID: c.ID, Attempt: c.Attempt, BatchID: c.BatchID, Status: v.Class.Status(accepted), Reason: v.Reason,
		Attempted: v.Asked() && !accepted, Handle: v.Handle, Verdict: string(v.Class),
		Call: v.Exchange, Row: v.Row, RowAnswer: v.RowAnswer,
	}
	if s.Handle == "" && s.Status == domain.Accepted {
		s.Handle = c.Handle // by which what was accepted is looked for
	}
	if s.Status == domain.Delivered {
		s.DeliveredAt = &now
	}
	if s.Status.Unfinished() {
		s.NextAttemptAt = d.nextAttempt(now, c, v, s.Status)
		s.AttemptOpen = c.AttemptOpen && s.Status != domain.Accepted && v.Class != VerdictResend
	}
	return s
}

// nextAttempt is when an unfinished conversion is due again; nil when it waits
// for a person.
func (d *Deliver) nextAttempt(now time.Time, c domain.Conversion, v Verdict, st domain.Status) *time.Time {
	switch {
	case v.Class.Pauses() && st == domain.Parked:
		return nil
	case v.Class.Pauses(): // the network has it; only its outcome can not be asked for
		return d.after(now, d.cfg.RetryMax)
	case v.Class == VerdictAccepted:
		return d.after(now, max(v.After, time.Second))
	case v.Class == VerdictBreakerOpen:
		return d.after(now, v.After)
	}
	return d.after(now, max(v.After, d.backoff(c.Attempts)))
}

// backoff doubles the delay with each attempt up to the longest.
func (d *Deliver) backoff(attempts int) time.Duration {
	delay := d.cfg.RetryMin
	for range min(attempts, 30) {
		if delay *= 2; delay >= d.cfg.RetryMax {
			return d.cfg.RetryMax
		}
	}
	return delay
}

func (d *Deliver) after(now time.Time, delay time.Duration) *time.Time {
	t := now.Add(delay + d.jitter(delay))
	return &t
}

// judgeAccount records what a call's verdicts show of the account. An answer
// that only a person can mend pauses it and parks what waits.
func (d *Deliver) judgeAccount(ctx context.Context, a domain.Account, vs []Verdict) {
	h, reason := healthOf(vs)
	if h == "" || (h == a.Health && reason == a.HealthReason) {
		return
	}
	pause := h.Stopped()
	d.judging.Lock() // calls of one account may end together
	defer d.judging.Unlock()
	if !pause && d.pausedMeanwhile(a.ID) {
		return
	}
	if err := d.store.SetHealth(ctx, a.ID, h, reason, pause, d.now()); err != nil {
		d.logger.Warn("record the health of an ad account", "account", a.ID, "error", err)
		return
	}
	d.mu.Lock()
	if q := d.queues[a.ID]; q != nil {
		q.account.Health, q.account.HealthReason = h, reason
		if pause {
			q.account.Paused = true
			for _, c := range q.items {
				d.park([]domain.Conversion{c.Conversion}, domain.ReasonNetwork, reason)
			}
			q.items = nil
		}
	}
	d.mu.Unlock()
	if !pause {
		return
	}
	d.logger.Error("ad account paused itself", "account", a.ID, "network", a.Network,
		"health", h, "reason", reason)
	d.active.Go(func() { d.parkWaiting(a, reason) })
}

// warnAgain is how often it is written that a network still warns of the same.
const warnAgain = 24 * time.Hour

// warn records the first warning of a call's verdicts with the account.
func (d *Deliver) warn(ctx context.Context, a domain.Account, vs []Verdict) {
	i := slices.IndexFunc(vs, func(v Verdict) bool { return v.Warning != "" })
	if i < 0 {
		return
	}
	warning, now := vs[i].Warning, d.now()
	d.judging.Lock()
	defer d.judging.Unlock()
	d.mu.Lock()
	if q := d.queues[a.ID]; q != nil && q.account.Version == a.Version { // another call may have brought the same
		a = q.account
	}
	d.mu.Unlock()
	if a.NetworkWarning == warning && now.Before(a.NetworkWarnedAt.Add(warnAgain)) {
		return
	}
	if err := d.store.SetNetworkWarning(ctx, a.ID, warning, now); err != nil {
		d.logger.Warn("record a warning of an ad network", "account", a.ID, "error", err)
		return
	}
	d.mu.Lock()
	if q := d.queues[a.ID]; q != nil {
		q.account.NetworkWarning, q.account.NetworkWarnedAt = warning, now
	}
	d.mu.Unlock()
}

// parkStep is how many conversions are parked in one transaction.
const parkStep = 500

// parkWaiting parks what waits for an account that paused itself. What this
// does not reach is parked when it is due.
func (d *Deliver) parkWaiting(a domain.Account, reason string) {
	for after := ""; d.begin(); {
		ctx, cancel := context.WithTimeout(context.Background(), recordWithin)
		got, err := d.store.ParkSome(ctx, a, reason, after, parkStep, d.now())
		cancel()
		d.active.Done()
		if err != nil {
			d.logger.Warn("park the conversions of an ad account", "account", a.ID, "error", err)
		}
		if err != nil || got.Matched < parkStep {
			return
		}
		after = got.Last
	}
}

// pausedMeanwhile tells whether another call's answer paused the account. What
// an earlier call shows is outdated then.
func (d *Deliver) pausedMeanwhile(accountID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := d.queues[accountID]
	return q != nil && q.account.Paused
}
