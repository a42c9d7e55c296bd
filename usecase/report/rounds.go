package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

const (
	// mostBatches is how many batches are counted in one round.
	mostBatches = 1000
	// roundTime is how long a round may recount days: new facts wait for it.
	roundTime = 2 * time.Second
)

// roundWork is one round. Everything is read as it is at one moment: a day that
// is recounted from the rows includes what the batches waiting at that moment
// say, and these are removed together with it. So nothing is counted twice and
// nothing is left out.
type roundWork struct {
	*Rollups
	urgent  string // the project that does not rest
	began   time.Time
	out     RollupRound
	touched map[string]bool // projects whose figures change

	projects map[string]ProjectFingerprint
	marked   map[projectDay]*markedDay
}

// projectDay names a day of a project.
type projectDay struct{ projectID, day string }

// markedDay is a day that must be recounted, with its marks.
type markedDay struct {
	projectDay
	at    time.Time
	marks []int64
	done  bool
}

// look does the round.
func (w *roundWork) look(ctx context.Context, s RollupSnapshot) error {
	w.out, w.touched = RollupRound{}, map[string]bool{}
	batches, all, err := s.WaitingFacts(ctx, false, mostBatches)
	if err != nil {
		return err
	}
	var steps FactBatches
	if !w.now().Before(w.stepsAt) {
		if steps, _, err = s.WaitingFacts(ctx, true, mostBatches); err != nil {
			return err
		}
	}
	marks, err := s.RollupMarks(ctx)
	if err != nil {
		return err
	}
	if w.projects, err = s.RollupProjects(ctx, w.named(marks, batches.Events, steps.Events)); err != nil {
		return err
	}
	w.sortMarks(marks)
	if err := w.begin(ctx, s); err != nil {
		return err
	}
	if all { // else a day would include what is added to it later
		if err := w.recount(ctx, s); err != nil {
			return err
		}
	}
	w.out.Batches, w.out.Steps = batches.Nos, steps.Nos
	sums, err := w.count(ctx, s, batches.Events)
	if err != nil {
		return err
	}
	for i := range sums {
		for _, d := range sums[i].Figures {
			d.People = nil // they come with the steps
		}
	}
	people, err := w.count(ctx, s, stepsOf(steps.Events))
	if err != nil {
		return err
	}
	w.out.Added = withPeople(sums, people)
	return nil
}

func (w *roundWork) named(marks []RollupMark, lists ...[]CountedEvent) []string {
	seen := map[string]bool{w.urgent: true}
	for i := range marks {
		seen[marks[i].ProjectID] = true
	}
	for _, es := range lists {
		for i := range es {
			seen[es[i].ProjectID] = true
		}
	}
	delete(seen, "")
	out := make([]string, 0, len(seen))
	for id := range seen {
		out = append(out, id)
	}
	return out
}

// sortMarks sorts marks by the day that they are about.
func (w *roundWork) sortMarks(marks []RollupMark) {
	w.marked = map[projectDay]*markedDay{}
	for _, m := range marks {
		p, ok := w.projects[m.ProjectID]
		if !ok { // the project is gone
			w.out.Marks = append(w.out.Marks, m.No)
			continue
		}
		k := projectDay{m.ProjectID, m.At.In(p.Zone()).Format(time.DateOnly)}
		if w.marked[k] == nil {
			w.marked[k] = &markedDay{projectDay: k, at: m.At}
		}
		w.marked[k].marks = append(w.marked[k].marks, m.No)
	}
}

// begin starts the rollups of projects that have none, or whose fingerprint has
// changed: every day on which anything happened is marked.
func (w *roundWork) begin(ctx context.Context, s RollupSnapshot) error {
	for id, p := range w.projects {
		fingerprint := w.cfg.fingerprint(&p.Project)
		if p.Fingerprint == fingerprint {
			continue
		}
		w.touched[id] = true
		first := w.firstKept(&p.Project)
		w.out.Begun = append(w.out.Begun, RollupBeginning{id, fingerprint, first})
		days, err := daysOf(ctx, s, &p.Project, time.Time{}, time.Time{})
		if err != nil {
			return err
		}
		n := 0
		for _, at := range days {
			if day, _, _ := DayOf(at, p.Zone()); day >= first {
				w.out.NewMarks = append(w.out.NewMarks, Mark{id, at})
				n++
			}
		}
		if n == 0 {
			w.out.Made = append(w.out.Made, id)
		}
	}
	return nil
}

// begun tells whether a project's rollups can be added to.
func (w *roundWork) begun(id string) bool {
	p, ok := w.projects[id]
	return ok && p.Fingerprint == w.cfg.fingerprint(&p.Project)
}

// recount recounts marked days from the rows, as many as there is time for.
func (w *roundWork) recount(ctx context.Context, s RollupSnapshot) error {
	byProject := map[string][]*markedDay{}
	for _, m := range w.marked {
		if w.begun(m.projectID) && (m.projectID == w.urgent || !w.began.Before(w.rest[m.projectID])) {
			byProject[m.projectID] = append(byProject[m.projectID], m)
		}
	}
	for id, days := range byProject {
		p := w.projects[id]
		began := w.now()
		slices.SortFunc(days, func(a, b *markedDay) int { return cmp.Compare(a.day, b.day) })
		for _, m := range days {
			if err := w.day(ctx, s, &p.Project, m); err != nil {
				return err
			}
			if w.now().Sub(w.began) > roundTime {
				break
			}
		}
		w.touched[id] = true
		w.rest[id] = w.now().Add(max(w.cfg.Interval, restFactor*w.now().Sub(began)))
		if w.now().Sub(w.began) > roundTime {
			break
		}
	}
	for id, p := range w.projects {
		if !p.Made && w.begun(id) && !w.open(id) {
			w.out.Made = append(w.out.Made, id)
			w.touched[id] = true
		}
	}
	return nil
}

// open tells whether any day of a project is still to be recounted.
func (w *roundWork) open(id string) bool {
	for k, m := range w.marked {
		if k.projectID == id && !m.done {
			return true
		}
	}
	return false
}

func (w *roundWork) day(ctx context.Context, s RollupSnapshot, p *domain.Project, m *markedDay) error {
	w.out.Marks = append(w.out.Marks, m.marks...)
	m.done = true
	day, lo, end := DayOf(m.at, p.Zone())
	if day < w.firstKept(p) {
		return nil
	}
	d, err := w.cfg.computeDay(ctx, s, p, p.Zone(), lo, end)
	if err != nil {
		return err
	}
	w.out.Replaced = append(w.out.Replaced, ProjectDay{p.ID, day, d})
	return nil
}

// count counts facts, except those of marked days: recounting includes them.
func (w *roundWork) count(ctx context.Context, s RollupSnapshot, es []CountedEvent) ([]ProjectDay, error) {
	if len(es) == 0 {
		return nil, nil
	}
	t := &tally{cfg: &w.cfg.Config, store: s, projects: map[string]*tallied{}}
	for id, p := range w.projects {
		if !w.begun(id) {
			continue
		}
		first := w.firstKept(&p.Project)
		t.projects[id] = &tallied{
			project: &p.Project, zone: p.Zone(), days: map[string]*dayBook{},
			skip: func(day string) bool { return day < first || w.marked[projectDay{id, day}] != nil },
		}
	}
	if err := t.count(ctx, es); err != nil {
		return nil, err
	}
	w.out.NewMarks = append(w.out.NewMarks, t.marks...)
	sums := t.sums()
	for i := range sums {
		w.touched[sums[i].ProjectID] = true
	}
	return sums, nil
}

// stepsOf selects the events of people at steps of the funnel. They are counted
// later than the rest, when what the batch knew of the source may be outdated.
func stepsOf(es []CountedEvent) []CountedEvent {
	var out []CountedEvent
	for _, e := range es {
		if e.Type != domain.FunnelEvent || e.Person == 0 {
			continue
		}
		if e.Episode != 0 {
			e.Fact.Source = nil
		}
		out = append(out, e)
	}
	return out
}

// withPeople adds to sums the people of others.
func withPeople(sums, people []ProjectDay) []ProjectDay {
	at := map[projectDay]int{}
	for i := range sums {
		at[projectDay{sums[i].ProjectID, sums[i].Day}] = i
	}
	for _, p := range people {
		k := projectDay{p.ProjectID, p.Day}
		if _, ok := at[k]; !ok {
			at[k] = len(sums)
			sums = append(sums, ProjectDay{p.ProjectID, p.Day, DayFigures{}})
		}
		for source, d := range p.Figures {
			if len(d.People) > 0 {
				sums[at[k]].Figures.Source(source).People = d.People
			}
		}
	}
	return sums
}
