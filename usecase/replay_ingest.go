package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Retaken is what became of an arrival that was taken again.
type Retaken struct {
	Outcome
	Err error
}

// errRehearsed ends the transaction of a rehearsal, which leaves nothing.
var errRehearsed = errors.New("a rehearsal is not kept")

// Retake takes arrivals of a replay, in their order and in one transaction,
// beside the queue of those that come in. taken has the ids of events that
// were taken before under another id and must not come again. A rehearsal
// decides just so and keeps nothing. An error wraps domain.ErrUnavailable
// when nothing was stored and the same may be tried again.
func (i *Ingest) Retake(ctx context.Context, as []Arrival, taken map[string]bool, rehearse bool) ([]Retaken, error) {
	ps := make([]*pending, len(as))
	for n := range as {
		ps[n] = &pending{Arrival: as[n]}
	}
	out := make([]Retaken, len(as))
	return out, i.retake(ctx, ps, taken, rehearse, out)
}

func (i *Ingest) retake(ctx context.Context, ps []*pending, taken map[string]bool, rehearse bool,
	out []Retaken) error {
	start := time.Now()
	var b *batch
	// What is begun is finished, within the time of a batch.
	tctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), i.cfg.Timeout)
	err := i.store.Ingest(tctx, func(ctx context.Context, tx IngestTx) error {
		b = newBatch(i, ps)
		if err := b.run(ctx, &retakeTx{IngestTx: tx, taken: taken}); err != nil {
			return err
		}
		if rehearse {
			return errRehearsed
		}
		return nil
	})
	cancel()
	if errors.Is(err, errRehearsed) {
		err = nil
	}
	i.observer.ObserveBatch(len(ps), time.Since(start), err)
	switch {
	case err == nil:
		if b.relays() && !rehearse {
			i.committed(true)
			b.tellChannels()
		}
		for n := range ps {
			out[n] = Retaken{b.results[n].Outcome, b.results[n].err}
		}
		return nil
	case errors.Is(err, domain.ErrInvalid) && len(ps) > 1:
		half := len(ps) / 2
		if err := i.retake(ctx, ps[:half], taken, rehearse, out[:half]); err != nil {
			return err
		}
		return i.retake(ctx, ps[half:], taken, rehearse, out[half:])
	case errors.Is(err, domain.ErrInvalid):
		out[0] = Retaken{Err: err}
		return nil
	}
	return err
}

// retakeTx makes ids known as taken that the table of events does not have.
type retakeTx struct {
	IngestTx
	taken map[string]bool
}

// Load implements IngestTx.
func (t *retakeTx) Load(ctx context.Context, n IngestNeeds) (*IngestState, error) {
	s, err := t.IngestTx.Load(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, id := range n.EventIDs {
		if t.taken[id] {
			s.Taken[id] = true
		}
	}
	return s, nil
}
