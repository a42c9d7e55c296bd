package turns_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tgtrack/tgtrack/usecase/turns"
)

func push(q *turns.Queue[string], things ...string) {
	for _, x := range things {
		q.Push(q.Of(x[:1]), x)
	}
}

func takeAll(q *turns.Queue[string]) string {
	var out []string
	for q.Next() != nil {
		out = append(out, q.Take())
	}
	return strings.Join(out, " ")
}

// TestTurns: owners take turns, each in its order; a turn that was passed, or a
// lane that ends, costs nobody else theirs.
func TestTurns(t *testing.T) {
	t.Parallel()
	q := turns.New[string](nil)
	push(q, "a1", "a2", "a3", "b1", "c1", "c2")
	if got := takeAll(q); got != "a1 b1 c1 a2 c2 a3" {
		t.Error(got)
	}
	push(q, "a4", "a5", "b2", "c3")
	q.Pass()
	first := q.Take()
	push(q, "b3") // whoever comes back is behind the others
	if got := first + " " + takeAll(q); got != "b2 c3 b3 a4 a5" && got != "b2 c3 a4 b3 a5" {
		t.Error(got)
	}
	push(q, "a6", "b4", "a7")
	q.Unshift(q.Of("a"), "a0")
	q.Drop(q.Of("b"))
	if got := takeAll(q); got != "a0 a6 a7" || len(q.Lanes()) != 0 {
		t.Error(got, len(q.Lanes()))
	}
}

// TestTaken: what was taken of a lane is known until it is counted anew, or the
// lane ends.
func TestTaken(t *testing.T) {
	t.Parallel()
	q := turns.New[string](nil)
	push(q, "a1", "a2", "a3", "b1")
	a, b := q.Of("a"), q.Of("b")
	for range 3 {
		q.Take()
	}
	if a.Taken() != 2 || b.Taken() != 0 {
		t.Error(a.Taken(), b.Taken())
	}
	if q.Recount(); a.Taken() != 0 {
		t.Error(a.Taken())
	}
}

// TestCounts: whatever is done, numbers and weights are those of what waits.
func TestCounts(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	q := turns.New(func(x *string) int { return len(*x) })
	for n := range 20_000 {
		owner := fmt.Sprint(random.IntN(5))
		switch l := q.Of(owner); random.IntN(8) {
		case 0, 1, 2:
			q.Push(l, owner+strings.Repeat("x", random.IntN(9)))
		case 3:
			q.Unshift(l, owner)
		case 4:
			if l.Len() > 0 {
				q.Drop(l)
			}
		case 5:
			q.Delete(owner, func(x *string) bool { return len(*x) > random.IntN(9) })
		case 6:
			if q.Next() != nil {
				q.Pass()
			}
		default:
			if q.Next() != nil {
				q.Take()
			}
		}
		things, weight := 0, 0
		for _, l := range q.Lanes() {
			w := 0
			for _, x := range l.Waiting() {
				w += len(x)
			}
			if w != l.Weight() || l.Len() == 0 || slices.Contains(l.Waiting(), "") {
				t.Fatalf("step %d: a lane of %d weighs %d, and says %d", n, l.Len(), w, l.Weight())
			}
			things, weight = things+l.Len(), weight+w
		}
		if things != q.Len() || weight != q.Weight() || (q.Next() == nil) != (things == 0) {
			t.Fatalf("step %d: %d of %d wait, and %d of %d are said to", n, things, weight, q.Len(), q.Weight())
		}
	}
}

// TestIdleLanes: owners who have nothing are forgotten.
func TestIdleLanes(t *testing.T) {
	t.Parallel()
	q := turns.New[int](nil)
	first := q.Of("0")
	for n := range 2000 {
		l := q.Of(fmt.Sprint(n))
		q.Push(l, n)
		q.Take()
	}
	if q.Of("0") == first {
		t.Error("the first one is still kept")
	}
}
