package simulation

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/usecase"
)

// jumped does something by a clock that is wrong for the moment.
func (w *world) jumped(do func()) {
	by := w.skew
	w.skew = 0
	w.pass(by)
	do()
	w.settled()
	w.pass(-by)
}

// relay hands over what is due. The stream may refuse it, or lose the answer,
// or deliver it twice.
func (w *world) relay(p *process, how int) {
	if !p.isDead() {
		_, err := p.Store.RelayEvents(w.ctx, 100, func(_ context.Context, es []usecase.OutboxEvent) error {
			if how%publishes == refused {
				return errAway
			}
			for _, e := range es {
				w.truth.published(e.EventID)
			}
			if how%publishes == unanswered {
				return errAway
			}
			return nil
		})
		if err != nil {
			w.tell("relay: %v", err)
		}
	}
	now := w.clock()
	_, err := p.Store.RelayConversions(w.ctx, now, now.Add(-5*time.Minute), 100, 8,
		func(_ context.Context, cs []usecase.DueConversion) error {
			return w.stream.publish(cs, how%publishes)
		})
	if err != nil {
		w.tell("relay: %v", err)
	}
}

// deliver gives a process some of the messages. One whose acknowledgement is
// lost comes again.
func (w *world) deliver(p *process, which, how int) {
	for range 1 + which%4 {
		if p.isDead() {
			return
		}
		w.stream.next(which, func(h usecase.Handover) (acknowledged bool) {
			err := p.deliver.Handle(w.ctx, []usecase.Handover{h})
			if err == nil {
				w.checkClaimed(p, h)
			}
			w.settled()
			return err == nil && how%8 != 7
		})
	}
}

// checkClaimed holds that a message which is done with was looked at in the
// database.
func (w *world) checkClaimed(p *process, h usecase.Handover) {
	for _, id := range h.ConversionIDs {
		if !p.named[id] {
			w.fail("a message was acknowledged whose conversion %s nobody had claimed", id)
		}
	}
	clear(p.named)
}

func (w *world) expire(p *process) {
	_, err := p.ExpireDue(w.ctx, w.clock(), 100)
	if err != nil {
		w.tell("expire: %v", err)
	} else {
		w.truth.gaveUp(w.clock())
	}
	if _, err := w.Unpark(w.ctx, w.clock()); err != nil {
		w.tell("unpark: %v", err)
	}
}

// replay takes all requests once more.
func (w *world) replay() {
	for _, a := range w.truth.requests() {
		a.Replay = true
		w.send(w.alive(0), []usecase.Arrival{a})
	}
}

// calm lets all come to its end: nothing breaks any more, senders repeat what
// nobody answered, and time goes by.
func (w *world) calm() {
	w.late()
	w.flush(0)
	for i := range w.processes {
		p := w.processes[i]
		p.with(func() { p.after, p.outage = 0, 0 })
		w.alive(i)
	}
	time.Sleep(3 * time.Second) // what waits to be written is written
	for _, a := range w.unheard {
		w.send(w.alive(0), []usecase.Arrival{w.again(a)})
	}
	w.unheard = nil
	for _, n := range w.accounts {
		n.calls = 0
	}
	for range 40 {
		w.refresh()
		for _, n := range w.accounts {
			if n.account.Paused {
				w.pause(n, false)
			}
		}
		p := w.alive(0)
		w.relay(p, 0)
		for len(w.stream.messages) > 0 {
			w.deliver(p, 0, 0)
		}
		time.Sleep(1100 * time.Millisecond) // so long it takes to look for backlogs
		w.settled()
		w.expire(p)
		if w.unfinished() == 0 {
			break
		}
		w.pass(2 * time.Hour)
	}
}
