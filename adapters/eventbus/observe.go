package eventbus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
)

// StreamState is how a stream stands.
type StreamState struct {
	Name      string
	Missing   bool
	Messages  uint64
	Bytes     uint64
	MaxBytes  int64
	MaxAge    time.Duration
	Replicas  int
	Full      bool // refuses what comes when it is full
	Consumers []ConsumerState
}

// ConsumerState is how far a durable consumer is.
type ConsumerState struct {
	Name        string
	Pending     uint64 // not handed over yet
	Unacked     int    // handed over, not acknowledged
	Redelivered int    // of those, handed over more than once
}

// mostConsumers bounds what is shown of one stream: outside programs make
// consumers, too.
const mostConsumers = 50

// Streams lists the names of the streams.
func Streams() []string {
	return []string{StreamRequests, StreamEvents, StreamConversions, StreamClicks}
}

// States looks at all streams and their durable consumers.
func States(ctx context.Context, js jetstream.JetStream) ([]StreamState, error) {
	if !js.Conn().IsConnected() {
		return nil, errDisconnected
	}
	var out []StreamState
	for _, name := range Streams() {
		st, err := state(ctx, js, name)
		if err != nil {
			return nil, unavailable("look at stream "+name, err)
		}
		out = append(out, st)
	}
	return out, nil
}

func state(ctx context.Context, js jetstream.JetStream, name string) (StreamState, error) {
	s, err := js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return StreamState{Name: name, Missing: true}, nil
	}
	if err != nil {
		return StreamState{}, err
	}
	info := s.CachedInfo()
	st := StreamState{
		Name: name, Messages: info.State.Msgs, Bytes: info.State.Bytes, MaxBytes: info.Config.MaxBytes,
		MaxAge: info.Config.MaxAge, Replicas: info.Config.Replicas, Full: info.Config.Discard == jetstream.DiscardNew,
	}
	if info.State.Consumers == 0 {
		return st, nil
	}
	list := s.ListConsumers(ctx)
	for c := range list.Info() {
		if c.Config.Durable != "" && len(st.Consumers) < mostConsumers {
			st.Consumers = append(st.Consumers, ConsumerState{c.Name, c.NumPending, c.NumAckPending, c.NumRedelivered})
		}
	}
	return st, list.Err()
}

// Ready is nil while all streams are there.
func Ready(ctx context.Context, js jetstream.JetStream) error {
	if !js.Conn().IsConnected() {
		return errDisconnected
	}
	there := map[string]bool{}
	names := js.StreamNames(ctx, jetstream.WithStreamListSubject("tgtrack.>"))
	for n := range names.Name() {
		there[n] = true
	}
	if err := names.Err(); err != nil {
		return fmt.Errorf("%w: JetStream does not answer", domain.ErrUnavailable)
	}
	var lack []string
	for _, n := range Streams() {
		if !there[n] {
			lack = append(lack, n)
		}
	}
	if len(lack) > 0 {
		return fmt.Errorf("%w: %s missing; they are made again by themselves", domain.ErrNotFound,
			strings.Join(lack, ", "))
	}
	return nil
}
