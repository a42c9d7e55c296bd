package report

import (
	"github.com/tgtrack/tgtrack/domain"
)

// Money sums amounts in the project's currency.
type Money struct {
	Revenue domain.Amount // of the positive ones
	Costs   domain.Amount // of the negative ones, without their sign
	// Uncounted events have an amount in another currency or an unknown unit.
	Uncounted int64
	// Stars that the project has no rate for: what was paid less what went back.
	Stars int64
}

// Add adds n; a sum that does not fit stays at the largest one there is.
func (m *Money) Add(n Money) {
	m.Revenue, m.Costs = m.Revenue.Add(n.Revenue), m.Costs.Add(n.Costs)
	m.Uncounted += n.Uncounted
	m.Stars += n.Stars
}

// Figures of a day or a source. docs/reports.md says what each counts.
type Figures struct {
	Clicks     int64
	Presses    int64 // bot_started events, repeats included
	Starts     int64 // those of them that opened a subscription
	Joins      int64 // subscriptions opened by a start or a join
	ClickJoins int64 // those of them with a click of their own
	Leaves     int64
	Goals      int64
	Left       [3]int64 // those of Joins that were closed within 1, 7 and 30 days
	Money
}

// Add adds g.
func (f *Figures) Add(g *Figures) {
	f.Clicks += g.Clicks
	f.Presses += g.Presses
	f.Starts += g.Starts
	f.Joins += g.Joins
	f.ClickJoins += g.ClickJoins
	f.Leaves += g.Leaves
	f.Goals += g.Goals
	for i := range f.Left {
		f.Left[i] += g.Left[i]
	}
	f.Money.Add(g.Money)
}

// stayDays are the numbers of days after which it is counted who stayed.
var stayDays = [3]int{1, 7, 30}

// SourceFigures are the figures of a source. Who stayed is only asked of people
// whose 1, 7 or 30 days are over: Eligible is how many these are, Left how many
// of them left.
type SourceFigures struct {
	Figures
	Eligible [3]int64
}

// Stayed is how many of the eligible stayed for stayDays[i].
func (f *SourceFigures) Stayed(i int) int64 { return f.Eligible[i] - f.Left[i] }

// Add adds g.
func (f *SourceFigures) Add(g *SourceFigures) {
	f.Figures.Add(&g.Figures)
	for i := range f.Eligible {
		f.Eligible[i] += g.Eligible[i]
	}
}

// StepKey is a step of the funnel, or one value of one of its labels.
type StepKey struct{ Step, Label, Value string }

// ID is a hash of the key: its parts may be long.
func (k StepKey) ID() string { return hashOf(k.Step, k.Label, k.Value) }

// StepFigures count the events of a step.
type StepFigures struct {
	Events, InProgress, Success, Failure int64
	Money
}

// Add adds g.
func (f *StepFigures) Add(g *StepFigures) {
	f.Events += g.Events
	f.InProgress += g.InProgress
	f.Success += g.Success
	f.Failure += g.Failure
	f.Money.Add(g.Money)
}

// StepPeople has, by step, the numbers of the people who were at it.
type StepPeople map[string]map[int64]bool

// Add adds a person to a step.
func (p StepPeople) Add(step string, person int64) {
	if p[step] == nil {
		p[step] = map[int64]bool{}
	}
	p[step][person] = true
}

// Durations are subscriptions that ended.
type Durations struct {
	People  int64
	Seconds int64 // their total length
}

// SourceDay is what one source did on one day.
type SourceDay struct {
	Figures
	Hours     map[int]*Figures  // by number of the local hour; they add up to Figures
	Durations map[int]Durations // of Joins, by the whole weeks that they lasted
	Steps     map[StepKey]*StepFigures
	People    StepPeople
}

func (d *SourceDay) hour(n int) *Figures {
	f := d.Hours[n]
	if f == nil {
		f = &Figures{}
		d.Hours[n] = f
	}
	return f
}

// Add adds e.
func (d *SourceDay) Add(e *SourceDay) {
	d.Figures.Add(&e.Figures)
	for n, f := range e.Hours {
		d.hour(n).Add(f)
	}
	for weeks, l := range e.Durations {
		sum := d.Durations[weeks]
		d.Durations[weeks] = Durations{sum.People + l.People, sum.Seconds + l.Seconds}
	}
	for k, f := range e.Steps {
		if d.Steps[k] == nil {
			d.Steps[k] = &StepFigures{}
		}
		d.Steps[k].Add(f)
	}
	for step, people := range e.People {
		for person := range people {
			d.People.Add(step, person)
		}
	}
}

// DayFigures is a day, or a part of one, by source.
type DayFigures map[Source]*SourceDay

// Source gives the figures of a source, to be added to.
func (d DayFigures) Source(s Source) *SourceDay {
	if d[s] == nil {
		d[s] = &SourceDay{
			Hours: map[int]*Figures{}, Durations: map[int]Durations{},
			Steps: map[StepKey]*StepFigures{}, People: StepPeople{},
		}
	}
	return d[s]
}

// shown gives a day by the sources that reports show: several kept sources may
// be one of these.
func (d DayFigures) shown(links map[string]domain.Link) DayFigures {
	out := make(DayFigures, len(d))
	for source, day := range d {
		k := source.shown(links)
		if _, there := out[k]; !there {
			out[k] = day
			continue
		}
		out[k].Add(day)
	}
	return out
}
