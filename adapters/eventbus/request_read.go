package eventbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
)

const (
	// readTimeout bounds reading where the caller sets no bound.
	readTimeout = 5 * time.Second
	// readChunk is how many messages are asked for at once; with the largest
	// bodies more would overrun what the server keeps for a client.
	readChunk = 32
	// maxProbes bounds how often the server counts to find where the last
	// requests begin: enough to find 100 among two million.
	maxProbes = 20
)

// Last reads the newest records of a project, newest first: those in the log,
// and what this process has not written yet.
func (l *RequestLog) Last(ctx context.Context, projectID string, limit int) ([]usecase.RequestRecord, error) {
	if limit <= 0 {
		return nil, nil
	}
	if !l.js.Conn().IsConnected() {
		return nil, fmt.Errorf("read last requests: %w", errDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	// Taken first: a record that is written meanwhile is in the log then.
	found := newest{limit: limit, byID: map[string]bool{}}
	for _, r := range l.queue.of(projectID) {
		found.add(r)
	}
	from, err := l.lastFrom(ctx, projectID, uint64(limit))
	if err != nil {
		return nil, fmt.Errorf("read last requests: %w", err)
	}
	err = l.scan(ctx, scanned{stream: StreamRequests, subject: projectSubjects(projectID), from: from},
		func(m jetstream.Msg) error {
			found.read(m)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read last requests: %w", err)
	}
	return found.sorted(), nil
}

func projectSubjects(projectID string) string {
	return "tgtrack.requests." + token(projectID) + ".>"
}

// lastFrom finds the number of a message from which on the log has limit
// requests of a project and few more; that of the first message when it has
// fewer. It steps back from the end, farther each time, until there are enough,
// and then halves what is between too few and enough. So a project with many
// requests is found near the end, where counting costs the server least.
func (l *RequestLog) lastFrom(ctx context.Context, projectID string, limit uint64) (uint64, error) {
	stream, err := l.js.Stream(ctx, StreamRequests)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, nil // wiped: nothing is kept
	}
	if err != nil {
		return 0, unavailable("look up "+StreamRequests, err)
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 {
		return 0, nil
	}
	// From low on there are enough, or all there are; from high on too few.
	low, high := state.FirstSeq, state.LastSeq
	back := 4 * limit
	for probe := 0; probe < maxProbes && high-low > 2*limit; probe++ {
		at := low + (high-low)/2
		if back < state.LastSeq {
			at = max(at, state.LastSeq-back)
			back *= 8
		}
		n, err := l.count(ctx, scanned{subject: projectSubjects(projectID), from: at}.consumer())
		if err != nil {
			return 0, err
		}
		if n < limit {
			high = at
			continue
		}
		low = at
		if n <= 2*limit {
			break
		}
	}
	return low, nil
}

// count says how many messages of the log a consumer would get. The server
// counts them for a new one, which is thrown away.
func (l *RequestLog) count(ctx context.Context, c jetstream.ConsumerConfig) (uint64, error) {
	c.HeadersOnly = true
	cons, err := l.js.CreateConsumer(ctx, StreamRequests, c)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, nil // wiped: nothing is kept
	}
	if err != nil {
		return 0, unavailable("count in "+StreamRequests, err)
	}
	info := cons.CachedInfo()
	l.forget(ctx, StreamRequests, info.Name)
	return info.NumPending, nil
}

// newest collects records, each once, and forgets older ones as it goes.
type newest struct {
	limit   int
	records []usecase.RequestRecord
	byID    map[string]bool
}

func (n *newest) read(m jetstream.Msg) {
	if r, ok := readRequest(m.Data(), m.Headers()); ok {
		n.add(r)
	}
}

func (n *newest) add(r usecase.RequestRecord) {
	if r.ID != "" && n.byID[r.ID] {
		return
	}
	n.byID[r.ID] = true
	n.records = append(n.records, r)
	if len(n.records) > 4*n.limit+64 {
		n.records = n.sorted()
	}
}

func (n *newest) sorted() []usecase.RequestRecord {
	slices.SortStableFunc(n.records, func(a, b usecase.RequestRecord) int {
		return cmp.Or(b.ReceivedAt.Compare(a.ReceivedAt), cmp.Compare(b.ID, a.ID))
	})
	return slices.Clone(n.records[:min(len(n.records), n.limit)])
}

// scanned says what a scan reads.
type scanned struct {
	stream, subject string
	from            uint64    // number of the first message, 0 for all
	since           time.Time // when the first one was published, zero for all
	headers         bool      // without the bodies
}

// scan reads the messages that are there when it begins, oldest first.
func (l *RequestLog) scan(ctx context.Context, s scanned, read func(jetstream.Msg) error) error {
	cons, err := l.js.CreateConsumer(ctx, s.stream, s.consumer())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil // wiped: nothing is kept
	}
	if err != nil {
		return unavailable("open "+s.stream, err)
	}
	info := cons.CachedInfo()
	defer l.forget(ctx, s.stream, info.Name)
	chunk := uint64(readChunk)
	if s.headers {
		chunk = presentChunk
	}
	for left := info.NumPending; left > 0; {
		n, err := readSome(ctx, cons, int(min(left, chunk)), read)
		if err != nil {
			return fmt.Errorf("read %s: %w", s.stream, err)
		}
		if n == 0 {
			return nil // the rest was deleted meanwhile
		}
		left -= uint64(n)
	}
	return nil
}

func (s scanned) consumer() jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		FilterSubject:     s.subject,
		AckPolicy:         jetstream.AckNonePolicy,
		DeliverPolicy:     jetstream.DeliverAllPolicy,
		MemoryStorage:     true,
		Replicas:          1,
		HeadersOnly:       s.headers,
		InactiveThreshold: 30 * time.Second,
	}
	switch {
	case s.from > 0:
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, s.from
	case !s.since.IsZero():
		c.DeliverPolicy, c.OptStartTime = jetstream.DeliverByStartTimePolicy, &s.since
	}
	return c
}

func readSome(ctx context.Context, cons jetstream.Consumer, n int, read func(jetstream.Msg) error) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	batch, err := cons.FetchNoWait(n)
	if err != nil {
		return 0, unavailable("fetch", err)
	}
	count := 0
	for m := range batch.Messages() {
		count++
		if err := read(m); err != nil {
			return count, err
		}
	}
	if err := realError(batch.Error()); err != nil {
		return count, unavailable("fetch", err)
	}
	return count, nil
}

// forget removes a consumer at once rather than after its threshold; the
// answer is nobody's to wait for.
func (l *RequestLog) forget(ctx context.Context, stream, consumer string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := l.js.DeleteConsumer(ctx, stream, consumer); err != nil {
		l.o.Logger.DebugContext(ctx, "reader not removed, it ends by itself", "error", err)
	}
}
