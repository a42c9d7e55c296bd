// Package eventbus carries what the database holds to JetStream and back: the
// streams, the relay that fills them from the outbox, the consumers that hand
// messages to use cases, and the log of requests. It is not the truth: every
// event and every conversion can be published again from the database, so a
// wiped stream costs nothing but time. It knows no ad network and decides
// nothing about a conversion; it opens no connection either.
package eventbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Schemas of the documents in the streams.
const (
	SchemaRequest  = "tgtrack.request.v1"
	SchemaEvent    = usecase.EventSchema
	SchemaHandover = "tgtrack.handover.v1"
	SchemaClick    = "tgtrack.click.v1"
)

// PersonHeader names the header that carries the keyed hashes of the people
// in a request, joined by commas.
const PersonHeader = "Tgtrack-Person"

// RequestHeader names the header that carries the id of a request. It is not
// JetStream's own, because the server would keep each id in memory for a
// while; a request that was written twice is known by this one.
const RequestHeader = "Tgtrack-Request"

// CallHeader names the header that carries the id of the batch which brought a
// request.
const CallHeader = "Tgtrack-Call"

// Observer is told what goes through, for metrics. Its methods may be called
// at the same time.
type Observer interface {
	// Published counts messages that a stream acknowledged.
	Published(stream string, n int)
	// Failed counts messages that a stream did not acknowledge; they are
	// tried again.
	Failed(stream string, n int)
	// OldestAge is how long the oldest message not yet in a stream has
	// waited, 0 when none waits.
	OldestAge(stream string, age time.Duration)
	// Dropped counts records of requests that were lost to a full buffer.
	Dropped(n int)
	// LeftOut counts records that are kept without body, since their project
	// has its share of the log.
	LeftOut(n int)
	// Trimmed counts messages that were deleted, since their project had so
	// much of a stream that little was left for others.
	Trimmed(stream string, n int)
}

// Tracer follows events and conversions on their way, by the id of the event
// that each began with.
type Tracer interface {
	// Traceparent is put into the header of an event, so that outside
	// programs can go on with the trace; empty for none. See
	// https://www.w3.org/TR/trace-context/.
	Traceparent(eventID string) string
	// Relayed is told of what a stream acknowledged, or did not, by the
	// events that the messages are or came of.
	Relayed(stream string, eventIDs []string, began, ended time.Time, err error)
}

// traceHeader is where an event has its Traceparent.
const traceHeader = "traceparent"

type unobserved struct{}

func (unobserved) Published(string, int)           {}
func (unobserved) Failed(string, int)              {}
func (unobserved) OldestAge(string, time.Duration) {}
func (unobserved) Dropped(int)                     {}
func (unobserved) LeftOut(int)                     {}
func (unobserved) Trimmed(string, int)             {}

func orDiscard(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}

func orNow(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

func orUnobserved(o Observer) Observer {
	if o == nil {
		return unobserved{}
	}
	return o
}

func orDuration(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

func orInt(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}

// unavailable turns an error of the connection or of JetStream into the
// sentinel, keeping the cause.
func unavailable(doing string, err error) error {
	if errors.Is(err, domain.ErrUnavailable) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w: %w", doing, domain.ErrUnavailable, err)
}

// missing tells whether an error means that a stream or consumer is gone, so
// that making it again helps.
func missing(err error) bool {
	return errors.Is(err, jetstream.ErrStreamNotFound) ||
		errors.Is(err, jetstream.ErrConsumerNotFound) ||
		errors.Is(err, jetstream.ErrConsumerDeleted) ||
		errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.Is(err, nats.ErrNoResponders)
}

// repair runs ensure when err says that a stream is gone.
func repair(ctx context.Context, err error, ensure func(context.Context) error) error {
	if ensure == nil || !missing(err) {
		return nil
	}
	return ensure(ctx)
}

// outlive gives a context that is cancelled a while after ctx is, so that
// what is under way at a stop can be finished.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(grace, cancel)
		context.AfterFunc(out, func() { t.Stop() })
	})
	return out, func() {
		stop()
		cancel()
	}
}

// maxBackoff is the longest pause before it is tried whether NATS or the
// database is back: within a few seconds everything must flow again, and a try
// costs little.
const maxBackoff = time.Second

// backoff doubles from one delay to another.
type backoff struct{ first, last, next time.Duration }

func (b *backoff) delay() time.Duration {
	if b.next == 0 {
		b.next = b.first
	}
	d := b.next
	b.next = min(2*d, b.last)
	return d
}

func (b *backoff) reset() { b.next = 0 }
