package usecase

import (
	"cmp"
	"context"
	"log/slog"
	"time"
)

// Life is what a sender needs of the list of processes: it holds conversions
// under the name that this process has there, and what the others take for
// dead they take over.
type Life interface {
	ID() string
	// Assure returns when the others know that this process lives, at least for
	// as long as it takes to begin an attempt.
	Assure(ctx context.Context) error
}

// LeaseStore tells who holds conversions.
type LeaseStore interface {
	// Processes lists those that gave a sign of life.
	Processes(ctx context.Context) ([]Process, error)
	// LeaseOwners names all who hold conversions.
	LeaseOwners(ctx context.Context) ([]string, error)
	// FreeLeases makes due what one holds, and tells how many those were.
	FreeLeases(ctx context.Context, owner string, now time.Time) (int, error)
}

// Times of a look at the other senders.
const (
	lookEvery   = 2 * time.Second
	lookTimeout = 10 * time.Second
)

// deadSenders ends the leases of processes that died, so that what they held
// does not wait for the end of a lease that was made for a slow call. Whether
// one is silent is judged by what this process sees of its signs, not by the
// time in them: after an outage of the database, or of this process, nobody had
// been able to give one, or to see it.
type deadSenders struct {
	store     LeaseStore
	self      string
	goneAfter time.Duration
	every     time.Duration
	now       func() time.Time
	logger    *slog.Logger

	others map[string]*otherSender // nil: not looked yet
	looked time.Time
}

// otherSender is another process as it was seen.
type otherSender struct {
	seenAt time.Time     // its last sign; zero: it is not listed
	silent time.Duration // for which there was none
	freed  bool
}

func newDeadSenders(
	store LeaseStore, self string, goneAfter time.Duration, now func() time.Time, logger *slog.Logger,
) *deadSenders {
	goneAfter = cmp.Or(goneAfter, ProcessGoneAfter)
	return &deadSenders{
		store: store, self: self, goneAfter: goneAfter, every: min(lookEvery, goneAfter/10), now: now,
		logger: logger,
	}
}

func (d *deadSenders) run(ctx context.Context) {
	tick := time.NewTicker(d.every)
	defer tick.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := d.round(ctx)
		if err != nil && !failed && ctx.Err() == nil {
			d.logger.Warn("look for senders that died; what they held waits until it can be done", "error", err)
		}
		failed = err != nil
	}
}

func (d *deadSenders) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var owners []string
	if d.others == nil {
		var err error
		if owners, err = d.store.LeaseOwners(ctx); err != nil {
			return err
		}
	}
	listed, err := d.store.Processes(ctx)
	if err != nil {
		return err
	}
	d.see(owners, listed)
	for id, o := range d.others {
		if o.freed || o.silent < d.goneAfter {
			continue
		}
		n, err := d.store.FreeLeases(ctx, id, d.now())
		if err != nil {
			return err
		}
		if o.freed = true; o.seenAt.IsZero() {
			delete(d.others, id)
		}
		if n > 0 {
			d.logger.Warn("a process died; what it held is sent by others", "process", id, "conversions", n)
		}
	}
	return nil
}

// see notes who gave a sign since the last round.
func (d *deadSenders) see(owners []string, listed []Process) {
	at := time.Now()
	passed := min(at.Sub(d.looked), 2*d.every) // while this process was held up nobody was seen
	if d.looked = at; d.others == nil {
		d.others, passed = map[string]*otherSender{}, 0
	}
	for _, id := range owners {
		d.others[id] = &otherSender{}
	}
	signs := map[string]time.Time{}
	for _, p := range listed {
		if signs[p.ID] = p.SeenAt; d.others[p.ID] == nil {
			d.others[p.ID] = &otherSender{}
		}
	}
	delete(d.others, d.self)
	for id, o := range d.others {
		if sign := signs[id]; !sign.Equal(o.seenAt) && !sign.IsZero() {
			*o = otherSender{seenAt: sign}
		} else {
			o.seenAt = sign
			o.silent += passed
		}
	}
}
