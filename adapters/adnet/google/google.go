// Package google sends conversions of ad clicks to Google Ads by the Data
// Manager API: https://developers.google.com/data-manager/api. It does not
// speak the Google Ads API, which takes no new users for uploads, and it is
// not Analytics: that is the ga4 package.
//
// Google refuses a call for one bad event and reports outcomes as counts, so
// a call carries one event: each conversion gets a verdict of its own.
package google

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/google/published"
	"github.com/tgtrack/tgtrack/adapters/adnet/google/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// docs is the vendor's page on the interface.
const docs = "https://developers.google.com/data-manager/api/devguides/events/google-ads/offline/send-events"

// Sink delivers to Google Ads. It keeps access tokens in memory and is safe
// for concurrent use.
type Sink struct {
	base, oauth string
	// minClickAge is how old a click must be: Google does not know younger ones
	// yet. What Google calls too recent waits as long.
	minClickAge time.Duration
	// pollAfter is when an accepted conversion is first looked at. Later looks
	// are further and further apart, up to a day.
	pollAfter time.Duration
	// What Google answers, and what it means.
	processing, statuses, refusals, access adnet.Published
	desc                                   adnet.Descriptor // asked for with each call

	mu     sync.Mutex
	tokens map[credential]token
	flight singleflight.Group
}

// New makes the sink with values of its options.
func New(v adnet.Values) *Sink {
	v = v.Or(options())
	s := &Sink{
		base: v.Address("base_url"), oauth: v.Address("google_oauth.base_url"),
		minClickAge: v.Duration("min_click_age"),
		pollAfter:   v.Duration("poll_after"), tokens: map[credential]token{},
		processing: published.Processing(), statuses: published.RequestStatuses(),
		refusals: published.Refusals(), access: published.Access(),
	}
	s.desc = s.describe()
	return s
}

func options() []adnet.Option {
	oauth := adnet.BaseURL("https://oauth2.googleapis.com")
	oauth.Name, oauth.Help = "google_oauth.base_url", "Google: access tokens."
	return []adnet.Option{
		adnet.BaseURL("https://datamanager.googleapis.com"),
		{Name: "min_click_age", Kind: adnet.Duration, Default: "6h",
			Help: "How old a click must be before its conversion is sent."},
		{Name: "poll_after", Kind: adnet.Duration, Default: "30m", Least: time.Millisecond,
			Help: "First look at what became of an event."},
		oauth,
	}
}

// Configured implements adnet.Configurable.
func (s *Sink) Configured(v adnet.Values) adnet.Sink { return New(v) }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends: "Data Manager", Data: "one event, `transactionId` is the conversion's id",
		Repeats: "harmless: the same `transactionId` with the same value is dropped",
		Outcome: "later, per event",
	}
}

// Published implements adnet.Publisher.
func (s *Sink) Published() []adnet.Published {
	return []adnet.Published{
		s.processing, s.statuses, s.refusals, s.access, published.FieldWarnings(), published.ProcessingWarnings(),
	}
}

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

func (s *Sink) describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "google", Title: "Google Ads (Data Manager)", TitleRU: "Google Реклама (Data Manager)",
		ClickIDs: clickIDs(), Batch: 1, Dedup: true, Async: true, FromClick: true, Hold: s.minClickAge,
		Window: 90 * 24 * time.Hour, Docs: docs, Fields: fields(), Options: options(), About: about(), Says: says(),
	}
}

// clickIDs in the order of their worth: one of them is sent.
func clickIDs() []string { return []string{"gclid", "gbraid", "wbraid"} }

// Limits implements adnet.Limiter: 300 calls a minute for a Cloud project,
// which the credential stands for.
// https://developers.google.com/data-manager/api/devguides/limits
func (s *Sink) Limits(st adnet.Settings) adnet.Limits {
	key := st.Text("client_id")
	if sa, err := parseServiceAccount(st.Text("service_account")); err == nil {
		key = sa.Email
	}
	return adnet.Limits{Key: key, PerSecond: 5}
}

// Deliver implements adnet.Sink.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	vs := make([]adnet.Verdict, len(cs))
	for i := range cs {
		vs[i] = s.deliver(ctx, a, &cs[i])
	}
	return vs
}

func (s *Sink) deliver(ctx context.Context, a adnet.Account, c *domain.Conversion) adnet.Verdict {
	action := conversionAction(a.Settings, c)
	switch {
	case action == "":
		return adnet.Verdict{
			Class: adnet.Rejected,
			Reason: fmt.Sprintf("no conversion action for %q; name its id in the account's "+
				"conversion_actions",
				adnet.Clip(c.Name, 60)),
		}
	case clickID(c.Click) == nil:
		return adnet.Verdict{Class: adnet.Rejected, Reason: "the click has no gclid, gbraid or wbraid"}
	}
	if wait := c.Click.At.Add(s.minClickAge).Sub(a.Now); wait > 0 {
		return adnet.Verdict{
			Class: adnet.Hold, After: wait,
			Reason: "Google knows a click only " + s.minClickAge.String() + " after it was made",
		}
	}
	row, err := json.Marshal(newEvent(a, c))
	if err != nil {
		return adnet.Verdict{Class: adnet.Rejected, Reason: "the event can not be written as JSON"}
	}
	r := s.call(ctx, a, http.MethodPost, "/v1/events:ingest", &ingest{
		Destinations: []destination{newDestination(a.Settings, action)}, Events: []json.RawMessage{row},
	})
	one := r.mask
	r.mask = r.mask.Of([]domain.Conversion{*c})
	v := s.ingested(r, a)
	if r.made != nil {
		shared, own := s.divided(r.ans, r.mask)
		r.made.Response, r.made.Upload = r.mask.Keep(shared), r.mask.Keep(requestID(r.ans.Body))
		v.Exchange, v.Row, v.RowAnswer = r.made, one.Row(string(row), c), one.Row(own, c)
	}
	return v
}

// ingested reads the answer to an ingest call.
func (s *Sink) ingested(r result, a adnet.Account) adnet.Verdict {
	if r.failed != nil {
		return *r.failed
	}
	if !r.ans.OK() {
		return s.refused(r.ans, a.Now, r.mask)
	}
	id := requestID(r.ans.Body)
	if r.err != nil || id == "" {
		return adnet.Verdict{Class: adnet.Retry, Reason: "Google's answer can not be read"}
	}
	warning := fieldWarning(r.ans.Body, r.mask)
	return adnet.Verdict{
		Class: adnet.Accepted, After: s.pollAfter, Handle: newHandle(a.Now, id, warning),
		Reason: warning, Warning: warning,
	}
}
