package report

import (
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// EpisodeFact is a subscription with what its source is known by.
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

// EventFact is an event that counts.
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

// FactSink receives the facts of a time range, kind by kind in the order of its
// fields.
type FactSink struct {
	Opened func(*EpisodeFact)
	Closed func(*EpisodeFact)
	Click  func(*ClickFact)
	Goal   func(*GoalFact)
	Event  func(*EventFact)
}

// Fact is what an event, or a click, adds to the figures. Times are
// microseconds. In a batch it is written by the order of its fields.
type Fact struct {
	At int64
	// Change is what the event did to a subscription: opened, opened_closed
	// or closed.
	Change domain.Change
	// Opened is when the subscription that the event closed had begun, Closed
	// when the one that it opened ended.
	Opened int64
	Closed int64
	// Source of the event's subscription, nil where the batch does not know it:
	// the subscription is an earlier one.
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
	// Params are the names of the click's parameters: they tell the network.
	Params []string
}

// CountedEvent is a fact that waits to be counted, with the event it belongs to.
type CountedEvent struct {
	EventID, ProjectID string // no EventID: a click
	Type               domain.EventType
	Person, Episode    int64 // numbers of rows, 0 for none
	Fact               Fact
}

// Mark says that the day of a moment must be recounted from the rows.
type Mark struct {
	ProjectID string
	At        time.Time
}

// ClickFactOf is what a click adds, nil when it does not count.
func ClickFactOf(c *domain.Click) *Fact {
	if c.Robot {
		return nil
	}
	return &Fact{
		At:     c.At.UnixMicro(),
		Source: &FactSource{LinkID: c.LinkID, UTM: c.UTM(), Clicked: true, Params: paramsOf(c)},
	}
}

// SourceOf tells where a person came from, by their touch and its click, nil
// where that is not known.
func SourceOf(t *domain.Touch, click *domain.Click) *FactSource {
	if t.LinkID == "" {
		return &FactSource{Name: t.Source, UTM: t.UTM}
	}
	return &FactSource{LinkID: t.LinkID, UTM: t.ClickUTM, Clicked: t.ClickID != "", Params: paramsOf(click)}
}

// longestParam bounds the names that are kept; the networks' are shorter.
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

// episode is the subscription with the source of a fact.
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
	utm := Source{UTM: f.Source.UTM}
	for _, d := range UTMDimensions() {
		if value := d.Of(&utm); value != "" {
			if c.Params == nil {
				c.Params = map[string]string{}
			}
			c.Params[string(d)] = value
		}
	}
	return c
}
