package eventbus

import (
	"slices"
	"sync"

	"github.com/tgtrack/tgtrack/usecase"
)

// requestQueue holds records until they are in the log. It is bounded by
// number and by bytes; when it is full the oldest go.
type requestQueue struct {
	maxLen   int
	maxBytes int
	dropped  func(n int)

	mu      sync.Mutex
	waiting []usecase.RequestRecord // oldest first
	bytes   int                     // of waiting
	flying  []usecase.RequestRecord // taken and not settled
	wake    chan struct{}
}

func newRequestQueue(maxLen, maxBytes int, dropped func(int)) *requestQueue {
	return &requestQueue{maxLen: maxLen, maxBytes: maxBytes, dropped: dropped, wake: make(chan struct{}, 1)}
}

// weight is roughly what a record takes in memory.
func weight(r *usecase.RequestRecord) int { return 512 + len(r.Body) + 128*len(r.Receipts) }

func (q *requestQueue) add(r usecase.RequestRecord) {
	q.mu.Lock()
	q.waiting = append(q.waiting, r)
	q.bytes += weight(&r)
	n := q.trim()
	q.mu.Unlock()
	if n > 0 {
		q.dropped(n)
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// trim drops the oldest beyond the bounds; the newest always stays.
func (q *requestQueue) trim() (n int) {
	for len(q.waiting)-n > q.maxLen || q.bytes > q.maxBytes && len(q.waiting)-n > 1 {
		q.bytes -= weight(&q.waiting[n])
		q.waiting[n] = usecase.RequestRecord{}
		n++
	}
	q.waiting = q.waiting[n:]
	return n
}

// take moves the oldest into flight: at most n, and not many more bytes than
// given.
func (q *requestQueue) take(n, bytes int) []usecase.RequestRecord {
	q.mu.Lock()
	defer q.mu.Unlock()
	i, sum := 0, 0
	for i < min(n, len(q.waiting)) && (i == 0 || sum < bytes) {
		sum += weight(&q.waiting[i])
		i++
	}
	q.flying = slices.Clone(q.waiting[:i])
	clear(q.waiting[:i])
	q.waiting = q.waiting[i:]
	q.bytes -= sum
	return q.flying
}

// settle ends the flight; what failed goes back to the front.
func (q *requestQueue) settle(failed []usecase.RequestRecord) {
	q.mu.Lock()
	q.flying = nil
	for i := range failed {
		q.bytes += weight(&failed[i])
	}
	if len(failed) > 0 {
		q.waiting = append(slices.Clone(failed), q.waiting...)
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
	for _, rs := range [][]usecase.RequestRecord{q.flying, q.waiting} {
		for _, r := range rs {
			if r.ProjectID == projectID {
				out = append(out, r)
			}
		}
	}
	return out
}

// erase drops the waiting records of people; busy means that one is in flight
// and will be in the log soon, or back here.
func (q *requestQueue) erase(projectID string, of func(*usecase.RequestRecord) bool) (busy bool) {
	named := func(r usecase.RequestRecord) bool { return r.ProjectID == projectID && of(&r) }
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = slices.DeleteFunc(q.waiting, named)
	q.bytes = 0
	for i := range q.waiting {
		q.bytes += weight(&q.waiting[i])
	}
	return slices.ContainsFunc(q.flying, named)
}

func (q *requestQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}
