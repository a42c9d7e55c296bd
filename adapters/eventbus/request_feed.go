package eventbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

var _ usecase.RequestFeed = (*RequestLog)(nil)

const (
	// feedPoll is how long one request for messages stays at the server: one
	// that was lost with its server is noticed after it.
	feedPoll = 2 * time.Second
	// feedFetch is how many messages one reader holds at most.
	feedFetch = 16
	// feedPatience is how long a reader may take for one record.
	feedPatience = 10 * time.Second
)

// follower reads a project's requests in the order of the stream. It holds a
// few messages and no more: what it does not fetch waits in the stream.
type follower struct {
	*RequestLog
	project string
	from    usecase.FeedStart
	created time.Time // when the stream was made that places belong to
	cons    jetstream.Consumer
}

// Follow implements usecase.RequestFeed.
func (l *RequestLog) Follow(
	ctx context.Context, projectID string, from usecase.FeedStart, f func(usecase.KeptRequest) error,
) error {
	r := &follower{RequestLog: l, project: projectID, from: from}
	if r.from.Since.IsZero() {
		r.from.Since = l.o.Now()
	}
	defer r.close(ctx)
	wait := backoff{first: min(100*time.Millisecond, l.o.MaxBackoff), last: l.o.MaxBackoff}
	for {
		err := r.read(ctx, f)
		var stop *readerError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &stop):
			return stop.err
		case err == nil:
			wait.reset()
			continue
		}
		l.o.Logger.DebugContext(ctx, "requests can not be followed, will try again", "error", err)
		r.cons = nil
		if !rounds.Pause(ctx, wait.delay()) {
			return nil
		}
	}
}

// readerError is what the reader's function answered; it ends following.
type readerError struct{ err error }

// Error gives the reader's own.
func (e *readerError) Error() string { return e.err.Error() }

// read hands over what one request for messages brings.
func (r *follower) read(ctx context.Context, f func(usecase.KeptRequest) error) error {
	if !r.js.Conn().IsConnected() {
		return errDisconnected
	}
	if r.cons == nil {
		if err := r.open(ctx); err != nil {
			return err
		}
	}
	// It ends with the reader: whoever is gone holds nothing.
	poll, cancel := context.WithTimeout(ctx, feedPoll)
	defer cancel()
	batch, err := r.cons.Fetch(feedFetch, jetstream.FetchContext(poll))
	if err != nil {
		return unavailable("fetch", err)
	}
	var stop error
	for m := range batch.Messages() {
		if stop == nil { // else they are only taken off the channel
			stop = r.tell(ctx, m, f)
		}
	}
	if stop != nil {
		return stop
	}
	return realError(batch.Error())
}

func (r *follower) tell(ctx context.Context, m jetstream.Msg, f func(usecase.KeptRequest) error) error {
	if err := ctx.Err(); err != nil {
		return &readerError{err}
	}
	md, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("read the number of a message: %w", err)
	}
	r.from = usecase.FeedStart{Place: md.Sequence.Stream, Since: md.Timestamp}
	record, ok := readRequest(m.Data(), m.Headers())
	if !ok {
		return nil
	}
	began := time.Now()
	if err := f(usecase.KeptRequest{RequestRecord: record, Place: r.from.Place}); err != nil {
		return &readerError{err}
	}
	if time.Since(began) > feedPatience {
		return &readerError{usecase.ErrSlowReader}
	}
	return nil
}

// open makes the reader at its place. A place in a stream that was wiped since
// says nothing about the new one: there, time counts.
func (r *follower) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	stream, err := r.js.Stream(ctx, StreamRequests)
	if err != nil {
		return unavailable("look up "+StreamRequests, err)
	}
	info := stream.CachedInfo()
	anew := !r.created.IsZero() && info.Created.After(r.created)
	if anew || r.from.Place > info.State.LastSeq {
		r.from.Place = 0
	}
	r.created = info.Created
	c := scanned{subject: projectSubjects(r.project), since: r.from.Since}
	if r.from.Place > 0 {
		c.from = r.from.Place + 1
	}
	if r.cons, err = stream.CreateConsumer(ctx, c.consumer()); err != nil {
		r.cons = nil
		return unavailable("open "+StreamRequests, err)
	}
	return nil
}

// close removes the consumer at once; it would end by itself.
func (r *follower) close(ctx context.Context) {
	if r.cons != nil && r.js.Conn().IsConnected() {
		r.forget(ctx, StreamRequests, r.cons.CachedInfo().Name)
	}
}
