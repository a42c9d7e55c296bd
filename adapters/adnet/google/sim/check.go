package sim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet/google/published"
)

// call is all that the simulated Data Manager knows of a call; a field
// it does not know is refused, as by the real one.
// https://developers.google.com/data-manager/api/reference/rest/v1/events/ingest
type call struct {
	Destinations []destination `json:"destinations"`
	Events       []event       `json:"events"`
	ValidateOnly bool          `json:"validateOnly"`
	Encoding     string        `json:"encoding"`
}

type destination struct {
	Operating account  `json:"operatingAccount"`
	Login     *account `json:"loginAccount"`
	Product   string   `json:"productDestinationId"`
}

type account struct {
	Type string `json:"accountType"`
	ID   string `json:"accountId"`
}

type event struct {
	Timestamp     string            `json:"eventTimestamp"`
	Transaction   string            `json:"transactionId"`
	Source        string            `json:"eventSource"`
	AdIdentifiers map[string]string `json:"adIdentifiers"`
	Value         json.Number       `json:"conversionValue"`
	Currency      string            `json:"currency"`
	Consent       *struct {
		UserData        string `json:"adUserData"`
		Personalization string `json:"adPersonalization"`
	} `json:"consent"`
}

var (
	digits   = regexp.MustCompile(`^\d+$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// violations are all that is wrong with a call; any of them refuses it all.
func (g *manager) violations(c call) []violation {
	var vs []violation
	bad := func(field, reason, text string) { vs = append(vs, violation{field, text, reason}) }
	if n := len(c.Destinations); n < 1 || n > 10 {
		bad("destinations", "REQUIRED_FIELD_MISSING", "Between 1 and 10 destinations.")
	}
	for i, d := range c.Destinations {
		field := fmt.Sprintf("destinations[%d].", i)
		if d.Operating.Type != "GOOGLE_ADS" || !digits.MatchString(d.Operating.ID) {
			bad(field+"operating_account.account_id", "INVALID_ACCOUNT_ID",
				"The account id must have digits only.")
		}
		if d.Login != nil && !digits.MatchString(d.Login.ID) {
			bad(field+"login_account.account_id", "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH",
				"The login account has no access.")
		}
		if !digits.MatchString(d.Product) {
			bad(field+"product_destination_id", "INVALID_CONVERSION_ACTION_ID",
				"The conversion action id is not valid.")
		}
	}
	if n := len(c.Events); n < 1 || n > 2000 {
		bad("events", "TOO_MANY_EVENTS", "Between 1 and 2000 events.")
	}
	for i, e := range c.Events {
		vs = append(vs, g.eventViolations(fmt.Sprintf("events[%d]", i), e)...)
	}
	return vs
}

func (g *manager) eventViolations(field string, e event) []violation {
	var vs []violation
	bad := func(name, reason, text string) { vs = append(vs, violation{field + name, text, reason}) }
	at, err := time.Parse(time.RFC3339Nano, e.Timestamp)
	switch {
	case e.Timestamp == "":
		bad(".event_timestamp", "REQUIRED_FIELD_MISSING", "The event timestamp is missing.")
	case err != nil || at.After(g.Now().Add(time.Hour)):
		bad(".event_timestamp", "EVENT_TIME_INVALID", "The event timestamp is not valid.")
	}
	switch sources := published.EventSources(); {
	case e.Source == "":
		bad(".event_source", "REQUIRED_FIELD_MISSING", "The event source is missing.")
	case !slices.Contains(sources, e.Source):
		bad(".event_source", "INVALID_ENUM_VALUE", "The event source is not known.")
	}
	if len(e.AdIdentifiers) == 0 {
		bad("", "NO_IDENTIFIERS_PROVIDED", "No identifiers were provided.")
	}
	for name := range e.AdIdentifiers {
		if !slices.Contains([]string{"gclid", "gbraid", "wbraid"}, name) {
			bad(".ad_identifiers."+name, "INVALID_FIELD", "The identifier is not known.")
		}
	}
	if e.Value != "" && !currency.MatchString(e.Currency) {
		bad(".currency", "INVALID_CURRENCY_CODE", "A value needs a currency of three letters.")
	}
	if e.Consent != nil {
		for _, v := range []string{e.Consent.UserData, e.Consent.Personalization} {
			if v != "" && !slices.Contains(published.ConsentStatuses(), v) {
				bad(".consent", "INVALID_ENUM_VALUE", "The consent is not known.")
			}
		}
	}
	return vs
}
