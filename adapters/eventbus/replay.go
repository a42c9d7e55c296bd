package eventbus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var (
	_ usecase.RequestSource = (*RequestLog)(nil)
	_ usecase.EventStream   = (*Relay)(nil)
)

// replayBytes bounds what one ReadRequests holds in memory, bodies together.
const replayBytes = 8 << 20

// ReadRequests implements usecase.RequestSource. Each call has a reader of its
// own: one that is kept would end while a slow replay waits.
func (l *RequestLog) ReadRequests(
	ctx context.Context, s usecase.RequestSelection, after uint64, limit int,
) (usecase.KeptRequests, error) {
	out := usecase.KeptRequests{Last: after}
	if !l.js.Conn().IsConnected() {
		return out, fmt.Errorf("read requests: %w", errDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, 4*readTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, StreamRequests)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return out, nil // wiped: nothing is kept
	}
	if err != nil {
		return out, unavailable("look up "+StreamRequests, err)
	}
	out.End = stream.CachedInfo().State.LastSeq
	cons, err := stream.CreateConsumer(ctx, selected(s, after))
	if err != nil {
		return out, unavailable("open "+StreamRequests, err)
	}
	info := cons.CachedInfo()
	defer l.forget(ctx, StreamRequests, info.Name)
	size := 0
	read := func(m jetstream.Msg) error {
		md, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read the number of a message: %w", err)
		}
		out.Last = md.Sequence.Stream
		size += len(m.Data())
		if r, ok := readRequest(m.Data(), m.Headers()); ok && isSelected(s, &r) {
			out.Requests = append(out.Requests, usecase.KeptRequest{RequestRecord: r, Place: out.Last})
		}
		return nil
	}
	left := int(min(info.NumPending, uint64(limit)))
	for left > 0 && size < replayBytes {
		n, err := readSome(ctx, cons, min(left, readChunk), read)
		if err != nil {
			return out, fmt.Errorf("read %s: %w", StreamRequests, err)
		}
		if n == 0 {
			break // the rest was deleted meanwhile
		}
		left -= n
	}
	if info.NumPending <= uint64(limit) && left == 0 {
		out.Last = max(out.Last, out.End) // behind them is nothing that is selected
	}
	return out, nil
}

// CountRequests implements usecase.RequestSource.
func (l *RequestLog) CountRequests(ctx context.Context, s usecase.RequestSelection) (int64, error) {
	if !l.js.Conn().IsConnected() {
		return 0, fmt.Errorf("count requests: %w", errDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	n, err := l.count(ctx, selected(s, 0))
	return int64(n), err
}

// selected reads what a selection asks for, behind a number. A request is
// kept after it came, so that none from a time on was kept before it. With a
// method it also reads the requests of which no decoder was there: any of them
// may have asked for it.
func selected(s usecase.RequestSelection, after uint64) jetstream.ConsumerConfig {
	c := scanned{subject: selectedSubject(s), from: after + 1}.consumer()
	if s.Method != "" && s.Method != domain.UnknownMethod && (s.Code == 0 || s.Code == codeUnknown) {
		unknown := s
		unknown.Method, unknown.Code = domain.UnknownMethod, codeUnknown
		c.FilterSubjects = []string{c.FilterSubject, selectedSubject(unknown)}
		c.FilterSubject = ""
	}
	if after == 0 && !s.From.IsZero() {
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartTimePolicy, 0
		from := s.From
		c.OptStartTime = &from
	}
	return c
}

// codeUnknown is the answer to a request whose method no decoder has.
const codeUnknown = 404

// isSelected tells whether a request that was read is one of a selection.
func isSelected(s usecase.RequestSelection, r *usecase.RequestRecord) bool {
	return s.Method == "" || r.Method != domain.UnknownMethod || s.Method == r.Called() || s.Method == r.Method
}

func selectedSubject(s usecase.RequestSelection) string {
	part := func(text string) string {
		if text == "" {
			return "*"
		}
		return token(text)
	}
	code := "*"
	if s.Code != 0 {
		code = strconv.Itoa(s.Code)
	}
	return "tgtrack.requests." + part(s.ProjectID) + "." + part(s.Method) + "." + code
}

// PresentEvents implements usecase.EventStream. It reads headers alone.
func (r *Relay) PresentEvents(ctx context.Context, projectID string, f func(id string)) error {
	if !r.js.Conn().IsConnected() {
		return fmt.Errorf("read %s: %w", StreamEvents, errDisconnected)
	}
	subject := "tgtrack.events.>"
	if projectID != "" {
		subject = "tgtrack.events." + token(projectID) + ".>"
	}
	c := scanned{subject: subject, headers: true}.consumer()
	cons, err := r.js.CreateConsumer(ctx, StreamEvents, c)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if err := repair(ctx, err, r.o.Ensure); err != nil {
			return unavailable("make "+StreamEvents+" again", err)
		}
		return nil
	}
	if err != nil {
		return unavailable("open "+StreamEvents, err)
	}
	info := cons.CachedInfo()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := r.js.DeleteConsumer(ctx, StreamEvents, info.Name); err != nil {
			r.o.Logger.DebugContext(ctx, "reader not removed, it ends by itself", "error", err)
		}
	}()
	for left := info.NumPending; left > 0; {
		n, err := readSome(ctx, cons, int(min(left, presentChunk)), func(m jetstream.Msg) error {
			f(m.Headers().Get(jetstream.MsgIDHeader))
			return nil
		})
		if err != nil {
			return fmt.Errorf("read %s: %w", StreamEvents, err)
		}
		if n == 0 {
			return nil // the limits of the stream were faster
		}
		left -= uint64(n)
	}
	return nil
}

// presentChunk is how many headers are asked for at once.
const presentChunk = 512

// full is the part of a stream's size above which a refill stops: beyond it
// the stream would drop what it has for what is put in.
const full = 0.95

// PublishEvents implements usecase.EventStream.
func (r *Relay) PublishEvents(ctx context.Context, es []usecase.OutboxEvent) error {
	if !r.js.Conn().IsConnected() {
		return fmt.Errorf("publish to %s: %w", StreamEvents, errDisconnected)
	}
	msgs := make([]*nats.Msg, len(es))
	size := 0
	for i, e := range es {
		msgs[i] = r.eventMessage(e)
		size += msgs[i].Size()
	}
	stream, err := r.js.Stream(ctx, StreamEvents)
	if err == nil {
		info := stream.CachedInfo()
		if limit := info.Config.MaxBytes; limit > 0 && float64(info.State.Bytes)+float64(size) > full*float64(limit) {
			return fmt.Errorf("%w: %s is full and would drop what it has; raise nats.max_bytes.events or begin "+
				"later (from)",
				domain.ErrConflict, StreamEvents)
		}
		err = r.publishNew(ctx, msgs)
	}
	if err != nil {
		if err := repair(ctx, err, r.o.Ensure); err != nil {
			r.o.Logger.DebugContext(ctx, "streams could not be made again", "error", err)
		}
		return unavailable("publish to "+StreamEvents, err)
	}
	return nil
}

// publishNew publishes messages that the stream must take for new. One that
// it remembers by its id, and lost since, it would not store: that passes with
// the time for which it remembers.
func (r *Relay) publishNew(ctx context.Context, msgs []*nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, r.o.AckTimeout)
	defer cancel()
	acks := make([]jetstream.PubAckFuture, len(msgs))
	for i, m := range msgs {
		var err error
		if acks[i], err = r.js.PublishMsgAsync(m); err != nil {
			return err
		}
	}
	remembered := 0
	for _, ack := range acks {
		select {
		case a := <-ack.Ok():
			if a.Duplicate {
				remembered++
			}
		case err := <-ack.Err():
			return err
		case <-ctx.Done():
			return fmt.Errorf("wait for the stream: %w", ctx.Err())
		}
	}
	r.o.Observer.Published(StreamEvents, len(msgs)-remembered)
	if remembered > 0 {
		return fmt.Errorf("%w: %d events were in the stream moments ago, and it takes them again within %s",
			domain.ErrUnavailable, remembered, duplicateWindow)
	}
	return nil
}
