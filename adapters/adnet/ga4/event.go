package ga4

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/domain"
)

// cookie is the parameter of a click in which a landing page hands on the
// cookie of Analytics; that of a stream has the stream's id behind it.
const cookie = "_ga"

// call is the body of a collect call:
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
type call struct {
	ClientID   string  `json:"client_id"`
	Timestamp  int64   `json:"timestamp_micros"`
	Validation string  `json:"validation_behavior,omitempty"`
	Events     []event `json:"events"`
}

type event struct {
	Name   string `json:"name"`
	Params params `json:"params"`
}

// params: without session_id and engagement_time_msec an event is in no
// session and missing from many reports.
type params struct {
	SessionID   string         `json:"session_id,omitempty"`
	Engagement  int            `json:"engagement_time_msec"`
	Transaction string         `json:"transaction_id,omitempty"`
	Value       *domain.Amount `json:"value,omitempty"`
	Currency    string         `json:"currency,omitempty"`
}

func newCall(a adnet.Account, c *domain.Conversion) call {
	at := c.OccurredAt
	if at.After(a.Now) {
		at = a.Now
	}
	p := params{SessionID: sessionID(c.Click, measurementID(a)), Engagement: 1}
	if c.Value != nil {
		p.Value, p.Currency = c.Value, strings.ToUpper(c.Currency)
	}
	if c.Name == "purchase" || c.Name == "refund" {
		p.Transaction = c.ID // the only events of which repeats are dropped
	}
	return call{ClientID: clientID(c), Timestamp: at.UnixMicro(), Events: []event{{Name: c.Name, Params: p}}}
}

// gaCookie is "GA1.1.1234567890.1690000000": version, depth of the domain,
// and the two numbers that are the client's id. What a page hands on that
// Analytics was blocked on is no cookie: "undefined", "null".
var gaCookie = regexp.MustCompile(`^(?:GA\d+\.[\d-]+\.)?(\d+\.\d+)$`)

// cookieID is the client's id in the cookie of a click, "" where it has none.
func cookieID(k *domain.Click) string {
	if m := gaCookie.FindStringSubmatch(k.Param(cookie)); m != nil {
		return m[1]
	}
	return ""
}

// clientID of Analytics' cookie; else one of our own that stays the same for
// a person, so that their events are one user's.
func clientID(c *domain.Conversion) string {
	if id := cookieID(c.Click); id != "" {
		return id
	}
	who := c.ProjectID + ":" + c.Messenger + ":" + strconv.FormatInt(c.UserID, 10)
	if c.UserID == 0 {
		who = c.ProjectID + ":" + c.ID
	}
	h := sha256.Sum256([]byte(who))
	return fmt.Sprintf("%d.%d", binary.BigEndian.Uint32(h[:4]), binary.BigEndian.Uint32(h[4:8]))
}

// streamCookie is "GS1.1.1690000000.2.0.…" or "GS2.1.s1690000000$o2$…"; the
// third part is the session's id.
var streamCookie = regexp.MustCompile(`^GS\d+\.\d+\.s?(\d+)`)

// sessionID of the session in which the click was made, "" if not known.
func sessionID(k *domain.Click, measurementID string) string {
	m := streamCookie.FindStringSubmatch(k.Param(cookie + "_" + strings.TrimPrefix(measurementID, "G-")))
	if m == nil {
		return ""
	}
	return m[1]
}

// eventName is what Analytics takes; everything else it drops in silence.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events#limitations
var eventName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`)

// badName says why an event can not have the name, "" when it can.
func badName(name string) string {
	const remedy = "; give it another name in the account's goals"
	shown := adnet.Clip(name, 60)
	if !eventName.MatchString(name) {
		return fmt.Sprintf("Analytics takes at most 40 Latin letters, digits and _ as an event's name,"+
			" a letter first, not %q", shown) + remedy
	}
	for _, p := range []string{"firebase_", "ga_", "google_"} {
		if strings.HasPrefix(name, p) {
			return fmt.Sprintf("Analytics keeps names that begin with %s for itself, such as %q", p, shown) + remedy
		}
	}
	if slices.Contains(reserved(), name) {
		return fmt.Sprintf("Analytics keeps the name %q for itself", shown) + remedy
	}
	return ""
}

// reserved names of events.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference#reserved_event_names
func reserved() []string {
	return []string{
		"ad_activeview", "ad_click", "ad_exposure", "ad_query", "ad_reward", "adunit_exposure",
		"app_background", "app_clear_data", "app_exception", "app_remove", "app_store_refund",
		"app_store_subscription_cancel", "app_store_subscription_convert", "app_store_subscription_renew",
		"app_update", "app_upgrade", "dynamic_link_app_open", "dynamic_link_app_update", "dynamic_link_first_open",
		"error", "first_open", "first_visit", "in_app_purchase",
		"notification_dismiss", "notification_foreground", "notification_open", "notification_receive",
		"os_update", "session_start", "user_engagement",
	}
}
