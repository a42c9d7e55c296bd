package adnet

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// stage is one step on the way of conversions to a sink. It gives one verdict
// for each, in their order: its own, or those that next brings from the stages
// behind it.
type stage interface {
	exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict
}

// onward runs the rest of the stages.
type onward func(ctx context.Context, cs []domain.Conversion) []Verdict

// pipeline is stages in their order: the first sees the conversions first and
// the verdicts last.
type pipeline []stage

func (p pipeline) run(ctx context.Context, cs []domain.Conversion) []Verdict {
	if len(cs) == 0 {
		return nil
	}
	return p[0].exec(ctx, cs, p[1:].run)
}

// sending is the way of conversions to be delivered.
func (d *Dispatcher) sending(j *job) pipeline {
	return pipeline{
		redact{j.desc, j.a.Settings},
		conclude{},
		window{j.a.Now, j.desc.Resumes},
		split{j.sink, j.a.Settings, j.desc.Batch},
		bisect{},
		// The breaker comes behind the limiter: while a call waits for its turn,
		// the breaker may open, or begin to try again.
		limiter{j.limit, d.o.Now, d.o.LimiterWait},
		breaker{j.state, j.desc.Resumes},
		call{d.o, j, j.sink.Deliver},
	}
}

// polling is the way of accepted conversions whose outcome is asked for. The
// network has them, so that there is no window and nothing to be found again.
func (d *Dispatcher) polling(j *job, p Poller) pipeline {
	return pipeline{
		redact{j.desc, j.a.Settings},
		conclude{},
		undecided{},
		bisect{},
		limiter{j.limit, d.o.Now, d.o.LimiterWait},
		breaker{j.state, false},
		call{d.o, j, p.Poll},
	}
}

// pick gives the conversions at some positions.
func pick(cs []domain.Conversion, at []int) []domain.Conversion {
	out := make([]domain.Conversion, len(at))
	for i, n := range at {
		out[i] = cs[n]
	}
	return out
}

// place puts the verdicts on picked conversions back where those stand.
func place(out []Verdict, at []int, vs []Verdict) {
	for i, n := range at {
		out[n] = vs[i]
	}
}

// conclude makes verdicts what the use case knows: nothing is held any more,
// and what is not decided keeps its handle.
type conclude struct{}

func (conclude) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	vs := next(ctx, cs)
	for i := range vs {
		if vs[i].Class.Open() && vs[i].Class != Resend {
			vs[i].Handle = cmp.Or(vs[i].Handle, cs[i].Handle)
		}
		if vs[i].Class == Hold {
			vs[i].Class = Retry
		}
	}
	return vs
}

// undecided keeps those accepted of whose outcome nothing was learned.
type undecided struct{}

func (undecided) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	vs := next(ctx, cs)
	for i := range vs {
		v := &vs[i]
		if v.Class != Accepted && !v.Class.Pauses() && v.Class.Status(true) == domain.Accepted {
			v.Class, v.After = Accepted, max(v.After, time.Minute)
		}
		if v.Class == Accepted {
			v.Handle = cmp.Or(v.Handle, cs[i].Handle)
		}
	}
	return vs
}

// window judges conversions that the network can not take now. It is asked
// before every attempt: what waited for days may be too old by now. A network
// that can be asked what it has is asked all the same for what it may have.
type window struct {
	now     time.Time
	resumes bool
}

func (w window) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	out, open := make([]Verdict, len(cs)), make([]int, 0, len(cs))
	for i, c := range cs {
		if v := judged(c, w.now); v != nil && !(c.AttemptOpen && w.resumes) {
			out[i] = *v
		} else {
			open = append(open, i)
		}
	}
	place(out, open, next(ctx, pick(cs, open)))
	return out
}

// judged is the verdict on a conversion outside its window; nil inside.
func judged(c domain.Conversion, now time.Time) *Verdict {
	switch {
	case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
		return &Verdict{
			Class:  Expired,
			Reason: "the network takes it until " + c.ExpiresAt.UTC().Format(time.RFC3339),
		}
	case c.NotBefore.After(now):
		return &Verdict{
			Class: Hold, After: c.NotBefore.Sub(now),
			Reason: "the network takes it from " + c.NotBefore.UTC().Format(time.RFC3339),
		}
	}
	return nil
}

// split makes calls: conversions with equal keys together, at most a batch.
type split struct {
	sink     Sink
	settings Settings
	batch    int
}

func (s split) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	out := make([]Verdict, len(cs))
	for _, group := range s.groups(cs) {
		place(out, group, next(ctx, pick(cs, group)))
	}
	return out
}

func (s split) groups(cs []domain.Conversion) (groups [][]int) {
	sp, _ := s.sink.(Splitter)
	at := map[string]int{} // key → the call that is being filled
	for i, c := range cs {
		key := ""
		if sp != nil {
			key = sp.BatchKey(s.settings, c)
		}
		g, ok := at[key]
		if !ok || len(groups[g]) >= s.batch {
			g = len(groups)
			at[key] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// bisect sends in two parts again what the network refused as a whole, down to
// the conversion that is refused alone.
type bisect struct{}

func (b bisect) exec(ctx context.Context, cs []domain.Conversion, next onward) []Verdict {
	vs := next(ctx, cs)
	var again []int
	for i := range vs {
		switch {
		case vs[i].Class != Bisect:
		case len(cs) == 1:
			vs[i].Class = Rejected
		default:
			again = append(again, i)
		}
	}
	if len(again) == 0 {
		return vs
	}
	left := pick(cs, again)
	for _, part := range parted(left) {
		if len(part) > 0 {
			at := make([]int, len(part))
			for i, n := range part {
				at[i] = again[n]
			}
			place(vs, at, b.exec(ctx, pick(left, part), next))
		}
	}
	return vs
}

// call is the last stage. It calls the sink, holds it to its promise (one
// verdict each, no panic) and tells of the call. A fault of ours is Hold: it
// says nothing of the network.
type call struct {
	o *Options
	*job
	ask func(ctx context.Context, a Account, cs []domain.Conversion) []Verdict
}

func (c call) exec(ctx context.Context, cs []domain.Conversion, _ onward) (vs []Verdict) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			c.logPanic(c.o.Logger, p)
			vs = All(len(cs), Verdict{Class: Hold, Reason: "the delivery failed inside tgtrack"})
		}
		c.tell(cs, vs, began)
	}()
	vs = c.ask(ctx, c.a, cs)
	if len(vs) != len(cs) {
		c.o.Logger.Error("sink gave a wrong number of verdicts",
			"network", c.desc.Name, "want", len(cs), "got", len(vs))
		return All(len(cs), Verdict{Class: Hold, Reason: "the delivery failed inside tgtrack: no verdict"})
	}
	return slices.Clone(vs)
}

// tell counts a call's verdicts and traces it.
func (c call) tell(cs []domain.Conversion, vs []Verdict, began time.Time) {
	ended := time.Now()
	if c.o.Traced != nil {
		c.o.Traced(c.desc.Name, cs, vs, began, ended)
	}
	if c.o.Observer == nil {
		return
	}
	counts := map[Class]int{}
	for _, v := range vs {
		counts[v.Class]++
	}
	for class, n := range counts {
		c.o.Observer.ObserveVerdicts(c.desc.Name, class, n, ended.Sub(began))
	}
}

func (j *job) logPanic(logger *slog.Logger, p any) {
	mask := NewMask(j.desc, j.a.Settings)
	logger.Error("sink panicked", "network", j.desc.Name, "account", j.a.ID,
		"panic", mask.Keep(fmt.Sprint(p)), "stack", mask.Keep(string(debug.Stack())))
}
