package eventbus

import (
	"slices"
	"sync"

	"github.com/tgtrack/tgtrack/usecase"
)

// requestQueue holds records until they are in the log. It is bounded by
// number and by bytes; when it is full the oldest go of the project that has
// the most in it. Projects take turns, so that one with many records delays
// and displaces none of another's.
type requestQueue struct {
	maxLen   int
	maxBytes int
	dropped  func(n int)

	mu     sync.Mutex
	lanes  map[string]*requestLane // also empty ones, not many
	turns  []*requestLane          // those with records, whose turn is next first
	n      int                     // records that wait
	bytes  int                     // of them
	flying []usecase.RequestRecord // taken and not settled
	wake   chan struct{}
}

// requestLane has the records of a project that wait, oldest first.
type requestLane struct {
	records []usecase.RequestRecord
	head    int // where they begin
	bytes   int
}

// maxIdleLanes is how many projects' empty lanes are kept for their next
// record.
const maxIdleLanes = 256

func newRequestQueue(maxLen, maxBytes int, dropped func(int)) *requestQueue {
	return &requestQueue{
		maxLen: maxLen, maxBytes: maxBytes, dropped: dropped, lanes: map[string]*requestLane{},
		wake: make(chan struct{}, 1),
	}
}

// weight is roughly what a record takes in memory.
func weight(r *usecase.RequestRecord) int { return 512 + len(r.Body) + 128*len(r.Receipts) }

func (l *requestLane) len() int { return len(l.records) - l.head }

func (l *requestLane) waiting() []usecase.RequestRecord { return l.records[l.head:] }

func (q *requestQueue) add(r usecase.RequestRecord) {
	q.mu.Lock()
	l := q.lane(r.ProjectID)
	l.records = append(l.records, r)
	q.grown(l, weight(&r))
	n := q.trim()
	q.mu.Unlock()
	if n > 0 {
		q.dropped(n)
	}
	q.stir()
}

// stir makes the writer look.
func (q *requestQueue) stir() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *requestQueue) lane(projectID string) *requestLane {
	l := q.lanes[projectID]
	if l == nil {
		if len(q.lanes) >= maxIdleLanes+len(q.turns) {
			for id, idle := range q.lanes {
				if idle.len() == 0 {
					delete(q.lanes, id)
				}
			}
		}
		l = &requestLane{}
		q.lanes[projectID] = l
	}
	return l
}

// grown counts a record that came into a lane.
func (q *requestQueue) grown(l *requestLane, weight int) {
	if l.len() == 1 {
		q.turns = append(q.turns, l)
	}
	q.n++
	l.bytes += weight
	q.bytes += weight
}

// shift takes the oldest record of a lane, which has one. Whoever empties a
// lane takes it from the turns.
func (q *requestQueue) shift(l *requestLane) usecase.RequestRecord {
	r := l.records[l.head]
	l.records[l.head] = usecase.RequestRecord{}
	if l.head++; l.head == len(l.records) {
		l.records, l.head = l.records[:0], 0
	}
	w := weight(&r)
	q.n--
	l.bytes -= w
	q.bytes -= w
	return r
}

// trim drops the oldest beyond the bounds, of whoever has the most; one always
// stays.
func (q *requestQueue) trim() (n int) {
	for q.n > 1 && (q.n > q.maxLen || q.bytes > q.maxBytes) {
		most := 0
		for i, l := range q.turns {
			if m := q.turns[most]; q.n > q.maxLen && l.len() > m.len() || q.n <= q.maxLen && l.bytes > m.bytes {
				most = i
			}
		}
		l := q.turns[most]
		q.shift(l)
		if n++; l.len() == 0 {
			q.turns = slices.Delete(q.turns, most, most+1)
		}
	}
	return n
}

// take moves records into flight, of each project in turn the oldest: at most
// n, and not many more bytes than given.
func (q *requestQueue) take(n, bytes int) []usecase.RequestRecord {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := make([]usecase.RequestRecord, 0, min(n, q.n))
	for before := q.bytes; q.n > 0 && len(taken) < n && before-q.bytes < bytes; {
		l := q.turns[0]
		taken = append(taken, q.shift(l))
		copy(q.turns, q.turns[1:])
		if q.turns[len(q.turns)-1] = l; l.len() == 0 {
			q.turns = q.turns[:len(q.turns)-1]
		}
	}
	q.flying = taken
	return taken
}

// settle ends the flight; what failed goes back to the front.
func (q *requestQueue) settle(failed []usecase.RequestRecord) {
	q.mu.Lock()
	q.flying = nil
	for i := range slices.Backward(failed) {
		r := failed[i]
		l := q.lane(r.ProjectID)
		l.records = slices.Insert(l.records, l.head, r)
		q.grown(l, weight(&r))
	}
	n := q.trim()
	q.mu.Unlock()
	if n > 0 {
		q.dropped(n)
	}
}

// of gives the records of a project that are not in the log yet.
func (q *requestQueue) of(projectID string) []usecase.RequestRecord {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []usecase.RequestRecord
	for _, r := range q.flying {
		if r.ProjectID == projectID {
			out = append(out, r)
		}
	}
	if l := q.lanes[projectID]; l != nil {
		out = append(out, l.waiting()...)
	}
	return out
}

// erase drops the waiting records of people; busy means that one is in flight
// and will be in the log soon, or back here.
func (q *requestQueue) erase(projectID string, of func(*usecase.RequestRecord) bool) (busy bool) {
	named := func(r usecase.RequestRecord) bool { return r.ProjectID == projectID && of(&r) }
	q.mu.Lock()
	defer q.mu.Unlock()
	if l := q.lanes[projectID]; l != nil && l.len() > 0 {
		kept := slices.DeleteFunc(slices.Clone(l.waiting()), named)
		q.n -= l.len() - len(kept)
		q.bytes -= l.bytes
		clear(l.records)
		l.records, l.head, l.bytes = kept, 0, 0
		for i := range kept {
			l.bytes += weight(&kept[i])
		}
		if q.bytes += l.bytes; len(kept) == 0 {
			q.turns = slices.DeleteFunc(q.turns, func(t *requestLane) bool { return t == l })
		}
	}
	return slices.ContainsFunc(q.flying, named)
}

func (q *requestQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n
}
