package usecase

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Arrival is one request, decoded.
type Arrival struct {
	RequestID      string
	Project        *ProjectView
	Method         string
	IdempotencyKey string
	BodyHash       [32]byte
	ReceivedAt     time.Time
	Signals        []domain.Signal
	// Read counts against the limits and changes nothing.
	Read bool
	// Replay takes only what was not taken before, and counts against no
	// limit.
	Replay bool
	// Together is the call that brings this arrival with others; nil: it came by
	// itself.
	Together *Together
	// Restored are the places of signals that were taken once, before the
	// database was replaced by an older one: networks may have their
	// conversions.
	Restored map[int]bool
}

func (a *Arrival) restore(n int) {
	if a.Restored == nil {
		a.Restored = map[int]bool{}
	}
	a.Restored[n] = true
}

// counts tells whether the arrival is held against the project's limits:
// what means nothing to us is not, or a flood of ordinary updates would use
// them up.
func (a *Arrival) counts() bool { return !a.Replay && (a.Read || len(a.Signals) > 0) }

// use is what the arrival takes of the limits, come by itself.
func (a *Arrival) use() domain.Use {
	if !a.counts() {
		return domain.Use{}
	}
	return domain.Use{Requests: 1, Signals: max(1, len(a.Signals))}
}

// Outcome is what became of an arrival that was committed or refused.
type Outcome struct {
	Receipts []Receipt `json:"events"`
	// Refusal is set when the answer is an error although the event is kept.
	Refusal string          `json:"refusal,omitempty"`
	Why     *domain.Refusal `json:"why,omitempty"` // the same, taken apart
	// Replayed: answered from an Idempotency-Key, nothing changed.
	Replayed bool `json:"-"`
}

// IngestConfig sets the sizes and times of Ingest.
type IngestConfig struct {
	MaxBatch int // most arrivals in one transaction
	Queue    int // most arrivals waiting
	Writers  int // batches under way at once
	Timeout  time.Duration

	AutoDetectWindow time.Duration // how old a click may be that auto_detect takes
	Window           time.Duration // of attribution and goals: the 21 days
	Reattribute      time.Duration // a start with a value this close to one without attributes it
	JoinWindow       time.Duration // how long goals wait for the start
	KeepAnswers      time.Duration // of requests with an Idempotency-Key
	Identical        time.Duration // a byte-identical add_event within is a repeat
	LateClicks       time.Duration // how long after its start a click is waited for
	AmountUnit       string        // of RawAmount, for projects that do not say
	Caps             domain.Limits // stand above the limits of every project; 0 caps nothing

	// Disk has no room for anything at times. Nil: it always has.
	Disk *DiskWatch
	// Learned is told of every project whose own channel is known now. Nil:
	// nobody remembers projects.
	Learned func(projectID string)
	// Traced is told of every batch. Nil: nobody follows requests.
	Traced func(requestIDs []string, began, ended time.Time, err error)
}

// IngestObserver sees the batches.
type IngestObserver interface {
	ObserveBatch(size int, took time.Duration, err error)
}

// Ingest takes what arrives. Arrivals that come together are decided and
// committed together; a lone one waits for nobody.
type Ingest struct {
	cfg      IngestConfig
	store    IngestStore
	networks Networks
	newID    func() string
	now      func() time.Time
	observer IngestObserver
	// committed is called after each commit that left something to relay, and
	// told whether there are conversions in it.
	committed func(conversions bool)

	// A project's arrivals go to one of the writers, so that no two batches of a
	// process wait for each other's rows.
	writers []*fairBatcher[*pending]
	over    sync.Map // project id → *overLimit
}

type pending struct {
	Arrival
	result chan result
	// gone: the sender was told to come again while it waited. To store it
	// all the same would count twice what comes without a key.
	gone atomic.Bool
}

type result struct {
	Outcome
	err error
}

// NewIngest makes an Ingest; Run starts it.
func NewIngest(cfg IngestConfig, store IngestStore, networks Networks, newID func() string, now func() time.Time,
	observer IngestObserver, committed func(conversions bool)) *Ingest {
	i := &Ingest{
		cfg: cfg, store: store, networks: networks, newID: newID, now: now, observer: observer,
		committed: committed,
		writers:   make([]*fairBatcher[*pending], max(1, cfg.Writers)),
	}
	for n := range i.writers {
		i.writers[n] = newFairBatcher(max(1, cfg.Queue/len(i.writers)), cfg.MaxBatch, projectOf, i.write)
	}
	return i
}

func projectOf(p *pending) string { return p.Project.ID }

// writer of a project's arrivals.
func (i *Ingest) writer(projectID string) *fairBatcher[*pending] {
	h := fnv.New32a()
	_, _ = h.Write([]byte(projectID)) // never fails
	return i.writers[h.Sum32()%uint32(len(i.writers))]
}

// Submit takes an arrival and answers after the commit. Errors: a LimitError;
// domain.ErrConflict for an Idempotency-Key with another body;
// domain.ErrUnavailable when storage can not accept or the queue is full;
// domain.ErrInvalid when the data can not be stored.
func (i *Ingest) Submit(ctx context.Context, a Arrival) (Outcome, error) {
	if err := i.refuses(&a); err != nil {
		return Outcome{}, err
	}
	p := &pending{Arrival: a, result: make(chan result, 1)}
	w := i.writer(a.Project.ID)
	if !w.offer(p) {
		return Outcome{}, errQueueFull()
	}
	r, err := await(ctx, p.result, w.ended)
	if err != nil {
		p.gone.Store(true)
		return Outcome{}, err
	}
	return r.Outcome, r.err
}

// Taken is what became of one of several arrivals.
type Taken struct {
	Outcome
	Err error // as of Submit
}

// SubmitAll takes arrivals of one project that came in one call, in their order,
// and answers after the commit of each. The call counts as one request. Where
// the queue has no room for all, those at the end find none.
func (i *Ingest) SubmitAll(ctx context.Context, as []Arrival) []Taken {
	out, ps := make([]Taken, len(as)), make([]*pending, len(as))
	if len(as) == 0 {
		return out
	}
	over, full := i.knownOverTogether(as[0].Project), false
	call := &Together{over: over} // belongs to the writer once the first was offered
	for n := range as {
		as[n].Together = call
		if over != nil && as[n].counts() && as[n].IdempotencyKey == "" {
			out[n].Err = over
			continue
		}
		if out[n].Err = i.refuses(&as[n]); out[n].Err != nil {
			continue
		}
		p := &pending{Arrival: as[n], result: make(chan result, 1)}
		if full = full || !i.writer(p.Project.ID).offer(p); full {
			out[n].Err = errQueueFull()
			continue
		}
		ps[n] = p
	}
	for n, p := range ps {
		if p == nil {
			continue
		}
		r, err := await(ctx, p.result, i.writer(p.Project.ID).ended)
		if err != nil {
			p.gone.Store(true)
			out[n].Err = err
			continue
		}
		out[n] = Taken{r.Outcome, r.err}
	}
	return out
}

// refuses tells what is known of an arrival before storage is asked.
func (i *Ingest) refuses(a *Arrival) error {
	if !a.Read {
		if err := i.cfg.Disk.Refuses(); err != nil {
			return err
		}
	}
	return i.knownOver(a)
}

func errQueueFull() error {
	return fmt.Errorf("%w: too many requests are waiting to be stored", domain.ErrUnavailable)
}

// Run stores what is submitted until ctx ends, and what is queued by then.
func (i *Ingest) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, w := range i.writers {
		wg.Go(func() { w.run(ctx) })
	}
	wg.Wait()
	return nil
}

// write stores a batch without those for which nobody waits any more.
func (i *Ingest) write(ctx context.Context, ps []*pending) {
	ps = slices.DeleteFunc(ps, func(p *pending) bool { return p.gone.Load() })
	began := time.Now()
	i.commit(ctx, ps)
	if ctx.Err() == nil {
		breathe(len(ps), time.Since(began))
	}
}

// breathe lets those whom a batch has answered come back before the next one
// begins: together they cost less than apart. Nobody is kept waiting where
// there is no crowd.
func breathe(size int, took time.Duration) {
	if size >= crowd {
		time.Sleep(min(took/2, maxBreath))
	}
}

const (
	crowd     = 8
	maxBreath = 4 * time.Millisecond
)

// Waiting is how many arrivals wait for a batch.
func (i *Ingest) Waiting() (n int) {
	for _, w := range i.writers {
		n += w.waiting()
	}
	return n
}

// errPanic is a batch that a defect of ours ended.
var errPanic = errors.New("panic while a batch was decided")

// survive makes an error of a panic.
func survive(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
	}
}

// commit stores a batch and answers everybody in it. An error of the data
// splits it, so that only the arrival at fault fails.
func (i *Ingest) commit(ctx context.Context, ps []*pending) {
	if len(ps) == 0 {
		return
	}
	start := time.Now()
	tctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), i.cfg.Timeout)
	var b *batch
	err := i.store.Ingest(tctx, func(ctx context.Context, tx IngestTx) (err error) {
		defer survive(&err) // a defect must cost no more than the arrival that shows it
		b = newBatch(i, ps)
		return b.run(ctx, tx)
	})
	cancel()
	i.observer.ObserveBatch(len(ps), time.Since(start), err)
	i.trace(ps, start, err)
	switch {
	case err == nil:
		if b.relays() {
			i.committed(len(b.changes.Conversions) > 0)
		}
		b.settleCalls()
		b.tellChannels()
		for n, p := range ps {
			p.result <- b.results[n]
		}
	case len(ps) > 1 && (errors.Is(err, domain.ErrInvalid) || errors.Is(err, errPanic)):
		i.commit(ctx, ps[:len(ps)/2])
		i.commit(ctx, ps[len(ps)/2:])
	default:
		for _, p := range ps {
			p.result <- result{err: err}
		}
	}
}

// trace tells of a batch when somebody follows requests.
func (i *Ingest) trace(ps []*pending, began time.Time, err error) {
	if i.cfg.Traced == nil {
		return
	}
	ids := make([]string, len(ps))
	for n, p := range ps {
		ids[n] = p.RequestID
	}
	i.cfg.Traced(ids, began, time.Now(), err)
}
