package eventbus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
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

// stateTimeout bounds the look at one stream.
const stateTimeout = 2 * time.Second

// States looks at all streams and their durable consumers. With an error it
// gives those that answered; Health says why the others did not.
func States(ctx context.Context, js jetstream.JetStream) ([]StreamState, error) {
	if !js.Conn().IsConnected() {
		return nil, errDisconnected
	}
	var out []StreamState
	var failed error
	for _, name := range Streams() {
		st, err := state(ctx, js, name)
		if err != nil {
			failed = unavailable("look at stream "+name, err)
			continue
		}
		out = append(out, st)
	}
	return out, failed
}

func state(ctx context.Context, js jetstream.JetStream, name string) (StreamState, error) {
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
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
