package eventbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

const (
	// maxCallRecords bounds what is read to find the last calls: three batches
	// of the largest kind.
	maxCallRecords = 3200
	// maxCallBytes stops reading on once so much was read.
	maxCallBytes = 16 << 20
	// callTogether is how long after one request of a batch another may be kept.
	callTogether = time.Minute
)

// LastCalls reads the requests of the newest calls of a project, newest first: a
// batch is one call, however many it brought. Of very large ones the oldest
// requests may be missing.
func (l *RequestLog) LastCalls(ctx context.Context, projectID string, calls int) ([]usecase.RequestRecord, error) {
	for limit := calls; ; limit = min(4*limit, maxCallRecords) {
		rs, err := l.Last(ctx, projectID, limit)
		if err != nil {
			return nil, err
		}
		n, size, seen := 0, 0, map[string]bool{}
		for i := range rs {
			size += len(rs[i].Body)
			if id := rs[i].CallID; id == "" || !seen[id] {
				seen[id] = true
				if n++; n > calls {
					return withoutOthers(rs, i), nil
				}
			}
		}
		whole := n == calls && rs[len(rs)-1].CallID == ""
		if len(rs) < limit || whole || limit >= maxCallRecords || size > maxCallBytes {
			return rs, nil
		}
	}
}

// withoutOthers leaves out the calls that begin at a place or behind it.
func withoutOthers(rs []usecase.RequestRecord, end int) []usecase.RequestRecord {
	ours := map[string]bool{}
	for i := range end {
		ours[rs[i].CallID] = true
	}
	delete(ours, "")
	late := slices.DeleteFunc(slices.Clone(rs[end:]), func(r usecase.RequestRecord) bool { return !ours[r.CallID] })
	return append(slices.Clone(rs[:end]), late...)
}

// Call reads the requests of a batch, newest first; domain.ErrNotFound for one
// of which nothing is kept.
func (l *RequestLog) Call(ctx context.Context, projectID, id string) ([]usecase.RequestRecord, error) {
	at, ok := idTime(id)
	if !ok {
		return nil, fmt.Errorf("batch %.64q: %w", id, domain.ErrNotFound)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	found := newest{limit: maxCallRecords, byID: map[string]bool{}}
	for _, r := range l.queue.of(projectID) {
		if r.CallID == id {
			found.add(r)
		}
	}
	places, err := l.callPlaces(ctx, projectID, id, at)
	if err != nil {
		return nil, err
	}
	if len(places) > 0 {
		if err := l.readPlaces(ctx, places, &found); err != nil {
			return nil, err
		}
	}
	out := slices.DeleteFunc(found.sorted(), func(r usecase.RequestRecord) bool {
		return r.CallID != id || r.ProjectID != projectID
	})
	if len(out) == 0 {
		return nil, fmt.Errorf("batch %s: %w", id, domain.ErrNotFound)
	}
	return out, nil
}

// callPlaces finds the numbers of a batch's requests by their headers.
func (l *RequestLog) callPlaces(
	ctx context.Context, projectID, id string, at time.Time,
) (places []uint64, err error) {
	if !l.js.Conn().IsConnected() {
		return nil, fmt.Errorf("find a batch: %w", errDisconnected)
	}
	until := at.Add(findWithin)
	err = l.near(ctx, projectID, at, func(m jetstream.Msg, md *jetstream.MsgMetadata) time.Time {
		if m.Headers().Get(CallHeader) == id {
			places, until = append(places, md.Sequence.Stream), md.Timestamp.Add(callTogether)
		}
		return until
	})
	return places, err
}

func (l *RequestLog) readPlaces(ctx context.Context, places []uint64, found *newest) error {
	stream, err := l.js.Stream(ctx, StreamRequests)
	if err != nil {
		return unavailable("look up "+StreamRequests, err)
	}
	slices.SortFunc(places, func(a, b uint64) int { return cmp.Compare(b, a) })
	for _, place := range places[:min(len(places), maxCallRecords)] {
		m, err := stream.GetMsg(ctx, place)
		if err != nil {
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue
			}
			return unavailable("read a request", err)
		}
		if r, ok := readRequest(m.Data, m.Header); ok {
			found.add(r)
		}
	}
	return nil
}
