package usecase

import (
	"context"
	"sync"
)

// fairBatcher is a batcher whose requests are of projects that take turns: of
// each the oldest, then of each the next. So one that asks for much waits for
// itself, and of a full queue it is the one that is refused.
type fairBatcher[T any] struct {
	room  int // requests that may wait
	most  int // in a batch
	of    func(T) string
	write func(ctx context.Context, batch []T)
	wake  chan struct{}
	ended chan struct{}

	mu    sync.Mutex
	lanes map[string]*lane[T] // also empty ones, not many
	turns []*lane[T]          // those with requests, whose turn is next first
	n     int                 // requests that wait
	last  *lane[T]            // of the last request
	mixed int                 // requests since which several projects are known to ask
}

// lane has the requests of a project that wait, oldest first.
type lane[T any] struct {
	waiting []T
	head    int // where they begin
	taken   int // for the batch that is being gathered
}

func (l *lane[T]) len() int { return len(l.waiting) - l.head }

const (
	// crowding bounds a project to so many times the room that is free: one
	// alone has nine tenths of a queue, and others always find room.
	crowding = 9
	// loudest is the part of a batch that a project has at most while others ask,
	// too: whoever comes next waits for the batch that is being written.
	loudest = 4
	// mixedFor is for how many batches' requests of one project others are
	// expected to come again.
	mixedFor = 4
	// idleLanes is how many projects' empty lanes are kept for what comes next.
	idleLanes = 256
)

func newFairBatcher[T any](
	room, most int, of func(T) string, write func(ctx context.Context, batch []T),
) *fairBatcher[T] {
	return &fairBatcher[T]{
		room: room, most: most, of: of, write: write, wake: make(chan struct{}, 1), ended: make(chan struct{}),
		lanes: map[string]*lane[T]{},
	}
}

// offer asks for a write, unless the queue is full, or the project has so much
// in it that little is left for others.
func (b *fairBatcher[T]) offer(x T) bool {
	b.mu.Lock()
	l := b.lane(b.of(x))
	if l.len() >= crowding*(b.room-b.n) {
		b.mu.Unlock()
		return false
	}
	switch {
	case b.last != l && b.last != nil:
		b.mixed = mixedFor * b.most
	case b.mixed > 0:
		b.mixed--
	}
	b.last = l
	l.waiting = append(l.waiting, x)
	if b.n++; l.len() == 1 {
		b.turns = append(b.turns, l)
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

func (b *fairBatcher[T]) lane(project string) *lane[T] {
	l := b.lanes[project]
	if l == nil {
		if len(b.lanes) >= idleLanes+len(b.turns) {
			for id, idle := range b.lanes {
				if idle.len() == 0 {
					delete(b.lanes, id)
				}
			}
		}
		l = &lane[T]{}
		b.lanes[project] = l
	}
	return l
}

// waiting is how many requests are queued.
func (b *fairBatcher[T]) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n
}

// run writes what is asked for until ctx ends, and then what is queued.
func (b *fairBatcher[T]) run(ctx context.Context) {
	defer close(b.ended)
	for {
		for batch := b.gather(); len(batch) > 0; batch = b.gather() {
			b.write(ctx, batch)
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			for batch := b.gather(); len(batch) > 0; batch = b.gather() {
				b.write(ctx, batch)
			}
			return
		}
	}
}

// gather takes what is queued already, of each project in turn, and waits for
// no more.
func (b *fairBatcher[T]) gather() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.n == 0 {
		return nil
	}
	each := b.most
	if b.mixed > 0 {
		each = max(1, b.most/loudest)
	}
	batch := make([]T, 0, min(b.n, b.most))
	next, round := 0, 0 // of the round: how many the batch had before it
	for b.n > 0 && len(batch) < b.most {
		if next == len(b.turns) {
			if len(batch) == round {
				break // all have had their part
			}
			next, round = 0, len(batch)
		}
		l := b.turns[next]
		if l.taken == each {
			next++
			continue
		}
		l.taken++
		batch = append(batch, l.shift())
		if b.n--; l.len() > 0 {
			next++
			continue
		}
		l.taken = 0
		b.turns = append(b.turns[:next], b.turns[next+1:]...)
	}
	for _, l := range b.turns {
		l.taken = 0
	}
	b.turnTo(next)
	return batch
}

// turnTo makes a lane the next one whose turn it is.
func (b *fairBatcher[T]) turnTo(next int) {
	if next == 0 || next >= len(b.turns) {
		return
	}
	turned := make([]*lane[T], 0, len(b.turns))
	b.turns = append(append(turned, b.turns[next:]...), b.turns[:next]...)
}

func (l *lane[T]) shift() (x T) {
	var none T
	x, l.waiting[l.head] = l.waiting[l.head], none
	if l.head++; l.head == len(l.waiting) {
		l.waiting, l.head = l.waiting[:0], 0
	}
	return x
}
