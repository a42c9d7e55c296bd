package eventbus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// nearlyFull is the part of its size from which on a stream may have dropped
// its oldest messages.
const nearlyFull = 0.9

// clockSkew is how far the clocks of the NATS server and of ours may be apart.
const clockSkew = 2 * time.Minute

// EventsFrom says from when on TGTRACK_EVENTS should have every event, by its
// own bounds: from the zero time where it never had to drop any.
func EventsFrom(ctx context.Context, js jetstream.JetStream, now time.Time) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	s, err := js.Stream(ctx, StreamEvents)
	if err != nil {
		return time.Time{}, unavailable("look at "+StreamEvents, err)
	}
	info := s.CachedInfo()
	var from time.Time
	if age := info.Config.MaxAge; age > 0 {
		from = now.Add(-age).Add(clockSkew)
	}
	size := float64(info.Config.MaxBytes)
	if first := info.State.FirstTime.Add(clockSkew); size > 0 && float64(info.State.Bytes) > nearlyFull*size &&
		first.After(from) {
		from = first
	}
	return from, nil
}

// EventsSince counts the messages of TGTRACK_EVENTS that were published since a
// time, or a little before it; all of them since the zero time.
func EventsSince(ctx context.Context, js jetstream.JetStream, from time.Time) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	if from.IsZero() {
		s, err := js.Stream(ctx, StreamEvents)
		if err != nil {
			return 0, unavailable("count in "+StreamEvents, err)
		}
		return int64(s.CachedInfo().State.Msgs), nil
	}
	// The server counts for a new consumer what it is going to get.
	c := scanned{since: from.Add(-clockSkew), headers: true}.consumer()
	cons, err := js.CreateConsumer(ctx, StreamEvents, c)
	if err != nil {
		return 0, unavailable("count in "+StreamEvents, err)
	}
	info := cons.CachedInfo()
	forget, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer done()
	_ = js.DeleteConsumer(forget, StreamEvents, info.Name) // else it ends by itself
	return int64(info.NumPending), nil
}
