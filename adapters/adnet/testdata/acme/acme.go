// Package acme delivers conversions to Acme Ads.
//
// https://acme.example/docs/conversions
package acme

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/testdata/acme/sim"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// Sink delivers to Acme Ads.
type Sink struct{ base string }

// New makes the sink with values of its options.
func New(v adnet.Values) *Sink { return &Sink{base: v.Or(options()).Address("base_url")} }

func options() []adnet.Option { return []adnet.Option{adnet.BaseURL("https://api.acme.example")} }

// Configured implements adnet.Configurable.
func (s *Sink) Configured(v adnet.Values) adnet.Sink { return New(v) }

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "acme", Title: "Acme Ads", Docs: "https://acme.example/docs/conversions",
		ClickIDs: []string{"acid"}, Batch: 1, Dedup: true, Window: 14 * 24 * time.Hour, Options: options(),
		Fields: []adnet.Field{
			{Name: "key", Required: true, Secret: true, Kind: adnet.Text,
				Label: "API key", Help: "Settings of the cabinet, API key.",
				LabelRU: "Ключ API", HelpRU: "Настройки кабинета, ключ API.",
			},
			adnet.ProxyField(),
		},
		Says: []i18n.Text{
			{EN: "Acme answered %d", RU: "Acme ответила %d"},
			{EN: "the base URL is no address", RU: "адрес API не является адресом"},
		},
		About: adnet.About{
			Sends: "conversions", SendsRU: "конверсии", Data: "a call with `acid`",
			Repeats: "harmless: dropped by id",
			Outcome: "at once",
		},
	}
}

// Deliver implements adnet.Sink.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	mask := adnet.NewMask(s.Describe(), a.Settings)
	vs := make([]adnet.Verdict, len(cs))
	for i, c := range cs {
		q := url.Values{"click": {c.Click.Param("acid")}, "goal": {c.Name}, "id": {c.ID}}
		req, err := http.NewRequest(http.MethodPost, s.base+"/conversion?"+q.Encode(), nil)
		if err != nil {
			vs[i] = adnet.Verdict{Class: adnet.Misconfigured, Reason: "the base URL is no address"}
			continue
		}
		req.Header.Set("Authorization", "Bearer "+a.Settings.Text("key"))
		ans, err := adnet.Do(ctx, a.Client, req, 0)
		vs[i] = mask.Alone(verdict(ans, err, a.Now), &c, req, "", ans, err)
	}
	return vs
}

func verdict(ans adnet.Answer, err error, now time.Time) adnet.Verdict {
	reason := fmt.Sprintf("Acme answered %d", ans.Status)
	switch {
	case err != nil:
		return adnet.Failed(err, true)
	case ans.OK():
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.Status == http.StatusUnauthorized:
		return adnet.Verdict{Class: adnet.AuthRevoked, Reason: reason}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, After: adnet.RetryAfter(ans.Header, now), Reason: reason}
	case ans.Status >= 500:
		return adnet.Verdict{Class: adnet.Retry, Reason: reason}
	}
	return adnet.Verdict{Class: adnet.Rejected, Reason: reason}
}
