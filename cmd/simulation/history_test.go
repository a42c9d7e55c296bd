package simulation

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// step is one thing that happens. The numbers choose whom it happens to, and
// how: each is taken modulo what there is, so that a history stays one whatever
// is left out of it.
type step struct {
	do      string
	a, b, c int
}

func (s step) String() string { return fmt.Sprintf("%s(%d,%d,%d)", s.do, s.a, s.b, s.c) }

// happenings are what a history is made of, each with how often it comes.
var happenings = []struct {
	do     string
	weight int
}{
	{"click", 12}, {"start", 18}, {"anonymous", 5}, {"stop", 6}, {"goal", 14}, {"sale", 8}, {"payment", 4}, {"refund", 2},
	{"member", 4},
	{"repeat", 5}, {"together", 3}, {"delay", 3}, {"garble", 4},
	{"pass", 14}, {"relay", 14}, {"deliver", 14}, {"wait", 4}, {"break", 5}, {"outage", 3}, {"network", 6},
	{"pause", 2}, {"resume", 3}, {"settings", 2}, {"expire", 3}, {"retry", 2}, {"count", 3}, {"jump", 2},
	{"erase", 1}, {"backup", 1}, {"restore", 1},
}

// history makes up n steps; the same seed makes the same.
func history(seed uint64, n int) []step {
	r := rand.New(rand.NewPCG(seed, seed))
	sum := 0
	for _, h := range happenings {
		sum += h.weight
	}
	steps := make([]step, n)
	for i := range steps {
		at := r.IntN(sum)
		for _, h := range happenings {
			if at -= h.weight; at < 0 {
				steps[i] = step{h.do, r.IntN(1000), r.IntN(1000), r.IntN(1000)}
				break
			}
		}
	}
	return steps
}

// shrink leaves out of a history whatever it fails without.
func shrink(steps []step, fails func([]step) bool) []step {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(steps); {
			without := append(append([]step{}, steps[:from]...), steps[from+size:]...)
			if fails(without) {
				steps = without
			} else {
				from += size
			}
		}
	}
	return steps
}

func words(steps []step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString("\t" + s.String() + "\n")
	}
	return b.String()
}
