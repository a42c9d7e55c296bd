package google

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// ingest is the body of an events:ingest call; Events is a list, or how many
// when the call is shown:
// https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest
type ingest struct {
	Destinations []destination `json:"destinations"`
	Events       any           `json:"events"`
	ValidateOnly bool          `json:"validateOnly,omitempty"`
}

type destination struct {
	Operating account  `json:"operatingAccount"` // owns the conversion action
	Login     *account `json:"loginAccount,omitempty"`
	Product   string   `json:"productDestinationId"` // conversion action
}

type account struct {
	Type string `json:"accountType"`
	ID   string `json:"accountId"`
}

type event struct {
	Timestamp string `json:"eventTimestamp"`
	// Transaction makes a repeat a duplicate within the conversion action.
	Transaction   string            `json:"transactionId"`
	Source        string            `json:"eventSource"`
	AdIdentifiers map[string]string `json:"adIdentifiers"`
	Value         *domain.Amount    `json:"conversionValue,omitempty"`
	Currency      string            `json:"currency,omitempty"`
	Consent       *consent          `json:"consent,omitempty"`
}

type consent struct {
	UserData        string `json:"adUserData,omitempty"`
	Personalization string `json:"adPersonalization,omitempty"`
}

func newEvent(a adnet.Account, c *domain.Conversion) event {
	at := c.OccurredAt
	if c.Click.At.After(at) { // by whichever clock told it; Google links nothing that precedes its click
		at = c.Click.At
	}
	if at.After(a.Now) {
		at = a.Now
	}
	e := event{
		Timestamp: at.UTC().Format(time.RFC3339Nano), Transaction: c.ID, Source: eventSource(a.Settings),
		AdIdentifiers: clickID(c.Click), Consent: newConsent(a.Settings),
	}
	if c.Value != nil {
		e.Value, e.Currency = c.Value, strings.ToUpper(c.Currency)
	}
	return e
}

func newDestination(st adnet.Settings, action string) destination {
	d := destination{Operating: account{"GOOGLE_ADS", accountNumber(st.Text("customer_id"))}, Product: action}
	if id := accountNumber(st.Text("login_customer_id")); id != "" {
		d.Login = &account{"GOOGLE_ADS", id}
	}
	return d
}

func eventSource(st adnet.Settings) string {
	if v := st.Text("event_source"); v != "" {
		return v
	}
	return "WEB"
}

// newConsent says what the settings say and nothing when they say nothing.
func newConsent(st adnet.Settings) *consent {
	wire := func(name string) string {
		switch st.Text(name) {
		case "granted":
			return "CONSENT_GRANTED"
		case "denied":
			return "CONSENT_DENIED"
		}
		return ""
	}
	c := consent{wire("consent_ad_user_data"), wire("consent_ad_personalization")}
	if c == (consent{}) {
		return nil
	}
	return &c
}

// clickID is the one identifier of a click that is sent, nil if it has none.
func clickID(k *domain.Click) map[string]string {
	for _, name := range clickIDs() {
		if v := k.Param(name); v != "" {
			return map[string]string{name: v}
		}
	}
	return nil
}

func requestID(body []byte) string {
	var b struct {
		RequestID string `json:"requestId"`
	}
	_ = json.Unmarshal(body, &b) // an answer without an id is judged by the caller
	return b.RequestID
}
