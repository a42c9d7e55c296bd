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
// answer has one error a message, nil where it is stored.
func publishAll(ctx context.Context, js jetstream.JetStream, msgs []*nats.Msg, timeout time.Duration) []error {
	errs, _ := publishKnown(ctx, js, msgs, timeout)
	return errs
}

// publishKnown also gives the numbers of the messages that the stream did not
// store, since it remembers their ids.
func publishKnown(
	ctx context.Context, js jetstream.JetStream, msgs []*nats.Msg, timeout time.Duration,
) (errs []error, repeats []uint64) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	errs = make([]error, len(msgs))
	acks := make([]jetstream.PubAckFuture, len(msgs))
	for i, m := range msgs {
		acks[i], errs[i] = js.PublishMsgAsync(m)
	}
	for i, ack := range acks {
		if errs[i] != nil {
			continue
		}
		var a *jetstream.PubAck
		if a, errs[i] = acked(ctx, ack); a != nil && a.Duplicate {
			repeats = append(repeats, a.Sequence)
		}
	}
	return errs, repeats
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
