package eventbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase"
)

const (
	// readTimeout bounds reading where the caller sets no bound.
	readTimeout = 5 * time.Second
	// readChunk is how many messages are asked for at once; with the largest
	// bodies more would overrun what the server keeps for a client.
	readChunk = 32
	// sourceHeader of a copied message names the stream it is from and its
	// number there, see
	// https://docs.nats.io/nats-concepts/jetstream/source_and_mirror
	sourceHeader = "Nats-Stream-Source"
)

// Last reads the newest records of a project, newest first: those of
// TGTRACK_LAST, what TGTRACK_REQUESTS has beyond them (copying lags a little,
// and people wait for their test start), and what this process has not
// written yet.
func (l *RequestLog) Last(ctx context.Context, projectID string, limit int) ([]usecase.RequestRecord, error) {
	if limit <= 0 {
		return nil, nil
	}
	if !l.js.Conn().IsConnected() {
		return nil, fmt.Errorf("read last requests: %w", errDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	// Taken first: a record that is written meanwhile is in a stream then.
	found := newest{limit: limit, byID: map[string]bool{}}
	for _, r := range l.queue.of(projectID) {
		found.add(r)
	}
	var copied uint64
	err := l.scan(ctx, scanned{stream: StreamLast, subject: lastSubject(projectID)}, func(m jetstream.Msg) error {
		copied = max(copied, sourceSeq(m.Headers()))
		found.read(m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read last requests: %w", err)
	}
	err = l.scan(ctx, scanned{stream: StreamRequests, subject: projectSubjects(projectID), from: copied + 1},
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

// sourceSeq is the number that a copied message has in its origin.
func sourceSeq(h nats.Header) uint64 {
	f := strings.Fields(h.Get(sourceHeader))
	if len(f) < 2 {
		return 0
	}
	n, err := strconv.ParseUint(f[1], 10, 64)
	if err != nil {
		return 0
	}
	return n
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
