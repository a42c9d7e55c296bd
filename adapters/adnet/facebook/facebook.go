// Package facebook delivers conversions to Meta's Conversions API. It sends
// what happened in a messenger with the click it came from; it knows nothing
// of the Marketing API beyond the one call that reads a dataset.
//
// https://developers.facebook.com/documentation/ads-commerce/conversions-api/using-the-api
package facebook

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook/published"
	"github.com/tgtrack/tgtrack/adapters/adnet/facebook/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// Sink implements adnet.Sink, CookieMaker, SettingsChecker and Tester.
type Sink struct {
	base  string // address and version
	codes published.Codes
	desc  adnet.Descriptor // asked for with each call
}

// New makes the sink with values of its options.
func New(v adnet.Values) *Sink {
	v = v.Or(options())
	return &Sink{base: v.Address("base_url") + "/" + v["version"], codes: published.All(), desc: describe()}
}

func options() []adnet.Option {
	return []adnet.Option{
		adnet.BaseURL("https://graph.facebook.com"),
		{Name: "version", Kind: adnet.Word, Default: "v26.0", Form: `^v[0-9]+\.[0-9]+$`,
			Example: "a version such as v26.0", Ends: published.Versions(),
			Help: "Version of the Graph API. Meta serves each for about two years: tgtrack doctor tells in time."},
	}
}

// Configured implements adnet.Configurable.
func (s *Sink) Configured(v adnet.Values) adnet.Sink { return New(v) }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends: "Conversions API", Data: "events with `fbc`, `fbp`, address, browser, a hashed id",
		Repeats: "harmless: dropped by event id for 48 h", Outcome: "at once",
	}
}

// Published implements adnet.Publisher.
func (s *Sink) Published() []adnet.Published { return s.codes }

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// sources are those that an account can be set to; "auto" is ours.
func sources() []string { return append([]string{"auto"}, published.ActionSources()...) }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

func describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "facebook", Title: "Meta Conversions API", ClickIDs: []string{"fbclid"}, Batch: 1000,
		Dedup: true, DedupFor: 48 * time.Hour,
		Window: 7*24*time.Hour - time.Hour, Cookies: cookies(), Options: options(), About: about(),
		Docs: "https://developers.facebook.com/documentation/ads-commerce/conversions-api/using-the-api",
		Says: says(),
		Fields: []adnet.Field{
			{Name: "dataset_id", Required: true, Kind: adnet.Text,
				Label: "Dataset (pixel)", Help: "Number of the dataset (pixel) in Events Manager.",
				LabelRU: "Набор данных (пиксель)",
				HelpRU:  "Номер набора данных (пикселя) в Events Manager.",
			},
			{Name: "access_token", Required: true, Secret: true, Kind: adnet.Text,
				Label: "Access token",
				Help: "Events Manager, settings of the dataset, Conversions API, Generate access " +
					"token.",
				LabelRU: "Токен доступа",
				HelpRU: "Events Manager, настройки набора данных, Conversions API, " +
					"«Создать маркер доступа».",
			},
			{Name: "test_event_code", Kind: adnet.Text,
				Label: "Test event code",
				Help: "Code from the tab Test events; such events are shown there but count all " +
					"the same.",
				LabelRU: "Код тестовых событий",
				HelpRU: "Код с вкладки «Тестирование событий»; " +
					"события видны там, но всё равно учитываются.",
			},
			{Name: "action_source", Kind: adnet.Enum, Values: sources(),
				Label: "Where it happens",
				Help: "auto: website when address, browser and page of the click are known, chat " +
					"otherwise.",
				LabelRU: "Где происходит действие",
				HelpRU: "auto: website, если известны адрес, браузер и страница клика, " +
					"иначе chat.",
			},
			adnet.ProxyField(),
		},
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	id := st.Text("dataset_id")
	if strings.Trim(id, "0123456789") != "" {
		return nil, domain.Invalid("settings.dataset_id", "must be the number of the dataset")
	}
	if st.Text("test_event_code") != "" {
		return []string{"test_event_code is set: Meta shows these events as tests and still counts them"}, nil
	}
	return nil, nil
}

// Deliver implements adnet.Sink: one call for all conversions, since Meta
// takes or refuses a call as a whole.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	out := make([]adnet.Verdict, len(cs))
	var at []int
	var last event
	var rows []json.RawMessage
	var people []string
	for i, c := range cs {
		e, why := newEvent(a, c)
		row, err := json.Marshal(e)
		if err != nil && why == "" {
			why = "can not be written as JSON"
		}
		if why != "" {
			out[i] = adnet.Verdict{Class: adnet.Rejected, Reason: why}
			continue
		}
		at, rows, people, last = append(at, i), append(rows, row), append(people, e.User.ExternalID...), e
	}
	if len(rows) == 0 {
		return out
	}
	mask := adnet.NewMask(s.Describe(), a.Settings)
	all := func() adnet.Mask { return mask.Of(cs, people...) }
	attempts := 0
	for _, i := range at {
		attempts = max(attempts, cs[i].Attempts)
	}
	v, code := s.send(ctx, a, rows, attempts, mask, all)
	if len(rows) == 1 && code == badClickID {
		if last.User.FBC = ""; last.User.recognisable() {
			rows[0], _ = json.Marshal(last) // the event could be written
			v, _ = s.send(ctx, a, rows, attempts, mask, all)
		}
	}
	for n, i := range at {
		out[i] = v
		if v.Exchange != nil {
			out[i].Row, out[i].RowAnswer = mask.Row(string(rows[n]), &cs[i]), mask.Row(v.RowAnswer, &cs[i])
		}
	}
	return out
}

// badClickID: Meta does not take the fbc, or one of the parameters. The person
// may be recognised by what else is known of them, so that the event is worth
// one more call without it.
const badClickID = 2804001

// send makes the call and tells the subcode of an error. all makes the mask of
// what is of any row; few answers need it.
func (s *Sink) send(
	ctx context.Context, a adnet.Account, rows []json.RawMessage, attempts int, mask adnet.Mask,
	all func() adnet.Mask,
) (v adnet.Verdict, subcode int) {
	c := call{Data: rows, Token: a.Settings.Text("access_token"), Test: a.Settings.Text("test_event_code")}
	body, err := json.Marshal(c)
	if err != nil {
		return adnet.Verdict{Class: adnet.Rejected, Reason: "can not be written as JSON"}, 0
	}
	req, err := http.NewRequest(http.MethodPost, s.url(a)+"/events", bytes.NewReader(body))
	if err != nil {
		return adnet.Verdict{Class: adnet.Misconfigured,
			Reason: "dataset_id or the base URL can not be an address"}, 0
	}
	req.Header.Set("Content-Type", "application/json")
	ans, err := adnet.Do(ctx, a.Client, req, 0)
	c.Data = adnet.Rows(len(rows))
	envelope, _ := json.Marshal(c) // the body could be written
	said := ""
	if err != nil {
		v = adnet.Failed(err, true)
	} else {
		v, said = s.classify(ans, len(rows), attempts, a.Now, all)
	}
	v.Exchange = mask.Exchange(req, string(envelope), ans, err)
	v.Exchange.Response = mask.Keep(said)
	var told answer
	if json.Unmarshal(ans.Body, &told) == nil && told.Error != nil {
		subcode = told.Error.Subcode
	}
	return v, subcode
}

func (s *Sink) url(a adnet.Account) string {
	return s.base + "/" + a.Settings.Text("dataset_id")
}

// Test reads the dataset. There is no way to send an event without counting it.
func (s *Sink) Test(ctx context.Context, a adnet.Account) adnet.TestResult {
	r := adnet.TestResult{NotChecked: []string{"sending: Meta has no call that is checked and not counted"}}
	if a.Settings.Text("test_event_code") != "" {
		r.NotChecked = append(r.NotChecked, "test_event_code: events sent with it are shown under Test events"+
			" and still count; use a dataset of its own for tests")
	}
	req, err := http.NewRequest(http.MethodGet, s.url(a)+"?fields=id,name", nil)
	if err != nil {
		r.Class, r.Problems = adnet.Misconfigured, []string{"dataset_id can not be part of an address"}
		return r
	}
	req.Header.Set("Authorization", "Bearer "+a.Settings.Text("access_token"))
	ans, err := adnet.Do(ctx, a.Client, req, 0)
	var dataset struct{ ID string }
	if err == nil && ans.OK() && json.Unmarshal(ans.Body, &dataset) == nil && dataset.ID != "" {
		r.OK, r.Checked = true, []string{"the token is valid and reads dataset " + dataset.ID}
		return r
	}
	v := adnet.Verdict{}
	if err != nil {
		v = adnet.Failed(err, true)
	} else {
		v, _ = s.classify(ans, 1, 0, a.Now, func() adnet.Mask { return adnet.NewMask(s.Describe(), a.Settings) })
	}
	r.Class, r.Problems = v.Class, []string{v.Reason}
	if v.Class == adnet.Misconfigured {
		r.Problems = append(r.Problems, "a token made in Events Manager may send events"+
			" without being allowed to read the dataset; check the number of the dataset")
	}
	return r
}
