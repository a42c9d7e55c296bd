package store

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/adapters/store/bulk"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// rollupDayRow has the figures of a source on a day, or without a source those
// of all.
type rollupDayRow struct {
	bun.BaseModel `bun:"table:rollup_days,alias:r"`
	ProjectNo     int64  `bun:"project_no"`
	SourceID      string `bun:"source_id"`
	Day           string `bun:"day"`
	Clicks        int64  `bun:"clicks"`
	Presses       int64  `bun:"presses"`
	Starts        int64  `bun:"starts"`
	Joins         int64  `bun:"joins"`
	ClickJoins    int64  `bun:"click_joins"`
	Leaves        int64  `bun:"leaves"`
	Goals         int64  `bun:"goals"`
	Revenue       int64  `bun:"revenue"`
	Costs         int64  `bun:"costs"`
	Uncounted     int64  `bun:"uncounted"`
	Stars         int64  `bun:"stars"`
	Left1         int64  `bun:"left_1"`
	Left7         int64  `bun:"left_7"`
	Left30        int64  `bun:"left_30"`
}

// rollupHourRow has those of a local hour of a day.
type rollupHourRow struct {
	bun.BaseModel `bun:"table:rollup_hours,alias:r"`
	ProjectNo     int64  `bun:"project_no"`
	Day           string `bun:"day"`
	SourceID      string `bun:"source_id"`
	Hour          int    `bun:"hour"`
	Clicks        int64  `bun:"clicks"`
	Presses       int64  `bun:"presses"`
	Starts        int64  `bun:"starts"`
	Joins         int64  `bun:"joins"`
	ClickJoins    int64  `bun:"click_joins"`
	Leaves        int64  `bun:"leaves"`
	Goals         int64  `bun:"goals"`
	Revenue       int64  `bun:"revenue"`
	Costs         int64  `bun:"costs"`
	Uncounted     int64  `bun:"uncounted"`
	Stars         int64  `bun:"stars"`
}

// rollupDurationRow counts the subscriptions of a day that ended after a number
// of weeks.
type rollupDurationRow struct {
	bun.BaseModel `bun:"table:rollup_durations,alias:r"`
	ProjectNo     int64  `bun:"project_no"`
	Day           string `bun:"day"`
	SourceID      string `bun:"source_id"`
	Weeks         int    `bun:"weeks"`
	People        int64  `bun:"people"`
	Seconds       int64  `bun:"seconds"`
}

// rollupStepRow counts the events of a step, or of one value of its labels.
type rollupStepRow struct {
	bun.BaseModel `bun:"table:rollup_steps,alias:r"`
	ProjectNo     int64  `bun:"project_no"`
	Day           string `bun:"day"`
	SourceID      string `bun:"source_id"`
	KeyID         string `bun:"key_id"`
	Step          string `bun:"step"`
	Label         string `bun:"label"`
	Value         string `bun:"value"`
	Events        int64  `bun:"events"`
	InProgress    int64  `bun:"in_progress"`
	Success       int64  `bun:"success"`
	Failure       int64  `bun:"failure"`
	Revenue       int64  `bun:"revenue"`
	Costs         int64  `bun:"costs"`
	Uncounted     int64  `bun:"uncounted"`
	Stars         int64  `bun:"stars"`
}

// rollupPeopleRow is the set of people who were at a step on a day.
type rollupPeopleRow struct {
	bun.BaseModel `bun:"table:rollup_people,alias:r"`
	ProjectNo     int64  `bun:"project_no"`
	Day           string `bun:"day"`
	SourceID      string `bun:"source_id"`
	Step          string `bun:"step"`
	People        []byte `bun:"people"`
}

// dayKeyRow names a day of a project.
type dayKeyRow struct {
	ProjectNo int64  `bun:"project_no"`
	Day       string `bun:"day"`
}

// dayTables hold the figures of days.
var dayTables = []string{"rollup_days", "rollup_hours", "rollup_durations", "rollup_steps", "rollup_people"}

// clearDays deletes the figures of a day.
var clearDays = func() (out []*bulk.Statement[dayKeyRow]) {
	for _, table := range dayTables {
		out = append(out, bulk.Define[dayKeyRow](
			"DELETE FROM "+table+" AS d {using} WHERE d.project_no = {project_no} AND d.day = {day}"))
	}
	return out
}()

// dayRows are the rows of days.
type dayRows struct {
	sources   map[string]rollupSourceRow
	days      []rollupDayRow
	hours     []rollupHourRow
	durations []rollupDurationRow
	steps     []rollupStepRow
	people    []rollupPeopleRow
}

func (w *dayRows) add(k dayKeyRow, d report.ProjectDay, links map[string]int64) error {
	if len(d.Figures) == 0 {
		return nil
	}
	all := report.DayFigures{}.Source(report.Source{}) // the sum
	for source, figures := range d.Figures {
		row := sourceRow(d.ProjectID, k.ProjectNo, source, links)
		id := row.ID
		w.sources[id] = row
		if err := w.source(k, id, figures); err != nil {
			return err
		}
		for weeks, l := range figures.Durations {
			w.durations = append(w.durations, rollupDurationRow{
				ProjectNo: k.ProjectNo, Day: k.Day, SourceID: id, Weeks: weeks, People: l.People,
				Seconds: l.Seconds,
			})
		}
		all.Add(figures)
	}
	return w.source(k, "", all)
}

// source adds the rows that both a source and the sum of all have.
func (w *dayRows) source(k dayKeyRow, id string, d *report.SourceDay) error {
	f := &d.Figures
	w.days = append(w.days, rollupDayRow{
		ProjectNo: k.ProjectNo, SourceID: id, Day: k.Day, Clicks: f.Clicks, Presses: f.Presses,
		Starts: f.Starts, Joins: f.Joins, ClickJoins: f.ClickJoins, Leaves: f.Leaves, Goals: f.Goals,
		Revenue: int64(f.Revenue), Costs: int64(f.Costs), Uncounted: f.Uncounted, Stars: f.Stars,
		Left1: f.Left[0], Left7: f.Left[1], Left30: f.Left[2],
	})
	for n, f := range d.Hours {
		w.hours = append(w.hours, rollupHourRow{
			ProjectNo: k.ProjectNo, Day: k.Day, SourceID: id, Hour: n, Clicks: f.Clicks, Presses: f.Presses,
			Starts: f.Starts, Joins: f.Joins, ClickJoins: f.ClickJoins, Leaves: f.Leaves, Goals: f.Goals,
			Revenue: int64(f.Revenue), Costs: int64(f.Costs), Uncounted: f.Uncounted, Stars: f.Stars,
		})
	}
	for step, f := range d.Steps {
		w.steps = append(w.steps, rollupStepRow{
			ProjectNo: k.ProjectNo, Day: k.Day, SourceID: id, KeyID: step.ID(), Step: step.Step,
			Label: step.Label, Value: step.Value, Events: f.Events, InProgress: f.InProgress,
			Success: f.Success,
			Failure: f.Failure, Revenue: int64(f.Revenue), Costs: int64(f.Costs), Uncounted: f.Uncounted, Stars: f.Stars,
		})
	}
	for step, people := range d.People {
		set := roaring64.New()
		for no := range people {
			set.Add(uint64(no))
		}
		b, err := setBytes(set)
		if err != nil {
			return err
		}
		w.people = append(w.people, rollupPeopleRow{
			ProjectNo: k.ProjectNo, Day: k.Day, SourceID: id, Step: step, People: b,
		})
	}
	return nil
}

func setBytes(set *roaring64.Bitmap) ([]byte, error) {
	set.RunOptimize()
	b, err := set.ToBytes()
	if err != nil {
		return nil, fmt.Errorf("write who was at a step: %w", err)
	}
	return b, nil
}

func readSet(b []byte) (*roaring64.Bitmap, error) {
	set := roaring64.New()
	if err := set.UnmarshalBinary(b); err != nil {
		return nil, fmt.Errorf("read who was at a step: %w", err)
	}
	return set, nil
}

// RollupPeople implements report.Store.
func (s *Store) RollupPeople(
	ctx context.Context, q report.RollupQuery, more report.StepPeople,
) (map[string]int64, error) {
	sets := map[string]*roaring64.Bitmap{}
	at := func(step string) *roaring64.Bitmap {
		if sets[step] == nil {
			sets[step] = roaring64.New()
		}
		return sets[step]
	}
	if q.First != "" {
		err := s.rollups(ctx, q, "rollup_people", sumOfAll, func(sel *bun.SelectQuery) error {
			rows, err := sel.ColumnExpr("r.step, r.people").Rows(ctx)
			if err != nil {
				return err
			}
			var bad error
			err = scanRows(ctx, s, rows, func(r *rollupPeopleRow) {
				day, err := readSet(r.People)
				if err != nil {
					bad = err
					return
				}
				at(r.Step).Or(day)
			})
			if err != nil {
				return err
			}
			return bad
		})
		if err != nil {
			return nil, err
		}
	}
	for step, people := range more {
		for no := range people {
			at(step).Add(uint64(no))
		}
	}
	out := map[string]int64{}
	for step, set := range sets {
		out[step] = int64(set.GetCardinality())
	}
	return out, nil
}
