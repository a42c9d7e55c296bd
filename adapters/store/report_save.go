package store

import (
	"context"

	"github.com/tgtrack/tgtrack/usecase"
)

var (
	// The row of the claim is locked first, so that of two processes one
	// waits and finds that it has lost it.
	prolongClaim = define("project_id text, owner text, until time",
		`UPDATE rollup_projects SET lease_until = {until} {from}
		WHERE rollup_projects.project_id = {project_id} AND rollup_projects.lease_owner = {owner} RETURNING rollup_projects.project_id`)
	clearDays = define("project_id text, day text",
		`DELETE FROM rollup_days {using} WHERE rollup_days.project_id = {project_id} AND rollup_days.day = {day}`)
	clearHours = define("project_id text, day text",
		`DELETE FROM rollup_hours {using} WHERE rollup_hours.project_id = {project_id} AND rollup_hours.day = {day}`)
	clearLives = define("project_id text, day text",
		`DELETE FROM rollup_lives {using} WHERE rollup_lives.project_id = {project_id} AND rollup_lives.day = {day}`)
	clearSteps = define("project_id text, day text",
		`DELETE FROM rollup_steps {using} WHERE rollup_steps.project_id = {project_id} AND rollup_steps.day = {day}`)
	clearPeople = define("project_id text, day text",
		`DELETE FROM rollup_people {using} WHERE rollup_people.project_id = {project_id} AND rollup_people.day = {day}`)
	// An erasure took a name out that somebody else has brought again.
	insertSources = define(`id text, project_id text, source text, link_id text, utm_source text, utm_medium text, utm_campaign text, utm_content text,
		utm_term text, network text`, `INSERT INTO rollup_sources ({columns}) {values} ON CONFLICT (id) DO UPDATE SET source = EXCLUDED.source
		WHERE rollup_sources.source <> EXCLUDED.source`)
	insertDays = define(`project_id text, source_id text, day text, clicks int, presses int, starts int, joins int, click_joins int, leaves int,
		goals int, revenue int, costs int, uncounted int, left_1 int, left_7 int, left_30 int`, `INSERT INTO rollup_days ({columns}) {values}`)
	insertHours = define(`project_id text, day text, source_id text, hour int, clicks int, presses int, starts int, joins int, click_joins int,
		leaves int, goals int, revenue int, costs int, uncounted int`, `INSERT INTO rollup_hours ({columns}) {values}`)
	insertLives = define("project_id text, day text, source_id text, weeks int, people int, seconds int, known int", `INSERT INTO rollup_lives ({columns}) {values}`)
	insertSteps = define(`project_id text, day text, source_id text, step text, label text, value text, events int, in_progress int, success int,
		failure int, revenue int, costs int, uncounted int`, `INSERT INTO rollup_steps ({columns}) {values}`)
)

// SaveDay implements usecase.RollupStore. Whoever reads sees the day as it
// was or as it is.
func (s *Store) SaveDay(ctx context.Context, c usecase.RollupClaim, day string, d usecase.DayFigures) error {
	w := dayRows{project: c.ProjectID, day: day}
	w.add(d)
	one := [][]any{row(c.ProjectID, day)}
	return s.bulk(ctx, "save a day's rollups", func(ctx context.Context, r runner) error {
		held := false
		r.queue(prolongClaim, [][]any{row(c.ProjectID, c.Owner, c.Until)}, func(r scanner) error {
			held = true
			var id string
			return r.Scan(&id)
		})
		if err := r.flush(ctx); err != nil {
			return err
		}
		if !held {
			return lostClaim(c, nil)
		}
		r.queue(clearDays, one, nil)
		r.queue(clearHours, one, nil)
		r.queue(clearLives, one, nil)
		r.queue(clearSteps, one, nil)
		r.queue(clearPeople, one, nil)
		r.queue(insertSources, w.sources, nil)
		r.queue(insertDays, w.days, nil)
		r.queue(insertHours, w.hours, nil)
		r.queue(insertLives, w.lives, nil)
		r.queue(insertSteps, w.steps, nil)
		if err := w.savePeople(ctx, r); err != nil {
			return err
		}
		return r.flush(ctx)
	})
}

// dayRows are the rows of one day.
type dayRows struct {
	project, day                       string
	sources, days, hours, lives, steps [][]any
	people                             map[string]usecase.StepPeople // by source
}

func (w *dayRows) add(d usecase.DayFigures) {
	if len(d) == 0 {
		return
	}
	var sum usecase.Figures
	all := usecase.StepPeople{}
	w.people = map[string]usecase.StepPeople{"": all}
	steps := map[usecase.StepKey]*usecase.StepFigures{}
	hours := map[int]*usecase.Figures{}
	for source, figures := range d {
		id := source.ID(w.project)
		w.sources = append(w.sources, row(id, w.project, source.Name, source.LinkID, source.UTM.Source, source.UTM.Medium, source.UTM.Campaign,
			source.UTM.Content, source.UTM.Term, source.Network))
		w.days = append(w.days, w.figures(id, &figures.Figures))
		for n, f := range figures.Hours {
			w.hours = append(w.hours, w.hour(id, n, f))
			if hours[n] == nil {
				hours[n] = &usecase.Figures{}
			}
			hours[n].Add(f)
		}
		for weeks, l := range figures.Lives {
			w.lives = append(w.lives, row(w.project, w.day, id, weeks, l.People, l.Seconds, l.People))
		}
		for k, f := range figures.Steps {
			w.steps = append(w.steps, w.step(id, k, f))
			if steps[k] == nil {
				steps[k] = &usecase.StepFigures{}
			}
			steps[k].Add(f)
		}
		w.people[id] = figures.People
		for step, ids := range figures.People {
			for id := range ids {
				all.Add(step, id)
			}
		}
		sum.Add(&figures.Figures)
	}
	w.days = append(w.days, w.figures("", &sum))
	for n, f := range hours {
		w.hours = append(w.hours, w.hour("", n, f))
	}
	for k, f := range steps {
		w.steps = append(w.steps, w.step("", k, f))
	}
}

func (w *dayRows) step(source string, k usecase.StepKey, f *usecase.StepFigures) []any {
	return row(w.project, w.day, source, k.Step, k.Label, k.Value, f.Events, f.InProgress, f.Success, f.Failure, int64(f.Revenue), int64(f.Costs), f.Uncounted)
}

func (w *dayRows) hour(source string, n int, f *usecase.Figures) []any {
	return row(w.project, w.day, source, n, f.Clicks, f.Presses, f.Starts, f.Joins, f.ClickJoins, f.Leaves, f.Goals, int64(f.Revenue), int64(f.Costs), f.Uncounted)
}

func (w *dayRows) figures(source string, f *usecase.Figures) []any {
	return row(w.project, source, w.day, f.Clicks, f.Presses, f.Starts, f.Joins, f.ClickJoins, f.Leaves, f.Goals, int64(f.Revenue), int64(f.Costs),
		f.Uncounted, f.Left[0], f.Left[1], f.Left[2])
}
