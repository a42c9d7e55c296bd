package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

// RollupStore keeps the rollups, the facts to be added to them, and marks of
// the days to be recounted.
type RollupStore interface {
	Store
	HoldLease(ctx context.Context, name, owner string, now, until time.Time) (bool, error)
	// RollupsBehind tells whether anything waits to be counted, with or without
	// the steps.
	RollupsBehind(ctx context.Context, steps bool) (bool, error)
	// RollupSnapshot shows everything as it is at one moment.
	RollupSnapshot(ctx context.Context, look func(ctx context.Context, s RollupSnapshot) error) error
	// SaveRollups writes a round in one transaction and prolongs the lease. It
	// returns domain.ErrConflict when the lease was lost or a project is gone.
	SaveRollups(ctx context.Context, l RollupLease, r *RollupRound) error
	// RollupFingerprints lists all projects with their rollups' fingerprints.
	RollupFingerprints(ctx context.Context) ([]ProjectFingerprint, error)
	// MarkDays marks days of a project for recounting and answers the last mark.
	MarkDays(ctx context.Context, projectID string, at []time.Time) (int64, error)
	// RollupsMade tells whether a project's rollups are complete up to a mark.
	RollupsMade(ctx context.Context, projectID string, mark int64) (bool, error)
}

// RollupSnapshot is everything as it is at one moment.
type RollupSnapshot interface {
	FactStore
	dayReader
	NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error)
	// WaitingFacts reads the oldest batches of facts that wait to be counted, for
	// the figures or for the people at steps, and tells whether these are all.
	WaitingFacts(ctx context.Context, steps bool, limit int) (b FactBatches, all bool, err error)
	RollupMarks(ctx context.Context) ([]RollupMark, error)
	// RollupProjects reads projects, except those that are gone.
	RollupProjects(ctx context.Context, ids []string) (map[string]ProjectFingerprint, error)
}

// FactBatches are batches of facts.
type FactBatches struct {
	Nos    []int64
	Events []CountedEvent
}

// RollupMark is a mark with its number.
type RollupMark struct {
	Mark // without a project where that is gone
	No   int64
}

// RollupLease is the right to write rollups.
type RollupLease struct {
	Name, Owner string
	Until       time.Time
}

// ProjectFingerprint is a project and the fingerprint of its rollups, "" where
// there are none. They are Made when all days have been counted.
type ProjectFingerprint struct {
	domain.Project
	Fingerprint string
	Made        bool
}

// RollupRound is what one round changes.
type RollupRound struct {
	// Begun are projects whose rollups start over, with another fingerprint.
	Begun []RollupBeginning
	// Replaced are days recounted from the rows, Added what is new on others.
	Replaced, Added []ProjectDay
	Marks           []int64 // numbers of those that are done
	NewMarks        []Mark
	Made            []string // projects of which everything is counted now
	// Batches are those counted for the figures, Steps those counted for the
	// people at steps.
	Batches, Steps []int64
}

func (r *RollupRound) empty() bool {
	return len(r.Begun)+len(r.Replaced)+len(r.Added)+len(r.Marks)+len(r.NewMarks)+len(r.Made)+
		len(r.Batches)+len(r.Steps) == 0
}

// RollupBeginning starts the rollups of a project over: its days from First on
// are removed, and reports come from the rows until all are counted again.
type RollupBeginning struct {
	ProjectID, Fingerprint, First string
}

// RollupsConfig sets how the rollups are kept.
type RollupsConfig struct {
	Config
	// Interval is how often new facts are counted. Defaults to 1s.
	Interval time.Duration
	// Steps is how often people at the steps of funnels are counted. Defaults to
	// 10s.
	Steps time.Duration
	// Lease is how long a process may be silent before another takes over.
	// Defaults to 15s.
	Lease time.Duration
	// Check is how often to look for projects whose time zone or currency has
	// changed. Defaults to 1m.
	Check time.Duration
}

// restFactor is how many times longer a project rests than it took to recount
// its days: the days of a busy project may be corrected all the time, and
// recounting them must not be all that the database does.
const restFactor = 4

// rollupsLease is the name under which one process does the work.
const rollupsLease = "reports"

// Rollups keeps the daily figures up to date: it adds new facts to them and
// recounts days on which something was corrected. One process does the work,
// the one that holds the lease.
type Rollups struct {
	cfg   RollupsConfig
	store RollupStore
	owner string
	now   func() time.Time

	counting, checking, keeping *rounds.Work

	mu      sync.Mutex           // one round at a time
	rest    map[string]time.Time // until when days of a project are not recounted
	stepsAt time.Time            // when people at steps are counted next
}

// NewRollups makes a Rollups; owner is the name of this process.
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
	r := &Rollups{cfg: cfg, store: store, owner: owner, now: now, rest: map[string]time.Time{}}
	work := func(doing string, within time.Duration) *rounds.Work {
		return &rounds.Work{
			Doing: "rollups: " + doing, Within: within, Logger: logger,
			Ignore: func(err error) bool { return errors.Is(err, domain.ErrConflict) },
		}
	}
	r.counting, r.checking = work("count what is new", roundWithin), work("look at the projects", checkWithin)
	r.keeping = work("keep the work", cfg.Lease)
	return r
}

// How long a round may take, in which busy days are counted anew, and a look at
// all projects, each of which may need some.
const (
	roundWithin = 15 * time.Minute
	checkWithin = time.Hour
)

// Run counts until ctx ends.
func (r *Rollups) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Interval)
	defer tick.Stop()
	checked := time.Time{}
	for {
		if now := r.now(); now.Sub(checked) >= r.cfg.Check {
			checked = now
			_ = r.checking.Round(ctx, r.check)
		}
		_ = r.counting.Round(ctx, func(ctx context.Context) error {
			_, err := r.Round(ctx)
			return err
		})
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// check makes the rollups whose fingerprint is not, or no longer, their
// project's.
func (r *Rollups) check(ctx context.Context) error {
	ps, err := r.store.RollupFingerprints(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for i := range ps {
		p := &ps[i]
		if ctx.Err() != nil || p.Fingerprint == r.cfg.fingerprint(&p.Project) {
			continue
		}
		_, err := r.round(ctx, p.ID)
		if err != nil && !errors.Is(err, domain.ErrConflict) {
			errs = append(errs, fmt.Errorf("project %s: %w", p.ID, err))
		}
	}
	return errors.Join(errs...)
}

// Round counts what waits, unless another process does the work, and answers
// how many projects have new figures.
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

// round does one round, in which the urgent project does not rest.
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

// hold keeps the lease until letGo: counting a day may take longer than the
// lease. That it was lost is seen when the round is saved.
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
				_ = r.keeping.Round(ctx, func(ctx context.Context) error {
					now := r.now()
					_, err := r.store.HoldLease(ctx, l.Name, l.Owner, now, now.Add(r.cfg.Lease))
					return err
				})
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// Rebuild recounts every day of a project from one moment to another; a zero
// moment stands for the first, or the last, at which anything happened. Reports
// may be read meanwhile: each day changes at once. Rebuild answers how many days
// there are, and returns when they are counted, whichever process does it.
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
		select { // another process does the work
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

// daysOf gives a moment of each day of a range. Where an end is open, days
// without any fact are skipped.
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

// firstKept is the first day whose clicks and events are all kept.
func (r *Rollups) firstKept(p *domain.Project) string {
	if r.cfg.Kept <= 0 {
		return ""
	}
	zone := p.Zone()
	_, _, end := DayOf(r.now().Add(-r.cfg.Kept), zone)
	return end.In(zone).Format(time.DateOnly)
}
