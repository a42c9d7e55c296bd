package eventbus

import (
	"context"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
)

// ConsumerOptions set how messages are fetched and acknowledged.
type ConsumerOptions struct {
	// Fetch is the most events handed over at once. Of conversions it is about
	// as many: a message may name 500 and is not split, so the last one may go
	// beyond. Defaults to 100.
	Fetch int
	// Workers is how many batches are handled at once. Defaults to 4 for
	// conversions, so that one slow account does not hold up a network, and
	// is always 1 for events.
	Workers int
	// AckWait is when a message whose process died goes to another. Handling
	// may take longer. Defaults to 30s.
	AckWait time.Duration
	// MaxAckPending is the most messages under way in all processes. It does
	// not bound conversions: how many a process takes follows from Fetch and
	// Workers. Defaults to 10000.
	MaxAckPending int
	// Poll is how long one request for messages stays at the server. One that
	// is lost with its server is noticed after it. Defaults to 2s.
	Poll time.Duration
	// RetryDelay is when messages come again after the handler failed; it
	// doubles with each delivery up to 4s. Defaults to 1s.
	RetryDelay time.Duration
	// MaxBackoff is the longest pause while NATS is away. Defaults to 1s.
	MaxBackoff time.Duration
	// StopWithin is how long handlers under way at a stop may take before
	// their context ends. Defaults to 7s.
	StopWithin time.Duration
	// DeafAfter is when a consumer that does not answer, while its stream does,
	// is made again. Defaults to 15s.
	DeafAfter time.Duration
	// Ensure makes the streams again when one is gone. Defaults to nothing.
	Ensure func(context.Context) error
	// Logger gets failures. Defaults to none.
	Logger *slog.Logger
	// Health is told of a consumer that does not answer. Defaults to none.
	Health *Health
}

func (o ConsumerOptions) withDefaults() ConsumerOptions {
	o.Fetch = orInt(o.Fetch, 100)
	o.Workers = orInt(o.Workers, 4)
	o.AckWait = orDuration(o.AckWait, 30*time.Second)
	o.MaxAckPending = orInt(o.MaxAckPending, 10000)
	o.Poll = orDuration(o.Poll, 2*time.Second)
	o.RetryDelay = orDuration(o.RetryDelay, time.Second)
	o.MaxBackoff = orDuration(o.MaxBackoff, maxBackoff)
	o.StopWithin = orDuration(o.StopWithin, 7*time.Second)
	o.DeafAfter = orDuration(o.DeafAfter, 15*time.Second)
	o.Logger = orDiscard(o.Logger)
	return o
}

// Conversions hands over the conversions of one network that may be sent.
// All processes share one durable consumer, so each message goes to one.
type Conversions struct {
	network string
	puller  puller
}

// NewConversions makes the consumer of a network; Run starts it.
func NewConversions(js jetstream.JetStream, network string, o ConsumerOptions) *Conversions {
	o = o.withDefaults()
	return &Conversions{network: network, puller: puller{
		js: js, o: o, stream: StreamConversions, size: handoverSize, loose: true,
		config: jetstream.ConsumerConfig{
			Durable:       "deliver-" + token(network),
			Description:   "Senders of conversions to " + network,
			FilterSubject: "tgtrack.conversions." + token(network) + ".*",
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       o.AckWait,
			MaxDeliver:    -1,
			MaxAckPending: o.MaxAckPending,
		},
	}}
}

// Run hands batches to handle until ctx ends, each of one message or more with
// about Fetch conversions together. A batch is acknowledged when
// handle answers nil, and comes again later when it answers an error. Up to
// Workers handlers run at once. Whatever must wait is for the handler to put
// into the database: it must not keep a batch for it.
func (c *Conversions) Run(ctx context.Context, handle func(context.Context, []usecase.Handover) error) error {
	return c.puller.run(ctx, func(ctx context.Context, msgs []jetstream.Msg) error {
		hs := make([]usecase.Handover, 0, len(msgs))
		for _, m := range msgs {
			h, err := readHandover(m.Data())
			if err == nil {
				hs = append(hs, h)
				continue
			}
			discard(c.puller.o.Logger, m, err)
		}
		if len(hs) == 0 {
			return nil
		}
		return handle(ctx, hs)
	})
}

// discard ends a message that nobody can ever read; the acknowledgement of
// its batch comes too late for it and changes nothing.
func discard(logger *slog.Logger, m jetstream.Msg, why error) {
	logger.Warn("unreadable message discarded", "subject", m.Subject(), "error", why)
	if err := m.TermWithReason(why.Error()); err != nil {
		logger.Warn("discard message", "error", err)
	}
}

// Message of a stream.
type Message struct {
	Subject string
	Seq     uint64 // in the stream; it starts anew when a stream was wiped
	Data    []byte
}

// Events hands over the events, from the oldest in the stream on.
type Events struct{ puller puller }

// NewEvents makes a durable consumer of the events; programs with the same
// durable name share the work, others each get all.
func NewEvents(js jetstream.JetStream, durable string, o ConsumerOptions) *Events {
	o = o.withDefaults()
	o.Workers = 1
	return &Events{puller: puller{
		js: js, o: o, stream: StreamEvents, size: func(jetstream.Msg) int { return 1 },
		config: jetstream.ConsumerConfig{
			Durable:       token(durable),
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       o.AckWait,
			MaxDeliver:    -1,
			MaxAckPending: o.MaxAckPending,
		},
	}}
}

// Run hands batches to handle until ctx ends, as Conversions.Run does. An
// event may come twice and, after a failure, behind younger ones.
func (e *Events) Run(ctx context.Context, handle func(context.Context, []Message) error) error {
	return e.puller.run(ctx, func(ctx context.Context, msgs []jetstream.Msg) error {
		out := make([]Message, len(msgs))
		for i, m := range msgs {
			out[i] = Message{Subject: m.Subject(), Data: m.Data()}
			if md, err := m.Metadata(); err == nil {
				out[i].Seq = md.Sequence.Stream
			}
		}
		return handle(ctx, out)
	})
}
