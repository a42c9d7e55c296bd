package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

func (w *Cabinet) liveRoutes() []route {
	return []route{
		{get, project + "/live", viewer, (*visit).live},
		{get, project + "/live/stream", viewer, (*visit).liveStream},
		{get, project + "/requests/:request", viewer, (*visit).request},
	}
}

// livePage lists what came last, newest first.
type livePage struct {
	liveFilter
	Rows   []feedRow
	Looked int    // among how many requests the filter looked
	Batch  string // the batch whose requests are listed; empty: what came last
	Away   bool   // the log can not be read
	Stream string // address of what comes from now on; empty where nothing is followed
}

// How many requests the list begins with, and among how many a filter looks.
const (
	liveRows   = 100
	liveLooked = 400
)

func (v *visit) live() error {
	p := livePage{liveFilter: v.liveFilter(), Batch: v.query("batch")}
	if p.Batch != "" {
		return v.liveBatch(p)
	}
	// Two seconds overlap: a row that comes twice stands there once.
	p.Stream = v.streamAddress(p.liveFilter, v.Now().Unix()-2)
	p.Looked = liveRows
	if p.Filtered() {
		p.Looked = liveLooked
	}
	rs, err := v.Requests.LastCalls(v.ctx, v.project.ID, p.Looked)
	if errors.Is(err, domain.ErrUnavailable) {
		p.Away = true
		return v.show("live", p, v.text("nav.live"))
	}
	if err != nil {
		return err
	}
	if p.Rows, err = v.feedOfCalls(usecase.CallsOf(rs), p.liveFilter); err != nil {
		return err
	}
	return v.show("live", p, v.text("nav.live"))
}

// feedOfCalls makes the rows of calls: a request for itself, a batch as one.
func (v *visit) feedOfCalls(calls []usecase.RequestCall, f liveFilter) ([]feedRow, error) {
	var single []usecase.RequestRecord
	for i := range calls {
		if calls[i].BatchID == "" {
			single = append(single, calls[i].Requests[0])
		}
	}
	seen, err := v.Stories.See(v.ctx, v.project.ID, single)
	if err != nil {
		return nil, err
	}
	var rows []feedRow
	for i := range calls {
		var row feedRow
		if calls[i].BatchID != "" {
			row = v.batchRow(&calls[i])
		} else {
			row, seen = v.feedRow(&seen[0]), seen[1:]
		}
		if f.Shows(&row) && len(rows) < liveRows {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// liveBatch lists the requests that a batch brought.
func (v *visit) liveBatch(p livePage) error {
	rs, err := v.Requests.Call(v.ctx, v.project.ID, p.Batch)
	if err != nil {
		return err
	}
	seen, err := v.Stories.See(v.ctx, v.project.ID, rs)
	if err != nil {
		return err
	}
	p.Looked = len(rs)
	for i := range slices.Backward(seen) {
		if row := v.feedRow(&seen[i]); p.Shows(&row) {
			p.Rows = append(p.Rows, row)
		}
	}
	return v.show("live", p, v.text("live.batch"))
}

// liveFilter picks rows: by whom they are about, by event, by what came of them.
type liveFilter struct{ Person, Event, Result string }

// liveFilter reads the filter from the address.
func (v *visit) liveFilter() liveFilter {
	f := liveFilter{
		Person: strings.TrimPrefix(v.query("person"), "@"), Result: oneOf(v.query("result"), liveResults()...),
	}
	for _, t := range domain.EventTypes() {
		f.Event = cmp.Or(f.Event, oneOf(v.query("event"), string(t)))
	}
	if v.query("errors") != "" { // as addresses were once
		f.Result = resultRefused
	}
	return f
}

// Results by which the list is filtered.
const (
	resultTaken    = "taken"
	resultRepaired = "repaired"
	resultWaiting  = "waiting" // a network has not taken it yet
	resultRefused  = "refused"
	resultIgnored  = "ignored"
)

func liveResults() []string {
	return []string{resultTaken, resultRepaired, resultWaiting, resultRefused, resultIgnored}
}

// Filtered tells whether anything is left out.
func (f liveFilter) Filtered() bool { return f != liveFilter{} }

// Events and Results are those to choose from.
func (liveFilter) Events() []domain.EventType { return domain.EventTypes() }

// Results are those to choose from.
func (liveFilter) Results() []string { return liveResults() }

// Shows tells whether a row is one of those that were asked for.
func (f liveFilter) Shows(row *feedRow) bool {
	person := strings.ToLower(f.Person)
	return (f.Person == "" || slices.ContainsFunc(row.names, func(name string) bool {
		return strings.Contains(strings.ToLower(name), person)
	})) &&
		(f.Event == "" || slices.Contains(row.events, domain.EventType(f.Event))) &&
		(f.Result == "" || slices.Contains(row.results, f.Result))
}

// streamAddress is that of the rows that come after the page was made.
func (v *visit) streamAddress(f liveFilter, since int64) string {
	q := url.Values{"since": {itoa(since)}}
	for name, value := range map[string]string{"person": f.Person, "event": f.Event, "result": f.Result} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return v.url("live", "stream") + "?" + q.Encode()
}

// batchRow is a batch in the list, which opens its requests. While they come in,
// the row stands for all of them.
func (v *visit) batchRow(c *usecase.RequestCall) feedRow {
	row := feedRow{
		page: page{v: v}, ID: c.BatchID, At: c.Requests[0].ReceivedAt, Batch: true,
		Href:  v.url("live") + "?batch=" + url.QueryEscape(c.BatchID),
		Event: v.text("live.batch_row"), Note: v.text("live.batch_opens"),
		Result: badge{"success", v.text("verdict.taken")}, results: []string{resultTaken},
	}
	if len(c.Requests) > 1 {
		row.Note = v.text("live.batch_of", len(c.Requests), c.Refused())
	}
	if r := c.FirstRefused(); r != nil {
		row.Result, row.results = badge{"danger", v.text("verdict." + string(r.Verdict()))}, []string{resultRefused}
		if c.Refused() < len(c.Requests) {
			row.results = append(row.results, resultTaken)
		}
	}
	for i := range c.Requests {
		r := &c.Requests[i]
		row.collect(r)
		if r.Code == http.StatusOK && len(r.Warnings) > 0 {
			row.results = append(row.results, resultRepaired)
		}
	}
	return row
}
