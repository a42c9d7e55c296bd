package eventbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
)

var errDisconnected = fmt.Errorf("NATS is not connected: %w", domain.ErrUnavailable)

// publishAll sends messages at once and waits until the stream has each. The
// answer has one error a message, nil where it is stored.
func publishAll(ctx context.Context, js jetstream.JetStream, msgs []*nats.Msg, timeout time.Duration) []error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	errs := make([]error, len(msgs))
	acks := make([]jetstream.PubAckFuture, len(msgs))
	for i, m := range msgs {
		acks[i], errs[i] = js.PublishMsgAsync(m)
	}
	for i, ack := range acks {
		if errs[i] == nil {
			errs[i] = acked(ctx, ack)
		}
	}
	return errs
}

func acked(ctx context.Context, ack jetstream.PubAckFuture) error {
	select {
	case <-ack.Ok():
		return nil
	case err := <-ack.Err():
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the stream: %w", ctx.Err())
	}
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
