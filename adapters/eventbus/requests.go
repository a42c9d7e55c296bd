package eventbus

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// RequestLogOptions set how requests are logged.
type RequestLogOptions struct {
	// Buffer is how many records wait to be logged; when it is full the
	// oldest go. Defaults to 4096.
	Buffer int
	// BufferBytes bounds the buffer's memory too. Defaults to 64 MiB.
	BufferBytes int
	// KeepTimeout is how long Keep waits before it buffers. Defaults to
	// 500ms.
	KeepTimeout time.Duration
	// ProjectShare is the part of the log above which a project's requests are
	// kept without body. Defaults to a tenth.
	ProjectShare float64
	// AckTimeout is how long a batch may wait for the stream. Defaults to 5s.
	AckTimeout time.Duration
	// MaxBackoff is the longest pause while NATS is away. Defaults to 1s.
	MaxBackoff time.Duration
	// StopWithin is how long writing the buffer at a stop may take. Defaults
	// to 3s.
	StopWithin time.Duration
	// Ensure makes the streams again when one is gone. Defaults to nothing.
	Ensure func(context.Context) error
	// Now is the clock: it dates records that have no date. Defaults to
	// time.Now.
	Now func() time.Time
	// Logger gets failures. Defaults to none.
	Logger *slog.Logger
	// Observer gets counts. Defaults to none.
	Observer Observer
	// Health is told what becomes of what is written. Defaults to none.
	Health *Health
}

// RequestLog keeps authenticated requests in TGTRACK_REQUESTS. It serves
// people who look for a mistake; nothing that counts depends on it, and
// requests are answered while it can not be written.
type RequestLog struct {
	js     jetstream.JetStream
	o      RequestLogOptions
	queue  *requestQueue
	shares *shares
}

var _ usecase.RequestLog = (*RequestLog)(nil)

// A batch must not fill the connection's buffer, 8 MiB, by itself.
const (
	batchRecords = 256
	batchBytes   = 2 << 20
)

// NewRequestLog makes a log; what is buffered is written by Run.
func NewRequestLog(js jetstream.JetStream, o RequestLogOptions) *RequestLog {
	o.KeepTimeout = orDuration(o.KeepTimeout, 500*time.Millisecond)
	o.AckTimeout = orDuration(o.AckTimeout, 5*time.Second)
	o.MaxBackoff = orDuration(o.MaxBackoff, maxBackoff)
	o.StopWithin = orDuration(o.StopWithin, 3*time.Second)
	o.Now, o.Logger, o.Observer = orNow(o.Now), orDiscard(o.Logger), orUnobserved(o.Observer)
	if o.ProjectShare <= 0 {
		o.ProjectShare = 0.1
	}
	return &RequestLog{
		js: js, o: o,
		queue:  newRequestQueue(orInt(o.Buffer, 4096), orInt(o.BufferBytes, 64<<20), o.Observer.Dropped),
		shares: newShares(js, StreamRequests, "tgtrack.requests.", 0, o.Observer.Trimmed, o.Now, o.Logger),
	}
}

// Keep writes records and waits for them, at most KeepTimeout; after that they
// are buffered. Requests that are given up meanwhile are kept all the same.
func (l *RequestLog) Keep(ctx context.Context, rs ...usecase.RequestRecord) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.o.KeepTimeout)
	defer cancel()
	for chunk := range slices.Chunk(rs, batchRecords) {
		l.keep(ctx, chunk)
	}
}

func (l *RequestLog) keep(ctx context.Context, rs []usecase.RequestRecord) {
	away := !l.js.Conn().IsConnected()
	var records []usecase.RequestRecord
	var msgs []*nats.Msg
	for _, r := range rs {
		if r = l.dated(r); away || l.shares.crowds(r.ProjectID) {
			l.queue.add(r) // room is made for it where it is written
			continue
		}
		m, err := l.message(&r)
		if err != nil {
			l.lost(ctx, r, err)
			continue
		}
		records, msgs = append(records, r), append(msgs, m)
	}
	failed := 0
	for i, err := range l.publish(ctx, records, msgs, l.o.KeepTimeout) {
		if err != nil {
			// It may have arrived all the same, and is then there twice.
			failed++
			l.queue.add(records[i]) // written again soon: what became of it is told then
		}
	}
	l.o.Observer.Failed(StreamRequests, failed)
	l.o.Observer.Published(StreamRequests, len(msgs)-failed)
	if failed == 0 && len(msgs) > 0 {
		l.o.Health.Outcome(StreamRequests, nil)
	}
	if l.shares.full(0) {
		l.queue.stir()
	}
}

// publish publishes the messages of records, and counts them as their
// projects'.
func (l *RequestLog) publish(
	ctx context.Context, rs []usecase.RequestRecord, msgs []*nats.Msg, timeout time.Duration,
) []error {
	acks, errs := publishAll(ctx, l.js, msgs, timeout)
	for i, m := range msgs {
		l.shares.end(rs[i].ProjectID, storedSize(m), stored(acks[i]))
	}
	return errs
}

// message makes the message of a record that is going to be published: without
// body where its project would have more than its share of the log.
func (l *RequestLog) message(r *usecase.RequestRecord) (*nats.Msg, error) {
	if r.Body != "" && !l.shares.fits(r.ProjectID, 0, l.o.ProjectShare) {
		l.leaveOut(r)
	}
	m, err := requestMessage(*r)
	if err == nil && r.Body != "" && !l.shares.fits(r.ProjectID, storedSize(m), l.o.ProjectShare) {
		l.leaveOut(r)
		m, err = requestMessage(*r)
	}
	if err == nil {
		l.shares.begin(r.ProjectID, storedSize(m))
	}
	return m, err
}

func (l *RequestLog) leaveOut(r *usecase.RequestRecord) {
	*r = r.WithoutBody(usecase.LeftOutShare)
	l.o.Observer.LeftOut(1)
}

// Buffer takes a record to be written soon. It never waits.
func (l *RequestLog) Buffer(r usecase.RequestRecord) { l.queue.add(l.buffered(r)) }

func (l *RequestLog) dated(r usecase.RequestRecord) usecase.RequestRecord {
	r.Schema = SchemaRequest
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = l.o.Now().UTC().Truncate(time.Microsecond)
	}
	return r
}

// buffered leaves out early what would not be written: a buffer holds little.
func (l *RequestLog) buffered(r usecase.RequestRecord) usecase.RequestRecord {
	if r = l.dated(r); r.Body != "" && !l.shares.fits(r.ProjectID, 0, l.o.ProjectShare) {
		l.leaveOut(&r)
	}
	return r
}

// Run writes what is buffered until ctx ends, then what is left, within
// StopWithin. Failures are logged and tried again, so the answer is always
// nil. Whoever calls Buffer must have stopped before ctx ends, or is late.
func (l *RequestLog) Run(ctx context.Context) error {
	work, cancel := outlive(ctx, l.o.StopWithin)
	defer cancel()
	counting, stop := context.WithCancel(ctx)
	defer stop()
	var looks sync.WaitGroup
	looks.Go(func() { l.shares.run(counting) })
	defer looks.Wait()
	defer stop()
	wait := backoff{first: min(100*time.Millisecond, l.o.MaxBackoff), last: l.o.MaxBackoff}
	for failing := false; work.Err() == nil; {
		if l.queue.len() == 0 {
			select {
			case <-l.queue.wake:
				l.makeRoom(work, nil)
				continue
			case <-ctx.Done():
				if l.queue.len() == 0 {
					return nil
				}
			}
		}
		err := l.drain(work)
		if err == nil {
			failing = false
			wait.reset()
			continue
		}
		l.failed(work, err, failing)
		failing = true
		rounds.Pause(work, wait.delay())
	}
	if n := l.queue.len(); n > 0 {
		l.o.Observer.Dropped(n)
		l.o.Logger.Warn("stopped before all requests were logged", "left", n)
	}
	return nil
}

// drain writes one batch.
func (l *RequestLog) drain(ctx context.Context) error {
	if !l.js.Conn().IsConnected() {
		return errDisconnected
	}
	records, msgs := l.batch(ctx)
	errs := l.publish(ctx, records, msgs, l.o.AckTimeout)
	var again []usecase.RequestRecord
	for i, err := range errs {
		switch {
		case err == nil:
		case hopeless(err):
			l.lost(ctx, records[i], err)
			errs[i] = nil
		default:
			again = append(again, records[i])
		}
	}
	l.queue.settle(again)
	n, err := firstOf(errs)
	l.o.Health.Outcome(StreamRequests, err)
	l.o.Observer.Published(StreamRequests, len(msgs)-n)
	if err != nil {
		l.o.Observer.Failed(StreamRequests, n)
		return unavailable("publish to "+StreamRequests, err)
	}
	return nil
}

// batch takes records and makes their messages, leaving out what can not be
// one.
func (l *RequestLog) batch(ctx context.Context) ([]usecase.RequestRecord, []*nats.Msg) {
	var records []usecase.RequestRecord
	var msgs []*nats.Msg
	taken := l.queue.take(batchRecords, batchBytes)
	l.makeRoom(ctx, taken)
	for _, r := range taken {
		m, err := l.message(&r)
		if err != nil {
			l.lost(ctx, r, err)
			continue
		}
		records, msgs = append(records, r), append(msgs, m)
	}
	return records, msgs
}

// makeRoom makes room in the log where it is nearly full, or where the project
// of a record that is going to be written crowds it.
func (l *RequestLog) makeRoom(ctx context.Context, rs []usecase.RequestRecord) {
	crowded := func(r usecase.RequestRecord) bool { return l.shares.crowds(r.ProjectID) }
	if !l.shares.full(0) && !slices.ContainsFunc(rs, crowded) {
		return
	}
	if err := l.shares.makeRoom(ctx); err != nil {
		l.o.Logger.DebugContext(ctx, "no room could be made in the log of requests", "error", err)
	}
}

func (l *RequestLog) lost(ctx context.Context, r usecase.RequestRecord, err error) {
	l.o.Observer.Dropped(1)
	l.o.Logger.WarnContext(ctx, "request can not be logged", "request_id", r.ID, "error", err)
}

func (l *RequestLog) failed(ctx context.Context, err error, again bool) {
	level := slog.LevelWarn
	if again {
		level = slog.LevelDebug // said once already
	}
	l.o.Logger.Log(ctx, level, "requests could not be logged, will try again", "error", err)
	if err := repair(ctx, err, l.o.Ensure); err != nil {
		l.o.Logger.Log(ctx, level, "streams could not be made again", "error", err)
	}
}
