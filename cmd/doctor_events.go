package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
)

// How events are compared with their stream: all of them where they are counted
// in this time, else those of a day.
const (
	countTimeout = 2 * time.Second
	countLast    = 24 * time.Hour
)

// eventCounts is how many events the database and the stream have.
type eventCounts struct {
	from           time.Time // zero: ever
	known, waiting int64     // in the database, and of those not published yet
	kept           int64     // in the stream
}

// lacks is how many events the stream should have and has not.
func (c eventCounts) lacks() int64 { return max(0, c.known-c.waiting-c.kept) }

// compareEvents counts in the order in which events travel, so that one on its
// way is not missed; only those within a time, unless that is 0.
func compareEvents(
	ctx context.Context, s *store.Store, nc *natsconn.Conn, within time.Duration,
) (c eventCounts, err error) {
	now := s.Now()
	if c.from, err = eventbus.EventsFrom(ctx, nc.JS, now); err != nil {
		return c, err
	}
	if last := now.Add(-within); within > 0 && c.from.Before(last) {
		c.from = last
	}
	c.known, err = countFrom(ctx, s, c.from)
	if day := now.Add(-countLast); err != nil && c.from.Before(day) && ctx.Err() == nil {
		c.from = day
		c.known, err = countFrom(ctx, s, c.from)
	}
	if err != nil {
		return c, err
	}
	outbox, _, err := s.Waiting(ctx, now)
	if err != nil {
		return c, err
	}
	c.waiting = int64(outbox.Count)
	c.kept, err = eventbus.EventsSince(ctx, nc.JS, c.from)
	return c, err
}

func countFrom(ctx context.Context, s *store.Store, from time.Time) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	return s.CountEventsFrom(ctx, from)
}

// events compares the stream of events with the database.
func (d *doctor) events(ctx context.Context) []finding {
	c, err := compareEvents(ctx, d.store, d.nats, 0)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return []finding{fine("streams.events", "not compared with the database: that takes too long")}
	case err != nil:
		return nil // why it does not answer is among the other findings
	}
	f := fine("streams.events", "%s has what the database has: %d events", eventbus.StreamEvents, c.known)
	if n := c.lacks(); n > 0 {
		f = finding{"streams.events", isProblem,
			say("%s lacks %d of the %d events that the database has", eventbus.StreamEvents, n, c.known),
			say("fill it with: tgtrack replay refill")}
	}
	if !c.from.IsZero() {
		f.Is += "; " + say("looked at since %s", c.from.Format("2006-01-02 15:04Z"))
	}
	return []finding{f}
}

// eventsSource shows what the stream lacks of the last hour: to count all would
// cost too much each minute.
func eventsSource(s *store.Store, nc *natsconn.Conn) func(context.Context, emitter) error {
	lacks := gauge("stream_lacks_events",
		"Events of the last hour that the database has and TGTRACK_EVENTS has not, those on their way left out.")
	return func(ctx context.Context, emit emitter) error {
		c, err := compareEvents(ctx, s, nc, time.Hour)
		if err == nil {
			emit(lacks(float64(c.lacks())))
		}
		return err
	}
}
