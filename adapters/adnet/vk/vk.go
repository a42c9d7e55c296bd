// Package vk sends conversions to VK Ads (ads.vk.com, formerly myTarget) as
// events of a pixel: https://ads.vk.com/help/general/sites/offline_events.
// The network answers every call with a picture, knows no time of an event
// but that of its arrival, and drops no repeats. It reads no cookies and does
// no retargeting.
package vk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/vk/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// docs is the vendor's page on the interface.
const docs = "https://ads.vk.com/help/general/sites/offline_events"

// Sink delivers to VK Ads.
type Sink struct {
	base string
	desc adnet.Descriptor
}

// New makes the sink with values of its options.
func New(v adnet.Values) *Sink {
	return &Sink{base: v.Or(options()).Address("base_url"), desc: describe()}
}

func options() []adnet.Option { return []adnet.Option{adnet.BaseURL("https://top-fwz1.mail.ru")} }

// Configured implements adnet.Configurable.
func (s *Sink) Configured(v adnet.Values) adnet.Sink { return New(v) }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends: "top.mail.ru tracker", SendsRU: "трекер top.mail.ru", Data: "a call of the pixel",
		Repeats: "counted; so not repeated", Outcome: "never",
	}
}

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

func describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "vk", Title: "VK Ads", TitleRU: "VK Реклама", ClickIDs: []string{"rb_clickid"}, Batch: 1,
		Docs:   docs,
		Window: 24 * time.Hour, Options: options(), About: about(),
		Says: says(),
		Fields: []adnet.Field{
			{Name: "pixel_id", Required: true, Kind: adnet.Text,
				Label: "Pixel number",
				Help: "Number of the VK Ads pixel (a Top.Mail.ru counter): Sites, your pixel, " +
					"Settings.",
				LabelRU: "Номер пикселя",
				HelpRU: "Номер пикселя VK Рекламы (счётчика Top.Mail.ru): " +
					"«Сайты», ваш пиксель, «Настройки».",
			},
			adnet.ResendField(),
			adnet.ProxyField(),
		},
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	id := strings.TrimSpace(st.Text("pixel_id"))
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return nil, domain.Invalid("settings.pixel_id", "must be the pixel's number, digits only")
	}
	return nil, nil
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
	if reason := problem(c); reason != "" {
		return adnet.Verdict{Class: adnet.Rejected, Reason: reason}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address(a.Settings, c), nil)
	if err != nil {
		return adnet.Verdict{Class: adnet.Misconfigured, Reason: "the address of the pixel can not be built"}
	}
	ans, err := adnet.Do(ctx, a.Client, req, 64<<10)
	return adnet.NewMask(s.Describe(), a.Settings).Alone(classify(ans, err, a), c, req, "", ans, err)
}

// goalName is what a pixel's event may be called; the address has no room for
// more.
var goalName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func problem(c *domain.Conversion) string {
	switch {
	case c.Click.Param("rb_clickid") == "":
		return "the click has no rb_clickid"
	case !goalName.MatchString(c.Name):
		return fmt.Sprintf("VK takes Latin letters, digits, _ and - in a goal's name, not %q;"+
			" give it another name in the account's goals", adnet.Clip(c.Name, 60))
	}
	return ""
}

// address is built by hand: the pixel separates its parameters by semicolons
// and wants the slash of e= bare, which net/url's encoder would both change.
func (s *Sink) address(st adnet.Settings, c *domain.Conversion) string {
	value := ""
	if c.Value != nil {
		value = c.Value.String()
	}
	return s.base + "/tracker?id=" + escape(strings.TrimSpace(st.Text("pixel_id"))) +
		";e=RG%3A" + escape(value) + "/" + escape(c.Name) +
		";rb_clickid=" + escape(c.Click.Param("rb_clickid"))
}

// escape leaves only what is safe everywhere in a query; a blank is %20, since
// a plus is read as a blank by some and as a plus by others.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// classify reads an answer. The status alone says that the pixel was called,
// so a picture lost on the way changes nothing.
func classify(ans adnet.Answer, err error, a adnet.Account) adnet.Verdict {
	switch {
	case ans.Status == 0:
		return adnet.Failed(err, a.Settings.Bool(adnet.ResendField().Name))
	case ans.OK(), ans.Status >= 300 && ans.Status < 400 && toPixel(ans.Header.Get("Location")):
		return adnet.Verdict{Class: adnet.Delivered}
	case ans.Status == http.StatusTooManyRequests:
		return adnet.Verdict{
			Class: adnet.Throttled, Reason: "VK asks to slow down (429)",
			After: adnet.RetryAfter(ans.Header, a.Now),
		}
	case ans.Status >= 500:
		return adnet.Verdict{
			Class: adnet.Retry, Reason: fmt.Sprintf("VK answered %d", ans.Status),
			After: adnet.RetryAfter(ans.Header, a.Now),
		}
	}
	return adnet.Verdict{Class: adnet.Misconfigured,
		Reason: fmt.Sprintf("VK answered %d; check pixel_id", ans.Status)}
}

// toPixel tells a redirect to the picture, which is how the counter sets its
// cookie, from one to somewhere else, such as a provider's page.
func toPixel(location string) bool {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return false
	}
	host := u.Hostname()
	ours := host == "" || host == "mail.ru" || strings.HasSuffix(host, ".mail.ru")
	return ours && (strings.Contains(u.Path, "tracker") || strings.Contains(u.Path, "counter") ||
		strings.HasSuffix(u.Path, ".gif"))
}

// Test implements adnet.Tester. Each call of a pixel counts, so none is made.
func (s *Sink) Test(_ context.Context, a adnet.Account) adnet.TestResult {
	if _, err := s.CheckSettings(a.Settings); err != nil {
		return adnet.TestResult{Problems: []string{err.Error()}, Class: adnet.Misconfigured}
	}
	return adnet.TestResult{
		OK:      true,
		Checked: []string{"pixel_id has the form of a pixel's number"},
		NotChecked: []string{
			"whether the pixel and its goals exist: VK has no test call, answers every call alike and " +
				"counts each",
		},
	}
}
