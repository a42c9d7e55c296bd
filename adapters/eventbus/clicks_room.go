package eventbus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tgtrack/tgtrack/domain"
)

// clickRoom keeps a project from filling TGTRACK_CLICKS, which refuses what
// does not fit: while the database is away a flood of one project's clicks must
// not cost those of the others. Whoever has many times the room that is free is
// refused first.
type clickRoom struct {
	js  jetstream.JetStream
	now func() time.Time

	mu       sync.Mutex
	projects map[string]*waitingClicks
}

// waitingClicks are those of a project in the stream, as they were seen.
type waitingClicks struct {
	looked   time.Time
	seen     bool  // a look was answered; before, nobody is refused
	messages int64 // and those that were kept since
	free     int64 // bytes of the stream, less what was kept since
	n, bytes int64 // kept by this process, which tell the size of one
}

// roomFresh is how long one look at the stream serves.
const roomFresh = time.Second

// maxClickRooms bounds how many projects are remembered.
const maxClickRooms = 4096

// take tells whether a click of a project may go into the stream, by an error.
// What can not be looked at refuses nobody.
func (r *clickRoom) take(ctx context.Context, project string, size int64) error {
	r.mu.Lock()
	w := r.projects[project]
	if w == nil {
		if len(r.projects) >= maxClickRooms {
			clear(r.projects)
		}
		w = &waitingClicks{}
		r.projects[project] = w
	}
	old := r.now().Sub(w.looked) > roomFresh
	if old {
		w.looked = r.now() // who comes meanwhile goes by what was seen before
	}
	r.mu.Unlock()
	if old {
		r.look(ctx, project, w)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.seen && w.n > 0 && w.messages*(w.bytes/w.n) > crowd*(w.free-size) {
		return fmt.Errorf("%w: the project has so many waiting clicks that little room is left for others",
			domain.ErrUnavailable)
	}
	w.messages, w.free = w.messages+1, max(0, w.free-size)
	w.n, w.bytes = w.n+1, w.bytes+size
	return nil
}

func (r *clickRoom) look(ctx context.Context, project string, w *waitingClicks) {
	s, err := r.js.Stream(ctx, StreamClicks)
	if err != nil {
		return
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(clickSubject(project)))
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.seen, w.messages = true, int64(info.State.Subjects[clickSubject(project)])
	w.free = max(0, info.Config.MaxBytes-int64(info.State.Bytes))
}
