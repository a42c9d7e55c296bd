package platforms

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

const (
	// decodeWithin is how long a decoder may take for one request.
	decodeWithin = time.Second
	// decodeSlice is the part of it after which is looked again. A process that
	// was frozen, or got no processor, loses one slice by it and not all.
	decodeSlice = 50 * time.Millisecond
	// stuckMost is how many requests a decoder may not come back from.
	stuckMost = 2
)

// Guard runs the decoders of a registry in a running service: one that does not
// come back is not waited for, and one that did so twice is not asked again. It
// can not be stopped, and goes on computing until the process ends.
type Guard struct {
	*Registry
	observer Observer
	jobs     sync.Pool

	mu    sync.RWMutex
	stuck map[string]int // how many requests each decoder has not come back from
}

// Fault is what a decoder did wrong.
type Fault string

// Faults of decoders.
const (
	FaultRule  Fault = "rule"  // it broke a rule for all decoders
	FaultPanic Fault = "panic" // it panicked
	FaultStuck Fault = "stuck" // it did not come back in time
	FaultOff   Fault = "off"   // it was switched off for that
)

// Faults lists all of them.
func Faults() []Fault { return []Fault{FaultRule, FaultPanic, FaultStuck, FaultOff} }

// Observer is told of decoders' faults.
type Observer interface {
	DecoderFault(decoder string, fault Fault)
}

// NewGuard makes a Guard; observer may be nil.
func NewGuard(r *Registry, observer Observer) *Guard {
	g := &Guard{Registry: r, observer: observer, stuck: map[string]int{}}
	g.jobs.New = func() any {
		timer := time.NewTimer(time.Hour)
		timer.Stop()
		return &decodeJob{done: make(chan struct{}, 1), timer: timer}
	}
	return g
}

// ErrDecoderOff is returned for requests of a decoder that was switched off or
// does not come back. They can be taken later, by a replay.
var ErrDecoderOff = fmt.Errorf("%w: the decoder does not answer", domain.ErrUnavailable)

// OffError names the decoder.
type OffError struct{ Decoder string }

// Error says what to do.
func (e *OffError) Error() string {
	return "the decoder " + e.Decoder + " does not answer; the request is kept and can be replayed when it is mended"
}

// Unwrap makes it an ErrDecoderOff.
func (e *OffError) Unwrap() error { return ErrDecoderOff }

// decodeJob is one request on its way through a decoder.
type decodeJob struct {
	decoder PlatformDecoder
	in      Inbound
	done    chan struct{}
	timer   *time.Timer
	began   atomic.Bool

	signals  []domain.Signal
	warnings []domain.Warning
	err      error
}

// Decode is like the registry's, and comes back in time.
func (g *Guard) Decode(ctx context.Context, constructor string, in Inbound) (
	[]domain.Signal, []domain.Warning, error,
) {
	d, ok := g.Resolve(constructor, in.Method)
	if !ok {
		return nil, nil, fmt.Errorf("method %q: %w", Clip(in.Method, 64), domain.ErrNotFound)
	}
	name := g.DecoderOf(constructor, in.Method)
	if g.isOff(name) {
		return nil, nil, &OffError{name}
	}
	job, _ := g.jobs.Get().(*decodeJob)
	job.decoder, job.in = d, in
	job.began.Store(false)
	go job.run()
	if err := job.wait(ctx); err != nil {
		if errors.Is(err, ErrDecoderOff) {
			g.gone(name)
			return nil, nil, &OffError{name}
		}
		return nil, nil, err // the job is still the decoder's
	}
	signals, warnings, err := job.signals, job.warnings, job.err
	job.decoder, job.in, job.signals, job.warnings, job.err = nil, Inbound{}, nil, nil, nil
	g.jobs.Put(job)
	g.look(err)
	return signals, warnings, err
}

func (j *decodeJob) run() {
	j.began.Store(true)
	defer func() {
		if p := recover(); p != nil {
			j.signals, j.warnings = nil, nil
			j.err = &DecoderError{
				Decoder: j.decoder.Describe().Name, Problem: fmt.Sprintf("panic: %v", p), Stack: string(debug.Stack()),
			}
		}
		j.done <- struct{}{}
	}()
	j.signals, j.warnings, j.err = Decode(j.decoder, j.in)
}

// wait waits for the decoder. Only slices count in which it was at work and
// which took as long as they should: on a busy machine or after a pause it is
// not the decoder that is late.
func (j *decodeJob) wait(ctx context.Context) error {
	defer j.timer.Stop()
	for slices := 0; slices < int(decodeWithin/decodeSlice); {
		began := time.Now()
		j.timer.Reset(decodeSlice)
		select {
		case <-j.done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("decode: %w", ctx.Err())
		case <-j.timer.C:
			if j.began.Load() && time.Since(began) < 2*decodeSlice {
				slices++
			}
		}
	}
	select {
	case <-j.done:
		return nil
	default:
		return ErrDecoderOff
	}
}

func (g *Guard) isOff(decoder string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.stuck[decoder] >= stuckMost
}

// gone notes that a decoder has not come back.
func (g *Guard) gone(decoder string) {
	g.mu.Lock()
	g.stuck[decoder]++
	off := g.stuck[decoder] == stuckMost
	g.mu.Unlock()
	g.tell(decoder, FaultStuck)
	if off {
		g.tell(decoder, FaultOff)
	}
}

// look notes what a decoder did wrong.
func (g *Guard) look(err error) {
	var broken *DecoderError
	switch {
	case err == nil || !errors.As(err, &broken):
	case broken.Stack != "":
		g.tell(broken.Decoder, FaultPanic)
	default:
		g.tell(broken.Decoder, FaultRule)
	}
}

func (g *Guard) tell(decoder string, f Fault) {
	if g.observer != nil {
		g.observer.DecoderFault(decoder, f)
	}
}

// Off lists the decoders that were switched off, sorted.
func (g *Guard) Off() []string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var names []string
	for name, n := range g.stuck {
		if n >= stuckMost {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
