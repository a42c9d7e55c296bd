package eventbus

import (
	"context"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// RelayOptions set how the relay works.
type RelayOptions struct {
	// Interval is how often it looks when nobody woke it. Defaults to 200ms.
	Interval time.Duration
	// MinWakeInterval is the least time between two looks that a wake asked for;
	// the first after a while is made at once. Defaults to 30ms.
	MinWakeInterval time.Duration
	// Batch is the most events published at once; of conversions, which are
	// handed over together, it is eight times as many.
	// Defaults to 512.
	Batch int
	// PerAccount is the most conversions of one ad account that are handed over
	// at once; senders take what it has beyond when it has room.
	// Defaults to 512.
	PerAccount int
	// RepublishAfter is when a conversion that was published and has no
	// outcome is published again. Defaults to 5m.
	RepublishAfter time.Duration
	// AckTimeout is how long a batch may wait for the stream. Defaults to 5s.
	AckTimeout time.Duration
	// RoundTimeout is how long one round may take, the database included: a
	// server that hangs must not stop the relay for good. Defaults to 10s.
	RoundTimeout time.Duration
	// MaxBackoff is the longest pause while NATS or the database is away.
	// Defaults to 1s.
	MaxBackoff time.Duration
	// StopWithin is how long a batch under way at a stop may take. Defaults
	// to 3s.
	StopWithin time.Duration
	// Ensure makes the streams again when one is gone. Defaults to nothing.
	Ensure func(context.Context) error
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// Logger gets failures. Defaults to none.
	Logger *slog.Logger
	// Observer gets counts. Defaults to none.
	Observer Observer
	// Tracer follows what is published. Defaults to none.
	Tracer Tracer
	// Health is told what becomes of what is published. Defaults to none.
	Health *Health
}

// Relay publishes what is committed: events from the outbox, conversions when
// they are due. A row is marked only after the stream has it, so a crash
// between the two publishes twice and never not at all.
type Relay struct {
	store  usecase.RelayStore
	js     jetstream.JetStream
	o      RelayOptions
	events lane
	sends  lane
	shares *shares // of the events
	batch  int64   // bytes of the last events that were published together
}

// lane is one of the two flows; a stream that is full or gone must not hold
// up the other.
type lane struct {
	stream string
	wake   chan struct{}
	round  func(ctx context.Context) (int, error)
}

// NewRelay makes a relay; Run starts it.
func NewRelay(store usecase.RelayStore, js jetstream.JetStream, o RelayOptions) *Relay {
	o.Interval = orDuration(o.Interval, 200*time.Millisecond)
	o.MinWakeInterval = orDuration(o.MinWakeInterval, 30*time.Millisecond)
	o.Batch = orInt(o.Batch, 512)
	o.PerAccount = orInt(o.PerAccount, 512)
	o.RepublishAfter = orDuration(o.RepublishAfter, 5*time.Minute)
	o.AckTimeout = orDuration(o.AckTimeout, 5*time.Second)
	o.RoundTimeout = orDuration(o.RoundTimeout, 10*time.Second)
	o.MaxBackoff = orDuration(o.MaxBackoff, maxBackoff)
	o.StopWithin = orDuration(o.StopWithin, 3*time.Second)
	o.Now, o.Logger, o.Observer = orNow(o.Now), orDiscard(o.Logger), orUnobserved(o.Observer)
	r := &Relay{store: store, js: js, o: o}
	r.shares = newShares(js, StreamEvents, "tgtrack.events.", eventsWorthCounting, o.Observer.Trimmed, o.Now, o.Logger)
	r.events = lane{stream: StreamEvents, wake: make(chan struct{}, 1), round: r.relayEvents}
	r.sends = lane{stream: StreamConversions, wake: make(chan struct{}, 1), round: r.relayConversions}
	return r
}

// eventsWorthCounting is how full, in parts, the stream of events must be before
// it is counted whose they are: until then nobody takes anybody's room.
const eventsWorthCounting = 0.6

// Wake makes the relay look soon. It never blocks.
func (r *Relay) Wake() {
	r.WakeEvents()
	r.sends.call()
}

// WakeEvents makes the relay look soon for events alone. It never blocks.
func (r *Relay) WakeEvents() { r.events.call() }

func (l *lane) call() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run relays until ctx ends; a batch under way is finished. Failures are
// logged and tried again, so the answer is always nil.
func (r *Relay) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { r.shares.run(ctx) })
	for _, l := range []*lane{&r.events, &r.sends} {
		wg.Go(func() { r.run(ctx, l) })
	}
	wg.Wait()
	return nil
}

func (r *Relay) run(ctx context.Context, l *lane) {
	work, cancel := outlive(ctx, r.o.StopWithin)
	defer cancel()
	wait := backoff{first: min(100*time.Millisecond, r.o.MaxBackoff), last: r.o.MaxBackoff}
	tick := time.NewTicker(r.o.Interval)
	defer tick.Stop()
	for failing := false; ctx.Err() == nil; {
		began := time.Now()
		n, err := r.once(work, l)
		if err != nil {
			r.failed(work, l, err, failing)
			failing = true
			// A wake must not shorten this: under load they come all the time.
			if !rounds.Pause(ctx, wait.delay()) {
				return
			}
			continue
		}
		if failing {
			r.o.Logger.Info("relay works again", "stream", l.stream)
		}
		failing = false
		wait.reset()
		if n >= r.o.Batch {
			continue
		}
		select {
		case <-l.wake:
			// Under load a wake comes with every batch that is stored: to look
			// for each would cost more than to store it.
			rounds.Pause(ctx, r.o.MinWakeInterval-time.Since(began))
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// once relays one batch. While NATS is away the database is left alone: a
// transaction held open until the publish times out would keep others out.
func (r *Relay) once(ctx context.Context, l *lane) (int, error) {
	if !r.js.Conn().IsConnected() {
		return 0, errDisconnected
	}
	ctx, cancel := context.WithTimeout(ctx, r.o.RoundTimeout)
	defer cancel()
	return l.round(ctx)
}

func (r *Relay) failed(ctx context.Context, l *lane, err error, again bool) {
	level := slog.LevelWarn
	if again {
		level = slog.LevelDebug // said once already
	}
	r.o.Logger.Log(ctx, level, "relay failed, will try again", "stream", l.stream, "error", err)
	if err := repair(ctx, err, r.o.Ensure); err != nil {
		r.o.Logger.Log(ctx, level, "streams could not be made again", "error", err)
	}
}

func (r *Relay) relayEvents(ctx context.Context) (int, error) {
	if r.shares.full(r.batch) || r.shares.due() {
		if err := r.shares.makeRoom(ctx); err != nil {
			r.o.Logger.DebugContext(ctx, "no room could be made in the stream of events", "error", err)
		}
	}
	n, err := r.store.RelayEvents(ctx, r.o.Batch, func(ctx context.Context, es []usecase.OutboxEvent) error {
		if len(es) > 0 {
			r.o.Observer.OldestAge(StreamEvents, age(es[0].EventID, r.o.Now()))
		}
		msgs, eventIDs := make([]*nats.Msg, len(es)), make([]string, len(es))
		for i, e := range es {
			msgs[i], eventIDs[i] = r.eventMessage(e), e.EventID
		}
		r.batch = 0
		for _, m := range msgs {
			r.batch += storedSize(m)
		}
		if !r.shares.counts() {
			r.shares.note(r.batch)
			_, err := r.publish(ctx, StreamEvents, msgs, eventIDs)
			return err
		}
		for i, e := range es {
			r.shares.begin(e.ProjectID, storedSize(msgs[i]))
		}
		acks, err := r.publish(ctx, StreamEvents, msgs, eventIDs)
		for i, e := range es {
			r.shares.end(e.ProjectID, storedSize(msgs[i]), stored(acks[i]))
		}
		return err
	})
	if err == nil && n < r.o.Batch {
		r.o.Observer.OldestAge(StreamEvents, 0)
	}
	return n, err
}

// handoverBatches is how many times Batch conversions are looked for at once:
// they are spread over the ad accounts, and a message is of one.
const handoverBatches = 8

func (r *Relay) relayConversions(ctx context.Context) (int, error) {
	now := r.o.Now().UTC()
	most := r.o.Batch * handoverBatches
	return r.store.RelayConversions(ctx, now, now.Add(-r.o.RepublishAfter), most, r.o.PerAccount,
		func(ctx context.Context, cs []usecase.DueConversion) error {
			hs := handovers(cs)
			msgs, eventIDs := make([]*nats.Msg, len(hs)), make([]string, len(cs))
			for i, h := range hs {
				msgs[i] = handoverMessage(h)
			}
			for i, c := range cs {
				eventIDs[i] = c.EventID
			}
			_, err := r.publish(ctx, StreamConversions, msgs, eventIDs)
			return err
		})
}

// publish publishes messages, and tells of it whoever follows the events that
// they came of.
func (r *Relay) publish(
	ctx context.Context, stream string, msgs []*nats.Msg, eventIDs []string,
) ([]*jetstream.PubAck, error) {
	began := time.Now()
	acks, errs := publishAll(ctx, r.js, msgs, r.o.AckTimeout)
	repeats := repeatsOf(acks)
	n, err := firstOf(errs)
	if err == nil {
		if err = stillThere(ctx, r.js, stream, repeats); err != nil {
			n = len(repeats)
		}
	}
	if len(msgs) > 0 {
		r.o.Health.Outcome(stream, err)
	}
	if err != nil {
		r.o.Observer.Failed(stream, n)
		err = unavailable("publish to "+stream, err)
	} else {
		r.o.Observer.Published(stream, len(msgs))
	}
	if r.o.Tracer != nil {
		r.o.Tracer.Relayed(stream, eventIDs, began, time.Now(), err)
	}
	return acks, err
}

// eventMessage leaves out the document of an event that no message can hold:
// it would be tried for ever and hold up all behind it.
func (r *Relay) eventMessage(e usecase.OutboxEvent) *nats.Msg {
	m := nats.NewMsg(eventSubject(e.ProjectID, string(e.Type)))
	m.Header.Set(jetstream.MsgIDHeader, e.EventID)
	if r.o.Tracer != nil {
		if p := r.o.Tracer.Traceparent(e.EventID); p != "" {
			m.Header.Set(traceHeader, p)
		}
	}
	m.Data = e.Payload
	if limit := r.js.Conn().MaxPayload(); limit > 0 && int64(m.Size()) > limit {
		r.o.Logger.Warn("event too large for the stream, published without details",
			"event_id", e.EventID, "bytes", len(e.Payload))
		m.Data = cutEvent(e)
	}
	return m
}

// age of an event by its id, whose first 12 digits are Unix milliseconds.
func age(id string, now time.Time) time.Duration {
	if len(id) < 12 {
		return 0
	}
	b, err := hex.DecodeString(id[:12])
	if err != nil {
		return 0
	}
	var ms int64
	for _, c := range b {
		ms = ms<<8 | int64(c)
	}
	return max(0, now.Sub(time.UnixMilli(ms)))
}
