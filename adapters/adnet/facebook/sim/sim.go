// Package sim simulates Meta's Conversions API: it refuses a whole call for one
// bad event without naming it, and drops repeats of an event's id for two days.
package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook/published"
)

// Network gives the simulation.
func Network() adsim.Network {
	return adsim.Network{
		Name: "facebook",
		Serve: func(s *adsim.Sim) map[string]http.Handler {
			return map[string]http.Handler{"facebook": handler(simulation{s, published.All()})}
		},
		Scenario: adsim.Scenario{
			Settings: func(string) map[string]any {
				return map[string]any{"dataset_id": "1001", "access_token": "t"}
			},
			Query: "fbclid=Fb%d",
		},
		Demo: &adsim.Demo{
			Name: "Meta", ActivationGoal: "Lead", Goals: map[string]string{"sale": "Purchase"},
			Settings: func(string) map[string]any {
				return map[string]any{"dataset_id": "100200300", "access_token": "demo-access-token"}
			},
		},
	}
}

// simulation is this network's part of the whole.
type simulation struct {
	*adsim.Sim
	codes published.Codes
}

// event is what Meta looks at in an event.
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/server-event
type event struct {
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

type call struct {
	Data  []event `json:"data"`
	Token string  `json:"access_token"`
	Test  string  `json:"test_event_code"`
}

// problem is an error of the Graph API.
type problem struct {
	http, code, sub int
	title           string
}

// handler is the Graph API, as far as it is needed.
func handler(s simulation) http.Handler {
	path := regexp.MustCompile(`^/v\d+\.\d+/(\d+)(/events)?$`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := path.FindStringSubmatch(r.URL.Path)
		switch {
		case m == nil:
			s.refuse(w, problem{400, 100, 33, "Unsupported request: unknown path"})
		case m[2] == "" && r.Method == http.MethodGet:
			s.dataset(w, r, m[1])
		case m[2] != "" && r.Method == http.MethodPost:
			s.takeEvents(w, r, m[1])
		default:
			s.refuse(w, problem{400, 100, 33, "Unsupported method"})
		}
	})
}

// refuse answers with a code that Meta publishes; no other is simulated.
func (s simulation) refuse(w http.ResponseWriter, p problem) {
	if _, ok := s.codes.Meaning(p.code, p.sub); !ok {
		p = problem{http.StatusTeapot, 0, 0, fmt.Sprintf("the simulation knows no code %d/%d", p.code, p.sub)}
	}
	e := map[string]any{
		"message": p.title, "type": "OAuthException", "code": p.code, "is_transient": false,
		"fbtrace_id": "AsimulatedTrace",
	}
	if p.sub != 0 {
		e["error_subcode"], e["error_user_title"], e["error_user_msg"] = p.sub, p.title, p.title
	}
	adsim.Reply(w, p.http, map[string]any{"error": e})
}

func (s simulation) dataset(w http.ResponseWriter, r *http.Request, id string) {
	token := r.URL.Query().Get("access_token")
	if h := r.Header.Get("Authorization"); token == "" {
		token = strings.TrimPrefix(h, "Bearer ")
	}
	if token == "" || s.Revoked("facebook", token) {
		s.refuse(w, problem{500, 190, 460, "Error validating access token"})
		return
	}
	adsim.Reply(w, http.StatusOK, map[string]any{"id": id, "name": "Simulated dataset"})
}

func (s simulation) takeEvents(w http.ResponseWriter, r *http.Request, dataset string) {
	var c call
	dec := json.NewDecoder(r.Body)
	dec.UseNumber()
	if err := dec.Decode(&c); err != nil {
		s.refuse(w, problem{400, 100, 0, "Invalid JSON"})
		return
	}
	if p := s.check(c); p != nil {
		s.refuse(w, *p)
		return
	}
	for _, e := range c.Data {
		// A test code does not keep an event out of the counts.
		s.RecordFor("facebook", dataset+"\x00"+e.EventName+"\x00"+e.EventID, adsim.Item{
			ID: e.EventID, Account: dataset, Target: e.EventName, Value: e.Custom.Value.String(),
			Currency: e.Custom.Currency,
			Extra: map[string]string{
				"fbc": e.User.FBC, "fbp": e.User.FBP, "ip": e.User.IP, "action_source": e.ActionSource,
				"test_event_code": c.Test,
			},
		}, 48*time.Hour)
	}
	adsim.Reply(w, http.StatusOK, map[string]any{
		"events_received": len(c.Data), "messages": []string{}, "fbtrace_id": "AsimulatedTrace",
	})
}

// check refuses the whole call for one bad event, without naming it.
func (s simulation) check(c call) *problem {
	switch {
	case c.Token == "" || s.Revoked("facebook", c.Token):
		return &problem{500, 190, 460, "Error validating access token"}
	case len(c.Data) == 0:
		return &problem{400, 100, 0, "data is empty"}
	case len(c.Data) > 1000:
		return &problem{400, 100, 2804024, "Too many events"}
	}
	for _, e := range c.Data {
		if p := s.checkEvent(e); p != nil {
			return p
		}
	}
	return nil
}

// clickCookie is an fbc, and not one made of another.
var clickCookie = regexp.MustCompile(`^fb\.\d\.\d+\.(?:[^.f]|f[^b]|fb[^.])[^.]*(?:\.[\w-]+)?$`)

// marker: an fbclid that holds a code, such as "sim-803" or "sim-100-33", makes
// the call meet with it.
var marker = regexp.MustCompile(`sim-(\d+)(?:-(\d+))?`)

func marked(fbc string) *problem {
	m := marker.FindStringSubmatch(fbc)
	code, _ := strconv.Atoi(m[1])
	sub, _ := strconv.Atoi(m[2])
	return &problem{http.StatusBadRequest, code, sub, "Simulated error"}
}

func (s simulation) checkEvent(e event) *problem {
	at, now := time.Unix(e.EventTime, 0), s.Now()
	u := e.User
	identified := u.FBC != "" || u.FBP != "" || len(u.Email) > 0 || len(u.Phone) > 0 || len(u.ExternalID) > 0 ||
		u.IP != "" && u.UserAgent != ""
	switch {
	case at.Before(now.Add(-7 * 24 * time.Hour)):
		return &problem{400, 100, 2804003, "Event Timestamp Too Old"}
	case at.After(now.Add(time.Minute)):
		return &problem{400, 100, 2804004, "Event Timestamp In The Future"}
	case u.FBC != "" && !clickCookie.MatchString(u.FBC):
		return &problem{400, 100, 2804001, "Invalid fbc"}
	case e.EventName == "" || e.ActionSource == "":
		return &problem{400, 100, 2804001, "Missing required parameter"}
	case e.ActionSource == "business_messaging": // nothing that it needs is sent
		return &problem{400, 100, 2804066, "The event can not be used with this action source"}
	case !slices.Contains(published.ActionSources(), e.ActionSource):
		return &problem{400, 100, 2804001, "action_source is not known"}
	case marker.MatchString(u.FBC):
		return marked(u.FBC)
	case !identified:
		return &problem{400, 100, 2804050, "Not enough customer information"}
	case e.ActionSource == "website" && (u.UserAgent == "" || e.URL == ""):
		return &problem{400, 100, 2804016, "Website events need a user agent and an address"}
	case e.EventName == "Purchase" && (e.Custom.Value == "" || e.Custom.Currency == ""):
		return &problem{400, 100, 2804009, "Purchase needs value and currency"}
	}
	return nil
}
