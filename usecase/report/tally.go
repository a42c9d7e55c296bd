package report

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// FactStore looks up what facts do not carry.
type FactStore interface {
	// FactEpisodes reads subscriptions by their row numbers.
	FactEpisodes(ctx context.Context, nos []int64) (map[int64]EpisodeFact, error)
	// FactGoals reads conversions to goals by their ids. Those that were not
	// kept are missing.
	FactGoals(ctx context.Context, ids []string) (map[string]ReachedGoal, error)
}

// ReachedGoal is a conversion to a goal.
type ReachedGoal struct {
	GoalFact
	// First tells that it had not been reached before in the subscription.
	First bool
	// LaterAt is when another event reached it, zero for none: one that was
	// stored later but may have been counted earlier.
	LaterAt time.Time
}

// ProjectDay is a day of a project, or what is to be added to one.
type ProjectDay struct {
	ProjectID, Day string
	Figures        DayFigures
}

// tally counts facts into the days of their projects, except days that will be
// counted from the rows.
type tally struct {
	cfg      *Config
	store    FactStore
	projects map[string]*tallied // facts of others are skipped
	marks    []Mark              // of days that must be recounted
}

// tallied is a project whose facts are counted.
type tallied struct {
	project *domain.Project
	zone    *time.Location
	skip    func(day string) bool
	days    map[string]*dayBook
	lo, end time.Time // of the day that was asked for last
	last    *dayBook
}

// book gives the day of a moment, nil where that is skipped.
func (t *tallied) book(cfg *Config, at time.Time) *dayBook {
	if !t.end.IsZero() && !at.Before(t.lo) && at.Before(t.end) {
		return t.last
	}
	day, lo, end := DayOf(at, t.zone)
	t.lo, t.end, t.last = lo, end, nil
	if t.skip(day) {
		return nil
	}
	if t.days[day] == nil {
		t.days[day] = cfg.newBook(t.project, t.zone, lo)
	}
	t.last = t.days[day]
	return t.last
}

// count counts facts. What they do not carry is looked up for all at once.
func (t *tally) count(ctx context.Context, es []CountedEvent) error {
	var episodes []int64
	var goals []string
	for i := range es {
		e := &es[i]
		if t.projects[e.ProjectID] == nil {
			continue
		}
		if e.Fact.Source == nil && e.Episode != 0 {
			episodes = append(episodes, e.Episode)
		}
		goals = append(goals, e.Fact.Goals...)
	}
	known, err := t.store.FactEpisodes(ctx, episodes)
	if err != nil {
		return err
	}
	reached, err := t.store.FactGoals(ctx, goals)
	if err != nil {
		return err
	}
	for i := range es {
		e := &es[i]
		p := t.projects[e.ProjectID]
		if p == nil {
			continue
		}
		if e.EventID == "" {
			c := e.Fact.click()
			if b := p.book(t.cfg, c.At); b != nil {
				b.click(&c)
			}
			continue
		}
		t.event(p, e, known, reached)
	}
	return nil
}

func (t *tally) event(p *tallied, e *CountedEvent, known map[int64]EpisodeFact, reached map[string]ReachedGoal) {
	f := &e.Fact
	at := time.UnixMicro(f.At).UTC()
	episode := known[e.Episode]
	if f.Source != nil {
		episode = f.Source.episode(e.Episode)
	}
	for _, id := range f.Goals {
		g, kept := reached[id]
		if !kept || g.EventID != e.EventID {
			continue // another event had reached it
		}
		if !g.LaterAt.IsZero() {
			t.marks = append(t.marks, Mark{e.ProjectID, g.At}, Mark{e.ProjectID, g.LaterAt})
			continue
		}
		if b := p.book(t.cfg, g.At); b != nil && g.First {
			b.goal(&g.GoalFact)
		}
	}
	switch f.Change {
	case domain.Opened:
		if b := p.book(t.cfg, at); b != nil {
			episode.OpenedAt, episode.ClosedAt = at, nil // its end is a fact of its own
			b.open(&episode)
		}
	case domain.OpenedClosed:
		closed := time.UnixMicro(f.Closed).UTC()
		episode.OpenedAt, episode.ClosedAt = at, &closed
		if b := p.book(t.cfg, at); b != nil {
			b.open(&episode)
		}
		if b := p.book(t.cfg, closed); b != nil {
			b.close(&episode)
		}
	case domain.Closed:
		if f.Opened != 0 {
			episode.OpenedAt = time.UnixMicro(f.Opened).UTC()
		}
		episode.ClosedAt = &at
		if b := p.book(t.cfg, at); b != nil {
			b.close(&episode)
		}
		if episode.OpenedAt.IsZero() {
			break // of a project that is being deleted
		}
		if b := p.book(t.cfg, episode.OpenedAt); b != nil {
			b.ended(&episode)
		}
	}
	if e.Type != domain.BotStarted && e.Type != domain.FunnelEvent && f.Amount == nil && f.RawAmount == nil {
		return
	}
	if b := p.book(t.cfg, at); b != nil {
		fact := EventFact{
			ID: e.EventID, Type: e.Type, At: at, Person: e.Person, Name: f.Name, Result: f.Result,
			Amount: f.Amount, RawAmount: f.RawAmount, Currency: f.Currency, Labels: f.Labels,
			Episode: episode,
		}
		if e.Episode == 0 && f.Source != nil {
			fact.Touch = episode.Touch
		}
		b.event(&fact)
	}
}

// sums gives what must be added to each day.
func (t *tally) sums() []ProjectDay {
	var out []ProjectDay
	for id, p := range t.projects {
		for day, b := range p.days {
			if d := b.finish(); len(d) > 0 {
				out = append(out, ProjectDay{id, day, d})
			}
		}
	}
	return out
}
