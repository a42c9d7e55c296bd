package eventbus

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
)

// Names of the streams.
const (
	StreamRequests    = "TGTRACK_REQUESTS"
	StreamEvents      = "TGTRACK_EVENTS"
	StreamConversions = "TGTRACK_CONVERSIONS"
	StreamClicks      = "TGTRACK_CLICKS"
)

// duplicateWindow is how long JetStream remembers message ids. It only spares
// work, since whoever reads a message knows ids by itself, and each id takes
// about 80 bytes of memory: at 10,000 messages a second the server's usual two
// minutes are 96 MB, this is 16. It is longer than the relay waits for the
// stream before it publishes a batch again.
const duplicateWindow = 20 * time.Second

// Limits of the streams.
type Limits struct {
	// RequestsAge is how long a request is kept. Defaults to 7 days.
	RequestsAge time.Duration
	// RequestsBytes bounds the log of requests. Defaults to 1 GiB.
	RequestsBytes int64
	// EventsAge is how long an event is kept. Defaults to 0: for ever.
	EventsAge time.Duration
	// EventsBytes bounds the events; the oldest go first, the database keeps
	// them all. Defaults to 4 GiB.
	EventsBytes int64
	// ConversionsBytes bounds the conversions; when it is reached, more wait
	// in the database. Defaults to 1 GiB.
	ConversionsBytes int64
	// ConversionsAge is how long a conversion waits in the stream for a
	// sender. While none runs the relay publishes it again and again; without
	// an age the copies would pile up. Defaults to 1 hour.
	ConversionsAge time.Duration
	// ClicksBytes bounds the clicks that wait for the database; when it is
	// reached, more are refused. Defaults to 256 MiB.
	ClicksBytes int64
	// ClicksAge is how long a click waits. Defaults to 24 hours.
	ClicksAge time.Duration
	// Replicas is how many nodes of a cluster keep each stream and its
	// consumers; fewer while it has fewer nodes. It is raised and never
	// lowered. Defaults to 0: 3 in a cluster of three nodes or more, else 1.
	Replicas int
}

func (l Limits) withDefaults() Limits {
	l.RequestsAge = orDuration(l.RequestsAge, 7*24*time.Hour)
	l.ConversionsAge = orDuration(l.ConversionsAge, time.Hour)
	if l.EventsAge > 0 {
		l.EventsAge = max(l.EventsAge, time.Second) // less the server refuses
	}
	l.RequestsBytes = or64(l.RequestsBytes, 1<<30)
	l.EventsBytes = or64(l.EventsBytes, 4<<30)
	l.ConversionsBytes = or64(l.ConversionsBytes, 1<<30)
	l.ClicksBytes = or64(l.ClicksBytes, 256<<20)
	l.ClicksAge = max(orDuration(l.ClicksAge, 24*time.Hour), time.Second) // less the server refuses
	return l
}

func or64(n, def int64) int64 {
	if n <= 0 {
		return def
	}
	return n
}

// Ensure creates the streams, and changes those whose limits differ. It may
// be called at any time and by several processes at once. What an operator
// set beside our limits (placement, compression) stays.
func Ensure(ctx context.Context, js jetstream.JetStream, l Limits) error {
	l = l.withDefaults()
	l.Replicas = Replicas(js.Conn(), l.Replicas)
	var errs []error
	for _, want := range []jetstream.StreamConfig{
		requestsConfig(l), eventsConfig(l), conversionsConfig(l), clicksConfig(l),
	} {
		// One that finds no room must not keep the others from being made.
		if err := ensure(ctx, js, want); err != nil {
			errs = append(errs, &MakeError{Stream: want.Name, MaxBytes: want.MaxBytes, Err: err})
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

func requestsConfig(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        StreamRequests,
		Description: "Authenticated requests, as they came and were answered",
		Subjects:    []string{"tgtrack.requests.*.*.*"},
		Discard:     jetstream.DiscardOld,
		MaxAge:      l.RequestsAge,
		MaxBytes:    l.RequestsBytes,
		Duplicates:  min(duplicateWindow, l.RequestsAge),
		Replicas:    l.Replicas,
	}
}

func eventsConfig(l Limits) jetstream.StreamConfig {
	duplicates := duplicateWindow
	if l.EventsAge > 0 {
		duplicates = min(duplicates, l.EventsAge)
	}
	return jetstream.StreamConfig{
		Name:        StreamEvents,
		Description: "What happened, one message an event",
		Subjects:    []string{"tgtrack.events.*.*"},
		Discard:     jetstream.DiscardOld,
		MaxAge:      l.EventsAge,
		MaxBytes:    l.EventsBytes,
		Duplicates:  duplicates,
		Replicas:    l.Replicas,
	}
}

// conversionsConfig refuses what does not fit: the relay then leaves it in
// the database, where a dropped message would be forgotten for minutes.
func conversionsConfig(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        StreamConversions,
		Description: "Conversions that may be sent now, ids alone, those of an ad account together",
		Subjects:    []string{"tgtrack.conversions.*.*"},
		Retention:   jetstream.WorkQueuePolicy,
		Discard:     jetstream.DiscardNew,
		MaxAge:      l.ConversionsAge,
		MaxBytes:    l.ConversionsBytes,
		Duplicates:  min(duplicateWindow, l.ConversionsAge),
		Replicas:    l.Replicas,
	}
}

// clicksConfig refuses what does not fit: the visitor then gets a value that
// does not promise a click, and those who were promised one keep it.
func clicksConfig(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        StreamClicks,
		Description: "Clicks that wait for the database",
		Subjects:    []string{"tgtrack.clicks.*"},
		Retention:   jetstream.WorkQueuePolicy,
		Discard:     jetstream.DiscardNew,
		MaxAge:      l.ClicksAge,
		MaxBytes:    l.ClicksBytes,
		Duplicates:  min(duplicateWindow, l.ClicksAge),
		Replicas:    l.Replicas,
	}
}

func ensure(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	s, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return create(ctx, js, want)
	}
	if err != nil {
		return streamError("look up", want.Name, err)
	}
	have := s.CachedInfo().Config
	for err = update(ctx, js, have, want); tooFewNodes(err) && want.Replicas > have.Replicas; {
		// What else is to change must not wait for nodes to come.
		want.Replicas = max(have.Replicas, fewer(want.Replicas))
		err = update(ctx, js, have, want)
	}
	return err
}

func update(ctx context.Context, js jetstream.JetStream, have, want jetstream.StreamConfig) error {
	cfg := merge(have, want)
	if reflect.DeepEqual(cfg, have) {
		return nil
	}
	if _, err := js.UpdateStream(ctx, cfg); err != nil {
		return streamError("update", want.Name, err)
	}
	return nil
}

// create makes a stream. Where its copies find no nodes it begins with fewer:
// the others are made when the nodes are there.
func create(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	_, err := js.CreateStream(ctx, want)
	for tooFewNodes(err) && want.Replicas > 1 {
		want.Replicas = fewer(want.Replicas)
		_, err = js.CreateStream(ctx, want)
	}
	// Another process with other limits may have been faster.
	if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return streamError("create", want.Name, err)
	}
	return nil
}

// merge puts our fields over what the server has.
func merge(have, want jetstream.StreamConfig) jetstream.StreamConfig {
	out := have
	out.Description = want.Description
	out.Subjects = want.Subjects
	out.Discard = want.Discard
	out.MaxAge = want.MaxAge
	out.MaxBytes = want.MaxBytes
	out.Duplicates = want.Duplicates
	out.Replicas = max(have.Replicas, want.Replicas)
	return out
}

func streamError(doing, name string, err error) error {
	if errors.Is(err, jetstream.ErrJetStreamNotEnabled) ||
		errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) ||
		errors.Is(err, nats.ErrNoResponders) {
		return fmt.Errorf("%w: JetStream is switched off on the NATS server or for this account;"+
			" switch it on (nats-server -js): %w", domain.ErrUnavailable, err)
	}
	return unavailable(doing+" stream "+name, err)
}
