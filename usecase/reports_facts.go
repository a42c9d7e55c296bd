package usecase

import (
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// A batch of arrivals leaves facts for the reports: what each event adds to
// the figures, so that nothing has to be looked up to count most of them. What
// corrects figures of before leaves a mark instead, and its day is counted
// anew from the rows.

// Fact is what an event, or a click, adds to the figures. Times are
// microseconds. In a batch it is written by the order of its fields.
type Fact struct {
	At int64
	// Change is what the event did to a subscription: opened, opened_closed
	// or closed.
	Change domain.Change
	// Opened is when the subscription began that the event closed, Closed when
	// one ended that the event opened.
	Opened int64
	Closed int64
	// Source of the event's subscription where the batch knows it; nil: it is
	// an earlier one.
	Source *FactSource

	Name      string
	Result    domain.Result
	Amount    *domain.Amount
	RawAmount *domain.Amount
	Currency  string
	Labels    []domain.Label
	// Goals are the ids of the conversions to goals that the event made.
	Goals []string
}

// FactSource is where an event's person came from.
type FactSource struct {
	Name    string
	LinkID  string
	UTM     domain.UTM
	Clicked bool
	// Params are the names of the click's parameters, which tell the network.
	Params []string
}

// CountedEvent is a fact as it waits to be counted, with what its row is about.
type CountedEvent struct {
	EventID, ProjectID string // no EventID: a click
	Type               domain.EventType
	Person, Episode    int64 // numbers of rows, 0 for none
	Fact               Fact
}

// ReportMark says that the day of a moment must be counted anew.
type ReportMark struct {
	ProjectID string
	At        time.Time
}

// ClickFactOf is what a click adds; nil when it counts nowhere.
func ClickFactOf(c *domain.Click) *Fact {
	if c.Robot {
		return nil
	}
	return &Fact{
		At: c.At.UnixMicro(), Source: &FactSource{LinkID: c.LinkID, UTM: c.UTM(), Clicked: true, Params: paramsOf(c)},
	}
}

// longestParam bounds the names that are kept: those of networks are shorter.
const longestParam = 40

func paramsOf(c *domain.Click) []string {
	if c == nil {
		return nil
	}
	var out []string
	for name, value := range c.Params {
		if value != "" && len(name) <= longestParam && !strings.HasPrefix(name, "utm_") {
			out = append(out, name)
		}
	}
	return out
}

// leaveFacts makes the facts of the batch's events.
func (b *batch) leaveFacts() {
	goals := map[string][]string{} // conversions by event
	for i := range b.changes.Conversions {
		if c := &b.changes.Conversions[i]; c.Kind == domain.Goal {
			goals[c.EventID] = append(goals[c.EventID], c.ID)
		}
	}
	b.changes.Facts = make([]*Fact, len(b.changes.Events))
	for i := range b.changes.Events {
		e := &b.changes.Events[i]
		b.changes.Facts[i] = b.fact(e, goals[e.ID])
		delete(goals, e.ID)
	}
	for i := range b.changes.Conversions { // of goals that had waited
		if c := &b.changes.Conversions[i]; goals[c.EventID] != nil && c.Kind == domain.Goal {
			b.mark(c.ProjectID, c.OccurredAt)
		}
	}
}

// mark has the days of moments counted anew; the zero time is none.
func (b *batch) mark(projectID string, at ...time.Time) {
	for _, t := range at {
		if !t.IsZero() {
			b.changes.Marks = append(b.changes.Marks, ReportMark{projectID, t})
		}
	}
}

// fact gives what an event adds, nil for nothing.
func (b *batch) fact(e *domain.Event, goals []string) *Fact {
	f := &Fact{At: e.OccurredAt.UnixMicro(), Goals: goals}
	i, isNew := b.episodes[e.EpisodeID]
	isNew = isNew && e.EpisodeID != ""
	switch {
	case isNew:
		f.Source = b.factSource(&b.changes.Episodes[i].Touch)
	case e.EpisodeID == "" && e.Touch != nil:
		f.Source = b.factSource(e.Touch)
		f.Source.Params, f.Source.Clicked = nil, false // the click is somebody else's
	case e.EpisodeID == "":
		f.Source = &FactSource{}
	}
	counts := len(goals) > 0
	switch e.Change {
	case domain.Opened:
		f.Change, counts = e.Change, true
	case domain.OpenedClosed:
		f.Change, counts = e.Change, true
		if isNew && b.changes.Episodes[i].ClosedAt != nil {
			f.Closed = b.changes.Episodes[i].ClosedAt.UnixMicro()
		}
	case domain.Closed:
		f.Change, counts = e.Change, true
		if isNew {
			f.Opened = b.changes.Episodes[i].OpenedAt.UnixMicro()
		}
	}
	switch {
	case e.Type == domain.BotStarted:
		counts = true
	case e.Type == domain.FunnelEvent:
		counts = true
		f.Name, f.Result, f.Labels = e.Name, e.Result, e.Labels
	}
	if e.Amount != nil || e.RawAmount != nil {
		counts = true
		f.Amount, f.RawAmount, f.Currency = e.Amount, e.RawAmount, e.Currency
	}
	if !counts {
		return nil
	}
	return f
}

func (b *batch) factSource(t *domain.Touch) *FactSource {
	if t.LinkID == "" {
		return &FactSource{Name: t.Source, UTM: t.UTM}
	}
	s := &FactSource{LinkID: t.LinkID, UTM: t.ClickUTM, Clicked: t.ClickID != ""}
	if c := b.state.ClickByID[t.ClickID]; c != nil {
		s.Params = paramsOf(&c.Click)
	}
	return s
}

// episode is the subscription of a fact that knows it.
func (s *FactSource) episode(no int64) EpisodeFact {
	e := EpisodeFact{No: no, LinkID: s.LinkID, Clicked: s.Clicked}
	if s.LinkID == "" {
		e.Touch = domain.Touch{Source: s.Name, UTM: s.UTM}
	} else {
		e.Touch = domain.Touch{LinkID: s.LinkID, ClickUTM: s.UTM}
	}
	e.Params = s.params()
	return e
}

func (s *FactSource) params() map[string]string {
	if len(s.Params) == 0 {
		return nil
	}
	out := make(map[string]string, len(s.Params)+5)
	for _, name := range s.Params {
		out[name] = "1"
	}
	return out
}

// click is the click of a fact.
func (f *Fact) click() ClickFact {
	c := ClickFact{At: time.UnixMicro(f.At).UTC(), LinkID: f.Source.LinkID, Params: f.Source.params()}
	u := f.Source.UTM
	for name, value := range map[string]string{
		"utm_source": u.Source, "utm_medium": u.Medium, "utm_campaign": u.Campaign, "utm_content": u.Content,
		"utm_term": u.Term,
	} {
		if value != "" {
			if c.Params == nil {
				c.Params = map[string]string{}
			}
			c.Params[name] = value
		}
	}
	return c
}
