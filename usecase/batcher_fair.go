package usecase

import (
	"context"
	"sync"

	"github.com/tgtrack/tgtrack/usecase/turns"
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
	queue *turns.Queue[T]
	last  *turns.Lane[T] // of the last request
	mixed int            // requests since which several projects are known to ask
}

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
)

func newFairBatcher[T any](
	room, most int, of func(T) string, write func(ctx context.Context, batch []T),
) *fairBatcher[T] {
	return &fairBatcher[T]{
		room: room, most: most, of: of, write: write, wake: make(chan struct{}, 1), ended: make(chan struct{}),
		queue: turns.New[T](nil),
	}
}

// offer asks for a write, unless the queue is full, or the project has so much
// in it that little is left for others.
func (b *fairBatcher[T]) offer(x T) bool {
	b.mu.Lock()
	l := b.queue.Of(b.of(x))
	if l.Len() >= crowding*(b.room-b.queue.Len()) {
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
	b.queue.Push(l, x)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

// waiting is how many requests are queued.
func (b *fairBatcher[T]) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.queue.Len()
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
	each := b.most
	if b.mixed > 0 {
		each = max(1, b.most/loudest)
	}
	var batch []T
	for passed := 0; b.queue.Len() > 0 && len(batch) < b.most && passed < len(b.queue.Lanes()); {
		if b.queue.Next().Taken() == each {
			b.queue.Pass()
			passed++
			continue
		}
		if batch == nil {
			batch = make([]T, 0, min(b.queue.Len(), b.most))
		}
		batch, passed = append(batch, b.queue.Take()), 0
	}
	b.queue.Recount()
	return batch
}
