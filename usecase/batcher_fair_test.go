package usecase

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
)

// asked is a request of a project.
type asked struct {
	project string
	n       int
}

// TestFairBatcher: projects take turns, each keeps its order, and whoever asks
// for much is refused before those who ask for little.
func TestFairBatcher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var batches [][]asked
		goOn := make(chan struct{})
		b := newFairBatcher(100, 40, func(a asked) string { return a.project },
			func(_ context.Context, batch []asked) {
				batches = append(batches, batch)
				<-goOn
			})
		ctx, stop := context.WithCancel(t.Context())
		go b.run(ctx)
		offer := func(project string, from, to int) (taken int) {
			for n := from; n <= to; n++ {
				if b.offer(asked{project, n}) {
					taken++
				}
			}
			return taken
		}
		offer("loud", 0, 0) // a lone one waits for nobody
		synctest.Wait()
		if n := offer("loud", 1, 1000); n != 90 {
			t.Errorf("%d of the loud one's are taken, want 90", n)
		}
		if n := offer("quiet", 1, 5); n != 5 {
			t.Errorf("%d of the quiet one's are taken", n)
		}
		if n := offer("loud", 1001, 1100); n != 0 {
			t.Errorf("%d more of the loud one's are taken", n)
		}
		if n := offer("late", 1, 3); n != 3 || b.waiting() != 98 {
			t.Errorf("%d of the late one's are taken; %d wait", n, b.waiting())
		}
		for range 5 {
			goOn <- struct{}{}
			synctest.Wait()
		}
		next := len(batches)
		if n := offer("last", 1, 1); n != 1 {
			t.Error("there is no room for another")
		}
		stop()
		close(goOn)
		synctest.Wait()
		if got := fmt.Sprint(batches[1][:10]); got != "[{loud 1} {quiet 1} {late 1} {loud 2} {quiet 2} {late 2} {loud 3} "+
			"{quiet 3} {late 3} {loud 4}]" {
			t.Error("the first batch", got)
		}
		// Others wait for the batch that is written: it is not all the loud one's.
		if len(batches[1]) != 18 || len(batches[2]) != 10 {
			t.Errorf("of the first batches %d and %d are written, want 18 and 10", len(batches[1]), len(batches[2]))
		}
		if i := slices.IndexFunc(batches, func(b []asked) bool { return slices.Contains(b, asked{"last", 1}) }); i != next {
			t.Errorf("the last one is in batch %d", i)
		}
		last := map[string]int{}
		total := 0
		for _, batch := range batches {
			for _, a := range batch {
				if total++; a.n != last[a.project]+1 && a.n != 0 {
					t.Fatalf("%v comes after %d", a, last[a.project])
				}
				last[a.project] = a.n
			}
		}
		if total != 100 || b.waiting() != 0 {
			t.Errorf("%d are written, %d are left", total, b.waiting())
		}
	})
}

// TestFairBatcherOfOne: a project alone fills its batches, also a while after
// others asked.
func TestFairBatcherOfOne(t *testing.T) {
	t.Parallel()
	b := newFairBatcher(10_000, 40, func(a asked) string { return a.project }, nil)
	sizes := func(project string, n int) (out []int) {
		for range n {
			b.offer(asked{project, 1})
		}
		for batch := b.gather(); len(batch) > 0; batch = b.gather() {
			out = append(out, len(batch))
		}
		return out
	}
	if got := sizes("a", 100); !slices.Equal(got, []int{40, 40, 20}) {
		t.Error("alone:", got)
	}
	if got := sizes("b", 25); !slices.Equal(got, []int{10, 10, 5}) {
		t.Error("beside another:", got)
	}
	if got := sizes("b", 200); !slices.Equal(got, []int{40, 40, 40, 40, 40}) {
		t.Error("alone again:", got)
	}
}

func BenchmarkFairBatcherAlone(b *testing.B) {
	q := newFairBatcher(10_000, 512, func(a asked) string { return a.project }, nil)
	b.ReportAllocs()
	for b.Loop() {
		q.offer(asked{"p", 1})
		q.gather()
	}
}
