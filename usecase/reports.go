package usecase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ReportSource is where people came from, as reports break figures down.
//
// Figures are kept by what happened alone: a source that is a link has no name
// then, and its UTM is the click's own. Name and UTM of the link are today's,
// so that they come in when figures are read, see shown.
type ReportSource struct {
	Name    string // of the link, or the start value that is its own source; "" where nothing is known
	LinkID  string
	UTM     domain.UTM
	Network string // of the click's id, "" for none
}

// shown is a kept source as reports show it.
func (s ReportSource) shown(links map[string]domain.Link) ReportSource {
	if l, ok := links[s.LinkID]; ok {
		s.Name, s.UTM = l.Name, s.UTM.Or(l.UTM)
	}
	return s.clean()
}

// StartValue is the start value that is the source by itself, "" where a
// tracking link or nothing is known.
func (s *ReportSource) StartValue() string {
	if s.LinkID != "" {
		return ""
	}
	return s.Name
}

// ID is a hash of a kept source within a project: its parts may be long.
func (s *ReportSource) ID(projectID string) string {
	return hashOf(projectID, s.Name, s.LinkID,
		s.UTM.Source, s.UTM.Medium, s.UTM.Campaign, s.UTM.Content, s.UTM.Term, s.Network)
}

func hashOf(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// ReportFilter selects sources; nil fields select all, an empty text what has
// none.
type ReportFilter struct {
	Source, LinkID, Network                 *string
	StartValue                              *string // see ReportSource.StartValue
	Origin, Medium, Campaign, Content, Term *string // utm_source and so on
}

// Empty tells whether the filter selects everything.
func (f ReportFilter) Empty() bool { return f == ReportFilter{} }

// Takes tells whether the filter selects a source.
func (f ReportFilter) Takes(s *ReportSource) bool {
	same := func(want *string, got string) bool { return want == nil || *want == got }
	return same(f.Source, s.Name) && same(f.LinkID, s.LinkID) && same(f.Network, s.Network) &&
		same(f.Origin, s.UTM.Source) && same(f.Medium, s.UTM.Medium) && same(f.Campaign, s.UTM.Campaign) &&
		same(f.Content, s.UTM.Content) && same(f.Term, s.UTM.Term) && same(f.StartValue, s.StartValue())
}

// Money sums amounts in the project's currency.
type Money struct {
	Revenue domain.Amount // of the positive ones
	Costs   domain.Amount // of the negative ones, without their sign
	// Uncounted events have an amount in another currency or an unknown unit.
	Uncounted int64
}

// Add adds up; what would not fit stays at the largest sum there is.
func (m *Money) Add(n Money) {
	m.Revenue, m.Costs = addAmounts(m.Revenue, n.Revenue), addAmounts(m.Costs, n.Costs)
	m.Uncounted += n.Uncounted
}

func addAmounts(a, b domain.Amount) domain.Amount {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// Figures of a day or a source. docs/reports.md says what each counts.
type Figures struct {
	Clicks     int64
	Presses    int64 // bot_started events, repeats included
	Starts     int64 // of them, those that opened a subscription
	Joins      int64 // subscriptions opened by a start or a join
	ClickJoins int64 // of them, those with a click of their own
	Leaves     int64
	Goals      int64
	Left       [3]int64 // of Joins, those closed within 1, 7 and 30 days
	Money
}

// Add adds up.
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

// stayDays are the days after which people are counted who stayed.
var stayDays = [3]int{1, 7, 30}

// StepKey is a step of the funnel, or one value of a label of it.
type StepKey struct{ Step, Label, Value string }

// ID is a hash of the key: its parts may be long.
func (k StepKey) ID() string { return hashOf(k.Step, k.Label, k.Value) }

// StepFigures count the events of a step.
type StepFigures struct {
	Events, InProgress, Success, Failure int64
	Money
}

// Add adds up.
func (f *StepFigures) Add(g *StepFigures) {
	f.Events += g.Events
	f.InProgress += g.InProgress
	f.Success += g.Success
	f.Failure += g.Failure
	f.Money.Add(g.Money)
}

// SourceDay is what one source did on one day.
type SourceDay struct {
	Figures
	Hours     map[int]*Figures  // by the number of the local hour; they add up to Figures
	Durations map[int]Durations // whole weeks a subscription lasted → those of Joins
	Steps     map[StepKey]*StepFigures
	// People are who was at each step.
	People StepPeople
}

// StepPeople are the numbers of people by the step that they were at.
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
	Seconds int64 // how long they lasted together
}

// DayFigures is a day, or a part of one, by source.
type DayFigures map[ReportSource]*SourceDay

// Source gives what a source did, to be added to.
func (d DayFigures) Source(s ReportSource) *SourceDay {
	if d[s] == nil {
		d[s] = &SourceDay{
			Hours: map[int]*Figures{}, Durations: map[int]Durations{}, Steps: map[StepKey]*StepFigures{}, People: StepPeople{},
		}
	}
	return d[s]
}

// shown gives a day by the sources that reports show: several kept ones may be
// one of them.
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

// Add adds up.
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

// EpisodeFact is a subscription with what tells its source.
type EpisodeFact struct {
	No       int64 // of its row, 0 where there is none
	OpenedAt time.Time
	ClosedAt *time.Time
	LinkID   string
	Clicked  bool              // it came by a click of its own
	Touch    domain.Touch      // empty after an erasure
	Params   map[string]string // of the click
}

// ClickFact is a click that is counted.
type ClickFact struct {
	At     time.Time
	LinkID string
	Params map[string]string
}

// GoalFact is a conversion to a goal that was not reached before in the
// episode. An event has one for each ad account.
type GoalFact struct {
	EventID string
	At      time.Time // of the event
	Episode EpisodeFact
	Click   *ClickFact // the one it is attributed to
}

// EventFact is an event that reports count.
type EventFact struct {
	ID        string
	Type      domain.EventType
	At        time.Time
	Person    int64        // number of the person's row, 0 for nobody
	Touch     domain.Touch // of a start without an episode
	Name      string
	Result    domain.Result
	Amount    *domain.Amount
	RawAmount *domain.Amount
	Currency  string
	Labels    []domain.Label
	Episode   EpisodeFact
}

// FactSink gets the facts of a time, in the order of its fields.
type FactSink struct {
	Opened func(*EpisodeFact)
	Closed func(*EpisodeFact)
	Click  func(*ClickFact)
	Goal   func(*GoalFact)
	Event  func(*EventFact)
}

// ReportStore reads facts and rollups.
type ReportStore interface {
	// DayFacts reads what happened from a time up to another.
	DayFacts(ctx context.Context, projectID string, from, to time.Time, sink FactSink) error
	// NextFact is the first moment at or after a time at which anything
	// happened; zero when nothing did.
	NextFact(ctx context.Context, projectID string, at time.Time) (time.Time, error)
	ReportLinks(ctx context.Context, projectID string) (map[string]domain.Link, error)
	// Audience lists subscriptions by the time they were opened, newest
	// first, from behind the cursor on. each answers whether it takes more.
	Audience(ctx context.Context, projectID string, from, to time.Time, f ReportFilter, cursor string,
		each func(*AudienceFact) bool) error

	// RollupFingerprint says on what a project's rollups were made, "" when
	// there are none.
	RollupFingerprint(ctx context.Context, projectID string) (string, error)
	// RollupSourceIDs gives the kept sources of a project's rollups by their id.
	RollupSourceIDs(ctx context.Context, projectID string) (map[string]ReportSource, error)
	RollupDays(ctx context.Context, q RollupQuery) (map[string]*Figures, error)
	// Of the rollups by source's id, Left counts up to the last eligible day of
	// each of stayDays.
	RollupSources(ctx context.Context, q RollupQuery, eligible [3]string) (map[string]*SourceFigures, error)
	RollupDurations(ctx context.Context, q RollupQuery, each func(day string, weeks int, people int64)) error
	// RollupHours gives the hours of each day that has any.
	RollupHours(ctx context.Context, q RollupQuery) (map[string]map[int]*Figures, error)
	RollupSourceDurations(ctx context.Context, q RollupQuery, each func(sourceID string, weeks int, l Durations)) error
	// LinkCosts sums the costs of links on the days from first to last in a
	// currency, and of these on the days up to eligible.
	LinkCosts(ctx context.Context, projectID, currency, first, last, eligible string) (map[string]LinkSpend, error)
	RollupSteps(ctx context.Context, q RollupQuery) (map[StepKey]*StepFigures, error)
	// RollupPeople counts who was at each step on the days, or is one of more.
	// Who was there twice is one.
	RollupPeople(ctx context.Context, q RollupQuery, more StepPeople) (map[string]int64, error)

	OutsideStore
}

// RollupQuery says which rollups are meant: those of the days from First to
// Last, which are empty for none, and of some sources, or of all together where
// Sources is nil.
type RollupQuery struct {
	ProjectID, First, Last string
	Sources                []string // ids
}

// NetworkParam is a parameter of a click and the ad network whose it is.
type NetworkParam struct{ Param, Network string }

// ReportsConfig sets what figures depend on besides rows.
type ReportsConfig struct {
	// Networks in the order in which they are looked for in a click.
	Networks []NetworkParam
	// AmountUnit of raw amounts, for projects that do not say.
	AmountUnit string
	// Kept is how long clicks and events are kept, 0 for ever: days before
	// are not made anew, since it would lose what is gone.
	Kept time.Duration
}

// fingerprint names what a project's figures depend on besides rows.
func (c *ReportsConfig) fingerprint(p *domain.Project) string {
	h := sha256.New()
	for _, n := range c.Networks {
		fmt.Fprintf(h, "%s=%s;", n.Param, n.Network)
	}
	return strings.Join([]string{
		"1", p.Timezone, p.Currency, firstOf(p.AmountUnit, c.AmountUnit), hex.EncodeToString(h.Sum(nil)[:4]),
	}, "|")
}

// Reports answers what reports show. A figure comes from the rollups where
// whole days of the project's time zone are asked for, and is computed from
// the rows themselves elsewhere; the rollups are made by the same function.
type Reports struct {
	cfg   ReportsConfig
	store ReportStore
	now   func() time.Time
	// raw reads no rollups.
	raw bool
}

// NewReports makes a Reports.
func NewReports(cfg ReportsConfig, store ReportStore, now func() time.Time) *Reports {
	return &Reports{cfg: cfg, store: store, now: now}
}

// Raw gives a Reports that computes every figure from the rows.
func (r *Reports) Raw() *Reports {
	raw := *r
	raw.raw = true
	return &raw
}
