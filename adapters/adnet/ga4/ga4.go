// Package ga4 sends conversions to Google Analytics 4 by its Measurement
// Protocol: https://developers.google.com/analytics/devguides/collection/protocol/ga4.
// It feeds reports. It does not tell Google Ads of conversions: that is the
// google package.
package ga4

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/ga4/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// docs is the vendor's page on the interface.
const docs = "https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference"

// receiveAll is the setting that takes conversions without Analytics' cookie.
const receiveAll = "all"

// Sink delivers to Google Analytics.
type Sink struct {
	base string
	desc adnet.Descriptor
}

// New makes the sink with values of its options.
func New(v adnet.Values) *Sink {
	return &Sink{base: v.Or(options()).Address("base_url"), desc: describe()}
}

func options() []adnet.Option {
	return []adnet.Option{adnet.BaseURL("https://www.google-analytics.com")}
}

// Configured implements adnet.Configurable.
func (s *Sink) Configured(v adnet.Values) adnet.Sink { return New(v) }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends: "Measurement Protocol", Click: "cookie `_ga`", ClickRU: "cookie `_ga`",
		Data:    "one event with `client_id`",
		Repeats: "counted, but for `purchase` and `refund`; so not repeated", Outcome: "never",
	}
}

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

func describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "ga4", Title: "Google Analytics 4", ClickIDs: []string{cookie}, Batch: 1, Docs: docs,
		Window: 3*24*time.Hour - time.Hour, Options: options(), About: about(),
		Cookies: []adnet.Cookie{{Name: cookie}, {Name: cookie + "_*"}},
		Says:    says(),
		Fields: []adnet.Field{
			{Name: "measurement_id", Required: true, Kind: adnet.Text,
				Label:   "Measurement ID",
				Help:    "Analytics, Admin, Data streams, your web stream: Measurement ID, G-…",
				LabelRU: "Идентификатор потока",
				HelpRU: "Аналитика, «Администратор», «Потоки данных», " +
					"ваш веб-поток: идентификатор показателя, G-…",
			},
			{Name: "api_secret", Required: true, Secret: true, Kind: adnet.Text,
				Label: "API secret",
				Help: "Analytics, Admin, Data streams, your web stream, Measurement Protocol API " +
					"secrets.",
				LabelRU: "Секретный ключ API",
				HelpRU: "Аналитика, «Администратор», «Потоки данных», " +
					"ваш веб-поток, «Секретные ключи Measurement Protocol API».",
			},
			{Name: "receive", Kind: adnet.Enum, Values: []string{"matched", receiveAll},
				Label: "Whose conversions",
				Help: "matched: clicks that carry Analytics' cookie _ga; all: everybody, others " +
					"as new users without a source.",
				LabelRU: "Чьи конверсии отправлять",
				HelpRU: "matched: кликов, у которых есть cookie Аналитики _ga; all: всех, " +
					"остальные будут новыми пользователями без источника.",
			},
			adnet.ResendField(),
			adnet.ProxyField(),
		},
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	if !strings.HasPrefix(strings.TrimSpace(st.Text("measurement_id")), "G-") {
		return nil, domain.Invalid("settings.measurement_id",
			"must be a web stream's Measurement ID, which begins with G-")
	}
	return nil, nil
}

// Receives implements adnet.Receiver.
func (s *Sink) Receives(st adnet.Settings, click *domain.Click) bool {
	return st.Text("receive") == receiveAll || cookieID(click) != ""
}

// SampleClick implements adnet.Sampler.
func (s *Sink) SampleClick(adnet.Settings) map[string]string {
	return map[string]string{cookie: "GA1.1.1234567890.1234567890"}
}

// Deliver implements adnet.Sink.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	vs := make([]adnet.Verdict, len(cs))
	for i := range cs {
		if reason := badName(cs[i].Name); reason != "" {
			vs[i] = adnet.Verdict{Class: adnet.Rejected, Reason: reason}
			continue
		}
		ex := s.post(ctx, a, "/mp/collect", newCall(a, &cs[i]))
		vs[i] = classify(ex.ans, ex.err, a)
		if ex.req != nil {
			vs[i] = s.mask(a).Alone(vs[i], &cs[i], ex.req, ex.body, ex.ans, ex.err)
		}
	}
	return vs
}

// mask hides the secret also as it is sent, without the blanks it may have
// been entered with.
func (s *Sink) mask(a adnet.Account) adnet.Mask {
	return adnet.NewMask(s.Describe(), a.Settings, strings.TrimSpace(a.Settings.Text("api_secret")))
}

// exchange is one call and what came back; without a request none was made.
type exchange struct {
	req  *http.Request
	body string
	ans  adnet.Answer
	err  error
}

// post makes one call. The secret stands in the address, because the protocol
// knows no other place for it.
func (s *Sink) post(ctx context.Context, a adnet.Account, path string, c call) exchange {
	secret := strings.TrimSpace(a.Settings.Text("api_secret"))
	q := "?measurement_id=" + url.QueryEscape(measurementID(a)) + "&api_secret=" + url.QueryEscape(secret)
	body, err := json.Marshal(c)
	if err != nil {
		return exchange{err: fmt.Errorf("write the event: %w", err)}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+path+q, bytes.NewReader(body))
	if err != nil {
		return exchange{err: &adnet.BlockedError{Why: "the address of Analytics can not be built"}}
	}
	req.Header.Set("Content-Type", "application/json")
	ans, err := adnet.Do(ctx, a.Client, req, 0)
	return exchange{req, string(body), ans, err}
}

func measurementID(a adnet.Account) string {
	return strings.TrimSpace(a.Settings.Text("measurement_id"))
}

// classify reads an answer. Analytics says 2xx to everything, rubbish
// included, so there is nothing in the body; it drops no repeats.
func classify(ans adnet.Answer, err error, a adnet.Account) adnet.Verdict {
	after := adnet.RetryAfter(ans.Header, a.Now)
	said := fmt.Sprintf("Analytics answered %d", ans.Status)
	switch {
	case ans.Status == 0:
		return adnet.Failed(err, a.Settings.Bool(adnet.ResendField().Name))
	case ans.OK():
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, Reason: said, After: after}
	case ans.Status == http.StatusRequestTimeout, ans.Status >= 500:
		return adnet.Verdict{Class: adnet.Retry, Reason: said, After: after}
	}
	return adnet.Verdict{Class: adnet.Misconfigured, Reason: said + "; check measurement_id and api_secret"}
}

// Test implements adnet.Tester by the validation server, which counts nothing:
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events
func (s *Sink) Test(ctx context.Context, a adnet.Account) adnet.TestResult {
	c := newCall(a, &domain.Conversion{Name: "tgtrack_test", OccurredAt: a.Now, ProjectID: "test"})
	c.Validation = "ENFORCE_RECOMMENDATIONS"
	ex := s.post(ctx, a, "/debug/mp/collect", c)
	if v := classify(ex.ans, ex.err, a); v.Class != adnet.Delivered {
		return adnet.TestResult{Problems: []string{v.Reason}, Class: v.Class}
	}
	var b struct {
		Messages []struct {
			Field       string `json:"fieldPath"`
			Description string `json:"description"`
			Code        string `json:"validationCode"`
		} `json:"validationMessages"`
	}
	if ex.err != nil || json.Unmarshal(ex.ans.Body, &b) != nil {
		return adnet.TestResult{Problems: []string{"the validation server's answer can not be read"},
			Class: adnet.Retry}
	}
	r := adnet.TestResult{NotChecked: []string{"api_secret and whether the stream exists:" +
		" Analytics checks neither and never says so; look at Realtime or DebugView after a real event"}}
	for _, m := range b.Messages {
		said := s.mask(a).Hide(strings.Join([]string{m.Code, m.Field, m.Description}, " "))
		r.Problems = append(r.Problems, "the validation server says: "+adnet.Clip(said, 300))
	}
	if len(r.Problems) > 0 {
		r.Class = adnet.Misconfigured
		return r
	}
	r.OK, r.Checked = true, []string{"the validation server found nothing wrong with an event"}
	return r
}
