package usecase_test

import (
	"context"
	"errors"
	"sync"
	"testing"
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
		clicks := usecase.NewClicks(st, queue, 10, 20*time.Second)
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
