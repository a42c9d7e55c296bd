package usecase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// RollupStore keeps the rollups and what must be made anew of them.
type RollupStore interface {
	ReportStore
	Project(ctx context.Context, id string) (domain.Project, error)
	// MarkDays marks the days of events and, of those that open, of the goals
	// that had waited for them.
	MarkDays(ctx context.Context, es []EventMark) error
	// MarkedProjects have marks, and nobody working on them.
	MarkedProjects(ctx context.Context, now time.Time) ([]string, error)
	// RollupBases gives the projects with the basis of their rollups, and
	// those that are gone and have rollups still.
	RollupBases(ctx context.Context) ([]ProjectBasis, error)
	// ClaimRollup gives a project to one process until a time; ok is false
	// when another has it, or, unless it is urgent, had it a moment ago.
	ClaimRollup(ctx context.Context, projectID, owner string, now, until time.Time, urgent bool) (basis string, ok bool, err error)
	// HoldRollup prolongs a claim; domain.ErrConflict when it was lost.
	HoldRollup(ctx context.Context, c RollupClaim) error
	// RollupMarks reads the marks that there are.
	RollupMarks(ctx context.Context, projectID string) ([]RollupMark, error)
	// SaveDay puts a day in the place of the one that was there, at once. It
	// prolongs the claim, and is domain.ErrConflict when that was lost.
	SaveDay(ctx context.Context, c RollupClaim, day string, d DayFigures) error
	// ClearRollups removes the days from one on, and the basis: until it is
	// set again reports are computed from the rows.
	ClearRollups(ctx context.Context, c RollupClaim, first string) error
	// FinishRollup gives the project back: made on a basis, without the marks
	// that were done, and not to be taken again before next.
	FinishRollup(ctx context.Context, c RollupClaim, basis string, done []RollupMark, next time.Time) error
	// DropRollups removes all of a project that is gone.
	DropRollups(ctx context.Context, projectID string) error
}

// EventMark is an event whose day must be made anew. At is zero where the
// event was too large for the stream.
type EventMark struct {
	ID, ProjectID, SubscriberID string
	At, ReceivedAt              time.Time
	Opens                       bool
}

// RollupMark says that the day of a moment must be made anew.
type RollupMark struct {
	ID int64
	At time.Time
}

// RollupClaim is the right to write a project's rollups.
type RollupClaim struct {
	ProjectID, Owner string
	Until            time.Time
}

// ProjectBasis is a project and the basis of its rollups.
type ProjectBasis struct {
	domain.Project
	Basis string
}

// RollupsConfig sets how the rollups are kept.
type RollupsConfig struct {
	ReportsConfig
	// Interval is how often marks are looked for, and the least time between
	// two rounds of one project: what comes together is made once. Defaults
	// to 1s.
	Interval time.Duration
	// Lease is how long a process may be silent before another takes its
	// project. Defaults to 15s.
	Lease time.Duration
	// Check is how often projects are looked for whose time zone or currency
	// changed. Defaults to 1m.
	Check time.Duration
}

// restFactor is how much longer a project rests than it took: the day of a
// busy project is changed all the time, and counting it must not be all that
// the database does.
const restFactor = 4

// Rollups keeps the daily figures.
type Rollups struct {
	cfg    RollupsConfig
	store  RollupStore
	owner  string
	now    func() time.Time
	logger *slog.Logger
}

// NewRollups makes a Rollups; owner is this process' own name.
func NewRollups(cfg RollupsConfig, store RollupStore, owner string, now func() time.Time, logger *slog.Logger) *Rollups {
	if cfg.Interval <= 0 {
		cfg.Interval = time.Second
	}
	if cfg.Lease <= 0 {
		cfg.Lease = 15 * time.Second
	}
	if cfg.Check <= 0 {
		cfg.Check = time.Minute
	}
	return &Rollups{cfg: cfg, store: store, owner: owner, now: now, logger: logger}
}

// Handle takes events from the stream, as the documents that are in it. Once
// it answers nil their days will be made anew, whatever becomes of this
// process.
func (r *Rollups) Handle(ctx context.Context, documents [][]byte) error {
	var marks []EventMark
	for _, doc := range documents {
		var e EventPayload
		if err := json.Unmarshal(doc, &e); err != nil || e.ID == "" || e.ProjectID == "" {
			// It would come again for ever; the database has the event.
			r.logger.Warn("rollups: an event in the stream can not be read", "error", err)
			continue
		}
		marks = append(marks, EventMark{
			ID: e.ID, ProjectID: e.ProjectID, SubscriberID: e.SubscriberID, At: e.OccurredAt, ReceivedAt: e.ReceivedAt, Opens: e.Type.Opens(),
		})
	}
	if len(marks) == 0 {
		return nil
	}
	return r.store.MarkDays(ctx, marks)
}

// Run makes marked days anew until ctx ends.
func (r *Rollups) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Interval)
	defer tick.Stop()
	checked := time.Time{}
	for {
		if now := r.now(); now.Sub(checked) >= r.cfg.Check {
			checked = now
			r.check(ctx)
		}
		if _, err := r.Round(ctx); err != nil && ctx.Err() == nil {
			r.logger.Warn("rollups: look for what changed", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Round makes the marked days of all projects anew that nobody else works on,
// and answers how many projects those were.
func (r *Rollups) Round(ctx context.Context) (int, error) {
	ids, err := r.store.MarkedProjects(ctx, r.now())
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range ids {
		took, err := r.project(ctx, id, nil)
		if err != nil && ctx.Err() == nil {
			// One project's trouble is not the others'.
			r.logger.Warn("rollups: count the days of a project", "project", id, "error", err)
			continue
		}
		if took {
			n++
		}
	}
	return n, ctx.Err()
}

// check makes rollups anew whose basis is no longer that of their project.
func (r *Rollups) check(ctx context.Context) {
	ps, err := r.store.RollupBases(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.logger.Warn("rollups: look at the projects", "error", err)
		}
		return
	}
	for i := range ps {
		if ctx.Err() != nil || ps[i].Basis == r.cfg.basis(&ps[i].Project) {
			continue
		}
		if _, err := r.project(ctx, ps[i].ID, nil); err != nil && ctx.Err() == nil {
			r.logger.Warn("rollups: count the days of a project", "project", ps[i].ID, "error", err)
		}
	}
}

// Rebuild makes every day of a project from one moment to another anew; a
// zero moment is the first, or the last, at which anything happened. People
// may look at reports meanwhile: each day changes at once. It answers how
// many days it counted.
func (r *Rollups) Rebuild(ctx context.Context, projectID string, from, to time.Time) (int, error) {
	tick := time.NewTicker(r.cfg.Interval)
	defer tick.Stop()
	for {
		w := &rollupWindow{from: from, to: to}
		done, err := r.project(ctx, projectID, w)
		switch lost := errors.Is(err, domain.ErrConflict); {
		case err != nil && !lost:
			return w.days, fmt.Errorf("rebuild the figures of project %s: %w", projectID, err)
		case done && !lost:
			return w.days, nil
		}
		select {
		case <-ctx.Done():
			return w.days, fmt.Errorf("rebuild the figures of project %s: %w", projectID, ctx.Err())
		case <-tick.C:
		}
	}
}

// rollupWindow is what a rebuild asks for.
type rollupWindow struct {
	from, to time.Time
	days     int // counted
}

// project takes a project, makes its days anew and gives it back. It answers
// whether it could take it.
func (r *Rollups) project(ctx context.Context, id string, w *rollupWindow) (bool, error) {
	p, err := r.store.Project(ctx, id)
	if errors.Is(err, domain.ErrNotFound) {
		if err := r.store.DropRollups(ctx, id); err != nil || w == nil {
			return false, err
		}
		return false, fmt.Errorf("project %s: %w", id, domain.ErrNotFound)
	}
	if err != nil {
		return false, err
	}
	began := r.now()
	claim := RollupClaim{ProjectID: id, Owner: r.owner, Until: began.Add(r.cfg.Lease)}
	basis, ok, err := r.store.ClaimRollup(ctx, id, r.owner, began, claim.Until, w != nil)
	if err != nil || !ok {
		return false, err
	}
	job := &rollupJob{Rollups: r, project: &p, claim: claim, zone: zoneOf(&p)}
	letGo := r.hold(ctx, claim)
	marks, err := job.run(ctx, basis, w)
	letGo()
	rest := max(r.cfg.Interval, restFactor*r.now().Sub(began))
	if err != nil {
		// The marks stay. It is given back so that a rebuild need not wait.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		basis, marks = job.basis, nil
		if err := r.store.FinishRollup(ctx, claim, basis, nil, r.now().Add(rest)); err != nil && !errors.Is(err, domain.ErrConflict) {
			r.logger.Warn("rollups: give a project back", "project", id, "error", err)
		}
		return true, err
	}
	return true, r.store.FinishRollup(ctx, claim, r.cfg.basis(&p), marks, r.now().Add(rest))
}

// hold keeps a claim while a day is counted, which may take long, until it is
// let go. That the claim was lost is seen when the day is saved.
func (r *Rollups) hold(ctx context.Context, c RollupClaim) (letGo func()) {
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
				c.Until = r.now().Add(r.cfg.Lease)
				if err := r.store.HoldRollup(ctx, c); err != nil && ctx.Err() == nil {
					r.logger.Warn("rollups: keep a project", "project", c.ProjectID, "error", err)
				}
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// rollupJob is the work on one claimed project.
type rollupJob struct {
	*Rollups
	project *domain.Project
	claim   RollupClaim
	zone    *time.Location
	links   map[string]domain.Link
	basis   string // of what is stored
}

func (j *rollupJob) run(ctx context.Context, basis string, w *rollupWindow) (marks []RollupMark, err error) {
	j.basis = basis
	// Read before anything is counted: what is marked later is counted later.
	if marks, err = j.store.RollupMarks(ctx, j.project.ID); err != nil {
		return nil, err
	}
	if j.links, err = j.store.ReportLinks(ctx, j.project.ID); err != nil {
		return nil, err
	}
	if basis != j.cfg.basis(j.project) {
		j.basis = ""
		if err := j.store.ClearRollups(ctx, j.claim, j.firstKept()); err != nil {
			return nil, err
		}
		if w == nil {
			w = &rollupWindow{}
		}
		w.days, err = j.every(ctx, time.Time{}, time.Time{})
		return marks, err
	}
	if w != nil {
		if w.days, err = j.every(ctx, w.from, w.to); err != nil {
			return nil, err
		}
	}
	for _, at := range j.marked(marks) {
		if err := j.day(ctx, at); err != nil {
			return nil, err
		}
	}
	return marks, nil
}

// marked gives a moment of each marked day, the oldest first.
func (j *rollupJob) marked(marks []RollupMark) []time.Time {
	days := map[string]bool{}
	var out []time.Time
	for _, m := range marks {
		if day := m.At.In(j.zone).Format(time.DateOnly); !days[day] {
			days[day] = true
			out = append(out, m.At)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// every makes the days of a range anew. Where an end is open, days on which
// nothing happened are passed over.
func (j *rollupJob) every(ctx context.Context, from, to time.Time) (n int, err error) {
	skip := from.IsZero() || to.IsZero()
	for at := from; to.IsZero() || at.Before(to); n++ {
		if skip {
			next, err := j.store.NextFact(ctx, j.project.ID, at)
			if err != nil || next.IsZero() || !to.IsZero() && !next.Before(to) {
				return n, err
			}
			at = next
		}
		if err := j.day(ctx, at); err != nil {
			return n, err
		}
		_, _, at = DayOf(at, j.zone)
	}
	return n, nil
}

// day makes the day of a moment anew.
func (j *rollupJob) day(ctx context.Context, at time.Time) error {
	day, lo, end := DayOf(at, j.zone)
	if day < j.firstKept() {
		return nil
	}
	d, err := j.cfg.computeDay(ctx, j.store, j.project, j.links, j.zone, lo, end)
	if err != nil {
		return err
	}
	j.claim.Until = j.now().Add(j.cfg.Lease)
	return j.store.SaveDay(ctx, j.claim, day, d)
}

// firstKept is the first day of which all clicks and events are kept.
func (j *rollupJob) firstKept() string {
	if j.cfg.Kept <= 0 {
		return ""
	}
	_, _, end := DayOf(j.now().Add(-j.cfg.Kept), j.zone)
	return end.In(j.zone).Format(time.DateOnly)
}
