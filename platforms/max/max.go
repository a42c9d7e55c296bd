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
		Guide: guide(), Texts: texts(),
		Signature: platforms.Signature{
			Header: "X-Max-Bot-Api-Secret", Algorithm: platforms.PlainSecret, Secret: "max",
			Form: `[A-Za-z0-9_-]{5,256}`,
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
	v, err := platforms.List(in, "update_type", "updates")
	if err != nil {
		return nil, err
	}
	if list := platforms.Embedded(v.Get("updates")); list.IsArray() {
		v = list
	}
	if v.IsArray() {
		return readAll(v, in)
	}
	s, ok, err := element(v, in)
	if err != nil || !ok {
		return nil, err
	}
	return []domain.Signal{s}, nil
}

func readAll(list platforms.Value, in platforms.Inbound) ([]domain.Signal, error) {
	var signals []domain.Signal
	var first error
	left := 0
	for i, e := range list.Elements() {
		if i >= maxUpdates {
			return nil, domain.InvalidAs(domain.RefusedTooMany, "", "",
				"the body holds more than %d updates; send fewer at once", maxUpdates)
		}
		s, ok, err := element(platforms.Inside(e, "update_type"), in)
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
		in.Warn(domain.WarnElements, "", fmt.Sprintf("%d (%s)", left, platforms.FieldOf(first)))
		return signals, nil
	}
	return signals, first
}

// element reads one update.
func element(e platforms.Value, in platforms.Inbound) (s domain.Signal, ok bool, err error) {
	switch {
	case e.Get("update_type").Exists():
		return read(e, in)
	case e.IsArray():
		return s, false, domain.InvalidAs(domain.RefusedShape, "", "", "must be an update of MAX, not a list")
	case platforms.MayHoldUpdate(e):
		return s, false, domain.InvalidAs(domain.RefusedShape, "", "",
			"the body is an update of Telegram; send it to on_telegram_webhook, or MAX's own updates here")
	}
	return s, false, domain.InvalidAs(domain.RefusedNoUpdate, "update_type", "",
		"is missing; send the update from MAX unchanged")
}
