// Package yandex delivers conversions to Yandex Metrica as uploads of offline
// conversions and of chats, and asks later what became of them. Direct learns
// from the goals of the counter; there is nothing to send to Direct itself.
//
// https://yandex.com/dev/metrika/en/management/offline-conv
// https://yandex.com/dev/metrika/en/management/chats
package yandex

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/adnet/adsim"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex/published"
	"github.com/tgtrack/tgtrack/adapters/adnet/yandex/sim"
	"github.com/tgtrack/tgtrack/domain"
)

// Sink implements adnet.Sink and Poller, Tester, Splitter, Limiter and
// SettingsChecker.
type Sink struct {
	base   string
	gather time.Duration
	// minAge is how long ago what is sent must have been: a moment that is not
	// over yet by Metrica's clock refuses the file.
	minAge time.Duration
	// pollAfter is the first look at an upload; the later ones follow in
	// proportion.
	pollAfter time.Duration
	// resumeWait is how long after an attempt whose answer was lost the list of
	// uploads is given to show it.
	resumeWait time.Duration
	errors     adnet.Published
	desc       adnet.Descriptor
}

// New makes the sink with values of its options.
func New(v adnet.Values) *Sink {
	v = v.Or(options())
	poll := v.Duration("poll_after")
	s := &Sink{
		base: v.Address("base_url"), gather: v.Duration("batch_interval"), pollAfter: poll,
		minAge:     v.Duration("min_event_age"),
		resumeWait: min(3*time.Minute, poll), errors: published.Errors(),
	}
	s.desc = s.describe()
	return s
}

func options() []adnet.Option {
	collect := adnet.BaseURL("https://mc.yandex.ru")
	collect.Name, collect.Help = "yandex_collect.base_url", "Metrica: Measurement Protocol."
	return []adnet.Option{
		adnet.BaseURL("https://api-metrika.yandex.net"),
		{Name: "batch_interval", Kind: adnet.Duration, Default: "60s",
			Help: "How long the rows of a counter wait for company."},
		{Name: "min_event_age", Kind: adnet.Duration, Default: "5s",
			Help: "How old an event must be before it is sent: Metrica refuses what its clock has not seen."},
		{Name: "poll_after", Kind: adnet.Duration, Default: "15m", Least: time.Millisecond,
			Help: "When to look at an upload for the first time."},
		collect, // known from the first version; nothing is sent there yet
	}
}

// Configured implements adnet.Configurable.
func (s *Sink) Configured(v adnet.Values) adnet.Sink { return New(v) }

// about is for documents.
func about() adnet.About {
	return adnet.About{
		Sends: "offline conversions, chats", SendsRU: "офлайн-конверсии, чаты",
		Click:   "`yclid` (chats), or Metrica's ClientID in `ym_uid`",
		ClickRU: "`yclid` (чаты) или ClientID Метрики в `ym_uid`",
		Data:    "rows of a CSV upload of offline conversions or chats",
		Repeats: "no: uploads are looked up by their comment", Outcome: "later, per upload",
	}
}

// window: Metrica links what it has processed within 21 days of the visit, and
// processing takes it up to three hours.
const window = 21*24*time.Hour - 3*time.Hour

// Published implements adnet.Publisher.
func (s *Sink) Published() []adnet.Published {
	return []adnet.Published{s.errors, published.States()}
}

// Simulation implements adsim.Simulated.
func (s *Sink) Simulation() adsim.Network { return sim.Network() }

// Describe implements adnet.Sink.
func (s *Sink) Describe() adnet.Descriptor { return s.desc }

func (s *Sink) describe() adnet.Descriptor {
	return adnet.Descriptor{
		Name: "yandex", Title: "Yandex Metrica", TitleRU: "Яндекс.Метрика",
		ClickIDs: []string{"yclid", "ym_uid"}, Batch: 1000, Async: true, DefaultActivation: "userDidSubscribe",
		FromClick: true, Gather: s.gather, MinAge: s.minAge, Resumes: true, Window: window, Options: options(),
		About:   about(),
		Cookies: []adnet.Cookie{{Name: "_ym_uid", Param: "ym_uid"}},
		Docs:    "https://yandex.com/dev/metrika/en/management/offline-conv",
		Says:    says(),
		Fields: []adnet.Field{
			{Name: "counter_id", Required: true, Kind: adnet.Text,
				Label: "Counter number", Help: "Number of the Metrica counter.",
				LabelRU: "Номер счётчика",
				HelpRU: "Номер счётчика Метрики: " +
					"он стоит рядом с названием в списке счётчиков.",
			},
			{Name: "oauth_token", Required: true, Secret: true, Kind: adnet.Text,
				Label: "OAuth token",
				Help: "OAuth token of a user who may write to the counter, scope metrika:write " +
					"or metrika:offline_data.",
				LabelRU: "OAuth-токен",
				HelpRU: "Токен пользователя, который может изменять счётчик, " +
					"с правом metrika:write или metrika:offline_data.",
			},
			{Name: "mode", Kind: adnet.Enum, Values: []string{"both", "offline", "chats"},
				Label: "How starts are sent",
				Help: "both: a start whose click has no ClientID goes as a chat, all else as " +
					"offline conversions; " +
					"offline: all as offline conversions; chats: starts as chats.",
				LabelRU: "Как отправлять старты",
				HelpRU: "both: старт, у клика которого нет ClientID, " +
					"отправляется как чат, всё прочее как офлайн-конверсии; " +
					"offline: всё как офлайн-конверсии; chats: старты как чаты.",
			},
			{Name: "identify", Kind: adnet.Enum, Values: []string{"auto", byClient, byClick},
				Label: "Which id is sent",
				Help: "Of a click that has both ids. auto: ClientID in offline conversions and yclid in chats; " +
					"client_id: ClientID; yclid: yclid, the visit of that click instead of the person's last one.",
				LabelRU: "Какой идентификатор отправлять",
				HelpRU: "Если у клика есть оба. auto: ClientID в офлайн-конверсиях и yclid в чатах; " +
					"client_id: ClientID; yclid: yclid, то есть визит этого клика, а не последний визит человека.",
			},
			adnet.ProxyField(),
		},
	}
}

// CheckSettings implements adnet.SettingsChecker.
func (s *Sink) CheckSettings(st adnet.Settings) ([]string, error) {
	if strings.Trim(st.Text("counter_id"), "0123456789") != "" {
		return nil, domain.Invalid("settings.counter_id", "must be the number of the counter")
	}
	return nil, nil
}

// Limits implements adnet.Limiter: the quotas are those of the user whose
// token it is, for all counters together.
// https://yandex.com/dev/metrika/en/intro/quotas
func (s *Sink) Limits(st adnet.Settings) adnet.Limits {
	sum := sha256.Sum256([]byte(st.Text("oauth_token")))
	return adnet.Limits{Key: hex.EncodeToString(sum[:8]), PerSecond: 30, Parallel: 3}
}

// BatchKey implements adnet.Splitter: a file has one form and one currency. Of
// rows whose last attempt has no outcome none is sent: one look at Metrica's
// list serves them all.
func (s *Sink) BatchKey(st adnet.Settings, c domain.Conversion) string {
	if c.AttemptOpen {
		return "lost"
	}
	if refuse(st, c) != "" { // it is in no file
		return "refused"
	}
	f := form(st, c)
	key := f + "|" + st.Text("counter_id")
	if f == offline {
		key += "|" + c.Currency
	}
	return key
}

// Deliver implements adnet.Sink.
func (s *Sink) Deliver(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	out := make([]adnet.Verdict, len(cs))
	groups, order := map[string][]int{}, []string{}
	for i, c := range cs {
		if why := refuse(a.Settings, c); why != "" && !c.AttemptOpen {
			out[i] = adnet.Verdict{Class: adnet.Rejected, Reason: why}
			continue
		}
		k := s.BatchKey(a.Settings, c)
		if !c.AttemptOpen {
			k += "|" + c.BatchID
		}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], i)
	}
	for _, k := range order {
		rows := make([]domain.Conversion, 0, len(groups[k]))
		for _, i := range groups[k] {
			rows = append(rows, cs[i])
		}
		give := s.deliver
		if rows[0].AttemptOpen {
			give = s.look
		}
		for n, v := range give(ctx, s.api(a, rows), rows) {
			out[groups[k][n]] = v
		}
	}
	return out
}

// deliver uploads one file.
func (s *Sink) deliver(ctx context.Context, c *client, rows []domain.Conversion) []adnet.Verdict {
	t, err := newTable(c.a.Settings, rows, c.a.Now.Add(-s.minAge))
	if err != nil {
		return adnet.All(len(rows), adnet.Verdict{Class: adnet.Rejected,
			Reason: "the rows can not be written as CSV"})
	}
	u, v := c.upload(ctx, rows, t)
	if v == nil {
		j := c.give(s.judge(*u, rows[0], c.a.Now), u)
		v = &j
	}
	out := adnet.All(len(rows), *v)
	if v.Exchange == nil {
		return out
	}
	for i := range out {
		out[i].Row = c.mask.Row(strings.TrimSuffix(t.rows[i], "\n"), &rows[i])
		out[i].RowAnswer = c.mask.Row(v.RowAnswer, &rows[i])
	}
	return out
}

// look judges rows of earlier attempts whose outcome nobody has by what Metrica
// has of them, since it counts equal rows twice. Each is looked for under the
// name that was written down with it, whichever rows it comes back with.
func (s *Sink) look(ctx context.Context, c *client, rows []domain.Conversion) []adnet.Verdict {
	found, whole, v := c.find(ctx, rows)
	out := make([]adnet.Verdict, len(rows))
	for i, r := range rows {
		switch u := found[i]; {
		case u != nil:
			out[i] = c.give(s.judge(*u, r, c.a.Now), u)
		case v != nil:
			out[i] = *v
		case !whole:
			out[i] = c.give(adnet.Verdict{
				Class: adnet.Hold, After: time.Hour,
				Reason: "the answer to the last attempt was lost, and Metrica's list of uploads is too long" +
					" to look for it",
			}, nil)
		default:
			out[i] = c.give(s.missing(r, c.a.Now), nil)
		}
	}
	return out
}

// missing is the verdict on a row whose upload Metrica does not list.
func (s *Sink) missing(r domain.Conversion, now time.Time) adnet.Verdict {
	if wait := r.AttemptBegan().Add(s.resumeWait).Sub(now); wait > 0 && wait <= s.resumeWait {
		return adnet.Verdict{
			Class: adnet.Hold, After: wait,
			Reason: "the answer to the last attempt was lost; Metrica's list of uploads is looked at once more" +
				" before it is sent again",
		}
	}
	return adnet.Verdict{
		Class: adnet.Resend, Reason: "the last attempt did not reach Metrica; it is sent again",
	}
}

// Poll implements adnet.Poller: one call for one upload, one list for more.
func (s *Sink) Poll(ctx context.Context, a adnet.Account, cs []domain.Conversion) []adnet.Verdict {
	handles := map[string]bool{}
	for _, c := range cs {
		handles[c.Handle] = true
	}
	out := make([]adnet.Verdict, len(cs))
	if len(cs) == 0 {
		return out
	}
	api := s.api(a, cs)
	ups, v := api.outcomes(ctx, handles)
	for i, c := range cs {
		u, ok := ups[c.Handle]
		switch {
		case ok:
			out[i] = api.give(s.judge(u, c, a.Now), &u)
		case v != nil && (v.Class == adnet.Rejected || v.Class == adnet.Bisect):
			// The look was refused, which says nothing of what is looked for.
			out[i] = api.give(s.open(c, c.CreatedAt, a.Now, v.Reason), nil)
		case v != nil:
			out[i] = api.give(*v, nil)
		default:
			out[i] = api.give(s.open(c, c.CreatedAt, a.Now, "Metrica does not list the upload"), nil)
		}
	}
	return out
}
