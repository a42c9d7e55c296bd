package usecase

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
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
	store   DeliveryStore
	owner   string
	now     func() time.Time
	logger  *slog.Logger
	batches *batcher[marking]
}

type marking struct {
	cs   []domain.Conversion
	held chan map[string]bool // by id; nil: could not be written
}

func newAttemptMarker(
	store DeliveryStore, owner string, now func() time.Time, logger *slog.Logger,
) *attemptMarker {
	m := &attemptMarker{store: store, owner: owner, now: now, logger: logger}
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

func (m *attemptMarker) write(ctx context.Context, batch []marking) {
	var cs []domain.Conversion // a copy: the callers keep theirs
	for _, x := range batch {
		cs = append(cs, x.cs...)
	}
	held := m.begin(ctx, cs)
	for _, x := range batch {
		x.held <- held
	}
}

func (m *attemptMarker) begin(ctx context.Context, cs []domain.Conversion) map[string]bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
	defer cancel()
	ids, err := m.store.Begin(ctx, cs, m.owner, m.now())
	if err != nil {
		m.logger.Warn("note that conversions are being sent", "count", len(cs), "error", err)
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
func (d *Deliver) begun(cs []domain.Conversion) []domain.Conversion {
	if len(cs) == 0 {
		return nil
	}
	held := d.marker.mark(cs)
	if held == nil {
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

// settler writes outcomes in bulk: those that come together go into one
// transaction, and those of one call always do, so that the call is kept once.
type settler struct {
	store   DeliveryStore
	now     func() time.Time
	logger  *slog.Logger
	batches *batcher[[]Settlement]
}

func newSettler(store DeliveryStore, now func() time.Time, logger *slog.Logger) *settler {
	s := &settler{store: store, now: now, logger: logger}
	s.batches = newBatcher(deliverBatch, deliverBatch, func(ss []Settlement) int { return len(ss) }, s.write)
	return s
}

func (s *settler) add(ss ...Settlement) { s.batches.add(ss) }

// settleTries is how often outcomes are tried to be written; then the leases
// end by themselves and the attempts count as never answered.
const settleTries = 5

func (s *settler) write(ctx context.Context, batch [][]Settlement) {
	ss := slices.Concat(batch...)
	for try := range settleTries {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordWithin)
		err := s.store.Settle(ctx, ss, s.now())
		cancel()
		if err == nil {
			return
		}
		s.logger.Warn("write the outcome of deliveries", "count", len(ss), "try", try+1, "error", err)
		time.Sleep(time.Duration(try+1) * 200 * time.Millisecond)
	}
}
