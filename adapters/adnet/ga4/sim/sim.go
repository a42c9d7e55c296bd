// Package sim simulates the Measurement Protocol of Google Analytics 4, which
// says 204 to everything, and its validation server.
package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "ga4",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"ga4": handler(simulation{s})}
		},
		Scenario: adsim.Scenario{
			Settings: func(string) map[string]any {
				return map[string]any{"measurement_id": "G-ABC123", "api_secret": "t"}
			},
			Query: "_ga=GA1.1.111.4224%d",
		},
	}
}

// simulation is this network's part of the whole.
type simulation struct{ *adsim.Sim }

// call is what Analytics looks at in a call.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
type call struct {
	ClientID string      `json:"client_id"`
	Micros   json.Number `json:"timestamp_micros"`
	Events   []struct {
		Name   string                     `json:"name"`
		Params map[string]json.RawMessage `json:"params"`
	} `json:"events"`
}

type fault struct {
	Field       string `json:"fieldPath"`
	Description string `json:"description"`
	Code        string `json:"validationCode"`
}

var eventName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)

// handler says 204 to everything, rubbish and wrong secrets included, and
// counts what is in order. Only the validation server tells faults, and it
// does not look at the secret.
func handler(s simulation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q := r.URL.Query()
		c, faults := s.check(q, body)
		switch r.URL.Path {
		case "/debug/mp/collect":
			messages := append([]fault{}, faults...)
			adsim.Reply(w, http.StatusOK, map[string]any{"validationMessages": messages})
			return
		case "/mp/collect":
			if secret := q.Get("api_secret"); len(faults) == 0 && secret != "" &&
				!s.Revoked("ga4", secret) {
				s.count(q.Get("measurement_id"), c)
			}
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (s simulation) check(q url.Values, body []byte) (c call, faults []fault) {
	bad := func(field, code, text string) { faults = append(faults, fault{field, text, code}) }
	if !strings.HasPrefix(q.Get("measurement_id"), "G-") {
		bad("measurement_id", "VALUE_INVALID", "The measurement_id is missing or malformed.")
	}
	if len(body) > 130_000 {
		bad("", "EXCEEDED_MAX_ENTITIES", "The body is larger than 130 kB.")
	}
	if err := json.Unmarshal(body, &c); err != nil {
		bad("", "VALUE_INVALID", "The body is not the JSON of an event.")
		return c, faults
	}
	if c.ClientID == "" {
		bad("client_id", "VALUE_REQUIRED", "A client_id is required.")
	}
	if n := len(c.Events); n < 1 || n > 25 {
		bad("events", "EXCEEDED_MAX_ENTITIES", fmt.Sprintf("%d events; between 1 and 25 are allowed.", n))
	}
	if us, err := strconv.ParseInt(c.Micros.String(), 10, 64); err == nil &&
		s.Now().Sub(time.UnixMicro(us)) > 72*time.Hour {
		bad("timestamp_micros", "VALUE_OUT_OF_BOUNDS", "The timestamp is more than 72 hours old.")
	}
	for i, e := range c.Events {
		if !eventName.MatchString(e.Name) || strings.HasPrefix(e.Name, "ga_") ||
			strings.HasPrefix(e.Name, "google_") ||
			strings.HasPrefix(e.Name, "firebase_") {
			bad(fmt.Sprintf("events[%d].name", i), "NAME_INVALID", "The name of the event is not allowed.")
		}
		if len(e.Params) > 25 {
			bad(fmt.Sprintf("events[%d].params", i), "EXCEEDED_MAX_ENTITIES", "More than 25 parameters.")
		}
		if e.Params["value"] != nil && e.Params["currency"] == nil {
			bad(fmt.Sprintf("events[%d].params.currency", i), "VALUE_REQUIRED",
				"A value needs a currency.")
		}
	}
	return c, faults
}

// count: only repeats of a purchase's transaction are dropped.
func (s simulation) count(stream string, c call) {
	for _, e := range c.Events {
		text := func(name string) string { return strings.Trim(string(e.Params[name]), `"`) }
		id := cmp.Or(text("transaction_id"), c.ClientID+"/"+c.Micros.String())
		s.Record("ga4", strings.Join([]string{stream, e.Name, id}, "\x00"), adsim.Item{
			ID: id, Account: stream, Target: e.Name, Value: text("value"), Currency: text("currency"),
			Extra: map[string]string{
				"client_id": c.ClientID, "session_id": text("session_id"),
				"timestamp_micros": c.Micros.String(),
			},
		})
	}
}
