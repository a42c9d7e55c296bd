package usecase

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/tgtrack/tgtrack/domain"
)

func TestBatcher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var batches [][]int
		goOn := make(chan struct{})
		b := newBatcher(4, 10, func(x int) int { return x }, func(_ context.Context, batch []int) {
			batches = append(batches, slices.Clone(batch))
			<-goOn
		})
		ctx, stop := context.WithCancel(t.Context())
		go b.run(ctx)
		b.add(1) // a lone one waits for nobody
		synctest.Wait()
		for _, x := range []int{6, 3, 2, 7} {
			if !b.offer(x) {
				t.Errorf("there was no room for %d", x)
			}
		}
		if b.offer(5) || b.waiting() != 4 {
			t.Errorf("taken by a full queue, in which are %d", b.waiting())
		}
		goOn <- struct{}{}
		synctest.Wait()
		stop()
		close(goOn)
		synctest.Wait()
		want := [][]int{{1}, {6, 3, 2}, {7}} // the last after the stop
		if !slices.EqualFunc(batches, want, slices.Equal) {
			t.Errorf("batches %v, want %v", batches, want)
		}
		if _, err := await(t.Context(), make(chan int), b.ended); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("who comes too late is told %v", err)
		}
		result := make(chan int, 1)
		result <- 3
		if got, err := await(t.Context(), result, b.ended); got != 3 || err != nil {
			t.Errorf("who was written last is told %d, %v", got, err)
		}
	})
}
