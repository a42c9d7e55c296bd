package tiktok

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// call is the body of an event/track call; Data is the events, or how many
// when the call is shown:
// https://business-api.tiktok.com/portal/docs?id=1771100779668482
type call struct {
	EventSource   string `json:"event_source"`
	EventSourceID string `json:"event_source_id"`
	TestEventCode string `json:"test_event_code,omitempty"`
	Data          any    `json:"data"`
}

type event struct {
	Event      string      `json:"event"`
	EventTime  int64       `json:"event_time"` // Unix seconds
	EventID    string      `json:"event_id"`   // with event, dropped when it comes again within 48 h
	User       user        `json:"user"`
	Properties *properties `json:"properties,omitempty"`
	Page       *page       `json:"page,omitempty"`
}

// user: ids of people are hashed, those of browsers and clicks never.
type user struct {
	TTClID     string `json:"ttclid,omitempty"`
	TTP        string `json:"ttp,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	IP         string `json:"ip,omitempty"`
	UserAgent  string `json:"user_agent,omitempty"`
}

type properties struct {
	Value    *domain.Amount `json:"value"`
	Currency string         `json:"currency"`
}

type page struct {
	URL      string `json:"url"`
	Referrer string `json:"referrer,omitempty"`
}

// newEvent writes a conversion; one from the future, by a clock that runs
// ahead, happened now.
func newEvent(c *domain.Conversion, now time.Time) event {
	at := c.OccurredAt
	if at.After(now) {
		at = now
	}
	k := c.Click
	e := event{
		Event: c.Name, EventTime: at.Unix(), EventID: c.ID,
		User: user{
			TTClID: k.Param("ttclid"), TTP: k.Param("_ttp"), ExternalID: externalID(c), IP: k.PublicIP(),
			UserAgent: k.UserAgent,
		},
	}
	if c.Value != nil {
		e.Properties = &properties{Value: c.Value, Currency: strings.ToUpper(c.Currency)}
	}
	if u := ownParams(k.URL); u != "" {
		e.Page = &page{URL: u, Referrer: ownParams(k.Referrer)}
	}
	return e
}

// externalID names a person for TikTok. The project is part of what is
// hashed: ids of Telegram are few enough to be guessed from a bare hash.
func externalID(c *domain.Conversion) string {
	if c.UserID == 0 {
		return ""
	}
	return hashed(c.ProjectID + ":" + c.Messenger + ":" + strconv.FormatInt(c.UserID, 10))
}

func hashed(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// ownParams takes everything off an address that is not TikTok's or a UTM
// tag: click ids of other networks are not its business.
func ownParams(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	var kept []string
	for p := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(p, "=")
		if name == "ttclid" || strings.HasPrefix(name, "utm_") {
			kept = append(kept, p)
		}
	}
	u.RawQuery, u.Fragment, u.User = strings.Join(kept, "&"), "", nil
	return u.String()
}
