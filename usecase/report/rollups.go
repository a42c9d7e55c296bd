package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// RollupStore keeps the rollups, what is to be added to them, and which days
// must be counted anew.
type RollupStore interface {
	Store
	HoldLease(ctx context.Context, name, owner string, now, until time.Time) (bool, error)
	// RollupsBehind tells whether anything waits to be counted, the steps
	// included or not.
	RollupsBehind(ctx context.Context, steps bool) (bool, error)
	// RollupSnapshot lets look at everything as it is at one moment.
	RollupSnapshot(ctx context.Context, look func(ctx context.Context, s RollupSnapshot) error) error
	// SaveRollups writes a round at once, and prolongs the lease;
	// domain.ErrConflict when that was lost, or a project is gone.
	SaveRollups(ctx context.Context, l RollupLease, r *RollupRound) error
	// RollupFingerprints gives all projects with the fingerprint of their
	// rollups.
	RollupFingerprints(ctx context.Context) ([]ProjectFingerprint, error)
	// MarkDays has days of a project counted anew, and gives the last mark.
	MarkDays(ctx context.Context, projectID string, at []time.Time) (int64, error)
	// RollupsMade tells whether a project's rollups are made, up to a mark.
	RollupsMade(ctx context.Context, projectID string, mark int64) (bool, error)
}

// RollupSnapshot is everything as it is at one moment.
type RollupSnapshot interface {
	FactStore
	dayReader
	NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error)
	// WaitingFacts reads the oldest batches of facts that are not counted, and
	// tells whether those are all; steps are those that are counted later.
	WaitingFacts(ctx context.Context, steps bool, limit int) (b FactBatches, all bool, err error)
	RollupMarks(ctx context.Context) ([]RollupMark, error)
	// RollupProjects gives projects, those that are gone left out.
	RollupProjects(ctx context.Context, ids []string) (map[string]ProjectFingerprint, error)
}

// FactBatches are batches of facts.
type FactBatches struct {
	Nos    []int64
	Events []CountedEvent
}

// RollupMark says that the day of a moment must be made anew.
type RollupMark struct {
	Mark // without project where that is gone
	No   int64
}

// RollupLease is the right to write rollups.
type RollupLease struct {
	Name, Owner string
	Until       time.Time
}

// ProjectFingerprint is a project and what its rollups were made on, "" where
// there are none. They are Made when all days have been counted.
type ProjectFingerprint struct {
	domain.Project
	Fingerprint string
	Made        bool
}

// RollupRound is what a round changes.
type RollupRound struct {
	// Begun are projects whose rollups are made anew, on another fingerprint.
	Begun []RollupBeginning
	// Replaced are days counted from the rows, Added what is new on others.
	Replaced, Added []ProjectDay
	Marks           []int64  // that are done
	NewMarks        []Mark   // that are not
	Made            []string // projects of which all is counted now
	// Batches were counted, Steps with regard to who was at which step.
	Batches, Steps []int64
}

func (r *RollupRound) empty() bool {
	return len(r.Begun)+len(r.Replaced)+len(r.Added)+len(r.Marks)+len(r.NewMarks)+len(r.Made)+
		len(r.Batches)+len(r.Steps) == 0
}

// RollupBeginning removes the days from one on, and marks others. Until they
// are made reports are computed from the rows.
type RollupBeginning struct {
	ProjectID, Fingerprint, First string
}

// RollupsConfig sets how the rollups are kept.
type RollupsConfig struct {
	Config
	// Interval is how often is counted what is new. Defaults to 1s.
	Interval time.Duration
	// Steps is how often is written who was at the steps of funnels. Defaults
	// to 10s.
	Steps time.Duration
	// Lease is how long a process may be silent before another takes the work.
	// Defaults to 15s.
	Lease time.Duration
	// Check is how often projects are looked for whose time zone or currency
	// changed. Defaults to 1m.
	Check time.Duration
}

// restFactor is how much longer a project rests than it took to count days of
// it anew: the day of a busy one may be corrected all the time, and counting it
// must not be all that the database does.
const restFactor = 4

// rollupsLease is the name under which one process does the work.
const rollupsLease = "reports"

// Rollups keeps the daily figures. What is new is added to them; the days of
// what is corrected are counted anew. One process does the work, whichever has
// the lease.
type Rollups struct {
	cfg    RollupsConfig
	store  RollupStore
	owner  string
	now    func() time.Time
	logger *slog.Logger

	mu      sync.Mutex           // a round at a time
	rest    map[string]time.Time // until when days of a project are not counted anew
	stepsAt time.Time            // when steps are written next
}

// NewRollups makes a Rollups; owner is this process' own name.
func NewRollups(
	cfg RollupsConfig, store RollupStore, owner string, now func() time.Time, logger *slog.Logger,
) *Rollups {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&cfg.Interval, time.Second)
	def(&cfg.Steps, 10*time.Second)
	def(&cfg.Lease, 15*time.Second)
	def(&cfg.Check, time.Minute)
	return &Rollups{cfg: cfg, store: store, owner: owner, now: now, logger: logger, rest: map[string]time.Time{}}
}

// Run counts until ctx ends.
func (r *Rollups) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Interval)
	defer tick.Stop()
	checked := time.Time{}
	for {
		if now := r.now(); now.Sub(checked) >= r.cfg.Check {
			checked = now
			r.check(ctx)
		}
		if _, err := r.Round(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, domain.ErrConflict) {
			r.logger.Warn("rollups: count what is new", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// check has rollups made whose fingerprint is no longer that of their project.
func (r *Rollups) check(ctx context.Context) {
	ps, err := r.store.RollupFingerprints(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.logger.Warn("rollups: look at the projects", "error", err)
		}
		return
	}
	for i := range ps {
		p := &ps[i]
		if ctx.Err() != nil || p.Fingerprint == r.cfg.fingerprint(&p.Project) {
			continue
		}
		_, err := r.round(ctx, p.ID)
		if err != nil && ctx.Err() == nil && !errors.Is(err, domain.ErrConflict) {
			r.logger.Warn("rollups: look at a project", "project", p.ID, "error", err)
		}
	}
}

// Round counts what waits, unless another process does, and answers of how
// many projects it changed the figures.
func (r *Rollups) Round(ctx context.Context) (int, error) {
	r.mu.Lock()
	steps := !r.now().Before(r.stepsAt)
	r.mu.Unlock()
	behind, err := r.store.RollupsBehind(ctx, steps)
	if err != nil || !behind {
		return 0, err
	}
	return r.round(ctx, "")
}

// round does one, in which a project does not rest.
func (r *Rollups) round(ctx context.Context, urgent string) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	lease := RollupLease{rollupsLease, r.owner, now.Add(r.cfg.Lease)}
	held, err := r.store.HoldLease(ctx, lease.Name, lease.Owner, now, lease.Until)
	if err != nil || !held {
		return 0, err
	}
	letGo := r.hold(ctx, lease)
	defer letGo()
	w := &roundWork{Rollups: r, urgent: urgent, began: now, touched: map[string]bool{}}
	if err := r.store.RollupSnapshot(ctx, w.look); err != nil || w.out.empty() {
		return 0, err
	}
	lease.Until = r.now().Add(r.cfg.Lease)
	if err := r.store.SaveRollups(ctx, lease, &w.out); err != nil {
		return 0, err
	}
	if len(w.out.Steps) > 0 {
		r.stepsAt = now.Add(r.cfg.Steps)
	}
	return len(w.touched), nil
}

// hold keeps the lease while a day is counted, which may take long, until it is
// let go. That it was lost is seen when the round is saved.
func (r *Rollups) hold(ctx context.Context, l RollupLease) (letGo func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(r.cfg.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				now := r.now()
				if _, err := r.store.HoldLease(ctx, l.Name, l.Owner, now, now.Add(r.cfg.Lease)); err != nil && ctx.Err() == nil {
					r.logger.Warn("rollups: keep the work", "error", err)
				}
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// Rebuild makes every day of a project from one moment to another anew; a
// zero moment is the first, or the last, at which anything happened. People
// may look at reports meanwhile: each day changes at once. It answers how
// many days that were, and returns when they are counted, by whichever
// process.
func (r *Rollups) Rebuild(ctx context.Context, projectID string, from, to time.Time) (int, error) {
	ps, err := r.store.RollupFingerprints(ctx)
	if err != nil {
		return 0, err
	}
	n, err := 0, fmt.Errorf("project %s: %w", projectID, domain.ErrNotFound)
	for i := range ps {
		if p := &ps[i]; p.ID == projectID {
			n, err = r.rebuild(ctx, &p.Project, from, to)
		}
	}
	if err != nil {
		err = fmt.Errorf("rebuild the figures of project %s: %w", projectID, err)
	}
	return n, err
}

func (r *Rollups) rebuild(ctx context.Context, p *domain.Project, from, to time.Time) (int, error) {
	days, err := daysOf(ctx, r.store, p, from, to)
	if err != nil {
		return 0, err
	}
	mark, err := r.store.MarkDays(ctx, p.ID, days)
	if err != nil {
		return 0, err
	}
	tick := time.NewTicker(r.cfg.Interval)
	defer tick.Stop()
	for {
		n, err := r.round(ctx, p.ID)
		if err != nil && !errors.Is(err, domain.ErrConflict) {
			return 0, err
		}
		if made, err := r.store.RollupsMade(ctx, p.ID, mark); err != nil || made {
			return len(days), err
		}
		if n > 0 {
			continue
		}
		select { // another process does it
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
}

// nextFact finds what happened next.
type nextFact interface {
	NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error)
}

// daysOf gives a moment of each day of a range. Where an end is open, days on
// which nothing happened are passed over.
func daysOf(ctx context.Context, store nextFact, p *domain.Project, from, to time.Time) (out []time.Time, err error) {
	skip := from.IsZero() || to.IsZero()
	for at := from; to.IsZero() || at.Before(to); {
		if skip {
			next, err := store.NextFact(ctx, p.ID, at)
			if err != nil || next.IsZero() || !to.IsZero() && !next.Before(to) {
				return out, err
			}
			at = next
		}
		out = append(out, at)
		_, _, at = DayOf(at, p.Zone())
	}
	return out, nil
}

// firstKept is the first day of which all clicks and events are kept.
func (r *Rollups) firstKept(p *domain.Project) string {
	if r.cfg.Kept <= 0 {
		return ""
	}
	zone := p.Zone()
	_, _, end := DayOf(r.now().Add(-r.cfg.Kept), zone)
	return end.In(zone).Format(time.DateOnly)
}
