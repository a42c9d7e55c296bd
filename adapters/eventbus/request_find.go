package eventbus

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

var _ usecase.RequestFinder = (*RequestLog)(nil)

const (
	// findSlack is by how much clocks of processes may differ.
	findSlack = time.Minute
	// findWithin is how long after it came a request may have been kept: it
	// waits in memory while the log is away.
	findWithin = time.Hour
)

var errFound = errors.New("found")

// FindRequest implements usecase.RequestFinder. An id begins with its time,
// so the log is read from there.
func (l *RequestLog) FindRequest(ctx context.Context, projectID, id string) (usecase.RequestRecord, error) {
	at, ok := idTime(id)
	if !ok {
		return usecase.RequestRecord{}, fmt.Errorf("request %.64q: %w", id, domain.ErrNotFound)
	}
	for _, r := range l.queue.of(projectID) {
		if r.ID == id {
			return r, nil
		}
	}
	if !l.js.Conn().IsConnected() {
		return usecase.RequestRecord{}, fmt.Errorf("find a request: %w", errDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	place, err := l.place(ctx, projectID, id, at)
	if err != nil {
		return usecase.RequestRecord{}, err
	}
	stream, err := l.js.Stream(ctx, StreamRequests)
	if err != nil {
		return usecase.RequestRecord{}, unavailable("look up "+StreamRequests, err)
	}
	m, err := stream.GetMsg(ctx, place)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return usecase.RequestRecord{}, fmt.Errorf("request %s: %w", id, domain.ErrNotFound)
	}
	if err != nil {
		return usecase.RequestRecord{}, unavailable("read a request", err)
	}
	r, ok := readRequest(m.Data, m.Header)
	if !ok || r.ID != id || r.ProjectID != projectID {
		return usecase.RequestRecord{}, fmt.Errorf("request %s: %w", id, domain.ErrNotFound)
	}
	return r, nil
}

// near goes through the headers of a project's messages from about a time on.
// found answers until when to look on.
func (l *RequestLog) near(
	ctx context.Context, projectID string, at time.Time, found func(m jetstream.Msg, md *jetstream.MsgMetadata) time.Time,
) error {
	s := scanned{stream: StreamRequests, subject: projectSubjects(projectID), since: at.Add(-findSlack), headers: true}
	err := l.scan(ctx, s, func(m jetstream.Msg) error {
		md, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read the number of a message: %w", err)
		}
		if !md.Timestamp.Before(found(m, md)) {
			return errFound
		}
		return nil
	})
	if errors.Is(err, errFound) {
		return nil
	}
	return err
}

// place finds the number of a request by its message's header.
func (l *RequestLog) place(ctx context.Context, projectID, id string, at time.Time) (place uint64, err error) {
	err = l.near(ctx, projectID, at, func(m jetstream.Msg, md *jetstream.MsgMetadata) time.Time {
		if m.Headers().Get(RequestHeader) != id {
			return at.Add(findWithin) // it would have come by then
		}
		place = md.Sequence.Stream
		return md.Timestamp
	})
	if err == nil && place == 0 {
		err = fmt.Errorf("request %s: %w", id, domain.ErrNotFound)
	}
	return place, err
}

// idTime reads the time of an id, see domain.NewID.
func idTime(id string) (time.Time, bool) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 16 || b[6]>>4 != 7 {
		return time.Time{}, false
	}
	var ms int64
	for _, c := range b[:6] {
		ms = ms<<8 | int64(c)
	}
	return time.UnixMilli(ms), true
}
