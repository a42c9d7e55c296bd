package usecase

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// A lease is no attempt yet: what only waits here when the process dies was
// not sent. An attempt is marked right before its call is made.

// begun marks what is to be sent now and leaves out what this process no
// longer holds. What can not be marked is given back: it was not sent.
func (d *Deliver) begun(a domain.Account, cs []domain.Conversion) []domain.Conversion {
	if len(cs) == 0 {
		return cs
	}
	held, ok := d.beginner.begin(cs)
	if !ok {
		d.release(cs, d.now().Add(d.cfg.RetryMin))
		return nil
	}
	var out []domain.Conversion
	for _, c := range cs {
		if held[c.ID] {
			c.Attempt++
			out = append(out, c)
		}
	}
	return out
}

// beginner marks attempts in bulk: calls that are about to be made together
// share a transaction.
type beginner struct {
	store  DeliveryStore
	owner  string
	now    func() time.Time
	logger *slog.Logger
	queue  chan beginning
}

type beginning struct {
	cs   []domain.Conversion
	held chan map[string]bool // nil: could not be written
}

func newBeginner(store DeliveryStore, owner string, now func() time.Time, logger *slog.Logger) *beginner {
	return &beginner{store: store, owner: owner, now: now, logger: logger, queue: make(chan beginning, settleBatch)}
}

// begin waits for the mark; not ok when it could not be written.
func (b *beginner) begin(cs []domain.Conversion) (held map[string]bool, ok bool) {
	x := beginning{cs, make(chan map[string]bool, 1)}
	b.queue <- x
	held = <-x.held
	return held, held != nil
}

func (b *beginner) close() { close(b.queue) }

func (b *beginner) run() {
	for first := range b.queue {
		batch, cs := []beginning{first}, slices.Clone(first.cs) // the caller keeps its own
	gather:
		for len(cs) < settleBatch {
			select {
			case x, more := <-b.queue:
				if !more {
					break gather
				}
				batch, cs = append(batch, x), append(cs, x.cs...)
			default:
				break gather
			}
		}
		held := b.write(cs)
		for _, x := range batch {
			x.held <- held
		}
	}
}

func (b *beginner) write(cs []domain.Conversion) map[string]bool {
	ctx, cancel := context.WithTimeout(context.Background(), recordWithin)
	defer cancel()
	got, err := b.store.Begin(ctx, cs, b.owner, b.now())
	if err != nil {
		b.logger.Warn("note that conversions are being sent", "count", len(cs), "error", err)
		return nil
	}
	held := make(map[string]bool, len(got))
	for _, id := range got {
		held[id] = true
	}
	return held
}
