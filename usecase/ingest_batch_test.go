package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// flawed is the store, but for rows that it does not take and moments at
// which it is away.
type flawed struct {
	usecase.IngestStore
	away bool
}

func (f flawed) Ingest(ctx context.Context, do func(context.Context, usecase.IngestTx) error) error {
	return f.IngestStore.Ingest(ctx, func(ctx context.Context, tx usecase.IngestTx) error {
		return do(ctx, flawedTx{tx, f.away})
	})
}

type flawedTx struct {
	usecase.IngestTx
	away bool
}

func (t flawedTx) Save(ctx context.Context, c *usecase.IngestChanges) error {
	if err := t.IngestTx.Save(ctx, c); err != nil {
		return err
	}
	if t.away {
		return fmt.Errorf("%w: the disk is full", domain.ErrUnavailable)
	}
	if slices.ContainsFunc(c.Events, func(e domain.Event) bool { return e.Name == "defect" }) {
		panic("a defect")
	}
	if slices.ContainsFunc(c.Events, func(e domain.Event) bool { return e.Name == "flaw" }) {
		return domain.Invalid("name", "can not be stored")
	}
	return nil
}

// over is an Ingest over a store with flaws, which counts its batches.
func (s *tale) over(f flawed) (*usecase.Ingest, *batches) {
	seen := &batches{}
	return usecase.NewIngest(s.cfg, f, networks{}, s.ids.next, func() time.Time { return s.now }, seen,
		func(bool) { seen.committed++ }), seen
}

type batches struct {
	sizes     []int
	committed int
}

func (b *batches) ObserveBatch(size int, _ time.Duration, _ error) { b.sizes = append(b.sizes, size) }

func TestBatches(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"only the arrival at fault fails": func(s *tale) {
			s.p.Limits = domain.Limits{PerHour: 7}
			in, seen := s.over(flawed{IngestStore: s.Store})
			as := []usecase.Arrival{}
			for i := range int64(7) {
				as = append(as, s.request(fmt.Sprint(i), start(i+1, "")))
			}
			as[4] = withKey("k", s.request("flawed", goal(5, "flaw")))
			got := together(s.T, in, as...)
			for i, r := range got {
				if i == 4 != errors.Is(r.err, domain.ErrInvalid) {
					s.Errorf("%d: %+v", i, r)
				}
				if i != 4 {
					s.subscribed(int64(i+1), "0-… organic")
				}
			}
			s.unknown(5)
			if seen.sizes[0] != 7 || seen.committed == 0 {
				s.Errorf("batches %v, %d told to the relay", seen.sizes, seen.committed)
			}
			// What failed is not counted, and its key is free.
			got = s.together(withKey("k", s.request("again", start(5, ""))), s.request("more", start(6, "")))
			if got[0].err != nil || !errors.Is(got[1].err, domain.ErrLimited) {
				s.Errorf("%+v", got)
			}
		},
		"only the arrival that shows a defect fails": func(s *tale) {
			in, _ := s.over(flawed{IngestStore: s.Store})
			got := together(s.T, in, s.request("1", start(1, "")), s.request("2", goal(2, "defect")),
				s.request("3", start(3, "")))
			if got[0].err != nil || got[1].err == nil || got[2].err != nil {
				s.Errorf("%+v", got)
			}
			s.subscribed(1, "0-… organic")
			s.unknown(2)
			s.subscribed(3, "0-… organic")
		},
		"storage away fails all at once": func(s *tale) {
			in, seen := s.over(flawed{IngestStore: s.Store, away: true})
			for _, r := range together(s.T, in, s.request("1", start(1, "")), s.request("2", start(2, ""))) {
				if !errors.Is(r.err, domain.ErrUnavailable) {
					s.Errorf("%+v", r)
				}
			}
			s.unknown(1)
			if len(seen.sizes) != 1 || seen.committed != 0 {
				s.Errorf("%+v", seen)
			}
		},
		"a full queue refuses": func(s *tale) {
			s.cfg.Queue = 1
			in := s.ingest()
			got := together(s.T, in, s.request("1", start(1, "")), s.request("2", start(2, "")))
			if got[0].err != nil || !errors.Is(got[1].err, domain.ErrUnavailable) {
				s.Errorf("%+v", got)
			}
		},
		"nothing to relay": func(s *tale) {
			in, seen := s.over(flawed{IngestStore: s.Store})
			if r := together(s.T, in, s.request("1"))[0]; r.err != nil || len(r.Receipts) != 0 || seen.committed != 0 {
				s.Errorf("%+v, %+v", r, seen)
			}
		},
		"not more than a batch": func(s *tale) {
			s.cfg.MaxBatch = 2
			in, seen := s.over(flawed{IngestStore: s.Store})
			together(s.T, in, s.request("1", start(1, "")), s.request("2", start(1, "")), s.request("3", stop(1)))
			if !slices.Equal(seen.sizes, []int{2, 1}) || s.who(1).Seq != 3 {
				s.Errorf("%v", seen.sizes)
			}
		},
		"a sender who does not wait": func(s *tale) {
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			if _, err := s.ingest().Submit(ctx, s.request("1", start(1, ""))); !errors.Is(err, domain.ErrUnavailable) {
				s.Error(err)
			}
		},
	})
}

// rush sends all requests at once through two processes.
func (s *tale) rush(as ...usecase.Arrival) []result {
	s.Helper()
	s.cfg.MaxBatch, s.cfg.Writers = 4, 2
	ctx, cancel := context.WithCancel(s.Context())
	var running, asking sync.WaitGroup
	out := make([]result, len(as))
	ins := []*usecase.Ingest{s.ingest(), s.ingest()}
	for _, in := range ins {
		running.Go(func() {
			if err := in.Run(ctx); err != nil {
				s.Error(err)
			}
		})
	}
	for i, a := range as {
		asking.Go(func() {
			o, err := ins[i%2].Submit(ctx, a)
			out[i] = result{o, err}
		})
	}
	asking.Wait()
	cancel()
	running.Wait()
	return out
}

func TestTwoProcesses(t *testing.T) {
	tales(t, map[string]func(s *tale){
		"a click has one owner": func(s *tale) {
			c := s.click(s.link("ad", ""), "beacon=1")
			s.account("beacon", nil)
			var as []usecase.Arrival
			for i := range int64(20) {
				as = append(as, s.request(fmt.Sprint(i), start(i+1, c.StartValue)))
			}
			for _, r := range s.rush(as...) {
				s.ok(r.err)
			}
			s.made("beacon subscribed pending " + c.ID)
		},
		"a click is guessed once": func(s *tale) {
			l := s.link("ad", "")
			for range 10 {
				s.click(l)
			}
			var as []usecase.Arrival
			for i := range int64(30) {
				as = append(as, s.request(fmt.Sprint(i), start(i+1, "auto_detect")))
			}
			for _, r := range s.rush(as...) {
				s.ok(r.err)
			}
			owners := map[string]int{}
			for i := range int64(30) {
				if touches := s.who(i + 1).Touches; len(touches) == 1 {
					owners[touches[0].ClickID]++
				}
			}
			for c, n := range owners {
				if n != 1 {
					s.Errorf("click %s has %d owners", c, n)
				}
			}
			if len(owners) != 10 {
				s.Errorf("%d of 10 clicks were found", len(owners))
			}
		},
		"a person has one history": func(s *tale) {
			var as []usecase.Arrival
			for i := range 30 {
				as = append(as, s.request(fmt.Sprint(i), start(1, "")))
			}
			for _, r := range s.rush(as...) {
				s.ok(r.err)
			}
			s.subscribed(1, "0-… organic")
			d, err := s.Dossier(s.Context(), s.key(1))
			s.ok(err)
			seqs := map[int64]bool{}
			for _, e := range d.Events {
				seqs[e.Seq] = true
			}
			if len(seqs) != 30 || !seqs[1] || !seqs[30] || d.Seq != 30 {
				s.Errorf("%d numbers, the last is %d", len(seqs), d.Seq)
			}
		},
		"a limit is one": func(s *tale) {
			s.p.Limits = domain.Limits{PerHour: 10}
			var as []usecase.Arrival
			for i := range int64(40) {
				as = append(as, s.request(fmt.Sprint(i), start(i+1, "")))
			}
			taken := 0
			for _, r := range s.rush(as...) {
				switch {
				case r.err == nil:
					taken++
				case !errors.Is(r.err, domain.ErrLimited):
					s.Error(r.err)
				}
			}
			if taken != 10 {
				s.Errorf("%d were taken", taken)
			}
		},
		"an Idempotency-Key is one": func(s *tale) {
			var as []usecase.Arrival
			for range 20 {
				as = append(as, withKey("k", s.request("same", start(1, ""))))
			}
			first := ""
			for _, r := range s.rush(as...) {
				s.ok(r.err)
				if first == "" {
					first = r.Receipts[0].ID
				}
				if r.Receipts[0].ID != first {
					s.Errorf("%+v", r)
				}
			}
			if seq := s.who(1).Seq; seq != 1 {
				s.Errorf("%d events", seq)
			}
		},
		"a sender's key is one": func(s *tale) {
			var as []usecase.Arrival
			for i := range 20 {
				as = append(as, s.request(fmt.Sprint(i), keyed("update:7", start(1, ""))))
			}
			for _, r := range s.rush(as...) {
				s.ok(r.err)
			}
			if seq := s.who(1).Seq; seq != 1 {
				s.Errorf("%d events", seq)
			}
		},
		"a sender's key of nobody is one, too": func(s *tale) {
			l := s.link("post", "")
			var as []usecase.Arrival
			for i := range 20 {
				as = append(as, s.request(fmt.Sprint(i), keyed("update:7", anonymous(l.StartValue))))
			}
			for _, r := range s.rush(as...) {
				s.ok(r.err)
			}
			if n := s.starts(l); n != 1 {
				s.Errorf("%d starts", n)
			}
		},
	})
}
