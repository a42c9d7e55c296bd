package usecase

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// AudienceFact is a subscription with the person whose it is.
type AudienceFact struct {
	EpisodeFact
	ID        string // of the subscription
	Messenger string
	Person    domain.Person // without id for a start that named nobody
	Cursor    string        // behind it the list goes on
}

// AudienceRow is a subscription in the report.
type AudienceRow struct {
	AudienceFact
	Source ReportSource
	DaysIn int64 // whole days from joining to leaving, or until now
}

// Audience lists the subscriptions opened in a range, newest first, and gives
// the cursor of the next page.
func (r *Reports) Audience(
	ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter, page Page,
) ([]AudienceRow, string, error) {
	links, err := r.store.ReportLinks(ctx, p.ID)
	if err != nil {
		return nil, "", err
	}
	b := &dayBook{networks: r.cfg.Networks}
	var out []AudienceRow
	next := ""
	err = r.store.Audience(ctx, p.ID, rng.From, rng.To, f, page.Cursor, func(a *AudienceFact) bool {
		row := AudienceRow{AudienceFact: *a, Source: b.episodeSource(&a.EpisodeFact).shown(links)}
		if !f.Takes(&row.Source) {
			return true
		}
		if len(out) == page.Limit {
			next = out[len(out)-1].Cursor
			return false
		}
		until := r.now()
		if a.ClosedAt != nil {
			until = *a.ClosedAt
		}
		row.DaysIn = max(0, int64(until.Sub(a.OpenedAt)/(24*time.Hour)))
		out = append(out, row)
		return true
	})
	return out, next, err
}

// StepRow is a step of the funnel.
type StepRow struct {
	Step string
	StepFigures
	People int64
	Labels []LabelRow
}

// LabelRow is one value of a label of a step's events.
type LabelRow struct {
	Label, Value string
	StepFigures
}

// maxStepLabels is the most values of labels that a step shows: those with
// the most events.
const maxStepLabels = 100

// Funnel gives the steps of a range, those that most people reached first.
func (r *Reports) Funnel(ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter) ([]StepRow, error) {
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	sums := map[StepKey]*StepFigures{}
	if x.first != "" {
		if sums, err = r.store.RollupSteps(ctx, x.query()); err != nil {
			return nil, err
		}
	}
	more := StepPeople{}
	err = x.eachRaw(ctx, func(_ *span, d DayFigures) {
		for _, source := range d {
			for k, step := range source.Steps {
				if sums[k] == nil {
					sums[k] = &StepFigures{}
				}
				sums[k].Add(step)
			}
			for step, ids := range source.People {
				for person := range ids {
					more.Add(step, person)
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	people, err := r.store.RollupPeople(ctx, x.query(), more)
	if err != nil {
		return nil, err
	}
	return stepRows(sums, people), nil
}

func stepRows(sums map[StepKey]*StepFigures, people map[string]int64) []StepRow {
	at := map[string]*StepRow{}
	for k, sum := range sums {
		row := at[k.Step]
		if row == nil {
			row = &StepRow{Step: k.Step, People: people[k.Step]}
			at[k.Step] = row
		}
		if k.Label == "" {
			row.StepFigures = *sum
			continue
		}
		row.Labels = append(row.Labels, LabelRow{k.Label, k.Value, *sum})
	}
	var out []StepRow
	for _, row := range at {
		slices.SortFunc(row.Labels, func(a, b LabelRow) int {
			return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value))
		})
		row.Labels = row.Labels[:min(len(row.Labels), maxStepLabels)]
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b StepRow) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(b.Events, a.Events), cmp.Compare(a.Step, b.Step))
	})
	return out
}

// maxWeeks is how many weeks after joining the report of retention shows.
const maxWeeks = 12

// CohortRow is the people who joined in one week, from Monday on.
type CohortRow struct {
	Week   string // its Monday
	Joined int64
	// Stayed is how many were still there after 1, 2, 3 … weeks, as far as
	// those are over for all of them.
	Stayed []int64
}

// Retention gives the weeks of a range.
func (r *Reports) Retention(
	ctx context.Context, p *domain.Project, rng ReportRange, f ReportFilter,
) ([]CohortRow, error) {
	x, err := r.read(ctx, p, rng, f)
	if err != nil {
		return nil, err
	}
	joined := map[string]int64{}
	left := map[string]map[int]int64{} // day → weeks → people
	leave := func(day string, weeks int, n int64) {
		if left[day] == nil {
			left[day] = map[int]int64{}
		}
		left[day][weeks] += n
	}
	if x.first != "" {
		days, err := r.store.RollupDays(ctx, x.query())
		if err != nil {
			return nil, err
		}
		for day, sum := range days {
			joined[day] = sum.Joins
		}
		if err := r.store.RollupDurations(ctx, x.query(), leave); err != nil {
			return nil, err
		}
	}
	err = x.eachRaw(ctx, func(s *span, d DayFigures) {
		for _, source := range d {
			joined[s.day] += source.Joins
			for weeks, l := range source.Durations {
				leave(s.day, weeks, l.People)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return cohorts(x.spans, joined, left, r.now()), nil
}

func cohorts(spans []span, joined map[string]int64, left map[string]map[int]int64, now time.Time) []CohortRow {
	var out []CohortRow
	var end time.Time
	gone := map[int]int64{}
	finish := func() {
		if len(out) == 0 {
			return
		}
		row := &out[len(out)-1]
		stay := row.Joined
		for w := 1; w <= maxWeeks && !end.Add(time.Duration(w)*week).After(now); w++ {
			stay -= gone[w-1]
			row.Stayed = append(row.Stayed, stay)
		}
	}
	for i := range spans {
		s := &spans[i]
		if monday := mondayOf(s.day); len(out) == 0 || out[len(out)-1].Week != monday {
			finish()
			out, gone = append(out, CohortRow{Week: monday, Stayed: []int64{}}), map[int]int64{}
		}
		out[len(out)-1].Joined += joined[s.day]
		for weeks, n := range left[s.day] {
			gone[weeks] += n
		}
		end = s.end
	}
	finish()
	return out
}

func mondayOf(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // days come from dates
	}
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
}
