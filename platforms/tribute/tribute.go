// Package tribute reads the webhooks of Tribute, a service in Telegram that
// sells subscriptions, goods and donations. Money that was paid or went back is
// an event; a subscription that was cancelled, and a parcel on its way, are none.
// Sums are documented to be in the smallest unit of their currency, and are
// handed on as raw amounts, since the project says in which unit it counts. The
// signature is checked before.
//
// https://wiki.tribute.tg/for-content-creators/api-documentation/webhooks
package tribute

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
	"github.com/tgtrack/tgtrack/platforms"
)

// Decoder decodes on_tribute_event.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "tribute", Title: "Tribute",
		Methods: []string{"on_tribute_event"},
		Tier:    platforms.Medium, Evidence: platforms.Documented,
		Docs:  "https://wiki.tribute.tg/for-content-creators/api-documentation/webhooks",
		Guide: guide(), Texts: texts(),
		Signature: platforms.Signature{
			Header: "trbt-signature", Algorithm: platforms.HMACSHA256Hex, Secret: "tribute",
			Title: i18n.Text{EN: "Tribute: the API key", RU: "Tribute: API-ключ"},
		},
	}
}

// Decode reads one event.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.Object(in, "name", "created_at", "sent_at")
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(platforms.Plain(v.Get("name")))
	kind, known := kinds()[name]
	if !known {
		switch name {
		case "", "cancelled_subscription", "cancelled_donation", "physical_order_shipped",
			"shop_order_payment_failed", "shop_order_charge_failed", "shop_token_charge_failed", "shop_order_canceled",
			"shop_order_cancelled": // a test call has no name
		default:
			in.Warn(domain.WarnUnknownContent, "", name)
		}
		return nil, nil
	}
	payload := platforms.Embedded(v.Get("payload"))
	if !payload.IsObject() {
		return nil, domain.InvalidAs(domain.RefusedMissing, "payload", "",
			"is missing; an event of Tribute has it")
	}
	// Who paid on the web or wants to stay unknown has no id in Telegram.
	id, there, err := buyer(payload)
	if err != nil || !there {
		return nil, err
	}
	s := domain.Signal{
		Type:      kind.event,
		Messenger: domain.Telegram,
		Person: &domain.Person{
			ID: id, Username: platforms.Username(platforms.FirstOf(payload, "telegram_username", "telegramUsername")),
		},
		At:       platforms.Time(v, "created_at", in.ReceivedAt),
		Currency: currency(platforms.Plain(payload.Get("currency"))),
	}
	s.SenderKey = key(name, s, kind, v, payload)
	if kind.free(payload) {
		s.Currency = ""
		return []domain.Signal{s}, nil
	}
	price(&s, payload, kind.sum)
	return []domain.Signal{s}, nil
}

// buyer is the person's id in Telegram; 0 stands for none.
func buyer(payload platforms.Value) (id int64, there bool, err error) {
	for _, k := range [...]string{"telegram_user_id", "telegramUserId"} {
		v := payload.Get(k)
		if text, _ := v.Text(); !v.Exists() || strings.TrimSpace(text) == "" || strings.TrimSpace(text) == "0" {
			continue
		}
		id, err := platforms.ID(payload, k)
		return id, err == nil, platforms.Within("payload", err)
	}
	return 0, false, nil
}

// price reads what was paid. Stars have no smaller unit.
func price(s *domain.Signal, payload platforms.Value, fields []string) {
	for _, k := range fields {
		a, _ := platforms.Amount(payload, k)
		switch {
		case a == nil:
			continue
		case s.Currency == domain.Stars:
			if s.Type == domain.PaymentRefunded {
				back := -a.Abs()
				a = &back
			}
			s.Amount = a
		default:
			s.RawAmount = a
		}
		return
	}
}

// currency keeps what looks like an ISO 4217 code, or stars.
func currency(s string) string {
	if s = strings.ToUpper(s); len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return s
}
