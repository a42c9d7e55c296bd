// Package webhook sends conversions to an address of the customer's own, as
// Standard Webhooks: https://www.standardwebhooks.com. It is the way into a
// CRM or a customer's own service. It is not for trackers and CPA networks,
// whose addresses carry macros: those are the postback's.
//
// Each call is a POST of
//
//	{"type": "conversion", "timestamp": "2026-11-20T10:00:00Z", "data": {…}}
//
// where timestamp is when the fact happened. See Data for what it holds.
// Headers are webhook-id (the conversion's id, the same over all attempts, so
// that a receiver can drop repeats), webhook-timestamp (Unix seconds of this
// attempt) and webhook-signature. An answer of 2xx is a delivery; 410 switches
// the account off; 408, 425, 429 and 5xx are tried again.
package webhook

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/webhook/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// Docs is the page of the specification.
const docs = "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"

// receiveAll is the setting that takes conversions of organic people too.
const receiveAll = "all"

// Sink delivers to customers' addresses.
type Sink struct{ desc adnet.Descriptor }

// New makes the sink.
func New() *Sink { return &Sink{desc: describe()} }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends: "a call of your own program", SendsRU: "вызов вашей программы", Click: "any", ClickRU: "любой",
		Data: "a signed JSON document", Repeats: "harmless: the receiver drops by `webhook-id`",
		Outcome: "by the HTTP status",
	}
}

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

func describe() adnet.Descriptor {
	return adnet.Descriptor{
		// Receivers drop repeats by webhook-id, so a lost answer is asked for again.
		Name: "webhook", Title: "Webhook (Standard Webhooks)", TitleRU: "Вебхук (Standard Webhooks)", Batch: 1,
		Dedup: true, Docs: docs, Window: 30 * 24 * time.Hour, About: about(),
		Says: says(),
		Fields: []adnet.Field{
			{Name: "url", Required: true, Secret: true, Kind: adnet.URL,
				Label: "Address", Help: "Address of your service that takes POST requests.",
				LabelRU: "Адрес",
				HelpRU:  "Адрес вашего сервиса, который принимает запросы POST.",
			},
			{Name: "secret", Secret: true, Kind: adnet.Text,
				Label:   "Signing key",
				Help:    "Key of the signature, whsec_ and base64; made for you when empty.",
				LabelRU: "Ключ подписи",
				HelpRU:  "whsec_ и base64; оставьте пустым, и ключ будет создан.",
			},
			{Name: "previous_secret", Secret: true, Kind: adnet.Text,
				Label:   "Previous signing key",
				Help:    "The key before this one: while it stands here, calls carry both signatures.",
				LabelRU: "Прежний ключ подписи",
				HelpRU: "Ключ, который был до этого: " +
					"пока он указан, запросы подписаны обоими.",
			},
			{Name: "receive", Kind: adnet.Enum, Values: []string{"matched", receiveAll},
				Label:   "Whose conversions",
				Help:    "matched: people who came by a click; all: everybody, organic people too.",
				LabelRU: "Чьи конверсии отправлять",
				HelpRU: "matched: тех, кто пришёл по клику; " +
					"all: всех, в том числе пришедших сами.",
			},
		},
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	var warnings []string
	for _, name := range []string{"secret", "previous_secret"} {
		if st.Text(name) == "" {
			continue
		}
		k, err := key(st.Text(name))
		if err != nil {
			return nil, domain.Invalid("settings."+name,
				"must be whsec_ followed by base64 of 24 to 64 random bytes, or empty")
		}
		if len(k) < minKey || len(k) > maxKey {
			warnings = append(warnings, fmt.Sprintf("%s has %d bytes; receivers expect %d to %d", name,
				len(k), minKey, maxKey))
		}
	}
	if st.Text("secret") == "" && st.Text("previous_secret") != "" {
		return nil, domain.Invalid("settings.secret", "is required beside previous_secret")
	}
	return warnings, nil
}

// MakeSecrets implements adnet.SecretMaker.
func (s *Sink) MakeSecrets(st adnet.Settings) (map[string]string, error) {
	if strings.TrimSpace(st.Text("secret")) != "" {
		return nil, nil
	}
	secret, err := NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	return map[string]string{"secret": secret}, nil
}

// Receives implements adnet.Receiver.
func (s *Sink) Receives(st adnet.Settings, click *domain.Click) bool {
	return click != nil || st.Text("receive") == receiveAll
}

// Deliver implements adnet.Sink.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	vs := make([]adnet.Verdict, len(cs))
	for i := range cs {
		body, err := payload(&cs[i])
		if err != nil {
			vs[i] = adnet.Verdict{Class: adnet.Rejected,
				Reason: "the conversion can not be written as JSON"}
			continue
		}
		vs[i] = s.post(ctx, a, cs[i].ID, body, adnet.NewMask(s.Describe(), a.Settings), &cs[i])
	}
	return vs
}

// post makes one signed call; c is the conversion that it is about, if any.
func (s *Sink) post(
	ctx context.Context, a adnet.Account, id string, body []byte, mask adnet.Mask, c *domain.Conversion,
) adnet.Verdict {
	at := strconv.FormatInt(a.Now.Unix(), 10)
	sig, err := signatures(a.Settings, id, at, body)
	if err != nil {
		return adnet.Verdict{
			Class:  adnet.Misconfigured,
			Reason: "the account's secret is missing or is not whsec_ and base64; set a new one",
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, adnet.Sendable(a.Settings.Text("url")),
		strings.NewReader(string(body)))
	if err != nil {
		return adnet.Verdict{Class: adnet.Misconfigured, Reason: "url is not an address that can be called"}
	}
	req.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"tgtrack-webhook"},
		"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {sig},
	}
	ans, err := adnet.Do(ctx, a.Client, req, 64<<10)
	return mask.Alone(classify(ans, err, a), c, req, string(body), ans, err)
}

// classify goes by the status alone; what a receiver says in the body is its
// own business.
func classify(ans adnet.Answer, err error, a adnet.Account) adnet.Verdict {
	after := adnet.RetryAfter(ans.Header, a.Now)
	said := fmt.Sprintf("the receiver answered %d", ans.Status)
	switch {
	case ans.Status == 0:
		return adnet.Failed(err, true)
	case ans.OK():
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.Status == http.StatusGone:
		return adnet.Verdict{Class: adnet.Disabled, Reason: said + ": it wants no more calls"}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, Reason: said, After: after}
	case ans.Status == http.StatusRequestTimeout, ans.Status == http.StatusTooEarly, ans.Status >= 500:
		return adnet.Verdict{Class: adnet.Retry, Reason: said, After: after}
	case ans.Status >= 300 && ans.Status < 400:
		return adnet.Verdict{
			Class:  adnet.Misconfigured,
			Reason: said + ", a redirect, which is never followed; set the final address",
		}
	}
	return adnet.Verdict{Class: adnet.Misconfigured, Reason: said + "; check the address and the receiver"}
}

// Test implements adnet.Tester: a signed call of the type "ping", which has
// no conversion in it.
func (s *Sink) Test(ctx context.Context, a adnet.Account) adnet.TestResult {
	body := fmt.Appendf(nil, `{"type":"ping","timestamp":%q,"data":{}}`, wireTime(a.Now))
	id := "ping-" + strconv.FormatInt(a.Now.UnixMicro(), 10)
	v := s.post(ctx, a, id, body, adnet.NewMask(s.Describe(), a.Settings), nil)
	if v.Class != adnet.Delivered {
		return adnet.TestResult{Problems: []string{v.Reason}, Class: v.Class}
	}
	return adnet.TestResult{
		OK:         true,
		Checked:    []string{"the address took a signed call of the type \"ping\""},
		NotChecked: []string{"whether the receiver checks the signature and knows the type \"conversion\""},
	}
}
