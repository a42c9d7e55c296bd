// Package tiktok sends conversions to TikTok's Events API 2.0 as web events:
// https://business-api.tiktok.com/portal/docs?id=1771100779668482. It serves
// neither apps nor offline or CRM event sets.
package tiktok

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok/published"
	"github.com/tgtrack/tgtrack/adapters/adnet/tiktok/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// docs is the vendor's page on the interface.
const docs = "https://business-api.tiktok.com/portal/docs?id=1771100779668482"

// maxEvents is how many events TikTok takes in a call.
const maxEvents = 1000

// Sink delivers to TikTok.
type Sink struct {
	base  string
	codes adnet.Published
	desc  adnet.Descriptor
}

// New makes the sink with values of its options.
func New(v adnet.Values) *Sink {
	return &Sink{base: v.Or(options()).Address("base_url"), codes: published.Codes(), desc: describe()}
}

func options() []adnet.Option {
	return []adnet.Option{adnet.BaseURL("https://business-api.tiktok.com")}
}

// Configured implements adnet.Configurable.
func (s *Sink) Configured(v adnet.Values) adnet.Sink { return New(v) }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends: "Events API", Data: "events with `ttclid`, `ttp`, address, browser, a hashed id",
		Repeats: "harmless: dropped by event id for 48 h", Outcome: "at once",
	}
}

// Published implements adnet.Publisher.
func (s *Sink) Published() []adnet.Published { return []adnet.Published{s.codes} }

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

func describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "tiktok", Title: "TikTok Events API", ClickIDs: []string{"ttclid"}, Batch: maxEvents,
		Dedup: true, DedupFor: 48 * time.Hour, Docs: docs,
		Window: 7*24*time.Hour - time.Hour, Cookies: []adnet.Cookie{{Name: "_ttp"}}, Options: options(),
		About: about(),
		Says:  says(),
		Fields: []adnet.Field{
			{Name: "pixel_code", Required: true, Kind: adnet.Text,
				Label:   "Pixel ID",
				Help:    "TikTok Events Manager, your web data source: the pixel's ID.",
				LabelRU: "Код пикселя",
				HelpRU:  "TikTok Events Manager, ваш веб-источник данных: ID пикселя.",
			},
			{Name: "access_token", Required: true, Secret: true, Kind: adnet.Text,
				Label: "Access token",
				Help: "TikTok Events Manager, your web data source, Settings, Events API: " +
					"Generate Access Token.",
				LabelRU: "Токен доступа",
				HelpRU: "TikTok Events Manager, ваш веб-источник, Settings, Events API: Generate " +
					"Access Token.",
			},
			{Name: "test_event_code", Kind: adnet.Text,
				Label: "Test event code",
				Help: "Code of the Test events tab; while it is set, all conversions are shown " +
					"there as tests.",
				LabelRU: "Код тестовых событий",
				HelpRU: "Код с вкладки Test events; пока он задан, " +
					"все конверсии показываются там как тестовые.",
			},
			adnet.ProxyField(),
		},
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	if st.Text("test_event_code") != "" {
		return []string{"test_event_code is set: TikTok takes all conversions of this account as tests"}, nil
	}
	return nil, nil
}

// CheckGoals implements adnet.GoalsChecker.
func (s *Sink) CheckGoals(activation string, goals map[string]string) []string {
	standard := published.StandardEvents()
	var odd []string
	for _, name := range append(slices.Collect(maps.Values(goals)), activation) {
		if name != "" && !slices.Contains(standard, name) && !slices.Contains(odd, name) {
			odd = append(odd, name)
		}
	}
	if len(odd) == 0 {
		return nil
	}
	slices.Sort(odd)
	return []string{"TikTok takes " + adnet.Clip(strings.Join(odd, ", "), 200) + " as custom events, and campaigns can" +
		" not optimise for those: name one of its standard events in goals, such as Subscribe, Lead or Purchase"}
}

// Deliver implements adnet.Sink: one call for all that can be sent.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	vs := make([]adnet.Verdict, len(cs))
	var at []int
	var rows []json.RawMessage
	var people []string
	for i := range cs {
		if reason := problem(&cs[i]); reason != "" {
			vs[i] = adnet.Verdict{Class: adnet.Rejected, Reason: reason}
			continue
		}
		e := newEvent(&cs[i], a.Now)
		row, err := json.Marshal(e)
		if err != nil {
			vs[i] = adnet.Verdict{Class: adnet.Rejected, Reason: "the event can not be written as JSON"}
			continue
		}
		at, rows, people = append(at, i), append(rows, row), append(people, e.User.ExternalID)
	}
	if len(rows) == 0 {
		return vs
	}
	mask := s.mask(a)
	for n, v := range s.send(ctx, a, rows, mask, func() adnet.Mask { return mask.Of(cs, people...) }) {
		i := at[n]
		vs[i] = v
		if v.Exchange != nil {
			vs[i].Row, vs[i].RowAnswer = mask.Row(string(rows[n]), &cs[i]), mask.Row(v.RowAnswer, &cs[i])
		}
	}
	return vs
}

// mask hides the token also as it is sent, without the blanks it may have been
// entered with.
func (s *Sink) mask(a adnet.Account) adnet.Mask {
	return adnet.NewMask(s.Describe(), a.Settings, strings.TrimSpace(a.Settings.Text("access_token")))
}

func problem(c *domain.Conversion) string {
	switch {
	case c.Click.Param("ttclid") == "":
		return "the click has no ttclid"
	case strings.TrimSpace(c.Name) == "":
		return "the goal has no name"
	}
	return ""
}

// send makes one call and gives a verdict for each event. all makes the mask of
// what is of any row; few answers need it.
func (s *Sink) send(
	ctx context.Context, a adnet.Account, rows []json.RawMessage, mask adnet.Mask, all func() adnet.Mask,
) []adnet.Verdict {
	c := call{
		EventSource: "web", EventSourceID: strings.TrimSpace(a.Settings.Text("pixel_code")),
		TestEventCode: strings.TrimSpace(a.Settings.Text("test_event_code")), Data: rows,
	}
	body, err := json.Marshal(c)
	if err != nil {
		return adnet.All(len(rows), adnet.Verdict{Class: adnet.Bisect,
			Reason: "the events can not be written as JSON"})
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/open_api/v1.3/event/track/",
		bytes.NewReader(body))
	if err != nil {
		v := adnet.Verdict{Class: adnet.Misconfigured,
			Reason: "the address of the Events API can not be built"}
		return adnet.All(len(rows), v)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Access-Token", strings.TrimSpace(a.Settings.Text("access_token")))
	ans, err := adnet.Do(ctx, a.Client, req, 0)
	vs, said := s.classify(ans, err, a.Now, len(rows), all)
	c.Data = adnet.Rows(len(rows))
	envelope, _ := json.Marshal(c) // the body could be written
	x := mask.Exchange(req, string(envelope), ans, err)
	x.Response = mask.Keep(said)
	for i := range vs {
		vs[i].Exchange = x
	}
	return vs
}

// Test implements adnet.Tester. Without a test code each call counts, so none
// is made.
func (s *Sink) Test(ctx context.Context, a adnet.Account) adnet.TestResult {
	if strings.TrimSpace(a.Settings.Text("test_event_code")) == "" {
		return adnet.TestResult{
			OK:      true,
			Checked: []string{"pixel_code and access_token are set"},
			NotChecked: []string{
				"whether TikTok takes them: it has no call that checks without counting;" +
					" set test_event_code of the Test events tab and test again",
			},
		}
	}
	probe := event{
		Event: "ViewContent", EventTime: a.Now.Unix(),
		EventID: "tgtrack-test-" + a.Now.UTC().Format("20060102150405"),
		User:    user{ExternalID: hashed("tgtrack-test")}, Page: &page{URL: "https://example.com/"},
	}
	row, err := json.Marshal(probe)
	if err != nil {
		return adnet.TestResult{Problems: []string{"the event can not be written as JSON"},
			Class: adnet.Misconfigured}
	}
	mask := s.mask(a)
	v := s.send(ctx, a, []json.RawMessage{row}, mask, func() adnet.Mask { return mask })[0]
	if v.Class != adnet.Delivered {
		return adnet.TestResult{Problems: []string{v.Reason}, Class: v.Class}
	}
	return adnet.TestResult{
		OK: true,
		Checked: []string{"TikTok took a ViewContent event with the test code: the token may write to " +
			"the pixel"},
		NotChecked: []string{"whether the goals' names are events that your campaigns optimise for"},
	}
}
