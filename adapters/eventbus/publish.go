package eventbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
)

var errDisconnected = fmt.Errorf("NATS is not connected: %w", domain.ErrUnavailable)

// publishAll sends messages at once and waits until the stream has each. The
// answers have one for each message: what the stream said, or the error.
func publishAll(
	ctx context.Context, js jetstream.JetStream, msgs []*nats.Msg, timeout time.Duration,
) (acks []*jetstream.PubAck, errs []error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	acks, errs = make([]*jetstream.PubAck, len(msgs)), make([]error, len(msgs))
	sent := make([]jetstream.PubAckFuture, len(msgs))
	for i, m := range msgs {
		sent[i], errs[i] = js.PublishMsgAsync(m)
	}
	for i, f := range sent {
		if errs[i] == nil {
			acks[i], errs[i] = acked(ctx, f)
		}
	}
	return acks, errs
}

// stored is the number under which a message was stored, 0 where it was not.
func stored(a *jetstream.PubAck) uint64 {
	if a == nil || a.Duplicate {
		return 0
	}
	return a.Sequence
}

// repeatsOf are the numbers of the messages that the stream did not store,
// since it remembers their ids.
func repeatsOf(acks []*jetstream.PubAck) (repeats []uint64) {
	for _, a := range acks {
		if a != nil && a.Duplicate {
			repeats = append(repeats, a.Sequence)
		}
	}
	return repeats
}

func acked(ctx context.Context, ack jetstream.PubAckFuture) (*jetstream.PubAck, error) {
	select {
	case a := <-ack.Ok():
		return a, nil
	case err := <-ack.Err():
		return nil, err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the stream: %w", ctx.Err())
	}
}

// errForgets is a stream that remembers the ids of messages which were deleted
// since, and so takes them for repeats.
var errForgets = fmt.Errorf("messages that were in the stream moments ago were deleted, and it takes them again "+
	"within %s", duplicateWindow)

// stillThere is nil while a stream has messages that it took for repeats. One
// that was purged remembers their ids for a while; to believe it would lose
// them.
func stillThere(ctx context.Context, js jetstream.JetStream, stream string, repeats []uint64) error {
	if len(repeats) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return err
	}
	state := s.CachedInfo().State
	if slices.Min(repeats) < state.FirstSeq {
		return errForgets
	}
	if state.NumDeleted == 0 {
		return nil
	}
	for _, seq := range repeats {
		if _, err := s.GetMsg(ctx, seq); errors.Is(err, jetstream.ErrMsgNotFound) {
			return errForgets
		} else if err != nil {
			return err
		}
	}
	return nil
}

// firstOf gives the number of errors and one of them: that of a missing
// stream before others, since it can be repaired.
func firstOf(errs []error) (n int, first error) {
	for _, err := range errs {
		if err == nil {
			continue
		}
		n++
		if first == nil || missing(err) && !missing(first) {
			first = err
		}
	}
	return n, first
}

// hopeless tells whether the same message would fail for ever.
func hopeless(err error) bool {
	if errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrBadSubject) ||
		errors.Is(err, jetstream.ErrStreamMessageExceedsMaximum) {
		return true
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 400
}
