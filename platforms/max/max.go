// Package max reads updates of the Bot API of the messenger MAX, as MAX posts
// them to a webhook and as programs hand them on. It reads the few kinds that
// say who started, stopped, joined or left; every other kind, known or not, is
// none of our business. It does not talk to MAX.
//
// https://dev.max.ru/docs-api/objects/Update
package max

import (
	"fmt"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// maxUpdates of one request. A webhook carries one; a long poll answers a
// thousand at most.
const maxUpdates = 1000

// Decoder decodes on_max_update.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "max", Title: "MAX Bot API (own bots)", TitleRU: "MAX Bot API (свои боты)",
		Messenger: domain.MAX, HTTPSOnly: true, Methods: []string{"on_max_update"},
		Tier: platforms.Full, Evidence: platforms.Documented,
		Docs:  "https://dev.max.ru/docs-api/methods/POST/subscriptions",
		Guide: guide(),
		Signature: platforms.Signature{
			Header: "X-Max-Bot-Api-Secret", Algorithm: platforms.PlainSecret, Secret: "max",
			Title: i18n.Text{
				EN: "MAX: secret of the subscription, 5 to 256 letters, digits, _ and -",
				RU: "MAX: secret подписки, 5–256 латинских букв, цифр, _ и -",
			},
		},
	}
}

// Decode reads one update, or the list that a long poll answers. Updates of a
// list that can not be read are left out with a warning when others can.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.Open(in)
	if err != nil {
		return nil, err
	}
	us, list, err := updates(v, 0)
	if err != nil {
		return nil, err
	}
	if !list {
		s, ok, err := read(us, in)
		if err != nil || !ok {
			return nil, err
		}
		return []domain.Signal{s}, nil
	}
	return readAll(us, in)
}

// wrappers are the fields in which programs hand an update on.
var wrappers = [...]string{"update", "body", "data", "webhook", "json", "request", "payload"}

// maxWraps is how many layers of wrapping are removed.
const maxWraps = 4

// updates finds the update, or the list of updates, in a body.
func updates(v platforms.Value, level int) (found platforms.Value, list bool, err error) {
	v = platforms.Embedded(v)
	switch {
	case level > maxWraps:
	case v.IsArray():
		return v, true, nil
	case v.Get("update_type").Exists():
		return v, false, nil
	case platforms.Embedded(v.Get("updates")).IsArray():
		return platforms.Embedded(v.Get("updates")), true, nil
	case platforms.IsUpdate(v):
		return v, false, domain.Invalid("",
			"the body is an update of Telegram; send it to on_telegram_webhook, or MAX's own updates here")
	default:
		for _, k := range wrappers {
			if w := platforms.Embedded(v.Get(k)); w.IsObject() || w.IsArray() {
				return updates(w, level+1)
			}
		}
	}
	return v, false, domain.Invalid("update_type", "is missing; send the update from MAX unchanged")
}

func readAll(list platforms.Value, in platforms.Inbound) ([]domain.Signal, error) {
	var signals []domain.Signal
	var first error
	left := 0
	for i, e := range list.Elements() {
		if i >= maxUpdates {
			return nil, domain.Invalid("", "the body holds more than %d updates; send fewer at once", maxUpdates)
		}
		s, ok, err := element(e, in)
		if err != nil {
			if left++; first == nil {
				first = platforms.Within(fmt.Sprintf("[%d]", i), err)
			}
			continue
		}
		if ok {
			signals = append(signals, s)
		}
	}
	if first != nil && len(signals) > 0 {
		text := fmt.Sprintf("left out: %d of the updates; %s", left, platforms.Clip(first.Error(), 160))
		return signals, &domain.Warning{Text: text}
	}
	return signals, first
}

// element reads an update of a list, which a program may have wrapped by itself.
func element(e platforms.Value, in platforms.Inbound) (s domain.Signal, ok bool, err error) {
	u, list, err := updates(e, 0)
	if err != nil {
		return s, false, err
	}
	if list {
		return s, false, domain.Invalid("", "must be an update of MAX, not a list")
	}
	return read(u, in)
}
