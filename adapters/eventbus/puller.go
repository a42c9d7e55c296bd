package eventbus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// maxRetryDelay bounds the pause before a failed batch comes again. A batch
// fails for the database alone, and soon after that is back nothing may wait.
const maxRetryDelay = 4 * time.Second

// puller fetches batches of a durable consumer and hands each to a worker.
type puller struct {
	js     jetstream.JetStream
	o      ConsumerOptions
	stream string
	config jetstream.ConsumerConfig
	// size of a message, in what Fetch counts.
	size func(jetstream.Msg) int
	// loose: the consumer knows nothing that the stream does not, so that one
	// that answers no more may be deleted and made again.
	loose bool
}

// errSilent is a consumer that neither gave a message nor said that there is
// none: nobody leads it.
var errSilent = fmt.Errorf("the consumer does not answer: %w", domain.ErrUnavailable)

type batchHandler func(ctx context.Context, msgs []jetstream.Msg) error

// run works until ctx ends, then waits for the handlers under way and sends
// what they acknowledged.
func (p *puller) run(ctx context.Context, handle batchHandler) error {
	work, cancel := outlive(ctx, p.o.StopWithin)
	defer cancel()
	slots := make(chan struct{}, p.o.Workers)
	var wg sync.WaitGroup
	p.fetchAll(ctx, slots, func(msgs []jetstream.Msg) {
		wg.Go(func() {
			defer func() { <-slots }()
			p.handle(work, msgs, handle)
		})
	})
	wg.Wait()
	p.flush()
	return nil
}

// fetchAll takes a slot, fetches a batch and starts it, over and over. It
// fetches only what a worker is free for: a message that waits here would be
// missing elsewhere.
func (p *puller) fetchAll(ctx context.Context, slots chan struct{}, start func([]jetstream.Msg)) {
	wait := backoff{first: min(100*time.Millisecond, p.o.MaxBackoff), last: p.o.MaxBackoff}
	var cons jetstream.Consumer
	var deaf time.Time // since when the consumer did not answer
	defer func() { p.o.Health.Deaf(p.stream, p.config.Durable, false) }()
	for failing := false; ; {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		msgs, err := p.fetch(ctx, &cons)
		if len(msgs) > 0 {
			start(msgs)
		} else {
			<-slots
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			wait.reset()
			failing, deaf = false, time.Time{}
			p.o.Health.Deaf(p.stream, p.config.Durable, false)
			continue
		}
		if deaf.IsZero() {
			deaf = time.Now()
		}
		if p.deaf(ctx, deaf) {
			deaf = time.Time{}
		}
		if !failing {
			p.o.Logger.Warn("fetch failed, will try again", "stream", p.stream, "consumer",
				p.config.Durable, "error", err)
		}
		failing, cons = true, nil
		if err := repair(ctx, err, p.o.Ensure); err != nil {
			p.o.Logger.Debug("streams could not be made again", "error", err)
		}
		if !rounds.Pause(ctx, wait.delay()) {
			return
		}
	}
}

// fetch waits for one message and takes along what else is there, so that a
// lone one waits for nobody. No messages and no error: nothing came.
func (p *puller) fetch(ctx context.Context, cons *jetstream.Consumer) ([]jetstream.Msg, error) {
	if !p.js.Conn().IsConnected() {
		return nil, errDisconnected
	}
	if *cons == nil {
		c, err := p.js.CreateOrUpdateConsumer(ctx, p.stream, p.config)
		if err != nil {
			return nil, unavailable("make consumer "+p.config.Durable, err)
		}
		*cons = c
	}
	first, err := p.next(ctx, *cons)
	if err != nil {
		return nil, realError(err)
	}
	msgs := []jetstream.Msg{first}
	// As if the others had the size of the first; see portion.
	more := p.o.Fetch/p.size(first) - 1
	if more <= 0 {
		return msgs, nil
	}
	rest, err := (*cons).FetchNoWait(more)
	if err != nil {
		return msgs, realError(err)
	}
	for m := range rest.Messages() {
		msgs = append(msgs, m)
	}
	return msgs, realError(rest.Error())
}

// next waits for one message. The server says in time when there is none, so
// that to hear nothing is an error.
func (p *puller) next(ctx context.Context, cons jetstream.Consumer) (jetstream.Msg, error) {
	poll, cancel := context.WithTimeout(ctx, p.o.Poll)
	defer cancel()
	m, err := cons.Next(jetstream.FetchContext(poll))
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, errSilent
	}
	return m, err
}

// deleteTime bounds the deleting of a consumer.
const deleteTime = 3 * time.Second

// deaf deletes a consumer that did not answer for too long although its stream
// does: its nodes are gone, and it would wait for them for ever.
func (p *puller) deaf(ctx context.Context, since time.Time) (deleted bool) {
	if time.Since(since) < p.o.DeafAfter || !p.js.Conn().IsConnected() || answers(ctx, p.js, p.stream) != nil {
		return false
	}
	p.o.Health.Deaf(p.stream, p.config.Durable, true)
	if !p.loose {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, deleteTime)
	defer cancel()
	err := p.js.DeleteConsumer(ctx, p.stream, p.config.Durable)
	p.o.Logger.Warn("a consumer did not answer and is made again", "stream", p.stream, "consumer", p.config.Durable,
		"error", err)
	return true
}

// realError leaves out the errors that only say that nothing came.
func realError(err error) error {
	for _, quiet := range []error{
		nats.ErrTimeout, jetstream.ErrNoMessages, context.DeadlineExceeded, context.Canceled,
	} {
		if errors.Is(err, quiet) {
			return nil
		}
	}
	return err
}

func (p *puller) handle(ctx context.Context, msgs []jetstream.Msg, handle batchHandler) {
	stop := p.keep(msgs)
	var err error
	for len(msgs) > 0 && err == nil {
		n := p.portion(msgs)
		if err = handle(ctx, msgs[:n]); err == nil {
			p.each(msgs[:n], "acknowledge", jetstream.Msg.Ack)
			msgs = msgs[n:]
		}
	}
	stop()
	if err == nil {
		return
	}
	p.o.Logger.Warn("messages not handled, they come again", "consumer", p.config.Durable,
		"messages", len(msgs), "error", err)
	p.each(msgs, "give back", func(m jetstream.Msg) error { return m.NakWithDelay(p.retryDelay(m)) })
}

// portion is how many messages are handled at once: as many as have what Fetch
// allows. A batch of small messages may end with large ones.
func (p *puller) portion(msgs []jetstream.Msg) (n int) {
	for sum := 0; n < len(msgs) && sum < p.o.Fetch; n++ {
		sum += p.size(msgs[n])
	}
	return n
}

func (p *puller) retryDelay(m jetstream.Msg) time.Duration {
	d := p.o.RetryDelay
	if md, err := m.Metadata(); err == nil {
		for n := uint64(1); n < md.NumDelivered && d < maxRetryDelay; n++ {
			d *= 2
		}
	}
	return min(d, max(maxRetryDelay, p.o.RetryDelay))
}

// keep tells the server now and then that the messages are being worked on,
// until it is stopped.
func (p *puller) keep(msgs []jetstream.Msg) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(max(p.o.AckWait/3, time.Millisecond))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.each(msgs, "keep", jetstream.Msg.InProgress)
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// each applies an acknowledgement; the first failure is logged, since the
// others have the same cause, and all messages come again by themselves.
func (p *puller) each(msgs []jetstream.Msg, doing string, ack func(jetstream.Msg) error) {
	logged := false
	for _, m := range msgs {
		err := ack(m)
		if err == nil || errors.Is(err, jetstream.ErrMsgAlreadyAckd) || logged {
			continue
		}
		logged = true
		p.o.Logger.Warn(doing+" messages", "consumer", p.config.Durable, "error", err)
	}
}

// flush sends what is still in the connection's buffer.
func (p *puller) flush() {
	if !p.js.Conn().IsConnected() {
		return
	}
	if err := p.js.Conn().FlushTimeout(time.Second); err != nil {
		p.o.Logger.Warn("flush acknowledgements", "error", err)
	}
}
