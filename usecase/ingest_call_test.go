package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// call sends arrivals in one call, to an Ingest that then stores what is queued.
func call(t testing.TB, in *usecase.Ingest, as ...usecase.Arrival) []usecase.Taken {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx) }()
	out := in.SubmitAll(context.Background(), as)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return out
}

// became is a word for each: taken, again, the limit, or what else.
func became(ts []usecase.Taken) (out []string) {
	for _, t := range ts {
		var e *usecase.LimitError
		switch {
		case errors.As(t.Err, &e):
			out = append(out, e.Limit)
		case t.Err != nil:
			out = append(out, "failed")
		case t.Replayed:
			out = append(out, "again")
		default:
			out = append(out, "taken")
		}
	}
	return out
}

func TestCallsOfManyArrivals(t *testing.T) {
	expect := func(s *tale, got []usecase.Taken, want ...string) {
		s.Helper()
		if fmt.Sprint(became(got)) != fmt.Sprint(want) {
			s.Errorf("%v, want %v: %+v", became(got), want, got)
		}
	}
	starts := func(s *tale, from, to int64) (as []usecase.Arrival) {
		for i := from; i <= to; i++ {
			as = append(as, s.request(fmt.Sprint(i), start(i, "")))
		}
		return as
	}
	tales(t, map[string]func(s *tale){
		"one in the second, however many transactions it takes": func(s *tale) {
			s.p.Limits, s.cfg.MaxBatch = domain.Limits{PerSecond: 2}, 2
			expect(s, call(s.T, s.ingest(), starts(s, 1, 5)...), "taken", "taken", "taken", "taken", "taken")
			expect(s, call(s.T, s.ingest(), starts(s, 6, 7)...), "taken", "taken")
			expect(s, call(s.T, s.ingest(), starts(s, 8, 10)...), "per second", "per second", "per second")
			s.unknown(8)
			s.after(time.Second)
			expect(s, call(s.T, s.ingest(), starts(s, 8, 8)...), "taken")
		},
		"refused as a whole also when the next second begins on the way": func(s *tale) {
			s.p.Limits, s.cfg.MaxBatch = domain.Limits{PerSecond: 1}, 1
			now := s.now
			in := usecase.NewIngest(s.cfg, s.Store, networks{}, s.ids.next, func() time.Time {
				at := now
				now = now.Add(300 * time.Millisecond)
				return at
			}, quiet{}, func(bool) {})
			s.ok(call(s.T, s.ingest(), starts(s, 1, 1)...)[0].Err)
			expect(s, call(s.T, in, starts(s, 2, 6)...),
				"per second", "per second", "per second", "per second", "per second")
		},
		"each is one in hour and day, and what does not fit is refused alone": func(s *tale) {
			s.p.Limits, s.cfg.MaxBatch = domain.Limits{PerHour: 3}, 2
			as := starts(s, 1, 4)
			as[1].Signals = append(as[1].Signals, start(20, ""), start(21, ""))
			expect(s, call(s.T, s.ingest(), as...), "taken", "per hour", "taken", "taken")
			s.unknown(20)
		},
		"what means nothing is not counted, a read is": func(s *tale) {
			s.p.Limits = domain.Limits{PerSecond: 1, PerDay: 2}
			as := starts(s, 1, 3)
			as[0].Signals = nil
			as[1].Signals, as[1].Read = nil, true
			expect(s, call(s.T, s.ingest(), as...), "taken", "taken", "taken")
			expect(s, call(s.T, s.ingest(), starts(s, 4, 4)...), "per second")
		},
		"kept answers take nothing of the limits": func(s *tale) {
			s.p.Limits = domain.Limits{PerSecond: 1}
			as := starts(s, 1, 2)
			as[0].IdempotencyKey, as[1].IdempotencyKey = "a", "b"
			in := s.ingest()
			expect(s, call(s.T, in, as...), "taken", "taken")
			expect(s, call(s.T, s.ingest(), append(as, starts(s, 3, 3)...)...), "again", "again", "per second")
		},
		"in their order": func(s *tale) {
			s.cfg.MaxBatch = 3
			var as []usecase.Arrival
			for i := range 8 {
				sig := start(1, "")
				if i%2 == 1 {
					sig = stop(1)
				}
				as = append(as, s.request(fmt.Sprint(i), sig))
			}
			for _, r := range call(s.T, s.ingest(), as...) {
				s.ok(r.Err)
			}
			d, err := s.Dossier(s.Context(), s.key(1))
			s.ok(err)
			if len(d.Events) != 8 || d.Subscribed {
				s.Errorf("%d events, subscribed %v", len(d.Events), d.Subscribed)
			}
		},
		"only the one at fault fails": func(s *tale) {
			in, _ := s.over(flawed{IngestStore: s.Store})
			expect(s, call(s.T, in, s.request("1", start(1, "")), s.request("2", goal(2, "flaw")),
				s.request("3", start(3, ""))), "taken", "failed", "taken")
		},
		"a full queue takes those in front": func(s *tale) {
			s.cfg.Queue = 2
			in := s.ingest()
			out := make(chan []usecase.Taken, 1)
			go func() { out <- in.SubmitAll(context.Background(), starts(s, 1, 4)) }()
			eventually(s.T, "two to be queued", func() bool { return in.Queued() == 2 })
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			s.ok(in.Run(ctx))
			expect(s, <-out, "taken", "taken", "failed", "failed")
		},
	})
}
