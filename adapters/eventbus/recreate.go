package eventbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// How long the steps of making a stream anew take at most.
const (
	answerTimeout = 2 * time.Second // of a stream that is asked whether it is well
	anewTimeout   = 30 * time.Second
	deleteTimeout = 2 * time.Second // of one try: the node that should answer may be the one that is gone
)

// Recreate makes a stream anew, empty, with its consumers gone: they are made
// again by who needs them. It is for a stream whose nodes never come back; one
// that answers is left alone (domain.ErrConflict) unless forced. With
// domain.ErrUnavailable it was not finished, and can be asked for again.
func Recreate(ctx context.Context, js jetstream.JetStream, name string, l Limits, force bool) error {
	if !slices.Contains(Streams(), name) {
		return fmt.Errorf("%w: there is no stream %q; those of the service are %s", domain.ErrNotFound, name,
			strings.Join(Streams(), ", "))
	}
	if !js.Conn().IsConnected() {
		return errDisconnected
	}
	err := answers(ctx, js, name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return Ensure(ctx, js, l)
	case err == nil && !force:
		return fmt.Errorf("%w: %s answers, so it is not made anew: what it holds would be gone; to do it all the "+
			"same, use force", domain.ErrConflict, name)
	case unanswered(err):
		return streamError("look up", name, err)
	}
	return anew(ctx, js, name, l)
}

// anew deletes a stream, asking until it is gone, and makes it again.
func anew(ctx context.Context, js jetstream.JetStream, name string, l Limits) error {
	ctx, cancel := context.WithTimeout(ctx, anewTimeout)
	defer cancel()
	for {
		err := remove(ctx, js, name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return Ensure(ctx, js, l)
		}
		if !js.Conn().IsConnected() {
			return errDisconnected
		}
		if !rounds.Pause(ctx, 100*time.Millisecond) {
			return unavailable("delete "+name+" (under way; ask again)", errors.Join(ctx.Err(), err))
		}
	}
}

// answers is nil while a stream has a leader that answers.
func answers(ctx context.Context, js jetstream.JetStream, name string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	s, err := js.Stream(ctx, name)
	if err != nil {
		return err
	}
	if c := s.CachedInfo().Cluster; c != nil && c.Leader == "" {
		return errors.New("no leader")
	}
	return nil
}

// remove asks for a stream to be deleted. Nobody may be there to answer; that
// it is gone tells jetstream.ErrStreamNotFound of the next try.
func remove(ctx context.Context, js jetstream.JetStream, name string) error {
	ctx, cancel := context.WithTimeout(ctx, deleteTimeout)
	defer cancel()
	return js.DeleteStream(ctx, name)
}

// unanswered tells whether an error is of JetStream as a whole: then nothing
// could be deleted or made.
func unanswered(err error) bool {
	return errors.Is(err, jetstream.ErrJetStreamNotEnabled) ||
		errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) || missing(err)
}
