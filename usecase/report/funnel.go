package report

import (
	"cmp"
	"context"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
)

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

// maxStepLabels is how many values of labels a step shows at most: those with
// most events.
const maxStepLabels = 100

// Funnel gives the steps of a range, those with most people first.
func (r *Reader) Funnel(ctx context.Context, p *domain.Project, rng Range, f Filter) ([]StepRow, error) {
	leave, err := r.gate.Enter(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
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
	err = x.eachFromRows(ctx, func(_ *span, d DayFigures) {
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
			return cmp.Or(cmp.Compare(b.Events, a.Events),
				cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value))
		})
		row.Labels = row.Labels[:min(len(row.Labels), maxStepLabels)]
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b StepRow) int {
		return cmp.Or(cmp.Compare(b.People, a.People),
			cmp.Compare(b.Events, a.Events), cmp.Compare(a.Step, b.Step))
	})
	return out
}
