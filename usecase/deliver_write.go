package usecase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// recordWithin is how long one write of what delivery did may take.
const recordWithin = 10 * time.Second

// deliverBatch is about how many attempts are written at once.
const deliverBatch = 1000

// attemptMarker marks attempts in bulk: calls that are about to be made
// together share a transaction. A lease is no attempt yet: what only waits here
// when the process dies was not sent. An attempt is marked right before its
// call is made.
type attemptMarker struct {
	calls   context.Context // until which calls are made
	store   DeliveryStore
	life    Life
	now     func() time.Time
	noting  *rounds.Work
	batches *batcher[marking]
}

type marking struct {
	cs   []domain.Conversion
	held chan map[string]bool // by id; nil: could not be written
}

func newAttemptMarker(
	calls context.Context, store DeliveryStore, life Life, now func() time.Time, logger *slog.Logger,
) *attemptMarker {
	m := &attemptMarker{calls: calls, store: store, life: life, now: now, noting: &rounds.Work{
		Doing: "note that conversions are being sent", Within: recordWithin, Logger: logger,
	}}
	m.batches = newBatcher(deliverBatch, deliverBatch, func(x marking) int { return len(x.cs) }, m.write)
	return m
}

// mark waits until the attempts are marked and gives the ids of those
// conversions that are still ours; nil when it could not be written.
func (m *attemptMarker) mark(cs []domain.Conversion) (held map[string]bool) {
	x := marking{cs, make(chan map[string]bool, 1)}
	m.batches.add(x)
	return <-x.held
}

func (m *attemptMarker) write(_ context.Context, batch []marking) {
	var cs []domain.Conversion // a copy: the callers keep theirs
	for _, x := range batch {
		cs = append(cs, x.cs...)
	}
	held := m.begin(cs)
	for _, x := range batch {
		x.held <- held
	}
}

func (m *attemptMarker) begin(cs []domain.Conversion) map[string]bool {
	var ids []string
	err := m.noting.Round(m.calls, func(ctx context.Context) (err error) {
		// A process that was frozen may be about to be taken for dead: the others
		// must see that it lives before it begins anything.
		if err = m.life.Assure(ctx); err == nil {
			ids, err = m.store.Begin(ctx, cs, m.life.ID(), m.now())
		}
		return err
	})
	if err != nil {
		return nil
	}
	held := make(map[string]bool, len(ids))
	for _, id := range ids {
		held[id] = true
	}
	return held
}

// begun marks what is to be sent now and leaves out what this process no
// longer holds. What can not be marked is given back: it was not sent.
func (d *Deliver) begun(a domain.Account, cs []domain.Conversion) []domain.Conversion {
	if len(cs) == 0 {
		return nil
	}
	held := d.marker.mark(cs)
	if held == nil {
		d.unsent(cs, d.now().Add(d.cfg.RetryMin))
		return nil
	}
	var out, refused []domain.Conversion
	for _, c := range cs {
		if held[c.ID] {
			c.Attempt++
			out = append(out, c)
		} else {
			refused = append(refused, c)
		}
	}
	if len(refused) > 0 && d.changed(a) {
		d.handBack(a.ID, refused)
	}
	return out
}

// unsent gives back what was not sent although its attempt may be marked: the
// answer to the mark can be what was lost. Else nobody could tell such an
// attempt from one that reached the network.
func (d *Deliver) unsent(cs []domain.Conversion, at time.Time) {
	d.release(cs, at)
	for _, c := range cs {
		if c.AttemptOpen { // an earlier attempt has no outcome
			continue
		}
		s := released(c, at)
		s.Attempt, s.BatchID = c.Attempt+1, c.BatchID
		d.settler.add(s)
	}
}

// changed tells whether an account is no longer what it was when it was read.
func (d *Deliver) changed(a domain.Account) bool {
	ctx, cancel := context.WithTimeout(context.Background(), recordWithin)
	defer cancel()
	stored, err := d.store.AccountsByID(ctx, []string{a.ID})
	if err != nil {
		d.logger.Warn("read an ad account again", "account", a.ID, "error", err)
		return false
	}
	now, ok := stored[a.ID]
	return !ok || now.Paused || now.Version != a.Version
}

// handBack gives back what is queued for an account that was changed: it is
// leased again with the account as it is now.
func (d *Deliver) handBack(accountID string, cs []domain.Conversion) {
	d.mu.Lock()
	if q := d.queues[accountID]; q != nil {
		for _, c := range q.items {
			cs = append(cs, c.Conversion)
		}
		q.items = nil
	}
	d.mu.Unlock()
	d.release(cs, d.now())
}

// settler writes outcomes in bulk: those that come together go into one
// transaction, and those of one call always do, so that the call is kept once.
// An outcome is tried to be written until it is, or until the process ends.
type settler struct {
	store   DeliveryStore
	now     func() time.Time
	logger  *slog.Logger
	writing *rounds.Work
	batches *batcher[[]Settlement]
	trying  context.Context // until it is given up
	giveUp  context.CancelFunc
	lost    atomic.Int64
}

func newSettler(store DeliveryStore, now func() time.Time, logger *slog.Logger) *settler {
	s := &settler{store: store, now: now, logger: logger, writing: &rounds.Work{
		Doing: "write the outcomes of deliveries", Within: recordWithin, Logger: logger,
		Ignore: func(err error) bool { return errors.Is(err, domain.ErrInvalid) },
	}}
	s.trying, s.giveUp = context.WithCancel(context.Background())
	s.batches = newBatcher(deliverBatch, deliverBatch, func(ss []Settlement) int { return len(ss) }, s.write)
	return s
}

func (s *settler) add(ss ...Settlement) { s.batches.add(ss) }

// failed is the error of outcomes that were given up.
func (s *settler) failed() error {
	if n := s.lost.Load(); n > 0 {
		return fmt.Errorf("%w: the outcomes of %d conversions could not be written; the log has their ids",
			domain.ErrUnavailable, n)
	}
	return nil
}

// Pauses between two tries.
const (
	settleAgainFirst = 100 * time.Millisecond
	settleAgainLast  = 2 * time.Second
)

func (s *settler) write(_ context.Context, batch [][]Settlement) {
	s.settle(slices.Concat(batch...))
}

func (s *settler) settle(ss []Settlement) {
	for pause := settleAgainFirst; ; pause = min(2*pause, settleAgainLast) {
		err := s.writing.Round(s.trying, func(ctx context.Context) error { return s.store.Settle(ctx, ss, s.now()) })
		switch {
		case err == nil:
			return
		case errors.Is(err, domain.ErrInvalid):
			s.settleApart(ss, err)
			return
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-s.trying.Done():
			again.Stop()
			s.abandon(ss, err)
			return
		}
	}
}

// settleApart finds the outcome that can not be written, so that it takes no
// other with it. Of it only what became of the conversion is kept.
func (s *settler) settleApart(ss []Settlement, err error) {
	switch x := ss[0]; {
	case len(ss) > 1:
		s.settle(ss[:len(ss)/2])
		s.settle(ss[len(ss)/2:])
	case x.Call != nil || x.Reason != "":
		s.logger.Error("an outcome can not be written as it is", "conversion", x.ID, "error", err)
		x.Call, x.Row, x.RowAnswer, x.Reason = nil, "", "", ""
		s.settle([]Settlement{x})
	default:
		s.abandon(ss, err)
	}
}

func (s *settler) abandon(ss []Settlement, err error) {
	ids := make([]string, len(ss))
	for i := range ss {
		ids[i] = ss[i].ID + " " + string(ss[i].Status)
	}
	s.lost.Add(int64(len(ss)))
	s.logger.Error("outcomes of deliveries were not written", "outcomes", ids, "error", err)
}
