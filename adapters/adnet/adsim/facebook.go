package adsim

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// fbEvent is what Meta looks at in an event.
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/server-event
type fbEvent struct {
	EventName    string `json:"event_name"`
	EventTime    int64  `json:"event_time"`
	EventID      string `json:"event_id"`
	ActionSource string `json:"action_source"`
	URL          string `json:"event_source_url"`
	User         struct {
		FBC        string   `json:"fbc"`
		FBP        string   `json:"fbp"`
		IP         string   `json:"client_ip_address"`
		UserAgent  string   `json:"client_user_agent"`
		ExternalID []string `json:"external_id"`
		Email      []string `json:"em"`
		Phone      []string `json:"ph"`
	} `json:"user_data"`
	Custom struct {
		Value    json.Number `json:"value"`
		Currency string      `json:"currency"`
	} `json:"custom_data"`
}

type fbCall struct {
	Data  []fbEvent `json:"data"`
	Token string    `json:"access_token"`
	Test  string    `json:"test_event_code"`
}

// fbProblem is an error of the Graph API.
type fbProblem struct {
	http, code, sub int
	title           string
}

func newFacebook(s *Sim) http.Handler {
	path := regexp.MustCompile(`^/v\d+\.\d+/(\d+)(/events)?$`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := path.FindStringSubmatch(r.URL.Path)
		switch {
		case m == nil:
			fbRefuse(w, fbProblem{400, 100, 33, "Unsupported request: unknown path"})
		case m[2] == "" && r.Method == http.MethodGet:
			s.fbDataset(w, r, m[1])
		case m[2] != "" && r.Method == http.MethodPost:
			s.fbEvents(w, r, m[1])
		default:
			fbRefuse(w, fbProblem{400, 100, 33, "Unsupported method"})
		}
	})
}

func fbRefuse(w http.ResponseWriter, p fbProblem) {
	e := map[string]any{
		"message": p.title, "type": "OAuthException", "code": p.code, "is_transient": false, "fbtrace_id": "AsimulatedTrace",
	}
	if p.sub != 0 {
		e["error_subcode"], e["error_user_title"], e["error_user_msg"] = p.sub, p.title, p.title
	}
	reply(w, p.http, map[string]any{"error": e})
}

func (s *Sim) fbDataset(w http.ResponseWriter, r *http.Request, id string) {
	token := r.URL.Query().Get("access_token")
	if h := r.Header.Get("Authorization"); token == "" {
		token = strings.TrimPrefix(h, "Bearer ")
	}
	if token == "" || s.Revoked("facebook", token) {
		fbRefuse(w, fbProblem{500, 190, 460, "Error validating access token"})
		return
	}
	reply(w, http.StatusOK, map[string]any{"id": id, "name": "Simulated dataset"})
}

func (s *Sim) fbEvents(w http.ResponseWriter, r *http.Request, dataset string) {
	var c fbCall
	dec := json.NewDecoder(r.Body)
	dec.UseNumber()
	if err := dec.Decode(&c); err != nil {
		fbRefuse(w, fbProblem{400, 100, 0, "Invalid JSON"})
		return
	}
	if p := s.fbCheck(c); p != nil {
		fbRefuse(w, *p)
		return
	}
	for _, e := range c.Data {
		// A test code does not keep an event out of the counts.
		s.RecordFor("facebook", dataset+"\x00"+e.EventName+"\x00"+e.EventID, Item{
			ID: e.EventID, Account: dataset, Target: e.EventName, Value: e.Custom.Value.String(), Currency: e.Custom.Currency,
			Extra: map[string]string{
				"fbc": e.User.FBC, "fbp": e.User.FBP, "ip": e.User.IP, "action_source": e.ActionSource, "test_event_code": c.Test,
			},
		}, 48*time.Hour)
	}
	reply(w, http.StatusOK, map[string]any{
		"events_received": len(c.Data), "messages": []string{}, "fbtrace_id": "AsimulatedTrace",
	})
}

// fbCheck refuses the whole call for one bad event, without naming it.
func (s *Sim) fbCheck(c fbCall) *fbProblem {
	switch {
	case c.Token == "" || s.Revoked("facebook", c.Token):
		return &fbProblem{500, 190, 460, "Error validating access token"}
	case len(c.Data) == 0:
		return &fbProblem{400, 100, 0, "data is empty"}
	case len(c.Data) > 1000:
		return &fbProblem{400, 100, 2804024, "Too many events"}
	}
	for _, e := range c.Data {
		if p := s.fbCheckEvent(e); p != nil {
			return p
		}
	}
	return nil
}

func (s *Sim) fbCheckEvent(e fbEvent) *fbProblem {
	at, now := time.Unix(e.EventTime, 0), s.Now()
	u := e.User
	identified := u.FBC != "" || u.FBP != "" || len(u.Email) > 0 || len(u.Phone) > 0 || len(u.ExternalID) > 0 ||
		u.IP != "" && u.UserAgent != ""
	switch {
	case at.Before(now.Add(-7 * 24 * time.Hour)):
		return &fbProblem{400, 100, 2804003, "Event Timestamp Too Old"}
	case at.After(now.Add(time.Minute)):
		return &fbProblem{400, 100, 2804004, "Event Timestamp In The Future"}
	case e.EventName == "" || e.ActionSource == "":
		return &fbProblem{400, 100, 2804001, "Missing required parameter"}
	case !identified:
		return &fbProblem{400, 100, 2804050, "Not enough customer information"}
	case e.ActionSource == "website" && (u.UserAgent == "" || e.URL == ""):
		return &fbProblem{400, 100, 2804016, "Website events need a user agent and an address"}
	case e.EventName == "Purchase" && (e.Custom.Value == "" || e.Custom.Currency == ""):
		return &fbProblem{400, 100, 2804009, "Purchase needs value and currency"}
	}
	return nil
}
