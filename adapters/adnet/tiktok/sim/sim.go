// Package sim simulates TikTok's Events API, which says HTTP 200 to everything
// and the truth in the body.
package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok/published"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "tiktok",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"tiktok": handler(simulation{s})}
		},
		Scenario: adsim.Scenario{
			Settings: func(string) map[string]any {
				return map[string]any{"pixel_code": "C1", "access_token": "t"}
			},
			Query: "ttclid=Tt%d",
		},
	}
}

// simulation is this network's part of the whole.
type simulation struct{ *adsim.Sim }

// call is what TikTok looks at in a call.
// https://business-api.tiktok.com/portal/docs?id=1771100779668482
type call struct {
	Source   string  `json:"event_source"`
	SourceID string  `json:"event_source_id"`
	Test     string  `json:"test_event_code"`
	Data     []event `json:"data"`
}

type event struct {
	Event string `json:"event"`
	Time  int64  `json:"event_time"`
	ID    string `json:"event_id"`
	User  struct {
		TTClID     string `json:"ttclid"`
		TTP        string `json:"ttp"`
		ExternalID string `json:"external_id"`
		Email      string `json:"email"`
		Phone      string `json:"phone"`
		IP         string `json:"ip"`
		UserAgent  string `json:"user_agent"`
	} `json:"user"`
	Properties struct {
		Value    json.Number `json:"value"`
		Currency string      `json:"currency"`
	} `json:"properties"`
	Page struct {
		URL string `json:"url"`
	} `json:"page"`
}

var (
	hash     = regexp.MustCompile(`^[0-9a-f]{64}$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// handler says HTTP 200 to everything and the truth in the body's code.
func handler(s simulation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, message := s.track(r)
		if !slices.Contains(published.Codes().Names, strconv.Itoa(code)) {
			http.Error(w, fmt.Sprintf("the simulation knows no code %d", code), http.StatusTeapot)
			return
		}
		adsim.Reply(w, http.StatusOK, map[string]any{
			"code": code, "message": message, "request_id": fmt.Sprintf("sim%d", s.Now().UnixNano()),
			"data": map[string]any{},
		})
	})
}

func (s simulation) track(r *http.Request) (code int, message string) {
	token := r.Header.Get("Access-Token")
	var c call
	switch {
	case r.URL.Path != "/open_api/v1.3/event/track/" || r.Method != http.MethodPost:
		return 40002, "The path or method is not known."
	case token == "":
		return 40104, "Access token is empty."
	case s.Revoked("tiktok", token):
		return 40105, "Access token is incorrect or has been revoked."
	case json.NewDecoder(r.Body).Decode(&c) != nil:
		return 40002, "The body is not JSON of the expected form."
	case c.Source != "web":
		return 40002, "event_source: only web is simulated."
	case c.SourceID == "":
		return 40002, "event_source_id: Missing data for required field."
	case s.Revoked("tiktok", c.SourceID):
		return 40001, "No permission to operate pixel " + c.SourceID
	case len(c.Data) == 0 || len(c.Data) > 1000:
		return 40002, fmt.Sprintf("data: Length must be between 1 and 1000, not %d.", len(c.Data))
	}
	for i, e := range c.Data {
		if bad := s.check(e); bad != "" {
			return 40002, fmt.Sprintf("Batch.%d.%s", i, bad)
		}
	}
	for _, e := range c.Data {
		s.count(c, e)
	}
	return 0, "OK"
}

// check names the field that is wrong.
func (s simulation) check(e event) string {
	at, u := time.Unix(e.Time, 0), e.User
	switch {
	case e.Event == "":
		return "event: Missing data for required field."
	case at.Before(s.Now().Add(-7*24*time.Hour)) || at.After(s.Now().Add(10*time.Minute)):
		return "event_time: Must be within the last 7 days, in Unix seconds."
	case u.TTClID == "" && u.TTP == "" && u.ExternalID == "" && u.Email == "" && u.Phone == "" &&
		(u.IP == "" || u.UserAgent == ""):
		return "user: At least one identifier is required."
	case e.Properties.Value != "" && !currency.MatchString(e.Properties.Currency):
		return "properties.currency: Must be one of the known currencies."
	case e.Page.URL == "" && u.IP == "" && u.TTClID == "":
		return "page.url: Missing data for required field."
	}
	for name, v := range map[string]string{"external_id": u.ExternalID, "email": u.Email, "phone": u.Phone} {
		if v != "" && !hash.MatchString(v) {
			return "user." + name + ": Must be hashed with SHA-256."
		}
	}
	return ""
}

// count drops repeats of event and id. A test is shown and not counted.
func (s simulation) count(c call, e event) {
	it := adsim.Item{
		ID: e.ID, Account: c.SourceID, Target: e.Event, Value: e.Properties.Value.String(),
		Currency: e.Properties.Currency,
		Extra: map[string]string{
			"ttclid": e.User.TTClID, "ttp": e.User.TTP, "external_id": e.User.ExternalID,
			"page":            e.Page.URL,
			"test_event_code": c.Test,
		},
	}
	if c.Test != "" {
		it.Outcome = "test"
	}
	id := e.ID
	if id == "" { // nothing to find a repeat by
		id = fmt.Sprintf("unnamed-%d", s.Now().UnixNano())
	}
	s.Record("tiktok", c.SourceID+"\x00"+e.Event+"\x00"+id+"\x00"+c.Test, it)
}
