package adnet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// window judges conversions the network can not take now and gives the
// positions of the others. It is asked before every attempt: what waited for
// days may be too old by now.
func (j *job) window(cs []domain.Conversion, out []Verdict) []int {
	now, open := j.a.Now, make([]int, 0, len(cs))
	for i, c := range cs {
		switch {
		case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
			out[i] = Verdict{Class: Expired, Reason: "the network takes it until " + c.ExpiresAt.UTC().Format(time.RFC3339)}
		case c.NotBefore.After(now):
			out[i] = Verdict{
				Class: Hold, After: c.NotBefore.Sub(now),
				Reason: "the network takes it from " + c.NotBefore.UTC().Format(time.RFC3339),
			}
		default:
			open = append(open, i)
		}
	}
	return open
}

// split puts positions into calls: equal keys together, at most a batch.
func (j *job) split(cs []domain.Conversion, open []int) [][]int {
	sp, _ := j.sink.(Splitter)
	at := map[string]int{} // key → the call that is being filled
	var groups [][]int
	for _, i := range open {
		key := ""
		if sp != nil {
			key = sp.BatchKey(j.a.Settings, cs[i])
		}
		g, ok := at[key]
		if !ok || len(groups[g]) >= j.desc.Batch {
			g = len(groups)
			at[key] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

func pick(cs []domain.Conversion, at []int) []domain.Conversion {
	out := make([]domain.Conversion, len(at))
	for i, n := range at {
		out[i] = cs[n]
	}
	return out
}

// send gives one call's verdicts to set. What the network refused as a whole
// is sent again in halves, down to the conversion that is refused alone.
func (j *job) send(ctx context.Context, cs []domain.Conversion, set func(int, Verdict)) {
	if len(cs) == 0 {
		return
	}
	handle := ""
	if r, ok := j.sink.(Resumer); ok {
		handle = r.Resume(cs)
	}
	var again []int
	for i, v := range j.guarded(ctx, cs) {
		switch {
		case v.Class != Bisect:
			if v.Class.Open() && v.Handle == "" {
				v.Handle = handle
			}
			set(i, v)
		case len(cs) == 1:
			v.Class = Rejected
			set(i, v)
		default:
			again = append(again, i)
		}
	}
	if len(again) == 0 {
		return
	}
	half := (len(again) + 1) / 2
	for _, part := range [][]int{again[:half], again[half:]} {
		j.send(ctx, renamed(pick(cs, part)), func(i int, v Verdict) { set(part[i], v) })
	}
}

// renamed gives a part of a batch an id of its own: a network that is asked
// later whether it knows a batch must not take a half for the whole. The same
// part gets the same id again after a crash, and keeps the time the id of the
// whole begins with.
func renamed(cs []domain.Conversion) []domain.Conversion {
	h := sha256.New()
	for _, c := range cs {
		fmt.Fprintf(h, "%s\x00%s\x00", c.BatchID, c.ID)
	}
	id := hex.EncodeToString(h.Sum(nil)[:16])
	for i := range cs {
		if b := cs[i].BatchID; len(b) >= 12 {
			cs[i].BatchID = b[:12] + id[12:]
		}
	}
	return cs
}
