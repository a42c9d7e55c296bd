// Package sim simulates the Data Manager API of Google Ads and the token service
// before it.
package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/google/published"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "google",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"google": newManager(simulation{s}),
				"google_oauth": tokenService(simulation{s})}
		},
		Scenario: adsim.Scenario{
			Settings: func(string) map[string]any {
				return map[string]any{
					"customer_id":        "123-456-7890",
					"conversion_actions": map[string]any{"begin": "11", "lead": "22"},
					"client_id":          "c", "client_secret": "s", "refresh_token": "r",
				}
			},
			Query:   "gclid=Gc%d",
			Targets: map[string]string{"begin": "11", "lead": "22"},
		},
	}
}

// simulation is this network's part of the whole.
type simulation struct{ *adsim.Sim }

// manager is the Data Manager: it refuses a call for one bad event, takes
// all else, and says later, when asked, what became of it.
//
// What a real click is known by, the click's id says here: one that holds the
// end of the name of a processing error, such as "sim-CLICK_NOT_FOUND-1", meets
// with it in the spelling that Google publishes, one that holds what no name
// ends in meets with a reason that Google may add one day, and one that ends in
// ".t" and Unix seconds was made then. Only conversions that succeed are found
// as duplicates later; the others are kept, too, with their error as outcome.
type manager struct {
	simulation
	processing adnet.Published
	warned     adnet.Published
	mu         sync.Mutex
	requests   map[string]request
}

type request struct {
	at       time.Time
	outcomes [][]string // of each destination: errors of its events, "" for none
}

func newManager(s simulation) http.Handler {
	g := &manager{simulation: s, processing: published.Processing(), warned: published.FieldWarnings(),
		requests: map[string]request{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v1/events:ingest" && r.Method == http.MethodPost:
			g.authorised(w, r, g.ingest)
		case r.URL.Path == "/v1/requestStatus:retrieve" && r.Method == http.MethodGet:
			g.authorised(w, r, g.retrieve)
		default:
			refuse(w, http.StatusNotFound, "NOT_FOUND", "", "Method not found.", nil)
		}
	})
}

func (g *manager) authorised(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	if !g.opens(r.Header.Get("Authorization")) {
		refuse(w, http.StatusUnauthorized, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED",
			"Request had invalid authentication credentials.", nil)
		return
	}
	next(w, r)
}

// violation is a field and what is wrong with it.
type violation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
	Reason      string `json:"reason"`
}

// refuse writes an error as
// https://developers.google.com/data-manager/api/devguides/concepts/understand-errors
// has it.
func refuse(w http.ResponseWriter, status int, code, reason, message string, vs []violation) {
	details := []any{}
	if reason != "" {
		details = append(details, map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
			"domain": "datamanager.googleapis.com",
		})
	}
	if len(vs) > 0 {
		details = append(details, map[string]any{"@type": "type.googleapis.com/google.rpc.BadRequest",
			"fieldViolations": vs})
	}
	adsim.Reply(w, status, map[string]any{"error": map[string]any{
		"code": status, "message": message, "status": code, "details": details,
	}})
}

func (g *manager) ingest(w http.ResponseWriter, r *http.Request) {
	var c call
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	dec.UseNumber()
	if err := dec.Decode(&c); err != nil {
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "", "Invalid JSON payload received. "+err.Error(),
			nil)
		return
	}
	if vs := g.violations(c); len(vs) > 0 {
		refuse(w, http.StatusBadRequest, "INVALID_ARGUMENT", "INVALID_ARGUMENT",
			"There was a problem with the request.", vs)
		return
	}
	if c.ValidateOnly {
		adsim.Reply(w, http.StatusOK, map[string]any{})
		return
	}
	answer := map[string]any{"requestId": g.process(c)}
	if warned := g.warnings(c); len(warned) > 0 {
		answer["fieldWarnings"] = warned
	}
	adsim.Reply(w, http.StatusOK, answer)
}

// warnings are what the clicks' ids say: "simwarn-GENERIC-1" is warned of.
func (g *manager) warnings(c call) (vs []violation) {
	for i, e := range c.Events {
		for name, id := range e.AdIdentifiers {
			m := warned.FindStringSubmatch(id)
			if m == nil {
				continue
			}
			reason, ok := published.Full(g.warned, m[1])
			if !ok {
				reason = "WARNING_REASON_" + m[1]
			}
			vs = append(vs, violation{fmt.Sprintf("events[%d].ad_identifiers.%s", i, name), "Simulated warning.", reason})
		}
	}
	return vs
}

// process decides at once and tells later.
func (g *manager) process(c call) string {
	now := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	id := fmt.Sprintf("simreq-%d-%d", now.UnixMilli(), len(g.requests)+1)
	req := request{at: now}
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
func (g *manager) decide(request string, d destination, e event) string {
	reason := g.fate(e, g.Now())
	it := adsim.Item{
		ID: e.Transaction, Account: d.Operating.ID, Target: d.Product, Value: e.Value.String(),
		Currency: e.Currency,
		Outcome:  "SUCCESS",
		Extra: map[string]string{"eventTimestamp": e.Timestamp, "eventSource": e.Source,
			"requestId": request},
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
		return g.reason("DUPLICATE_TRANSACTION_ID")
	}
	return ""
}

var (
	warned    = regexp.MustCompile(`simwarn-([A-Z_]+)`)
	marker    = regexp.MustCompile(`sim-([A-Z_]+)`)
	clickTime = regexp.MustCompile(`\.t(\d{9,11})$`)
)

// reason in Google's spelling, by the end of its name.
func (g *manager) reason(end string) string {
	if name, ok := published.Full(g.processing, end); ok {
		return name
	}
	return "PROCESSING_ERROR_REASON_" + end
}

// fate is what the click's id says of the event.
func (g *manager) fate(e event, now time.Time) string {
	id := cmp.Or(e.AdIdentifiers["gclid"], e.AdIdentifiers["gbraid"], e.AdIdentifiers["wbraid"])
	if m := marker.FindStringSubmatch(id); m != nil {
		return g.reason(m[1])
	}
	m := clickTime.FindStringSubmatch(id)
	if m == nil {
		return ""
	}
	sec, _ := json.Number(m[1]).Int64()
	click := time.Unix(sec, 0)
	at, _ := time.Parse(time.RFC3339Nano, e.Timestamp)
	switch {
	case at.Before(click):
		return g.reason("CONVERSION_PRECEDES_CLICK")
	case now.Sub(click) < 6*time.Hour:
		return g.reason("TOO_RECENT_CLICK")
	case now.Sub(click) > 90*24*time.Hour:
		return g.reason("CLICK_NOT_FOUND") // Google forgets clicks
	}
	return ""
}

// retrieve counts errors and names no events.
// https://developers.google.com/data-manager/api/reference/rest/v1/requestStatus/retrieve
func (g *manager) retrieve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	req, ok := g.requests[r.URL.Query().Get("requestId")]
	g.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound, "NOT_FOUND", "", "The request was not found.", nil)
		return
	}
	open := g.Now().Sub(req.at) < g.Stage()
	var ds []any
	for _, outcomes := range req.outcomes {
		ds = append(ds, statusOf(outcomes, open))
	}
	adsim.Reply(w, http.StatusOK, map[string]any{"requestStatusPerDestination": ds})
}

func statusOf(outcomes []string, open bool) map[string]any {
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
		errs = append(errs, map[string]any{"recordCount": fmt.Sprint(n), "reason": reason})
	}
	switch failed {
	case 0:
		return map[string]any{"requestStatus": "SUCCESS"}
	case len(outcomes):
		return map[string]any{"requestStatus": "FAILED", "errorInfo": map[string]any{"errorCounts": errs}}
	}
	return map[string]any{"requestStatus": "PARTIAL_SUCCESS", "errorInfo": map[string]any{"errorCounts": errs}}
}
