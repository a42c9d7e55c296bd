package usecase

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
)

// SeenRequest is a request in a list, with what it made. Attempts are left out.
type SeenRequest struct {
	RequestRecord
	Events []StoryEvent
}

// seenEvents bounds what is looked up for one request of a list: an import may
// have brought thousands.
const seenEvents = 20

// See tells of requests what they made, with as many queries for a hundred as
// for one.
func (r *RequestStories) See(ctx context.Context, projectID string, rs []RequestRecord) ([]SeenRequest, error) {
	out := make([]SeenRequest, len(rs))
	var ids []string
	for i := range rs {
		out[i].RequestRecord = rs[i]
		for _, receipt := range rs[i].Receipts[:min(len(rs[i].Receipts), seenEvents)] {
			ids = append(ids, receipt.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	events, err := r.store.EventsByID(ctx, projectID, ids)
	if err != nil {
		return nil, err
	}
	conversions, err := r.store.EventConversions(ctx, projectID, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[string]*StoryEvent, len(events))
	for i := range events {
		known[events[i].ID] = &events[i]
	}
	for _, c := range conversions {
		if e := known[c.EventID]; e != nil {
			e.Conversions = append(e.Conversions, StoryConversion{Conversion: c})
		}
	}
	for i := range out {
		for _, receipt := range out[i].Receipts[:min(len(out[i].Receipts), seenEvents)] {
			if e := known[receipt.ID]; e != nil {
				one := *e
				one.Duplicate = receipt.Duplicate
				out[i].Events = append(out[i].Events, one)
			}
		}
	}
	return out, nil
}

// Unfinished tells whether more may become of the request: a conversion is not
// done, or what it made is not in the store yet.
func (s *SeenRequest) Unfinished() bool {
	if len(s.Events) < min(len(s.Receipts), seenEvents) {
		return true
	}
	for i := range s.Events {
		for j := range s.Events[i].Conversions {
			if s.Events[i].Conversions[j].Status.Unfinished() {
				return true
			}
		}
	}
	return false
}

// ReadSignal is what a request was read as, as far as a list shows it. Of a record
// that was shared, the values are hidden.
type ReadSignal struct {
	Type       domain.EventType
	PersonID   string
	Username   string
	FirstName  string
	LastName   string
	StartValue string
	Name       string // of a step or a goal
}

// Who names whom a signal is about: by name, else by username, else by id.
func (s *ReadSignal) Who() string {
	name := strings.TrimSpace(s.FirstName + " " + s.LastName)
	if name == "" && s.Username != "" {
		name = "@" + s.Username
	}
	return cmp.Or(name, s.PersonID)
}

// ReadAs gives what the request was read as.
func (r *RequestRecord) ReadAs() []ReadSignal {
	var out []ReadSignal
	for _, m := range signalsOf(r) {
		s := ReadSignal{
			Type: domain.EventType(textOf(m, "type")), StartValue: textOf(m, "start_value"), Name: textOf(m, "name"),
		}
		if s.Name == "" {
			s.Name = textOf(m, "target")
		}
		if person, ok := m["person"].(map[string]any); ok {
			s.PersonID, s.Username = textOf(person, "id"), textOf(person, "username")
			s.FirstName, s.LastName = textOf(person, "first_name"), textOf(person, "last_name")
		}
		out = append(out, s)
	}
	return out
}

// textOf gives a field of JSON as text; an id is a number.
func textOf(m map[string]any, key string) string {
	switch v := m[key].(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}
