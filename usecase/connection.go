package usecase

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// ConnectionState says in a word whether a bot is connected.
type ConnectionState string

// States. Good alone means that people's sources will be known.
const (
	ConnectionWaiting     ConnectionState = "waiting"     // nothing has come
	ConnectionNoStart     ConnectionState = "no_start"    // requests came, and no start among them
	ConnectionGood        ConnectionState = "good"        // the newest start has a source
	ConnectionNoValue     ConnectionState = "no_value"    // it has no start value
	ConnectionPlaceholder ConnectionState = "placeholder" // a variable came in its place
	ConnectionSample      ConnectionState = "sample"      // the word of our own example did
	ConnectionAddress     ConnectionState = "address"     // a whole address did
	ConnectionForeign     ConnectionState = "foreign"     // its value is of no link of the project
	ConnectionNoClick     ConnectionState = "no_click"    // auto_detect found no click
	ConnectionOtherBot    ConnectionState = "other_bot"   // it is of another bot
	ConnectionRefused     ConnectionState = "refused"     // what came last was refused
)

// ConnectionStates lists all of them.
func ConnectionStates() []ConnectionState {
	return []ConnectionState{
		ConnectionWaiting, ConnectionNoStart, ConnectionGood, ConnectionNoValue, ConnectionPlaceholder,
		ConnectionSample, ConnectionAddress, ConnectionForeign, ConnectionNoClick, ConnectionOtherBot,
		ConnectionRefused,
	}
}

// Connection is how far a bot is connected, as what came last tells. It is told
// for as long as nothing newer says something else.
type Connection struct {
	State     ConnectionState
	At        time.Time // when that came
	RequestID string    // "" where the log has it no more
	Source    string    // of a good start
	Guess     bool      // its click is a guess
	Value     string    // what came instead of a start value
	Refused   *Finding  // the newest mistake, of a refusal
	Findings  []Finding // the others
	Away      bool      // the log can not be read
}

// Good tells whether sources will be known.
func (c Connection) Good() bool { return c.State == ConnectionGood }

// ConnectionStore reads starts.
type ConnectionStore interface {
	// EventsByID reads events of a project, in the order of their ids.
	EventsByID(ctx context.Context, projectID string, ids []string) ([]StoryEvent, error)
	// NewestStart is the newest start or join among the last events of a project;
	// domain.ErrNotFound where there is none.
	NewestStart(ctx context.Context, projectID string) (domain.Event, error)
	PlacesReader
}

// Connections tells whether bots are connected.
type Connections struct {
	log   RequestLog
	store ConnectionStore
	now   func() time.Time
}

// NewConnections makes a Connections.
func NewConnections(log RequestLog, s ConnectionStore, now func() time.Time) *Connections {
	return &Connections{log: log, store: s, now: now}
}

// connectionLooks is how many of the last requests are looked at.
const connectionLooks = 100

// Look tells it of a project.
func (c *Connections) Look(ctx context.Context, projectID string) (Connection, error) {
	var out Connection
	records, err := c.log.Last(ctx, projectID, connectionLooks)
	if errors.Is(err, domain.ErrUnavailable) {
		out.Away = true
	} else if err != nil {
		return out, err
	}
	start, err := c.start(ctx, projectID, records)
	if err != nil {
		return out, err
	}
	out.Findings = Diagnose(records, c.now())
	if err := c.onlyMembers(ctx, projectID, records, &out); err != nil {
		return out, err
	}
	out.judge(records, start)
	return out, nil
}

// newStart is a start with the request that brought it, as far as it is kept.
type newStart struct {
	event    domain.Event
	warnings []domain.Warning
	auto     bool // it asked us to find the click
}

func askedToDetect(r *RequestRecord) bool {
	return slices.ContainsFunc(signalsOf(r), func(s map[string]any) bool {
		value, _ := s["start_value"].(string)
		return strings.EqualFold(value, domain.AutoDetect)
	})
}

// start finds the newest start of the project's own place; nil for none.
func (c *Connections) start(ctx context.Context, projectID string, records []RequestRecord) (*newStart, error) {
	for i := range records {
		r := &records[i]
		var ids []string
		for _, receipt := range r.Receipts {
			if receipt.Type.Opens() && len(ids) < lookedReceipts {
				ids = append(ids, receipt.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		events, err := c.store.EventsByID(ctx, projectID, ids)
		if err != nil {
			return nil, err
		}
		for _, e := range slices.Backward(events) {
			if e.Touch != nil && !e.Change.Elsewhere() {
				s := newStart{event: e.Event, warnings: r.Warnings, auto: askedToDetect(r)}
				s.event.RequestID, s.event.ReceivedAt = r.ID, r.ReceivedAt
				return &s, nil
			}
		}
	}
	e, err := c.store.NewestStart(ctx, projectID)
	if errors.Is(err, domain.ErrNotFound) {
		return nil, nil
	}
	e.RequestID = "" // not among those that are looked at, perhaps not kept
	return &newStart{event: e}, err
}

// lookedReceipts bounds what is looked at of a request that brought many.
const lookedReceipts = 20

func (c *Connections) onlyMembers(
	ctx context.Context, projectID string, records []RequestRecord, out *Connection,
) error {
	only, err := c.store.OnlyMembers(ctx, projectID, c.now().Add(-OnlyMembersWithin), 1)
	for _, o := range only {
		f := Finding{Code: FoundOnlyMembers, Detail: o.Place.ChatID().String()}
		f.RequestID, f.At = NewestOf(records, domain.MemberJoined, domain.MemberLeft)
		out.Findings = append(out.Findings, f)
	}
	return err
}

// judge decides what is told: the newest of a start, and of a refusal that was
// not mended.
func (c *Connection) judge(records []RequestRecord, start *newStart) {
	switch {
	case start != nil:
		c.ofStart(start)
	case len(records) > 0:
		c.State, c.At, c.RequestID = ConnectionNoStart, records[0].ReceivedAt, records[0].ID
	default:
		c.State = ConnectionWaiting
	}
	since := time.Time{}
	if start != nil {
		since = c.At
		c.Findings = slices.DeleteFunc(c.Findings, func(f Finding) bool { return f.Refusal == nil && c.tells(f) })
	}
	newest := -1
	for i, f := range c.Findings {
		tells := f.Refusal != nil && f.Code != FoundGoal || f.Code == FoundOtherBot
		if tells && f.At.After(since) && (newest < 0 || f.At.After(c.Findings[newest].At)) {
			newest = i
		}
	}
	if newest < 0 {
		return
	}
	f := c.Findings[newest]
	c.State, c.At, c.RequestID, c.Value, c.Source = ConnectionRefused, f.At, f.RequestID, f.Detail, ""
	c.Findings = slices.Delete(slices.Clone(c.Findings), newest, newest+1)
	if f.Code == FoundOtherBot {
		c.State = ConnectionOtherBot
		return
	}
	c.Refused = &f
}

// tells reports whether a finding says of the start what the state says already.
func (c *Connection) tells(f Finding) bool {
	switch f.Code {
	case FoundStartAddress, FoundStartSample, FoundMacro:
		return f.RequestID == c.RequestID && !c.Good()
	}
	return false
}

// ofStart tells what a start is worth.
func (c *Connection) ofStart(s *newStart) {
	t := s.event.Touch
	c.At, c.RequestID, c.Value = s.event.ReceivedAt, s.event.RequestID, t.StartValue
	c.State = ConnectionGood
	switch _, address := domain.StartAddress(t.StartValue); {
	case t.Attributed() || t.UTM != (domain.UTM{}):
		c.Source, c.Guess = t.Source, t.Guess()
	case address:
		c.State = ConnectionAddress
	case domain.Sample(t.StartValue):
		c.State = ConnectionSample
	case t.StartValue != "":
		c.State = ConnectionForeign
	case s.auto:
		c.State = ConnectionNoClick
	default:
		c.State = ConnectionNoValue
		for _, w := range s.warnings {
			if w.Code == domain.WarnStartPlaceholder {
				c.State, c.Value = ConnectionPlaceholder, w.Value
			}
		}
	}
}
