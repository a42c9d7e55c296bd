package usecase

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// EventSelection selects events; empty fields select all.
type EventSelection struct {
	ProjectID string
	Type      domain.EventType
	From, To  time.Time // by ReceivedAt
	UpTo      string    // the highest id
}

// EventSource reads events from the database in the order of their ids.
type EventSource interface {
	CountEvents(ctx context.Context, s EventSelection) (int64, error)
	// EventsAfter gives at most limit events behind an id.
	EventsAfter(ctx context.Context, s EventSelection, after string, limit int) ([]domain.Event, error)
	// EventIDs gives at most limit ids behind an id. Only the database knows
	// their order: it may have words' own.
	EventIDs(ctx context.Context, s EventSelection, after string, limit int) ([]string, error)
	// Unpublished gives the ids of events that wait for the relay, of those
	// behind one id and not behind another.
	Unpublished(ctx context.Context, after, upTo string) ([]string, error)
	// EventDays gives the first and the last day of a project's events, zero
	// when there are none.
	EventDays(ctx context.Context, projectID string) (first, last time.Time, err error)
}

// EventStream is the stream of events.
type EventStream interface {
	// PresentEvents calls f with the id of each event that the stream has. An
	// error wraps domain.ErrUnavailable while it can not be read.
	PresentEvents(ctx context.Context, projectID string, f func(id string)) error
	// PublishEvents puts events into the stream and waits for it. It refuses,
	// with domain.ErrConflict, when the stream is so full that it would drop
	// others for them.
	PublishEvents(ctx context.Context, es []OutboxEvent) error
}

const (
	// refillWindow is how many events are compared with the stream at once:
	// their ids are held in memory.
	refillWindow = 200_000
	// refillChunk is how many events are read and published at once.
	refillChunk = 500
)

// refill publishes the events that the stream lacks. Those that the relay has
// not published yet are left to it.
func (run *replayRun) refill(ctx context.Context) error {
	f := run.r.Filter
	sel := EventSelection{ProjectID: f.ProjectID, Type: f.Type, From: f.From, To: f.To}
	after, upTo := cutPosition(run.position())
	if upTo == "" {
		var err error
		// Ids begin with the time: what comes in from now on has higher ones
		// and goes the usual way.
		upTo = run.newID()
		sel.UpTo = upTo
		var total int64
		if total, err = run.Events.CountEvents(ctx, sel); err != nil {
			return err
		}
		run.progress(func(p *ReplayProgress) { p.Total, p.Position = total, "/"+upTo })
	}
	sel.UpTo = upTo
	for more := true; more; {
		var err error
		if after, more, err = run.refillNext(ctx, sel, after); err != nil {
			return err
		}
	}
	if run.r.DryRun || f.Type != "" || !f.From.IsZero() || !f.To.IsZero() {
		return nil
	}
	n, err := run.Sends.Unschedule(ctx, f.ProjectID, run.now())
	if err != nil {
		return err
	}
	if n > 0 {
		run.progress(func(p *ReplayProgress) { p.note("", "%d conversions that are due are handed over anew", n) })
		run.Wake()
	}
	return nil
}

func cutPosition(s string) (after, upTo string) {
	for i := range s {
		if s[i] == '/' {
			return s[:i], s[i+1:]
		}
	}
	return "", ""
}

// refillNext compares one window of events with the stream and publishes what
// is missing.
func (run *replayRun) refillNext(
	ctx context.Context, sel EventSelection, after string,
) (last string, more bool, err error) {
	upTo := sel.UpTo
	ids, err := run.Events.EventIDs(ctx, sel, after, refillWindow)
	if err != nil || len(ids) == 0 {
		return after, false, err
	}
	sel.UpTo = ids[len(ids)-1]
	missing, err := run.missing(ctx, sel, after, ids)
	if err != nil {
		return after, false, err
	}
	for limit := run.chunk(refillChunk); ; {
		es, err := run.Events.EventsAfter(ctx, sel, after, limit)
		if err != nil {
			return after, false, err
		}
		if len(es) > 0 {
			after = es[len(es)-1].ID
			if err := run.refillChunk(ctx, es, missing, after+"/"+upTo); err != nil {
				return after, false, err
			}
		}
		if len(es) < limit {
			return sel.UpTo, len(ids) == refillWindow, nil
		}
	}
}

// missing gives those ids of a window that the stream lacks and that the
// relay will not publish. The outbox is read first: what leaves it meanwhile
// is in the stream then.
func (run *replayRun) missing(
	ctx context.Context, sel EventSelection, after string, ids []string,
) (map[string]bool, error) {
	missing := make(map[string]bool, len(ids))
	for _, id := range ids {
		missing[id] = true
	}
	waiting, err := run.Events.Unpublished(ctx, after, sel.UpTo)
	if err != nil {
		return nil, err
	}
	for _, id := range waiting {
		delete(missing, id)
	}
	return missing, run.Stream.PresentEvents(ctx, sel.ProjectID, func(id string) { delete(missing, id) })
}

func (run *replayRun) refillChunk(
	ctx context.Context, es []domain.Event, missing map[string]bool, position string,
) error {
	var lost []OutboxEvent
	for i := range es {
		if !missing[es[i].ID] {
			continue
		}
		payload, err := EventDocument(&es[i])
		if err != nil {
			return err
		}
		lost = append(lost, OutboxEvent{EventID: es[i].ID, ProjectID: es[i].ProjectID, Type: es[i].Type,
			Payload: payload})
	}
	if err := run.pace(ctx, len(lost)); err != nil {
		return err
	}
	if len(lost) > 0 && !run.r.DryRun {
		if err := run.Stream.PublishEvents(ctx, lost); err != nil {
			return err
		}
	}
	run.progress(func(p *ReplayProgress) {
		n, m := int64(len(es)), int64(len(lost))
		p.Seen, p.Matched, p.Changed, p.Unchanged, p.Position = p.Seen+n, p.Matched+n, p.Changed+m,
			p.Unchanged+n-m, position
	})
	return nil
}
