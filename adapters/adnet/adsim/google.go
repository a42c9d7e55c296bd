package adsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// googleSim is the Data Manager: it refuses a call for one bad event, takes
// all else, and says later, when asked, what became of it.
//
// What a real click is known by, the click's id says here: one that holds the
// name of a processing error, such as "sim-CLICK_NOT_FOUND-1", meets with it,
// and one that ends in ".t" and Unix seconds was made then. Only conversions
// that succeed are found as duplicates later; the others are kept, too, with
// their error as outcome.
type googleSim struct {
	*Sim
	mu       sync.Mutex
	requests map[string]googleRequest
}

type googleRequest struct {
	at       time.Time
	outcomes [][]string // of each destination: errors of its events, "" for none
}

func newGoogle(s *Sim) http.Handler {
	g := &googleSim{Sim: s, requests: map[string]googleRequest{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v1/events:ingest" && r.Method == http.MethodPost:
			g.authorised(w, r, g.ingest)
		case r.URL.Path == "/v1/requestStatus:retrieve" && r.Method == http.MethodGet:
			g.authorised(w, r, g.retrieve)
		default:
			googleRefuse(w, http.StatusNotFound, "NOT_FOUND", "", "Method not found.", nil)
		}
	})
}

func (g *googleSim) authorised(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	if !g.opens(r.Header.Get("Authorization")) {
		googleRefuse(w, http.StatusUnauthorized, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED",
			"Request had invalid authentication credentials.", nil)
		return
	}
	next(w, r)
}

// googleViolation is a field and what is wrong with it.
type googleViolation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
	Reason      string `json:"reason"`
}

// googleRefuse writes an error as
// https://developers.google.com/data-manager/api/devguides/concepts/understand-errors
// has it.
func googleRefuse(w http.ResponseWriter, status int, code, reason, message string, vs []googleViolation) {
	details := []any{}
	if reason != "" {
		details = append(details, map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "datamanager.googleapis.com",
		})
	}
	if len(vs) > 0 {
		details = append(details, map[string]any{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": vs})
	}
	reply(w, status, map[string]any{"error": map[string]any{
		"code": status, "message": message, "status": code, "details": details,
	}})
}

func (g *googleSim) ingest(w http.ResponseWriter, r *http.Request) {
	var c googleCall
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	dec.UseNumber()
	if err := dec.Decode(&c); err != nil {
		googleRefuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "", "Invalid JSON payload received. "+err.Error(), nil)
		return
	}
	if vs := g.violations(c); len(vs) > 0 {
		googleRefuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "INVALID_ARGUMENT",
			"There was a problem with the request.", vs)
		return
	}
	if c.ValidateOnly {
		reply(w, http.StatusOK, map[string]any{})
		return
	}
	reply(w, http.StatusOK, map[string]any{"requestId": g.process(c)})
}

// process decides at once and tells later.
func (g *googleSim) process(c googleCall) string {
	now := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	id := fmt.Sprintf("simreq-%d-%d", now.UnixMilli(), len(g.requests)+1)
	req := googleRequest{at: now}
	for _, d := range c.Destinations {
		var outcomes []string
		for _, e := range c.Events {
			outcomes = append(outcomes, g.decide(id, d, e))
		}
		req.outcomes = append(req.outcomes, outcomes)
	}
	g.requests[id] = req
	return id
}

// decide gives the processing error of an event, "" when it is counted.
func (g *googleSim) decide(request string, d googleDestination, e googleEvent) string {
	reason := googleFate(e, g.Now())
	it := Item{
		ID: e.Transaction, Account: d.Operating.ID, Target: d.Product, Value: e.Value.String(), Currency: e.Currency,
		Outcome: "SUCCESS",
		Extra:   map[string]string{"eventTimestamp": e.Timestamp, "eventSource": e.Source, "requestId": request},
	}
	for k, v := range e.AdIdentifiers {
		it.Extra[k] = v
	}
	key := strings.Join([]string{d.Operating.ID, d.Product, e.Transaction}, "\x00")
	if reason != "" {
		it.Outcome = reason
		g.Record("google", key+"\x00"+request, it)
		return reason
	}
	if e.Transaction == "" {
		key += request // nothing to find a repeat by
	}
	if !g.Record("google", key, it) {
		return "DUPLICATE_TRANSACTION_ID"
	}
	return ""
}

var (
	googleMarker    = regexp.MustCompile(`sim-([A-Z_]+)`)
	googleClickTime = regexp.MustCompile(`\.t(\d{9,11})$`)
)

// googleFate is what the click's id says of the event.
func googleFate(e googleEvent, now time.Time) string {
	id := first(e.AdIdentifiers["gclid"], e.AdIdentifiers["gbraid"], e.AdIdentifiers["wbraid"])
	if m := googleMarker.FindStringSubmatch(id); m != nil {
		return m[1]
	}
	m := googleClickTime.FindStringSubmatch(id)
	if m == nil {
		return ""
	}
	sec, _ := json.Number(m[1]).Int64()
	click := time.Unix(sec, 0)
	at, _ := time.Parse(time.RFC3339Nano, e.Timestamp)
	switch {
	case at.Before(click):
		return "CONVERSION_PRECEDES_CLICK"
	case now.Sub(click) < 6*time.Hour:
		return "TOO_RECENT_CLICK"
	case now.Sub(click) > 90*24*time.Hour:
		return "EXPIRED_CLICK"
	}
	return ""
}

// retrieve counts errors and names no events.
// https://developers.google.com/data-manager/api/reference/rest/v1/requestStatus/retrieve
func (g *googleSim) retrieve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	req, ok := g.requests[r.URL.Query().Get("requestId")]
	g.mu.Unlock()
	if !ok {
		googleRefuse(w, http.StatusNotFound, "NOT_FOUND", "", "The request was not found.", nil)
		return
	}
	open := g.Now().Sub(req.at) < g.o.Stage
	var ds []any
	for _, outcomes := range req.outcomes {
		ds = append(ds, googleStatus(outcomes, open))
	}
	reply(w, http.StatusOK, map[string]any{"requestStatusPerDestination": ds})
}

func googleStatus(outcomes []string, open bool) map[string]any {
	if open {
		return map[string]any{"requestStatus": "PROCESSING"}
	}
	counts := map[string]int{}
	failed := 0
	for _, o := range outcomes {
		if o != "" {
			counts[o]++
			failed++
		}
	}
	var errs []any
	for reason, n := range counts {
		errs = append(errs, map[string]any{"recordCount": fmt.Sprint(n), "reason": "PROCESSING_ERROR_REASON_" + reason})
	}
	switch failed {
	case 0:
		return map[string]any{"requestStatus": "SUCCESS"}
	case len(outcomes):
		return map[string]any{"requestStatus": "FAILED", "errorInfo": map[string]any{"errorCounts": errs}}
	}
	return map[string]any{"requestStatus": "PARTIAL_SUCCESS", "errorInfo": map[string]any{"errorCounts": errs}}
}
