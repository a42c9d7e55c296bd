package webhook

import (
	"encoding/json"
	"time"

	"github.com/tgtrack/tgtrack/domain"
)

// maxBody is the longest body; receivers need not take more than 20 kB.
const maxBody = 20_000

// Event is the body of a call.
type Event struct {
	Type      string `json:"type"`      // "conversion"; "ping" of a test
	Timestamp string `json:"timestamp"` // when it happened, RFC 3339, UTC
	Data      Data   `json:"data"`
}

// Data of a conversion. Fields may be added; none is renamed or removed.
type Data struct {
	ID         string         `json:"id"`       // of the conversion, as in webhook-id
	EventID    string         `json:"event_id"` // of the event that made it
	ProjectID  string         `json:"project_id"`
	Kind       string         `json:"kind"`   // "activation" (a start or join) or "goal"
	Target     string         `json:"target"` // goal, as the project calls it
	Name       string         `json:"name"`   // goal, as the account's goals call it
	Value      *domain.Amount `json:"value"`  // null without one
	Currency   string         `json:"currency,omitempty"`
	OccurredAt string         `json:"occurred_at"`
	Person     *Person        `json:"person"` // null for an anonymous start
	Source     string         `json:"source,omitempty"`
	EpisodeID  string         `json:"episode_id,omitempty"`
	Click      *Click         `json:"click"` // null for an organic person
	// Truncated tells that parts of the click were left out to keep the body
	// below 20 kB.
	Truncated bool `json:"truncated,omitempty"`
}

// Person who did it. The id is text: it may have more digits than a
// receiver's numbers hold.
type Person struct {
	Messenger string `json:"messenger"`
	UserID    int64  `json:"user_id,string"`
}

// Click that brought the person. Params are those of the link's address, the
// ad networks' click ids among them.
type Click struct {
	ID        string            `json:"id"`
	LinkID    string            `json:"link_id"`
	At        string            `json:"at"`
	URL       string            `json:"url,omitempty"`
	Referrer  string            `json:"referrer,omitempty"`
	IP        string            `json:"ip,omitempty"`
	UserAgent string            `json:"user_agent,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
}

// payload writes the body of a conversion.
func payload(c *domain.Conversion) ([]byte, error) {
	e := Event{Type: "conversion", Timestamp: wireTime(c.OccurredAt), Data: data(c)}
	b, err := json.Marshal(e)
	if err != nil || len(b) < maxBody || e.Data.Click == nil {
		return b, err
	}
	// The address repeats the parameters, so it goes first.
	e.Data.Truncated = true
	e.Data.Click.URL, e.Data.Click.Referrer = "", ""
	if b, err = json.Marshal(e); err != nil || len(b) < maxBody {
		return b, err
	}
	e.Data.Click.Params, e.Data.Click.UserAgent = nil, ""
	return json.Marshal(e)
}

func data(c *domain.Conversion) Data {
	d := Data{
		ID: c.ID, EventID: c.EventID, ProjectID: c.ProjectID, Kind: string(c.Kind), Target: c.Target, Name: c.Name,
		Value: c.Value, OccurredAt: wireTime(c.OccurredAt), Source: c.Source, EpisodeID: c.EpisodeID,
	}
	if c.Value != nil {
		d.Currency = c.Currency
	}
	if c.UserID != 0 {
		d.Person = &Person{Messenger: c.Messenger, UserID: c.UserID}
	}
	if k := c.Click; k != nil {
		d.Click = &Click{
			ID: k.ID, LinkID: k.LinkID, At: wireTime(k.At), URL: k.URL, Referrer: k.Referrer,
			IP: k.PublicIP(), UserAgent: k.UserAgent, Params: k.Params,
		}
	}
	return d
}

func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
