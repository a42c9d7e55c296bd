package usecase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// ReplayConfig sets how replays run.
type ReplayConfig struct {
	// Look is how often a process looks for replays to run. Defaults to 1s.
	Look time.Duration
	// Save is how often progress is written. Defaults to 1s.
	Save time.Duration
	// Lease is how long a process may be silent before another takes its
	// replay over. Defaults to 10s.
	Lease time.Duration
	// Parallel is how many replays a process runs at once. Defaults to 4.
	Parallel int
	// Hurry is how long somebody who asks for a job waits for it: what takes
	// longer goes on by itself. Defaults to 1s.
	Hurry time.Duration
}

// ReplayParts are what the kinds of replay work on.
type ReplayParts struct {
	Projects  ProjectStore
	Directory *Directory
	Ingest    *Ingest
	Vault     Vault

	Requests RequestSource
	Decoder  KeptDecoder
	Taken    TakenStore
	Sends    ConversionRetrier
	Events   EventSource
	Stream   EventStream
	// Reports rebuilds the reports' figures.
	Reports Rebuilder
	// Wake makes the relay look at once.
	Wake func()
}

// Replays makes, runs and stops replays.
type Replays struct {
	ReplayParts
	cfg    ReplayConfig
	store  ReplayStore
	newID  func() string
	now    func() time.Time
	logger *slog.Logger
}

// NewReplays makes a Replays; Run runs what was made.
func NewReplays(
	cfg ReplayConfig, store ReplayStore, parts ReplayParts, newID func() string, now func() time.Time,
	logger *slog.Logger,
) *Replays {
	or := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	or(&cfg.Look, time.Second)
	or(&cfg.Save, time.Second)
	or(&cfg.Lease, 10*time.Second)
	or(&cfg.Hurry, time.Second)
	if cfg.Parallel <= 0 {
		cfg.Parallel = 4
	}
	return &Replays{ReplayParts: parts, cfg: cfg, store: store, newID: newID, now: now, logger: logger}
}

// Create makes a replay; a process that runs replays takes it up.
func (s *Replays) Create(ctx context.Context, r Replay) (Replay, error) {
	if err := r.check(); err != nil {
		return Replay{}, err
	}
	if p := r.Filter.ProjectID; p != "" {
		_, err := s.Projects.Project(ctx, p)
		if errors.Is(err, domain.ErrNotFound) {
			return Replay{}, domain.Invalid("project", "there is no such project")
		}
		if err != nil {
			return Replay{}, err
		}
	}
	now := s.now()
	r.ID, r.State, r.Error, r.Progress = s.newID(), ReplayWaiting, "", ReplayProgress{}
	r.CreatedAt, r.UpdatedAt, r.StartedAt, r.FinishedAt = now, now, nil, nil
	return r, s.store.CreateReplay(ctx, r)
}

// Get gives a replay.
func (s *Replays) Get(ctx context.Context, id string) (Replay, error) { return s.store.Replay(ctx, id) }

// List gives a page of replays, newest first.
func (s *Replays) List(ctx context.Context, page Page) ([]Replay, string, error) {
	return s.store.Replays(ctx, page)
}

// Cancel stops a replay where it is; what it did stays.
func (s *Replays) Cancel(ctx context.Context, id string) (Replay, error) {
	if err := s.store.CancelReplay(ctx, id, s.now()); err != nil {
		return Replay{}, err
	}
	return s.store.Replay(ctx, id)
}

// Resume lets a cancelled or failed replay go on where it was.
func (s *Replays) Resume(ctx context.Context, id string) (Replay, error) {
	if err := s.store.ResumeReplay(ctx, id, s.now()); err != nil {
		return Replay{}, err
	}
	return s.store.Replay(ctx, id)
}

// Run runs replays until ctx ends. One under way then is interrupted: the
// next process goes on with it.
func (s *Replays) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	free := make(chan struct{}, s.cfg.Parallel)
	tick := time.NewTicker(s.cfg.Look)
	defer tick.Stop()
	look := &rounds.Work{Doing: "look for replays", Within: s.cfg.Lease, Logger: s.logger}
	for {
		select {
		case <-ctx.Done():
			return nil
		case free <- struct{}{}:
		}
		owner := s.newID()
		var r Replay
		var ok bool
		err := look.Round(ctx, func(ctx context.Context) (err error) {
			r, ok, err = s.store.ClaimReplay(ctx, owner, s.now(), s.now().Add(s.cfg.Lease))
			return err
		})
		if ok && err == nil {
			wg.Go(func() {
				defer func() { <-free }()
				s.work(ctx, r, owner)
			})
			continue
		}
		<-free
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// replayRun is a replay on its way.
type replayRun struct {
	*Replays
	owner string
	// saving is held while progress is written, so that none is overwritten by
	// an earlier one.
	saving sync.Mutex

	mu    sync.Mutex
	r     Replay
	paced time.Time // when what was begun so far is due to be done
}

// work runs one replay to an end, and gives what became of it.
func (s *Replays) work(ctx context.Context, r Replay, owner string) Replay {
	now := s.now()
	if r.StartedAt == nil {
		r.StartedAt = &now
	}
	r.State, r.Error = ReplayRunning, ""
	run := &replayRun{Replays: s, owner: owner, r: r}
	work, stop := context.WithCancelCause(ctx)
	saved := make(chan struct{})
	go func() {
		defer close(saved)
		run.keep(work, stop)
	}()
	err := run.persist(work)
	cause := context.Cause(work)
	stop(nil)
	<-saved
	return run.end(ctx, err, cause)
}

// persist runs the replay, again from where it was while something it needs
// is away.
func (run *replayRun) persist(ctx context.Context) error {
	for delay := 200 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		before := run.position()
		err := run.guarded(ctx)
		if err == nil || ctx.Err() != nil || !errors.Is(err, domain.ErrUnavailable) {
			return err
		}
		if run.position() != before {
			delay = 200 * time.Millisecond
		}
		run.change(func(r *Replay) { r.Error = "waits: " + err.Error() })
		if !rounds.Pause(ctx, delay) {
			return err
		}
	}
}

// guarded turns a panic into a failure of this replay.
func (run *replayRun) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	switch run.r.Kind {
	case ReplayRequests:
		return run.requests(ctx)
	case ReplayEvents:
		return run.rebuild(ctx)
	case ReplayConversions:
		return run.conversions(ctx)
	case ReplayRefill:
		return run.refill(ctx)
	case ReplayResume, ReplaySkip, ReplayClose:
		return run.ofAccount(ctx)
	}
	return fmt.Errorf("kind %q is unknown to this version", run.r.Kind)
}

// keep writes the progress every now and then and hears of a cancellation.
func (run *replayRun) keep(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(run.cfg.Save)
	defer tick.Stop()
	progress := &rounds.Work{
		Doing: "write the progress of a replay", Within: run.cfg.Lease, Logger: run.logger.With("replay", run.r.ID),
		Ignore: func(err error) bool { return errors.Is(err, ErrReplayLost) },
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var cancel bool
		err := progress.Round(ctx, func(ctx context.Context) (err error) {
			run.saving.Lock()
			defer run.saving.Unlock()
			cancel, err = run.store.SaveReplay(ctx, run.snapshot(), run.owner, run.now().Add(run.cfg.Lease))
			return err
		})
		switch {
		case errors.Is(err, ErrReplayLost):
			stop(ErrReplayLost)
			return
		case err == nil && cancel:
			stop(ErrReplayCancelled)
			return
		}
	}
}

// end writes what became of the replay.
func (run *replayRun) end(ctx context.Context, err, cause error) Replay {
	r := run.snapshot()
	r.Error = ""
	is := func(kind error) bool { return errors.Is(err, kind) || errors.Is(cause, kind) }
	switch {
	case is(ErrReplayLost):
		return r
	case err == nil:
		r.State = ReplayDone
		if r.Filter.UserID != 0 {
			r.Filter.UserID, r.Filter.UserForgotten = 0, true
		}
	case is(ErrAccountStopped):
		r.State, r.Error = ReplayCancelled, ErrAccountStopped.Error()
	case is(ErrReplayCancelled):
		r.State = ReplayCancelled
	case ctx.Err() != nil:
		r.State = ReplayInterrupted
	default:
		r.State, r.Error = ReplayFailed, err.Error()
	}
	if r.State.Ended() {
		at := run.now()
		r.FinishedAt = &at
	}
	save, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if _, err := run.store.SaveReplay(save, r, run.owner, time.Time{}); err != nil && !errors.Is(err, ErrReplayLost) {
		run.logger.Warn("write the end of a replay; it will be taken up again", "replay", r.ID, "error", err)
		return r
	}
	run.logger.Info("replay ended", "replay", r.ID, "kind", r.Kind, "state", r.State, "dry_run", r.DryRun,
		"changed", r.Progress.Changed, "failed", r.Progress.Failed)
	return r
}

func (run *replayRun) snapshot() Replay {
	run.mu.Lock()
	defer run.mu.Unlock()
	r := run.r
	r.UpdatedAt = run.now()
	r.Progress.Skipped, r.Progress.Notes = maps.Clone(r.Progress.Skipped), slices.Clone(r.Progress.Notes)
	return r
}

func (run *replayRun) change(f func(r *Replay)) {
	run.mu.Lock()
	defer run.mu.Unlock()
	f(&run.r)
}

// progress counts; what was waited for is there then.
func (run *replayRun) progress(f func(p *ReplayProgress)) {
	run.change(func(r *Replay) {
		r.Error = ""
		f(&r.Progress)
	})
}

func (run *replayRun) position() string {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.r.Progress.Position
}

// chunk is how many things are done at once: not more than a second's worth.
func (run *replayRun) chunk(most int) int {
	if run.r.Rate > 0 {
		return min(most, run.r.Rate)
	}
	return most
}

// pace waits until n more things may be done.
func (run *replayRun) pace(ctx context.Context, n int) error {
	if run.r.Rate > 0 {
		now := time.Now()
		if run.paced.Before(now) {
			run.paced = now
		}
		rounds.Pause(ctx, run.paced.Sub(now))
		run.paced = run.paced.Add(time.Duration(n) * time.Second / time.Duration(run.r.Rate))
	}
	return ctx.Err()
}

// everyProject calls f for each project that the filter selects, in the order
// of their ids, from the given one on.
func (run *replayRun) everyProject(ctx context.Context, from string, f func(id string) error) error {
	if p := run.r.Filter.ProjectID; p != "" {
		return f(p)
	}
	var ids []string
	for page := (Page{Limit: 100}); ; {
		ps, next, err := run.Projects.Projects(ctx, page)
		if err != nil {
			return err
		}
		for _, p := range ps {
			ids = append(ids, p.ID)
		}
		if page.Cursor = next; next == "" {
			break
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		if id < from {
			continue
		}
		if err := f(id); err != nil {
			return err
		}
	}
	return nil
}
