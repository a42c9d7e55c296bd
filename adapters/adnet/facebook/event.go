package facebook

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook/published"
	"github.com/tgtrack/tgtrack/domain"
)

// call is a body: Data is the events, or how many when the call is shown.
type call struct {
	Data  any    `json:"data"`
	Token string `json:"access_token"` // in the body: an address ends up in logs
	Test  string `json:"test_event_code,omitempty"`
}

// event of a call.
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/server-event
type event struct {
	EventName      string  `json:"event_name"`
	EventTime      int64   `json:"event_time"` // Unix seconds
	EventID        string  `json:"event_id"`
	ActionSource   string  `json:"action_source"`
	EventSourceURL string  `json:"event_source_url,omitempty"`
	User           user    `json:"user_data"`
	Custom         *custom `json:"custom_data,omitempty"`
}

// user says whose event it is. Only external_id is hashed; Meta wants the
// others as they are.
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/customer-information-parameters
type user struct {
	ExternalID []string `json:"external_id,omitempty"`
	FBC        string   `json:"fbc,omitempty"`
	FBP        string   `json:"fbp,omitempty"`
	IP         string   `json:"client_ip_address,omitempty"`
	UserAgent  string   `json:"client_user_agent,omitempty"`
}

type custom struct {
	Value    *domain.Amount `json:"value"`
	Currency string         `json:"currency"`
}

// newEvent makes an event, or says why Meta would refuse it: one bad event
// refuses the whole call, so what is known to be bad never goes into one.
func newEvent(a adnet.Account, c domain.Conversion) (event, string) {
	e := event{EventName: c.Name, EventID: c.ID, EventTime: min(c.OccurredAt.Unix(), a.Now.Unix()),
		User: newUser(c)}
	if c.Value != nil && c.Currency != "" {
		e.Custom = &custom{c.Value, c.Currency}
	}
	if c.Click != nil {
		e.EventSourceURL = pageURL(c.Click.URL)
	}
	e.ActionSource = source(a.Settings.Text("action_source"), e)
	switch {
	case e.EventName == "":
		return e, "the event has no name"
	case c.Value != nil && c.Currency == "":
		return e, "a value needs a currency"
	case e.EventName == "Purchase" && e.Custom == nil:
		return e, "Meta takes Purchase only with a value: send an amount with the goal, or map it to " +
			"another name"
	case !e.User.recognisable():
		return e, "there is nothing Meta could recognise the person by: no fbclid, no fbp, no address with " +
			"browser"
	}
	return e, ""
}

func newUser(c domain.Conversion) user {
	u := user{}
	if c.UserID != 0 {
		u.ExternalID = []string{externalID(&c)}
	}
	if c.Click == nil {
		return u
	}
	u.FBC, u.FBP = unwrap(c.Click.Cookie(clickCookie)), c.Click.Cookie(browserCookie)
	u.IP, u.UserAgent = c.Click.PublicIP(), c.Click.UserAgent
	// A cookie of an earlier ad says less than the id of this click.
	if id := c.Click.Param("fbclid"); id != "" && !strings.Contains(u.FBC, unwrap(id)) {
		u.FBC = clickID(id, c.Click.At)
	}
	return u
}

// recognisable tells whether Meta could know the person of an event.
func (u user) recognisable() bool {
	return u.FBC != "" || u.FBP != "" || u.IP != "" && u.UserAgent != ""
}

// externalID is the same person's in all events of a project and nobody
// else's, and does not give the messenger's id away. Of Telegram it is as it was
// before there were other messengers.
func externalID(c *domain.Conversion) string {
	who := c.ProjectID + ":" + strconv.FormatInt(c.UserID, 10)
	if c.Messenger != "" && c.Messenger != domain.Telegram {
		who = c.Messenger + ":" + who
	}
	sum := sha256.Sum256([]byte(who))
	return hex.EncodeToString(sum[:])
}

// source: website needs browser and page, else the call is refused. A setting
// that is no longer offered was refused by Meta for each event and is taken for
// auto: the account works without anybody's doing, and is shown that it should
// be changed.
func source(setting string, e event) string {
	full := e.User.UserAgent != "" && e.EventSourceURL != ""
	switch {
	case setting != "" && setting != "auto" && setting != "website" && slices.Contains(published.ActionSources(), setting):
		return setting
	case full && (setting == "website" || e.User.IP != ""):
		return "website"
	}
	return "chat"
}

// pageURL is the address of the click with its own click id and UTM. What
// else stood there is not Meta's: ids of other networks, personal data.
func pageURL(full string) string {
	base, query, _ := strings.Cut(full, "?")
	query, _, _ = strings.Cut(query, "#")
	var kept []string
	for p := range strings.SplitSeq(query, "&") {
		id, isID := strings.CutPrefix(p, "fbclid=")
		if isID && domain.Value(id) != "" || strings.HasPrefix(p, "utm_") {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return base
	}
	return base + "?" + strings.Join(kept, "&")
}
