package main

import (
	"math/bits"
	"time"
)

// histogram counts durations to about 3 % without allocating: each power of
// two of microseconds has 32 steps.
type histogram struct {
	counts [steps * 32]uint64
	total  uint64
}

const steps = 32

func (h *histogram) add(d time.Duration) {
	h.counts[slot(max(0, uint64(d.Microseconds())))]++
	h.total++
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
}

// quantile is the duration that the share q of all did not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.total))
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen > rank {
			return time.Duration(upper(i)) * time.Microsecond
		}
	}
	return 0
}

// slot of a number of microseconds: exact below 32, then 32 to each power.
func slot(us uint64) int {
	if us < steps {
		return int(us)
	}
	power := bits.Len64(us) - 6 // 32…63 is power 0
	return min((power+1)*steps+int(us>>power)-steps, len(histogram{}.counts)-1)
}

// upper is the largest number of microseconds of a slot.
func upper(i int) uint64 {
	if i < steps {
		return uint64(i)
	}
	power := i/steps - 1
	return (uint64(i%steps+steps)+1)<<power - 1
}
