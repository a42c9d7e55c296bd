package usecase

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// Rebuilder makes the reports' figures anew.
type Rebuilder interface {
	// Rebuild makes the figures of a project's days from a time up to another
	// anew and answers how many. Reports may be read meanwhile.
	Rebuild(ctx context.Context, projectID string, from, to time.Time) (days int, err error)
}

// rebuildPlan is a project with the time its events lie in.
type rebuildPlan struct {
	id       string
	from, to time.Time
	zone     *time.Location
}

// rebuild makes the reports' figures anew, a day of a project at a time.
func (run *replayRun) rebuild(ctx context.Context) error {
	project, day, _ := strings.Cut(run.position(), "/")
	var plans []rebuildPlan
	var total int64
	err := run.everyProject(ctx, "", func(id string) error {
		plan, err := run.plan(ctx, id)
		if err != nil || plan.from.IsZero() {
			return err
		}
		plans = append(plans, plan)
		for at := plan.from; at.Before(plan.to); at = plan.next(at) {
			total++
		}
		return nil
	})
	if err != nil {
		return err
	}
	run.progress(func(p *ReplayProgress) { p.Total = total })
	for _, plan := range plans {
		if plan.id < project {
			continue
		}
		at := plan.from
		if plan.id == project {
			if done, err := time.Parse(time.RFC3339, day); err == nil {
				at = done.In(plan.zone)
			}
		}
		if err := run.rebuildProject(ctx, plan, at); err != nil {
			return err
		}
	}
	return nil
}

// next is the beginning of the day after.
func (p rebuildPlan) next(at time.Time) time.Time {
	y, m, d := at.In(p.zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, p.zone)
}

// plan says which days of a project are to be made anew.
func (run *replayRun) plan(ctx context.Context, id string) (rebuildPlan, error) {
	p, err := run.Projects.Project(ctx, id)
	if errors.Is(err, domain.ErrNotFound) {
		return rebuildPlan{}, nil
	}
	if err != nil {
		return rebuildPlan{}, err
	}
	plan := rebuildPlan{id: id, from: run.r.Filter.From, to: run.r.Filter.To}
	if plan.zone, err = time.LoadLocation(p.Timezone); err != nil {
		plan.zone = time.UTC
	}
	if plan.from.IsZero() || plan.to.IsZero() {
		first, last, err := run.Events.EventDays(ctx, id)
		if err != nil || first.IsZero() {
			return rebuildPlan{}, err
		}
		if plan.from.IsZero() {
			plan.from = first
		}
		if plan.to.IsZero() {
			plan.to = last.Add(time.Microsecond)
		}
	}
	if !plan.from.Before(plan.to) {
		return rebuildPlan{}, nil
	}
	y, m, d := plan.from.In(plan.zone).Date()
	plan.from = time.Date(y, m, d, 0, 0, 0, 0, plan.zone)
	return plan, nil
}

func (run *replayRun) rebuildProject(ctx context.Context, plan rebuildPlan, at time.Time) error {
	for at.Before(plan.to) {
		if err := run.pace(ctx, 1); err != nil {
			return err
		}
		next := plan.next(at)
		if !run.r.DryRun {
			if _, err := run.Reports.Rebuild(ctx, plan.id, at.UTC(), next.UTC()); err != nil {
				return err
			}
		}
		at = next
		run.progress(func(p *ReplayProgress) {
			p.Seen++
			p.Matched++
			p.Changed++
			p.Position = plan.id + "/" + next.UTC().Format(time.RFC3339)
		})
	}
	return nil
}
