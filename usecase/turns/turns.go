// Package turns is a queue of things that belong to owners, projects most of
// the time, who take turns: of each the oldest, then of each the next. So one
// with much to do waits for itself. It bounds nothing and is not safe for
// concurrent use: whoever has a queue knows what is too much, and locks.
package turns

import "slices"

// Queue of things of several owners.
type Queue[T any] struct {
	weigh  func(*T) int
	lanes  map[string]*Lane[T] // also empty ones, not many
	turns  []*Lane[T]          // those with something in them
	next   int                 // of turns
	n      int
	weight int
}

// Lane has what waits of one owner, oldest first.
type Lane[T any] struct {
	waiting []T
	head    int // where they begin
	weight  int
	taken   int // since the last Recount
}

// idleLanes is how many owners' empty lanes are kept for what comes next.
const idleLanes = 256

// New makes a queue. weigh is what a thing counts; nil: each counts 1.
func New[T any](weigh func(*T) int) *Queue[T] {
	if weigh == nil {
		weigh = func(*T) int { return 1 }
	}
	return &Queue[T]{weigh: weigh, lanes: map[string]*Lane[T]{}}
}

// Len is how many things wait.
func (q *Queue[T]) Len() int { return q.n }

// Weight is what the things that wait count.
func (q *Queue[T]) Weight() int { return q.weight }

// Lanes are those with something in them.
func (q *Queue[T]) Lanes() []*Lane[T] { return q.turns }

// Len is how many things wait in the lane.
func (l *Lane[T]) Len() int { return len(l.waiting) - l.head }

// Weight is what the things in the lane count.
func (l *Lane[T]) Weight() int { return l.weight }

// Waiting are the things in the lane, oldest first. They are the queue's own.
func (l *Lane[T]) Waiting() []T { return l.waiting[l.head:] }

// Taken is how many things were taken from the lane since the last Recount.
func (l *Lane[T]) Taken() int { return l.taken }

// Of gives an owner's lane. It may be forgotten while it is empty.
func (q *Queue[T]) Of(owner string) *Lane[T] {
	l := q.lanes[owner]
	if l == nil {
		if len(q.lanes) >= idleLanes+len(q.turns) {
			for id, idle := range q.lanes {
				if idle.Len() == 0 {
					delete(q.lanes, id)
				}
			}
		}
		l = &Lane[T]{}
		q.lanes[owner] = l
	}
	return l
}

// Push adds a thing at the end of a lane.
func (q *Queue[T]) Push(l *Lane[T], x T) {
	l.waiting = append(l.waiting, x)
	q.grown(l, &x)
}

// Unshift puts a thing back at the front of a lane.
func (q *Queue[T]) Unshift(l *Lane[T], x T) {
	l.waiting = slices.Insert(l.waiting, l.head, x)
	q.grown(l, &x)
}

func (q *Queue[T]) grown(l *Lane[T], x *T) {
	if l.Len() == 1 {
		q.turns = append(q.turns, l)
	}
	w := q.weigh(x)
	q.n, q.weight, l.weight = q.n+1, q.weight+w, l.weight+w
}

// Next is the lane whose turn it is; nil when nothing waits.
func (q *Queue[T]) Next() *Lane[T] {
	if q.n == 0 {
		return nil
	}
	return q.turns[q.next]
}

// Take takes the oldest thing of the lane whose turn it is, which is the next
// one's then. Something must wait.
func (q *Queue[T]) Take() T {
	l := q.turns[q.next]
	l.taken++
	x := q.shift(l)
	if l.Len() == 0 {
		q.end(q.next)
	} else {
		q.Pass()
	}
	return x
}

// Pass lets the lane whose turn it is wait for its next one.
func (q *Queue[T]) Pass() {
	if q.next++; q.next >= len(q.turns) {
		q.next = 0
	}
}

// Recount begins to count anew what is taken.
func (q *Queue[T]) Recount() {
	for _, l := range q.turns {
		l.taken = 0
	}
}

// Drop drops the oldest thing of a lane that has one.
func (q *Queue[T]) Drop(l *Lane[T]) {
	if q.shift(l); l.Len() == 0 {
		q.end(slices.Index(q.turns, l))
	}
}

func (q *Queue[T]) shift(l *Lane[T]) T {
	var none T
	x := l.waiting[l.head]
	l.waiting[l.head] = none
	if l.head++; l.head == len(l.waiting) {
		l.waiting, l.head = l.waiting[:0], 0
	}
	w := q.weigh(&x)
	q.n, q.weight, l.weight = q.n-1, q.weight-w, l.weight-w
	return x
}

// end takes a lane that was emptied from the turns.
func (q *Queue[T]) end(at int) {
	q.turns[at].taken = 0
	q.turns = slices.Delete(q.turns, at, at+1)
	if q.next > at {
		q.next--
	}
	if q.next >= len(q.turns) {
		q.next = 0
	}
}

// Delete drops what a function names of an owner.
func (q *Queue[T]) Delete(owner string, named func(*T) bool) {
	l := q.lanes[owner]
	if l == nil || l.Len() == 0 {
		return
	}
	var kept []T
	for i := l.head; i < len(l.waiting); i++ {
		x := &l.waiting[i]
		if !named(x) {
			kept = append(kept, *x)
			continue
		}
		w := q.weigh(x)
		q.n, q.weight, l.weight = q.n-1, q.weight-w, l.weight-w
	}
	clear(l.waiting)
	if l.waiting, l.head = kept, 0; len(kept) == 0 {
		q.end(slices.Index(q.turns, l))
	}
}
