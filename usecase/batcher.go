package usecase

import (
	"context"
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
)

// batcher commits together what is asked for together, since a transaction
// costs far more than a row in it. Requests wait in a bounded queue for one
// writer, which takes all that are there; a lone one waits for nobody. The
// write tells each its result, by a channel in the request (see await).
type batcher[T any] struct {
	queue chan T
	most  int         // a batch has no more once it is so large
	size  func(T) int // of a request. Nil: each counts as one.
	write func(ctx context.Context, batch []T)
	ended chan struct{}
}

func newBatcher[T any](queue, most int, size func(T) int, write func(ctx context.Context, batch []T)) *batcher[T] {
	return &batcher[T]{
		queue: make(chan T, queue), most: most, size: size, write: write, ended: make(chan struct{}),
	}
}

// offer asks for a write, unless the queue is full.
func (b *batcher[T]) offer(x T) bool {
	select {
	case b.queue <- x:
		return true
	default:
		return false
	}
}

// add asks for a write and waits for room in the queue.
func (b *batcher[T]) add(x T) { b.queue <- x }

// waiting is how many requests are queued.
func (b *batcher[T]) waiting() int { return len(b.queue) }

// run writes what is asked for until ctx ends, and then what is queued.
func (b *batcher[T]) run(ctx context.Context) {
	defer close(b.ended)
	for {
		select {
		case x := <-b.queue:
			b.write(ctx, b.gather(x))
		case <-ctx.Done():
			b.drain(ctx)
			return
		}
	}
}

func (b *batcher[T]) drain(ctx context.Context) {
	for {
		select {
		case x := <-b.queue:
			b.write(ctx, b.gather(x))
		default:
			return
		}
	}
}

// gather takes what is queued already, and waits for no more.
func (b *batcher[T]) gather(first T) []T {
	batch := append(make([]T, 0, 64), first)
	for n := b.sizeOf(first); n < b.most; {
		select {
		case x := <-b.queue:
			batch, n = append(batch, x), n+b.sizeOf(x)
		default:
			return batch
		}
	}
	return batch
}

func (b *batcher[T]) sizeOf(x T) int {
	if b.size == nil {
		return 1
	}
	return b.size(x)
}

// await waits for the result of a request to a batcher. Errors are
// domain.ErrUnavailable: ctx ended first, or the writer did. Then the request
// may have been written all the same.
func await[R any](ctx context.Context, result <-chan R, ended <-chan struct{}) (r R, err error) {
	select {
	case r = <-result:
		return r, nil
	case <-ctx.Done():
		return r, fmt.Errorf("%w: storage did not answer in time", domain.ErrUnavailable)
	case <-ended:
	}
	select {
	case r = <-result: // written at the last moment
		return r, nil
	default:
		return r, fmt.Errorf("%w: the service is stopping", domain.ErrUnavailable)
	}
}
