package eventbus

import (
	"cmp"
	"slices"
	"sync"

	"github.com/tgtrack/tgtrack/usecase"
	"github.com/tgtrack/tgtrack/usecase/turns"
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
	queue  *turns.Queue[usecase.RequestRecord]
	flying []usecase.RequestRecord // taken and not settled
	wake   chan struct{}
}

func newRequestQueue(maxLen, maxBytes int, dropped func(int)) *requestQueue {
	return &requestQueue{
		maxLen: maxLen, maxBytes: maxBytes, dropped: dropped, queue: turns.New(weight),
		wake: make(chan struct{}, 1),
	}
}

// weight is roughly what a record takes in memory.
func weight(r *usecase.RequestRecord) int { return 512 + len(r.Body) + 128*len(r.Receipts) }

func (q *requestQueue) add(r usecase.RequestRecord) {
	q.mu.Lock()
	q.queue.Push(q.queue.Of(r.ProjectID), r)
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

// trim drops the oldest beyond the bounds, of whoever has the most; one always
// stays.
func (q *requestQueue) trim() (n int) {
	for q.queue.Len() > 1 && (q.queue.Len() > q.maxLen || q.queue.Weight() > q.maxBytes) {
		size := (*turns.Lane[usecase.RequestRecord]).Weight
		if q.queue.Len() > q.maxLen {
			size = (*turns.Lane[usecase.RequestRecord]).Len
		}
		q.queue.Drop(slices.MaxFunc(q.queue.Lanes(), func(a, b *turns.Lane[usecase.RequestRecord]) int {
			return cmp.Compare(size(a), size(b))
		}))
		n++
	}
	return n
}

// take moves records into flight, of each project in turn the oldest: at most
// n, and not many more bytes than given.
func (q *requestQueue) take(n, bytes int) []usecase.RequestRecord {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := make([]usecase.RequestRecord, 0, min(n, q.queue.Len()))
	for before := q.queue.Weight(); q.queue.Len() > 0 && len(taken) < n && before-q.queue.Weight() < bytes; {
		taken = append(taken, q.queue.Take())
	}
	q.flying = taken
	return taken
}

// settle ends the flight; what failed goes back to the front.
func (q *requestQueue) settle(failed []usecase.RequestRecord) {
	q.mu.Lock()
	q.flying = nil
	for i := range slices.Backward(failed) {
		q.queue.Unshift(q.queue.Of(failed[i].ProjectID), failed[i])
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
	return append(out, q.queue.Of(projectID).Waiting()...)
}

// erase drops the waiting records of people; busy means that one is in flight
// and will be in the log soon, or back here.
func (q *requestQueue) erase(projectID string, of func(*usecase.RequestRecord) bool) (busy bool) {
	named := func(r usecase.RequestRecord) bool { return r.ProjectID == projectID && of(&r) }
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue.Delete(projectID, of)
	return slices.ContainsFunc(q.flying, named)
}

func (q *requestQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queue.Len()
}
