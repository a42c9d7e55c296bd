package report

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// dayBook counts the facts of one day, or of a part of it, for the rollups and
// for reports from the rows alike, so that the two can not differ.
type dayBook struct {
	networks []NetworkParam
	project  *domain.Project
	unit     string
	hours    []time.Time // when each hour of the day begins

	out    DayFigures
	opened map[int64]*openedEpisode // by the episode's number
	goals  map[string]Source        // by event id
}

// openedEpisode waits for the event that opened it, which tells a bot start
// from a join.
type openedEpisode struct {
	at   time.Time
	hour *Figures
	done bool
}

// newBook makes the book of a day of a project.
func (c *Config) newBook(p *domain.Project, zone *time.Location, lo time.Time) *dayBook {
	return &dayBook{
		hours: hoursOf(lo, zone), networks: c.Networks, project: p,
		unit: cmp.Or(p.AmountUnit, c.AmountUnit),
		out:  DayFigures{}, opened: map[int64]*openedEpisode{}, goals: map[string]Source{},
	}
}

// dayReader reads what happened.
type dayReader interface {
	DayFacts(ctx context.Context, projectID string, from, to time.Time, sink FactSink) error
}

// computeDay reads the facts of a day, or of a part of one, and counts them.
func (c *Config) computeDay(
	ctx context.Context, store dayReader, p *domain.Project, zone *time.Location, lo, hi time.Time,
) (DayFigures, error) {
	b := c.newBook(p, zone, lo)
	err := store.DayFacts(ctx, p.ID, lo, hi, FactSink{
		Opened: b.open, Closed: b.close, Click: b.click, Goal: b.goal, Event: b.event,
	})
	if err != nil {
		return nil, fmt.Errorf("count from %s: %w", lo.Format(time.RFC3339), err)
	}
	return b.finish(), nil
}

// finish adds up the hours of each source.
func (b *dayBook) finish() DayFigures {
	for _, d := range b.out {
		for _, hour := range d.Hours {
			d.Figures.Add(hour)
		}
	}
	return b.out
}

// hour gives the figures of a source in the hour of a moment.
func (b *dayBook) hour(s Source, at time.Time) *Figures {
	return b.out.Source(s).hour(hourAt(b.hours, at))
}

const week = 7 * 24 * time.Hour

func (b *dayBook) open(e *EpisodeFact) {
	d := b.out.Source(b.episodeSource(e))
	hour := d.hour(hourAt(b.hours, e.OpenedAt))
	hour.Joins++
	if e.Clicked {
		hour.ClickJoins++
	}
	b.opened[e.No] = &openedEpisode{at: e.OpenedAt, hour: hour}
	if e.ClosedAt != nil {
		b.ended(e)
	}
}

// ended counts the end of a subscription on the day when it began.
func (b *dayBook) ended(e *EpisodeFact) {
	d := b.out.Source(b.episodeSource(e))
	hour := d.hour(hourAt(b.hours, e.OpenedAt))
	duration := e.ClosedAt.Sub(e.OpenedAt)
	for i, days := range stayDays {
		if duration < time.Duration(days)*24*time.Hour {
			hour.Left[i]++
		}
	}
	weeks := max(0, int(duration/week))
	l := d.Durations[weeks]
	l.People++
	l.Seconds += max(0, int64(duration/time.Second))
	d.Durations[weeks] = l
}

func (b *dayBook) close(e *EpisodeFact) { b.hour(b.episodeSource(e), *e.ClosedAt).Leaves++ }

func (b *dayBook) click(c *ClickFact) { b.hour(b.clickSource(c), c.At).Clicks++ }

// goal counts an event once, however many ad accounts it went to. Its source is
// the click that it is attributed to, as it is for the ad networks.
func (b *dayBook) goal(g *GoalFact) {
	if _, seen := b.goals[g.EventID]; seen {
		return
	}
	s := b.episodeSource(&g.Episode)
	if g.Click != nil {
		s = b.clickSource(g.Click)
	}
	b.goals[g.EventID] = s
	b.hour(s, g.At).Goals++
}

func (b *dayBook) event(e *EventFact) {
	s, ok := b.goals[e.ID]
	if !ok {
		s = b.episodeSource(&e.Episode)
	}
	switch e.Type {
	case domain.BotStarted:
		b.start(e, s)
	case domain.FunnelEvent:
		money := b.money(e)
		b.hour(s, e.At).Money.Add(money)
		b.out.Source(s).step(e, money)
	default:
		if money := b.money(e); money != (Money{}) {
			b.hour(s, e.At).Money.Add(money)
		}
	}
}

func (b *dayBook) start(e *EventFact, s Source) {
	if e.Episode.No == 0 {
		s = b.episodeSource(&EpisodeFact{LinkID: e.Touch.LinkID, Touch: e.Touch})
	}
	b.hour(s, e.At).Presses++
	if o := b.opened[e.Episode.No]; o != nil && !o.done && o.at.Equal(e.At) {
		o.done = true
		o.hour.Starts++
	}
}

// money is the amount of an event in the project's currency.
func (b *dayBook) money(e *EventFact) Money {
	a := e.Amount
	if a == nil && e.RawAmount != nil {
		if a = domain.InMajor(*e.RawAmount, b.unit); a == nil {
			return Money{Uncounted: 1}
		}
		if e.Type == domain.PaymentRefunded {
			back := -a.Abs()
			a = &back
		}
	}
	if a == nil || *a == 0 {
		return Money{}
	}
	stars := a
	a, currency := b.project.Worth(a, e.Currency)
	switch {
	case a == nil:
		return Money{Stars: stars.Whole()}
	case currency != "" && currency != b.project.Currency:
		return Money{Uncounted: 1}
	case *a < 0:
		return Money{Costs: -*a}
	}
	return Money{Revenue: *a}
}

// step counts an event of the funnel: for its step and for each of its labels.
func (d *SourceDay) step(e *EventFact, money Money) {
	f := StepFigures{Events: 1, Money: money}
	switch e.Result {
	case domain.InProgress:
		f.InProgress = 1
	case domain.Success:
		f.Success = 1
	case domain.Failure:
		f.Failure = 1
	}
	name := clean(e.Name)
	if e.Person != 0 {
		d.People.Add(name, e.Person)
	}
	keys := map[StepKey]bool{{Step: name}: true}
	for _, l := range e.Labels {
		if l.Name != "" {
			keys[StepKey{name, clean(l.Name), clean(l.Value)}] = true
		}
	}
	for k := range keys {
		if d.Steps[k] == nil {
			d.Steps[k] = &StepFigures{}
		}
		d.Steps[k].Add(&f)
	}
}

// episodeSource is the kept source of a subscription. Its link is still known
// when the rest was erased with the person.
func (b *dayBook) episodeSource(e *EpisodeFact) Source {
	s := Source{Name: e.Touch.Source, UTM: e.Touch.UTM, Network: b.network(e.Params)}
	if e.LinkID != "" {
		s.Name, s.LinkID, s.UTM = "", e.LinkID, e.Touch.ClickUTM
	}
	return s.clean()
}

func (b *dayBook) clickSource(c *ClickFact) Source {
	click := domain.Click{Params: c.Params}
	s := Source{LinkID: c.LinkID, UTM: click.UTM(), Network: b.network(c.Params)}
	return s.clean()
}

// network of a click is that of the first click id that it has.
func (b *dayBook) network(params map[string]string) string {
	if len(params) == 0 {
		return ""
	}
	for _, n := range b.networks {
		if params[n.Param] != "" {
			return n.Network
		}
	}
	return ""
}
