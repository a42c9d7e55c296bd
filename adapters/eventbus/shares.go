package eventbus

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// shares knows how many bytes of a stream are of which project, so that none
// takes the room of the others: all messages of a stream share one bound, and
// the server drops the oldest of them, whosever they are.
//
// It counts what this process publishes, and from time to time looks whether
// others published, too: then the headers of those messages are read. At the
// start, and when the stream was made again, all are.
type shares struct {
	js     jetstream.JetStream
	stream string
	prefix string // of its subjects; the project's token follows
	// from is the part of its size from which on a stream is worth counting.
	from    float64
	trimmed func(stream string, n int)
	logger  *slog.Logger
	now     func() time.Time

	looking sync.Mutex // held by whoever looks at the stream, or makes room in it

	mu       sync.Mutex
	counted  bool
	made     time.Time // the stream that was counted
	recount  time.Time // when it was last counted from its beginning
	max      int64
	bucket   time.Duration // how finely it is known when messages came
	last     uint64        // number up to which it is counted
	own, top uint64        // published by this process behind it: how many, and the highest number
	sum      int64         // bytes of all
	since    int64         // published by this process since the last look, where it is not counted yet
	projects map[string]*share
}

// share is what a project has in the stream, in bytes.
type share struct {
	kept   int64           // counted, the sum of when
	when   map[int64]int64 // of kept: by the bucket in which it was published
	fresh  int64           // published by this process since the last look
	flying int64           // being published
}

func (s *share) bytes() int64 { return s.kept + s.fresh + s.flying }

const (
	// sharesEvery is how often it is looked what others published, and what
	// went with age.
	sharesEvery = 5 * time.Second
	// recountEvery is how often at most a stream is counted from its beginning.
	recountEvery = time.Minute
	// crowd bounds a project to so many times the room that is free: one alone
	// has nine tenths of a stream, two have 47 % each, and whoever has little
	// always finds room.
	crowd = 9
	// roomAt is how full, in parts, a stream may be before room is made.
	roomAt = 0.95
	// trimParts: so many parts of a stream are deleted beyond what is needed.
	trimParts = 16
	// bucketsKept is how many buckets there are within the age of a stream.
	bucketsKept = 64
)

func newShares(js jetstream.JetStream, stream, prefix string, from float64, trimmed func(string, int),
	now func() time.Time, logger *slog.Logger) *shares {
	return &shares{
		js: js, stream: stream, prefix: prefix, from: from, trimmed: trimmed, now: now, logger: logger,
		bucket: time.Hour, projects: map[string]*share{},
	}
}

// storedSize is what a message takes in a stream.
func storedSize(m *nats.Msg) int64 { return int64(m.Size()) + storedExtra }

// storedExtra is what the server writes beside a message.
const storedExtra = 34

// of is a project's share, under the lock.
func (s *shares) of(project string) *share {
	p := s.projects[project]
	if p == nil {
		p = &share{when: map[int64]int64{}}
		s.projects[project] = p
	}
	return p
}

// fits tells whether a project has at most a part of the stream with so many
// bytes more.
func (s *shares) fits(project string, more int64, part float64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[project]
	if p == nil {
		p = &share{}
	}
	return s.max == 0 || float64(p.bytes()+more) <= part*float64(s.max)
}

// note notes what is published while it is not counted whose it is.
func (s *shares) note(size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since += size
}

// due tells whether so much was published that it is time to look.
func (s *shares) due() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(s.since) > (1-roomAt)*float64(s.max)
}

// counts tells whether it is counted whose the messages are.
func (s *shares) counts() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted
}

// begin counts a message that is going to be published.
func (s *shares) begin(project string, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of(project).flying += size
	s.sum += size
}

// end counts what became of one: seq is its number, 0 where it was not stored.
func (s *shares) end(project string, size int64, seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.of(project)
	p.flying -= size
	if seq <= s.last { // not stored, or found and counted before it was known
		s.sum -= size
		return
	}
	p.fresh += size
	s.own++
	s.top = max(s.top, seq)
}

// bound is how much a project may have, under the lock.
func (s *shares) bound() int64 { return crowd * max(0, s.max-s.sum) }

// crowds tells whether a project has more of the stream than it may.
func (s *shares) crowds(project string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[project]
	return s.counted && p != nil && p.bytes() > s.bound()
}

// full tells whether room is to be made soon, when so many bytes come.
func (s *shares) full(more int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted && float64(s.sum+more) > roomAt*float64(s.max)
}

// overfull is what a project has too much of, in bytes.
type overfull struct {
	project string
	bytes   int64
}

// excess is how much projects have above what they may, the largest first: what
// they leave is room for the next. It is somewhat more, since to delete costs.
func (s *shares) excess() (out []overfull) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.counted {
		return nil
	}
	free := max(0, s.max-s.sum)
	crowded := slices.Collect(maps.Keys(s.projects))
	slices.SortFunc(crowded, func(a, b string) int {
		return cmp.Compare(s.projects[b].bytes(), s.projects[a].bytes())
	})
	for _, id := range crowded {
		p := s.projects[id]
		above := (p.bytes() - crowd*free) / (crowd + 1) // deleted, it is free
		if above <= 0 {
			break
		}
		bytes := min(p.kept, above+s.max/trimParts)
		free += bytes
		out = append(out, overfull{id, bytes})
	}
	return out
}

// run looks at the stream until ctx ends, and makes room where it is short.
func (s *shares) run(ctx context.Context) {
	for {
		if s.js.Conn().IsConnected() {
			if err := s.makeRoom(ctx); err != nil && ctx.Err() == nil {
				s.logger.DebugContext(ctx, "shares of a stream are not known, will look again",
					"stream", s.stream, "error", err)
			}
		}
		if !rounds.Pause(ctx, sharesEvery) {
			return
		}
	}
}
