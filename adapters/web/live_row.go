package web

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// feedRow is a request as people read it: what happened to whom, where they came
// from, and what the networks made of it.
type feedRow struct {
	page
	ID, Href   string
	At         time.Time
	Event      string // what happened
	Name       string // of a step or a goal
	More       int    // further events of the same request
	Method     string // that was called, where nothing better is known
	Person     string
	PersonHref string // their page; empty where they have none
	Source     string
	Nets       []netMark
	MoreNets   int
	Result     badge
	Note       string // what was wrong, or repaired
	Bad        bool   // the note is of an error
	Batch      bool

	// What a filter looks at.
	names   []string
	events  []domain.EventType
	results []string
}

// netMark is a network with how far a conversion came there.
type netMark struct {
	Network, Class, Sign, Text string
}

// shownNets is how many marks stand in a row.
const shownNets = 4

// feedRow makes the row of a request.
func (v *visit) feedRow(s *usecase.SeenRequest) feedRow {
	verdict := s.Verdict()
	row := feedRow{
		page: page{v: v}, ID: s.ID, At: s.ReceivedAt,
		Result: badge{verdictClass(verdict), v.text("verdict_short." + string(verdict))},
	}
	if v.project != nil { // else it was shared
		row.Href = v.url("requests", s.ID)
	}
	row.read(&s.RequestRecord)
	for i := range s.Events {
		row.addEvent(&s.Events[i])
	}
	row.Event = row.title(s)
	row.More = max(len(s.Receipts), len(row.events)) - 1
	row.MoreNets = max(0, len(row.Nets)-shownNets)
	row.Nets = row.Nets[:min(len(row.Nets), shownNets)]
	row.judge(s, verdict)
	return row
}

// verdictClass is the colour of a verdict.
func verdictClass(verdict usecase.RequestVerdict) string {
	switch verdict {
	case usecase.RequestTaken:
		return "success"
	case usecase.RequestRefused, usecase.RequestRefusedKept, usecase.RequestLimited:
		return "danger"
	}
	return "secondary"
}

// read takes from the request what is known without the store.
func (row *feedRow) read(r *usecase.RequestRecord) {
	for _, s := range row.collect(r) {
		row.Person, row.Name = cmp.Or(row.Person, s.Who()), cmp.Or(row.Name, s.Name)
	}
}

// collect notes what a filter looks at.
func (row *feedRow) collect(r *usecase.RequestRecord) []usecase.ReadSignal {
	signals := r.ReadAs()
	for _, s := range signals {
		row.events = append(row.events, s.Type)
		row.names = append(row.names, s.PersonID, s.Username, strings.TrimSpace(s.FirstName+" "+s.LastName))
	}
	if len(signals) == 0 { // its body was not kept
		for _, receipt := range r.Receipts {
			row.events = append(row.events, receipt.Type)
		}
	}
	return signals
}

// addEvent takes what the store knows of an event.
func (row *feedRow) addEvent(e *usecase.StoryEvent) {
	if p := e.Subscriber; p != nil {
		row.names = append(row.names, PersonName(p), p.Person.Username, itoa(p.UserID))
		if row.PersonHref == "" {
			row.Person, row.PersonHref = PersonName(p), row.URL("subscribers", p.Messenger, itoa(p.UserID))
			if p.Person.Username != "" && row.Person != "@"+p.Person.Username {
				row.Person += " @" + p.Person.Username
			}
		}
	}
	if row.Href != "" { // what was shared hides its source
		row.Source = cmp.Or(row.Source, row.EventSource(*e))
	}
	for i := range e.Conversions {
		c := &e.Conversions[i].Conversion
		row.Nets = append(row.Nets, row.mark(c))
		if c.Status.Unfinished() {
			row.results = append(row.results, resultWaiting)
		}
	}
}

// EventSource is where somebody came from: the link's name, else the tags, else
// how little is known.
func (p page) EventSource(e usecase.StoryEvent) string {
	t := e.Touch
	switch {
	case t == nil && e.Subscriber != nil:
		return e.Subscriber.FirstSource
	case t == nil:
		return ""
	case t.Source != "":
		return t.Source
	}
	if tags := utmText(t.UTM); tags != "" {
		return tags
	}
	return p.T("live.no_source")
}

func utmText(u domain.UTM) string {
	var tags []string
	for _, tag := range []string{u.Source, u.Medium, u.Campaign, u.Content, u.Term} {
		if tag != "" {
			tags = append(tags, tag)
		}
	}
	return strings.Join(tags, " / ")
}

// mark shows how far a conversion came.
func (p page) mark(c *domain.Conversion) netMark {
	m := netMark{Class: "wait", Sign: "…", Text: p.T("status." + string(c.Status))}
	if c.Network != "" {
		m.Network = p.NetworkName(c.Network)
	}
	switch c.Status {
	case domain.Delivered:
		m.Class, m.Sign = "good", "✓"
	case domain.Accepted:
		m.Class, m.Sign = "good", "✓"
	case domain.Rejected, domain.Expired, domain.Uncertain, domain.Unmatched:
		m.Class, m.Sign = "bad", "✕"
	case domain.SandboxOnly:
		m.Class, m.Sign = "none", "▢"
	case domain.Unattributed:
		m.Class, m.Sign = "none", "–"
	}
	if why := p.Why(*c); why != "" {
		m.Text += ": " + why
	}
	return m
}

// title says what happened; of a request that made nothing, what it was.
func (row *feedRow) title(s *usecase.SeenRequest) string {
	if len(row.events) > 0 {
		return row.T("event." + string(row.events[0]))
	}
	row.Method = s.Called()
	if domain.Asks(s.Method) {
		return row.T("live.asked")
	}
	if s.Code == http.StatusOK {
		return row.T("live.update")
	}
	return row.T("live.request")
}

// judge says what came of the request, and what was wrong with it.
func (row *feedRow) judge(s *usecase.SeenRequest, verdict usecase.RequestVerdict) {
	switch {
	case s.Code != http.StatusOK:
		row.results = append(row.results, resultRefused)
		row.Note, row.Bad = row.Refusal(s.RequestRecord), true
		return
	case verdict == usecase.RequestTaken, verdict == usecase.RequestRepeat, verdict == usecase.RequestReplayed:
		row.results = append(row.results, resultTaken)
	default:
		row.results = append(row.results, resultIgnored)
	}
	if row.Note = row.WarningOf(s.RequestRecord); row.Note != "" && verdict == usecase.RequestTaken {
		row.results = append(row.results, resultRepaired)
		row.Result = badge{"warning", row.T("live.repaired")}
	}
}

// WarningOf says what was repaired in a request, or left out of it.
func (p page) WarningOf(r usecase.RequestRecord) string { return r.WarningIn(p.v.lang) }

// Clock writes a time to the second, with its day unless that is today.
func (p page) Clock(t time.Time) string {
	t = t.In(p.v.zone())
	if t.Format(time.DateOnly) == p.v.Now().In(p.v.zone()).Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return p.Second(t)
}
