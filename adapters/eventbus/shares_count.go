package eventbus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// look brings what is known of the stream up to date.
func (s *shares) look(ctx context.Context) error {
	stream, err := s.js.Stream(ctx, s.stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil // it is made again soon
	}
	if err != nil {
		return unavailable("look at "+s.stream, err)
	}
	info := stream.CachedInfo()
	if !s.begun(info) {
		return nil
	}
	if from, to, anew := s.unknown(info); anew || from <= to {
		if err := s.count(ctx, from, to, anew); err != nil {
			return err
		}
	}
	s.expire(info.State.FirstTime)
	return nil
}

// begun notes the bounds of the stream, and tells whether it is worth counting.
func (s *shares) begun(info *jetstream.StreamInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.max, s.since = max(0, info.Config.MaxBytes), 0
	if age := info.Config.MaxAge; age > 0 {
		s.bucket = max(time.Second, age/bucketsKept)
	} else {
		s.bucket = 24 * time.Hour
	}
	return s.max > 0 && (s.counted || float64(info.State.Bytes) >= s.from*float64(s.max))
}

// unknown are the numbers of the messages that are to be read; none where
// nobody but this process has published. anew: all that was counted is void.
func (s *shares) unknown(info *jetstream.StreamInfo) (from, to uint64, anew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := info.State
	if !s.counted || !info.Created.Equal(s.made) || s.astray(int64(state.Bytes)) {
		s.made, s.recount = info.Created, s.now()
		return max(1, state.FirstSeq), state.LastSeq, true
	}
	if s.top-s.last != s.own {
		return s.last + 1, max(s.top, state.LastSeq), false
	}
	at := s.now().UnixNano() / int64(s.bucket)
	for _, p := range s.projects {
		if p.fresh != 0 {
			p.when[at] += p.fresh
			p.kept, p.fresh = p.kept+p.fresh, 0
		}
	}
	s.last, s.own = max(s.last, s.top), 0
	s.top = s.last
	return s.last + 1, state.LastSeq, false
}

// astray tells whether what was counted is far from what there is, as when the
// server dropped messages, or somebody deleted some.
func (s *shares) astray(bytes int64) bool {
	const slack = 64 << 10
	far := s.sum > bytes+bytes/8+slack || s.sum < bytes-bytes/8-slack
	return far && s.now().Sub(s.recount) >= recountEvery
}

// count reads the headers of messages.
func (s *shares) count(ctx context.Context, from, to uint64, anew bool) error {
	found := map[string]map[int64]int64{}
	if from <= to {
		c := scanned{subject: s.prefix + "*.>", from: from, headers: true}
		if err := s.read(ctx, c, func(m sized) bool {
			if m.seq > to {
				return false
			}
			if found[m.project] == nil {
				found[m.project] = map[int64]int64{}
			}
			found[m.project][m.at.UnixNano()/int64(s.bucket)] += m.bytes
			return true
		}); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, p := range s.projects {
		// What this process published behind to is found by the next look.
		p.fresh = 0
		if anew {
			p.kept = 0
			clear(p.when)
		}
		if p.bytes() == 0 && found[id] == nil {
			delete(s.projects, id)
		}
	}
	for id, when := range found {
		p := s.of(id)
		for at, n := range when {
			p.when[at] += n
			p.kept += n
		}
	}
	s.sum = 0
	for _, p := range s.projects {
		s.sum += p.bytes()
	}
	s.counted, s.last, s.own, s.top = true, to, 0, to
	return nil
}

// expire takes away what the stream has no more.
func (s *shares) expire(first time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := first.UnixNano() / int64(s.bucket)
	for id, p := range s.projects {
		for at, n := range p.when {
			if at < from {
				delete(p.when, at)
				p.kept -= n
				s.sum -= n
			}
		}
		if p.bytes() == 0 {
			delete(s.projects, id)
		}
	}
}

// sized is a message as its headers tell of it.
type sized struct {
	project string
	seq     uint64
	bytes   int64
	at      time.Time
}

// sharesChunk is how many headers are asked for at once: a log may have a
// million, and what takes time is to ask.
const sharesChunk = 8192

// read reads the headers of messages, oldest first, until f wants no more.
func (s *shares) read(ctx context.Context, from scanned, f func(sized) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cons, err := s.js.CreateConsumer(ctx, s.stream, from.consumer())
	if err != nil {
		return unavailable("open "+s.stream, err)
	}
	info := cons.CachedInfo()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = s.js.DeleteConsumer(ctx, s.stream, info.Name) // else it ends by itself
	}()
	more := true
	for left := info.NumPending; left > 0 && more; {
		n, err := readSome(ctx, cons, int(min(left, sharesChunk)), func(m jetstream.Msg) error {
			md, err := m.Metadata()
			if err != nil {
				return fmt.Errorf("read the number of a message: %w", err)
			}
			project, _, _ := strings.Cut(strings.TrimPrefix(m.Subject(), s.prefix), ".")
			more = more && f(sized{project, md.Sequence.Stream, storedBytes(m), md.Timestamp})
			return nil
		})
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

// sizeHeader has the size of a message of which only the headers are sent.
const sizeHeader = "Nats-Msg-Size"

// storedBytes is what a message takes in its stream, of which the server sent
// the headers alone.
func storedBytes(m jetstream.Msg) int64 {
	h := m.Headers()
	data, _ := strconv.ParseInt(h.Get(sizeHeader), 10, 64)
	n := data + int64(len(m.Subject())) + storedExtra
	for k, vs := range h {
		if k == sizeHeader {
			continue
		}
		for _, v := range vs {
			n += int64(len(k) + len(v) + len(": \r\n"))
		}
	}
	return n + int64(len("NATS/1.0\r\n\r\n"))
}

// makeRoom looks at the stream, and deletes the oldest messages of projects that
// crowd it.
func (s *shares) makeRoom(ctx context.Context) error {
	s.looking.Lock()
	defer s.looking.Unlock()
	if err := s.look(ctx); err != nil {
		return err
	}
	for _, o := range s.excess() {
		if err := s.trim(ctx, o.project, o.bytes); err != nil {
			return err
		}
	}
	return nil
}

// trim deletes so many bytes of a project's oldest messages. Another process
// may do so at the same time: then it loses more, and nobody else any.
func (s *shares) trim(ctx context.Context, project string, bytes int64) error {
	subject := s.prefix + project + ".>"
	var upTo uint64
	n, sum := 0, int64(0)
	err := s.read(ctx, scanned{subject: subject, from: 1, headers: true}, func(m sized) bool {
		if sum >= bytes {
			return false
		}
		upTo = m.seq + 1
		n++
		sum += m.bytes
		return true
	})
	if err != nil || n == 0 {
		return err
	}
	stream, err := s.js.Stream(ctx, s.stream)
	if err != nil {
		return unavailable("look at "+s.stream, err)
	}
	if err := stream.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(upTo)); err != nil {
		return unavailable("make room in "+s.stream, err)
	}
	s.gone(project, sum)
	s.trimmed(s.stream, n)
	s.logger.DebugContext(ctx, "a project has too much of a stream, its oldest messages went",
		"stream", s.stream, "project", project, "messages", n, "bytes", sum)
	return nil
}

// gone takes away the oldest of what a project has.
func (s *shares) gone(project string, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.of(project)
	bytes = min(bytes, p.kept)
	p.kept -= bytes
	s.sum -= bytes
	for _, at := range slices.Sorted(maps.Keys(p.when)) {
		n := min(bytes, p.when[at])
		bytes -= n
		if p.when[at] -= n; p.when[at] == 0 {
			delete(p.when, at)
		}
	}
}
