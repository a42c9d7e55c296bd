// Package postback delivers conversions to trackers and ad networks that are
// called by an address with macros: Keitaro, Binom, Voluum, AdsGram and the
// like. It is for addresses that somebody else's system gave; a service of
// the customer's own is better called by package webhook, whose calls are
// signed.
//
// Macros are {target} {name} {value} {currency} {event_id} {occurred_at}
// {occurred_at_unix} {user_id} {source} and {click.PARAMETER}; a macro may map
// values, as in {target:lead=1 sale=2}. Each is encoded for its place.
package postback

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/postback/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// maxAnswer: trackers answer a word; nothing in it is used.
const maxAnswer = 64 << 10

// Sink implements adnet.Sink, Receiver, SettingsChecker and Tester.
type Sink struct{ desc adnet.Descriptor }

// New makes the sink.
func New() *Sink { return &Sink{desc: describe()} }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends:   "a request by your template: Keitaro, Binom, Voluum, RedTrack, AdsGram, RichAds, any tracker",
		SendsRU: "запрос по вашему шаблону: Keitaro, Binom, Voluum, RedTrack, AdsGram, RichAds, любой трекер",
		Click:   "the parameters the template names", ClickRU: "параметры из шаблона",
		Data:    "your address with macros",
		Repeats: "counted by most trackers; so not repeated", Outcome: "by the HTTP status",
	}
}

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

// describe: address, headers and body are secret as a whole, since a key may
// stand anywhere in them.
func describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "postback", Title: "Postback (S2S)", TitleRU: "Постбэк (S2S)", Batch: 1,
		Window: 30 * 24 * time.Hour, About: about(), Presets: Presets(),
		Docs: "https://docs.keitaro.io/en/campaigns-and-streams/postbacks.html",
		Says: says(),
		Fields: []adnet.Field{
			{Name: "url", Required: true, Secret: true, Kind: adnet.URL,
				Label: "Address",
				Help: "Address with macros, such as " +
					"https://tracker.example/KEY/postback?subid={click.subid}&payout={value}.",
				LabelRU: "Адрес",
				HelpRU: "Адрес с макросами, например " +
					"https://tracker.example/KEY/postback?subid={click.subid}&payout={value}.",
			},
			{Name: "method", Kind: adnet.Enum, Values: []string{
				http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch,
			},
				Label: "Method", Help: "GET, or POST when there is a body.",
				LabelRU: "Метод", HelpRU: "GET, или POST, если есть тело.",
			},
			{Name: "body", Secret: true, Kind: adnet.Text,
				Label: "Body", Help: "Body with macros: JSON, or a form.",
				LabelRU: "Тело запроса", HelpRU: "Тело с макросами: JSON или форма.",
			},
			{Name: "headers", Secret: true, Kind: adnet.Mapping,
				Label: "Headers", Help: "Headers with macros.",
				LabelRU: "Заголовки",
				HelpRU:  "Заголовки с макросами, по одному в строке.",
			},
			{Name: "receive", Kind: adnet.Enum, Values: []string{"matched", "all"},
				Label: "Whose conversions",
				Help: "matched: people whose click has every {click.…} of the template; all: " +
					"organic people too.",
				LabelRU: "Чьи конверсии отправлять",
				HelpRU: "matched: тех, у чьего клика есть все {click.…} шаблона; all: всех, " +
					"в том числе пришедших сами.",
			},
			{Name: "expected_status", Kind: adnet.Text,
				Label:   "Answers that mean success",
				Help:    "Answers that mean success, such as 200, 302; empty: any 2xx.",
				LabelRU: "Какой ответ считать успехом",
				HelpRU:  "Например 200, 302; пусто: любой 2xx.",
			},
			adnet.ResendField(), adnet.ProxyField(),
		},
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	p, err := read(st)
	if err != nil {
		return nil, err
	}
	if len(p.params()) == 0 && st.Text("receive") != "all" {
		return []string{"the template names no {click.…}: it is called for everybody who came by a click"}, nil
	}
	return nil, nil
}

// Receives implements adnet.Receiver.
func (s *Sink) Receives(st adnet.Settings, click *domain.Click) bool {
	if st.Text("receive") == "all" {
		return true
	}
	if click == nil { // most starts; to read the template costs something
		return false
	}
	p, err := read(st)
	return err == nil && !slices.ContainsFunc(p.params(),
		func(name string) bool { return click.Param(name) == "" })
}

// SampleClick implements adnet.Sampler.
func (s *Sink) SampleClick(st adnet.Settings) map[string]string {
	p, err := read(st)
	if err != nil {
		return nil
	}
	return adnet.SampleValues(p.params())
}

// Deliver implements adnet.Sink.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	if len(cs) == 0 {
		return nil
	}
	p, err := read(a.Settings)
	if err != nil {
		return adnet.All(len(cs), adnet.Verdict{Class: adnet.Misconfigured, Reason: err.Error()})
	}
	vs := make([]adnet.Verdict, len(cs))
	for i, c := range cs {
		vs[i] = s.call(ctx, a, p, c)
	}
	return vs
}

func (s *Sink) call(ctx context.Context, a adnet.Account, p *plan, c domain.Conversion) adnet.Verdict {
	req, body, err := p.request(c)
	if err != nil {
		return adnet.Verdict{Class: adnet.Misconfigured,
			Reason: "url is no address when its macros are filled"}
	}
	ans, err := adnet.Do(ctx, a.Client, req, maxAnswer)
	mask := adnet.NewMask(s.Describe(), a.Settings, p.literals(body)...)
	return p.keep(p.classify(ans, err, a), &c, req, body, ans, err, mask)
}

// classify goes by the status alone. An answer whose body was lost is one.
func (p *plan) classify(ans adnet.Answer, err error, a adnet.Account) adnet.Verdict {
	if ans.Status == 0 {
		return adnet.Failed(err, a.Settings.Bool(adnet.ResendField().Name))
	}
	said := fmt.Sprintf("the address answered %d", ans.Status)
	expected := ans.OK()
	if p.expected != nil {
		expected = slices.Contains(p.expected, ans.Status)
	}
	switch st := ans.Status; {
	case expected:
		return adnet.Verdict{Class: adnet.Delivered}
	case st == http.StatusTooManyRequests:
		return adnet.Verdict{Class: adnet.Throttled, After: adnet.RetryAfter(ans.Header, a.Now), Reason: said}
	case st == http.StatusRequestTimeout, st == http.StatusTooEarly, st >= 500:
		return adnet.Verdict{Class: adnet.Retry, After: adnet.RetryAfter(ans.Header, a.Now), Reason: said}
	case st == http.StatusGone:
		return adnet.Verdict{Class: adnet.Disabled, Reason: said + ": it asks never to be called again"}
	case st < 400 && st >= 300:
		return adnet.Verdict{
			Class: adnet.Misconfigured, Reason: said + ": it moved; redirects are not followed",
		}
	}
	return adnet.Verdict{Class: adnet.Misconfigured, Reason: said}
}

// Test reads the template. A call would be counted by any tracker.
func (s *Sink) Test(_ context.Context, a adnet.Account) adnet.TestResult {
	r := adnet.TestResult{NotChecked: []string{"the address itself: a tracker counts every call"}}
	if _, err := read(a.Settings); err != nil {
		r.Class, r.Problems = adnet.Misconfigured, []string{err.Error()}
		return r
	}
	r.OK, r.Checked = true, []string{"the macros of url, headers and body"}
	return r
}
