package usecase_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// slowClicks is the store, which takes its time for the first batch and fails
// as told.
type slowClicks struct {
	*store.Store
	once    sync.Once
	inside  chan struct{}
	goOn    chan struct{}
	batches []int
	err     error
}

func (c *slowClicks) SaveClicks(ctx context.Context, cs []domain.Click) error {
	c.once.Do(func() {
		close(c.inside)
		<-c.goOn
	})
	c.batches = append(c.batches, len(cs))
	if c.err != nil {
		return c.err
	}
	return c.Store.SaveClicks(ctx, cs)
}

// noStream is NATS away.
type noStream struct{}

func (noStream) KeepClick(context.Context, domain.Click) error { return domain.ErrUnavailable }

func TestClicks(t *testing.T) {
	record := func(s *tale, st *slowClicks, queue int) (cs []domain.Click, out []error) {
		s.Helper()
		st.Store, st.inside, st.goOn = s.Store, make(chan struct{}), make(chan struct{})
		l := s.link("ad", "")
		for range 4 {
			id := s.ids.next()
			cs = append(cs, domain.Click{
				ID: id, ProjectID: s.p.ID, LinkID: l.ID, StartValue: "PJ" + id, At: s.now, UserAgent: "Mozilla/5.0",
			})
		}
		clicks := usecase.NewClicks(usecase.ClicksConfig{
			Queue: queue, MaxBatch: 10, Timeout: 20 * time.Second, Patience: 20 * time.Second,
		}, st, noStream{}, func() time.Time { return s.now })
		ctx, cancel := context.WithCancel(s.Context())
		var running, asking sync.WaitGroup
		running.Go(func() { s.ok(clicks.Run(ctx)) })
		out = make([]error, len(cs))
		asking.Go(func() { out[0] = clicks.Record(s.Context(), cs[0]) })
		<-st.inside
		for i, c := range cs[1:] {
			queued := clicks.Queued()
			done := make(chan struct{})
			asking.Go(func() {
				defer close(done)
				out[i+1] = clicks.Record(s.Context(), c)
			})
			eventually(s, "the click to be queued", func() bool {
				select {
				case <-done:
					return true
				default:
					return clicks.Queued() > queued
				}
			})
		}
		cancel() // what is queued is stored all the same
		close(st.goOn)
		running.Wait()
		asking.Wait()
		if err := clicks.Record(s.Context(), cs[0]); !errors.Is(err, domain.ErrUnavailable) {
			s.Errorf("after the stop: %v", err)
		}
		return cs, out
	}
	tales(t, map[string]func(s *tale){
		"a start that follows at once finds its click": func(s *tale) {
			st := &slowClicks{}
			cs, errs := record(s, st, 10)
			for i, c := range cs {
				s.ok(errs[i])
				s.send(start(int64(i+1), c.StartValue))
				s.subscribed(int64(i+1), "0-… click 1.00 "+c.ID)
			}
			if len(st.batches) != 2 {
				s.Errorf("batches of %v, want 1 and 3", st.batches)
			}
		},
		"a full queue refuses": func(s *tale) {
			_, errs := record(s, &slowClicks{}, 1)
			for i, want := range []error{nil, nil, domain.ErrUnavailable, domain.ErrUnavailable} {
				if !errors.Is(errs[i], want) {
					s.Errorf("%d: %v", i, errs[i])
				}
			}
		},
		"storage away is told": func(s *tale) {
			_, errs := record(s, &slowClicks{err: domain.ErrUnavailable}, 10)
			for _, err := range errs {
				if !errors.Is(err, domain.ErrUnavailable) {
					s.Error(err)
				}
			}
		},
	})
}

// deaf is storage that answers when it is told to, and counts who asks.
type deaf struct {
	asked  chan struct{}
	answer chan error
}

func (d *deaf) SaveClicks(ctx context.Context, _ []domain.Click) error {
	d.asked <- struct{}{}
	select {
	case err := <-d.answer:
		return err
	case <-ctx.Done():
		return domain.ErrUnavailable
	}
}

// kept is a stream that fails as told.
type kept struct {
	clicks []domain.Click
	err    error
}

func (k *kept) KeepClick(_ context.Context, c domain.Click) error {
	if k.err == nil {
		k.clicks = append(k.clicks, c)
	}
	return k.err
}

// TestClicksDoNotWaitForStorage: one visitor a second finds out whether storage
// is back; all others go on at once.
func TestClicksDoNotWaitForStorage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, stream, lost := &deaf{make(chan struct{}, 100), make(chan error, 1)}, &kept{}, 0
		clicks := usecase.NewClicks(usecase.ClicksConfig{
			Queue: 10, MaxBatch: 10, Timeout: 2 * time.Second, Patience: 700 * time.Millisecond, TryAgain: time.Second,
			Lost: func() { lost++ },
		}, st, stream, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = clicks.Run(ctx) }()
		visit := func(want time.Duration, asks int, failure error) {
			t.Helper()
			began := time.Now()
			if err := clicks.Record(t.Context(), domain.Click{}); !errors.Is(err, failure) {
				t.Errorf("%v, want %v", err, failure)
			}
			if took := time.Since(began); took != want {
				t.Errorf("waited %s, want %s", took, want)
			}
			synctest.Wait()
			if n := len(st.asked); n != asks {
				t.Errorf("storage was asked %d times, want %d", n, asks)
			}
		}
		visit(700*time.Millisecond, 1, nil)
		visit(0, 1, nil)
		time.Sleep(1300 * time.Millisecond) // the batch is given up; it is time to ask again
		visit(700*time.Millisecond, 2, nil)
		if len(stream.clicks) != 3 {
			t.Errorf("the stream has %d clicks, want 3", len(stream.clicks))
		}
		stream.err = domain.ErrUnavailable
		visit(700*time.Millisecond, 2, domain.ErrUnavailable) // the writer still waits
		if lost != 1 {
			t.Errorf("%d clicks are counted as lost, want 1", lost)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		for len(st.asked) > 0 {
			<-st.asked
		}
		st.answer <- nil
		visit(0, 1, nil)
		st.answer <- nil
		visit(0, 2, nil) // and goes on asking
	})
}
