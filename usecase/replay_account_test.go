package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// jobs runs the jobs over conversions. hurry is how long one who asks is kept
// waiting; 0: for as long as it takes.
func (s *tale) jobs(st jobStore, hurry time.Duration) *usecase.Replays {
	if hurry == 0 {
		hurry = time.Minute
	}
	return usecase.NewReplays(
		usecase.ReplayConfig{Hurry: hurry, Look: 10 * time.Millisecond}, st,
		usecase.ReplayParts{Projects: st, Sends: st, Wake: func() {}},
		s.ids.next, func() time.Time { return s.now.Add(time.Duration(s.drift.Load())) }, slog.New(slog.DiscardHandler),
	)
}

// resume sets an account going again and sends what is parked; it answers how
// many that are.
func (s *tale) resume(a *domain.Account) int64 {
	s.Helper()
	on := *a
	on.Paused = false
	jobs := s.jobs(s.Store, 0)
	job, err := jobs.ForAccount(s.Context(), usecase.ReplayResume, on)
	s.ok(err)
	s.ok(s.UpdateAccount(s.Context(), on, usecase.AccountUpdate{Job: job}))
	if job == nil {
		return 0
	}
	r := jobs.Hurry(s.Context(), job)
	if r.State != usecase.ReplayDone {
		s.Fatalf("the job is %s: %s", r.State, r.Error)
	}
	return r.Progress.Changed
}

// backlog is a paused account with n parked conversions.
func (s *tale) backlog(n int) *domain.Account {
	s.Helper()
	a := s.lot(n)
	s.ok(s.SetHealth(s.Context(), a.ID, domain.Reauth, "revoked", true, s.now))
	got, err := s.ParkSome(s.Context(), *a, "revoked", "", n+1, s.now)
	if err != nil || got.Scheduled != n {
		s.Fatalf("%d are parked, want %d: %v", got.Scheduled, n, err)
	}
	stored, err := s.Account(s.Context(), s.p.ID, a.ID)
	s.ok(err)
	return &stored
}

// jobStore is what jobs ask of a store.
type jobStore interface {
	usecase.ConversionRetrier
	usecase.ReplayStore
	usecase.ProjectStore
}

// steps is a store in which the steps of jobs are small, and something happens
// before each.
type steps struct {
	jobStore
	before func(n int)
	n      int
}

func (s *steps) AccountSome(
	ctx context.Context, k usecase.ReplayKind, sel usecase.RetrySelection, after string, limit int, now time.Time,
	save usecase.SaveStep,
) (usecase.Retried, error) {
	s.n++
	s.before(s.n)
	return s.jobStore.AccountSome(ctx, k, sel, after, min(limit, 3), now, save)
}

// begin sets a job of an account going and gives what Hurry will run.
func (s *tale) begin(jobs *usecase.Replays, k usecase.ReplayKind, a *domain.Account) *usecase.ReplaySave {
	s.Helper()
	on := *a
	on.Paused, on.Health, on.HealthReason = false, domain.Healthy, ""
	job, err := jobs.ForAccount(s.Context(), k, on)
	s.ok(err)
	s.ok(s.UpdateAccount(s.Context(), on, usecase.AccountUpdate{Was: a, Job: job}))
	*a, err = s.Account(s.Context(), s.p.ID, a.ID)
	s.ok(err)
	return job
}

// settled runs jobs as a process does until one has ended.
func (s *tale) settled(jobs *usecase.Replays, id string) (r usecase.Replay) {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = jobs.Run(ctx) }()
	defer func() { stop(); <-done }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !r.State.Ended() { // how long that takes depends on the size
		<-tick.C
		var err error
		r, err = jobs.Get(ctx, id)
		s.ok(err)
	}
	return r
}

// lone tells a story that needs a database of its own.
func lone(t *testing.T, story func(s *tale)) {
	t.Helper()
	tales(t, map[string]func(s *tale){"": story})
}

// countedAs compares the ledger with "status n".
func (s *tale) countedAs(want ...string) {
	s.Helper()
	_, by, err := s.Ledger(s.Context(), s.p.ID)
	s.ok(err)
	var got []string
	for _, l := range by {
		got = append(got, fmt.Sprint(l.Status, " ", l.Count))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.Errorf("conversions: %q, want %q", got, want)
	}
}

// counted is how many conversions are in a status.
func (s *tale) counted(st domain.Status) (n int) {
	s.Helper()
	_, by, err := s.Ledger(s.Context(), s.p.ID)
	s.ok(err)
	for _, l := range by {
		if l.Status == st {
			n += l.Count
		}
	}
	return n
}

// TestAJobOutlivesItsProcess: one freezes in the middle, another takes the job
// over, and all is done and counted once. The first, awake again, does nothing.
func TestAJobOutlivesItsProcess(t *testing.T) {
	lone(t, func(s *tale) {
		a := s.backlog(10)
		frozen, thaw := make(chan struct{}), make(chan struct{})
		first := s.jobs(&steps{jobStore: s.Store, before: func(n int) {
			if n == 3 {
				close(frozen)
				<-thaw
			}
		}}, 0)
		job := s.begin(first, usecase.ReplayResume, a)
		ended := make(chan usecase.Replay, 1)
		go func() { ended <- first.Hurry(s.Context(), job) }()
		<-frozen
		s.countedAs("parked 4", "pending 6")
		if n, err := s.Unpark(s.Context(), s.now); err != nil || n != 0 {
			s.Errorf("%d were taken for forgotten: %v", n, err)
		}
		r, err := first.AccountJob(s.Context(), a.ID)
		s.ok(err)
		if r.State != usecase.ReplayRunning || r.Progress.Total != 10 || r.Progress.Changed != 6 {
			s.Errorf("in the middle: %s, %+v", r.State, r.Progress)
		}
		s.drift.Store(int64(time.Minute))
		got := s.settled(s.jobs(s.Store, 0), job.ID)
		if got.State != usecase.ReplayDone || got.Progress.Changed != 10 || got.Progress.Seen != 10 {
			s.Errorf("taken over: %s, %+v", got.State, got.Progress)
		}
		s.countedAs("pending 10")
		close(thaw)
		<-ended
		if r, err = first.AccountJob(s.Context(), a.ID); err != nil || r.State != usecase.ReplayDone {
			s.Errorf("after the first awoke: %+v, %v", r, err)
		}
	})
}

// TestAJobGoesOnBehindItsAnswer: who asks is answered at once.
func TestAJobGoesOnBehindItsAnswer(t *testing.T) {
	lone(t, func(s *tale) {
		a := s.backlog(4)
		jobs := s.jobs(s.Store, 1)
		job := s.begin(jobs, usecase.ReplaySkip, a)
		if r := jobs.Hurry(s.Context(), job); r.State != usecase.ReplayInterrupted || r.Progress.Total != 4 {
			s.Errorf("answered: %s, %+v", r.State, r.Progress)
		}
		s.countedAs("parked 4")
		if r := s.settled(jobs, job.ID); r.State != usecase.ReplayDone || r.Progress.Changed != 4 {
			s.Errorf("then: %s, %+v", r.State, r.Progress)
		}
		s.countedAs("rejected 4")
	})
}

// TestACancelledJobStops: what it did stays, the rest waits until it is let go
// on.
func TestACancelledJobStops(t *testing.T) {
	lone(t, func(s *tale) {
		a := s.backlog(8)
		var job *usecase.ReplaySave
		jobs := s.jobs(&steps{jobStore: s.Store, before: func(n int) {
			if n == 2 {
				s.ok(s.CancelReplay(s.Context(), job.ID, s.now))
			}
		}}, 0)
		job = s.begin(jobs, usecase.ReplayResume, a)
		if r := jobs.Hurry(s.Context(), job); r.State != usecase.ReplayCancelled || r.Progress.Changed != 3 {
			s.Errorf("cancelled: %s, %+v", r.State, r.Progress)
		}
		if n, err := s.Unpark(s.Context(), s.now); err != nil || n != 0 {
			s.Errorf("%d of the rest were sent: %v", n, err)
		}
		s.countedAs("parked 5", "pending 3")
		_, err := jobs.Resume(s.Context(), job.ID)
		s.ok(err)
		if r := s.settled(jobs, job.ID); r.State != usecase.ReplayDone || r.Progress.Changed != 8 {
			s.Errorf("let go on: %s, %+v", r.State, r.Progress)
		}
		s.countedAs("pending 8")
	})
}

func TestJobsOfAnAccount(t *testing.T) {
	pause := func(s *tale, a *domain.Account) {
		off := *a
		off.Paused = true
		s.ok(s.UpdateAccount(s.Context(), off, usecase.AccountUpdate{}))
	}
	tales(t, map[string]func(s *tale){
		"a pause in the middle wins": func(s *tale) {
			a := s.backlog(8)
			jobs := s.jobs(&steps{jobStore: s.Store, before: func(n int) {
				if n == 2 {
					pause(s, a)
				}
			}}, 0)
			job := s.begin(jobs, usecase.ReplayResume, a)
			r := jobs.Hurry(s.Context(), job)
			if r.State != usecase.ReplayCancelled || r.Progress.Changed != 3 {
				s.Errorf("%s, %+v", r.State, r.Progress)
			}
			s.countedAs("parked 5", "pending 3")
		},
		"a pause by a delivery wins, too": func(s *tale) {
			a := s.backlog(8)
			jobs := s.jobs(&steps{jobStore: s.Store, before: func(n int) {
				if n == 2 {
					s.ok(s.SetHealth(s.Context(), a.ID, domain.Reauth, "revoked", true, s.now))
				}
			}}, 0)
			job := s.begin(jobs, usecase.ReplayResume, a)
			if r := jobs.Hurry(s.Context(), job); r.State != usecase.ReplayCancelled || r.Error == "" {
				s.Errorf("%s, %q", r.State, r.Error)
			}
			s.countedAs("parked 5", "pending 3")
		},
		"the later wish counts": func(s *tale) {
			a := s.backlog(8)
			jobs := s.jobs(s.Store, 0)
			skip := s.jobs(&steps{jobStore: s.Store, before: func(n int) {
				if n == 2 {
					send := s.begin(jobs, usecase.ReplayResume, a)
					if r := jobs.Hurry(s.Context(), send); r.Progress.Changed != 5 {
						s.Errorf("sent: %+v", r.Progress)
					}
				}
			}}, 0)
			r := skip.Hurry(s.Context(), s.begin(skip, usecase.ReplaySkip, a))
			if r.Progress.Changed != 3 {
				s.Errorf("%s, %+v", r.State, r.Progress)
			}
			s.countedAs("pending 5", "rejected 3")
		},
		"what comes later is not skipped": func(s *tale) {
			a := s.backlog(4)
			jobs := s.jobs(&steps{jobStore: s.Store, before: func(n int) {
				if n == 1 { // by a batch that read the account as paused
					s.after(time.Second)
					s.p.Accounts[0].Paused = true
					s.send(goal(1, "z"))
				}
			}}, 0)
			r := jobs.Hurry(s.Context(), s.begin(jobs, usecase.ReplaySkip, a))
			if r.State != usecase.ReplayDone || r.Progress.Changed != 4 {
				s.Errorf("%s, %+v", r.State, r.Progress)
			}
			s.countedAs("parked 1", "rejected 4")
			_, err := s.Unpark(s.Context(), s.now)
			s.ok(err)
			s.countedAs("pending 1", "rejected 4")
		},
		"deleting ends all, however it is asked": func(s *tale) {
			a := s.backlog(8)
			jobs := s.jobs(&steps{jobStore: s.Store, before: func(int) {}}, 0)
			job, err := jobs.ForAccount(s.Context(), usecase.ReplayClose, *a)
			s.ok(err)
			s.ok(s.DeleteAccount(s.Context(), s.p.ID, a.ID, s.now, job))
			if _, err := jobs.Cancel(s.Context(), job.ID); !errors.Is(err, domain.ErrConflict) {
				s.Errorf("cancelled: %v", err)
			}
			if r := jobs.Hurry(s.Context(), job); r.State != usecase.ReplayDone {
				s.Errorf("%s: %s", r.State, r.Error)
			}
			s.countedAs("rejected 8")
		},
		"a retry": func(s *tale) {
			s.lot(7)
			s.attempt(verdict(usecase.VerdictRejected))
			s.countedAs("rejected 7")
			jobs := s.jobs(s.Store, 0)
			f := usecase.ConversionFilter{ProjectID: s.p.ID, Status: domain.Rejected}
			for _, dry := range []bool{true, false} {
				got, err := jobs.Retry(s.Context(), f, dry)
				s.ok(err)
				if got.Matched != 7 || got.Scheduled != 7 || (got.Job == nil) != dry {
					s.Errorf("dry run %v: %+v", dry, got)
				}
			}
			s.countedAs("retrying 7")
			none, err := jobs.Retry(s.Context(), f, false)
			if err != nil || none.Matched != 0 || none.Job != nil {
				s.Errorf("nothing: %+v, %v", none, err)
			}
		},
		"an account that changed meanwhile is not written over": func(s *tale) {
			a := s.account("beacon", func(a *domain.Account) { a.Settings["token"] = "t" })
			was, err := s.Account(s.Context(), s.p.ID, a.ID)
			s.ok(err)
			s.ok(s.SetHealth(s.Context(), a.ID, domain.Reauth, "revoked", true, s.now))
			named := was
			named.Name = "b"
			err = s.UpdateAccount(s.Context(), named, usecase.AccountUpdate{Was: &was})
			if !errors.Is(err, domain.ErrConflict) || s.health(a) != "reauth paused: revoked" {
				s.Errorf("%v, %s", err, s.health(a))
			}
			got, err := s.projects().UpdateAccount(s.Context(), s.p.ID, a.ID,
				input[usecase.AccountInput](s, `{"name":"c"}`))
			if err != nil || got.Name != "c" || s.health(a) != "reauth paused: revoked" {
				s.Errorf("%v, %+v, %s", err, got.Account, s.health(a))
			}
		},
	})
}
