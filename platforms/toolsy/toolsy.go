// Package toolsy reads events of the payment service Toolsy: payments,
// refunds, subscriptions and starts. No vendor's page describes them; names of
// events and fields are those of services like it, and events under other
// names are taken for none of our business. The unit of its sums is not known,
// so they are handed on as raw amounts.
package toolsy

import (
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// Decoder decodes on_toolsy_event.
type Decoder struct{}

// Describe names the decoder.
func (Decoder) Describe() platforms.Descriptor {
	return platforms.Descriptor{
		Name: "toolsy", Title: "Toolsy",
		Methods: []string{"on_toolsy_event"},
		Tier:    platforms.Medium, Evidence: platforms.Unverified,
		Guide: guide(),
	}
}

// Decode reads one event.
func (Decoder) Decode(in platforms.Inbound) ([]domain.Signal, error) {
	v, err := platforms.Object(in, marks()...)
	if err != nil {
		return nil, err
	}
	objects := parts(v)
	kind, known := eventType(objects)
	if !known {
		in.Warn(domain.WarnUnknownContent, "", nameOf(objects))
		return nil, nil
	}
	p, err := person(objects)
	if err != nil {
		return nil, err
	}
	s := domain.Signal{Type: kind, Person: p, At: timeOf(objects, in.ReceivedAt)}
	if kind == domain.BotStarted {
		s.StartValue = first(objects, func(o platforms.Value) string {
			return platforms.StartValue(o, "start_value", "start_param", "start", "ref")
		})
		s.SenderKey = platforms.Key(s, s.StartValue)
		return []domain.Signal{s}, nil
	}
	s.SenderKey = senderKey(s, objects)
	s.Currency = currency(field(objects, "currency"))
	var stated string
	if s.RawAmount, stated = amount(objects); s.Currency == "" {
		s.Currency = stated
	}
	return []domain.Signal{s}, nil
}

// parts lists the objects an event's fields may lie in, the outermost first.
func parts(v platforms.Value) []platforms.Value {
	all := []platforms.Value{v}
	for _, k := range [...]string{"data", "payload", "object", "payment", "refund", "subscription", "order"} {
		for _, o := range all {
			if inner := platforms.Embedded(o.Get(k)); inner.IsObject() {
				all = append(all, inner)
			}
		}
	}
	return all
}

func first(objects []platforms.Value, read func(platforms.Value) string) string {
	for _, o := range objects {
		if s := read(o); s != "" {
			return s
		}
	}
	return ""
}

func field(objects []platforms.Value, keys ...string) string {
	return first(objects, func(o platforms.Value) string { return platforms.FirstOf(o, keys...) })
}

func person(objects []platforms.Value) (*domain.Person, error) {
	for _, o := range objects {
		for _, path := range [...]string{"", "user", "customer"} {
			holder := o
			if path != "" {
				holder = o.Get(path)
			}
			for _, k := range [...]string{"telegram_user_id", "telegram_id", "tg_id"} {
				if !holder.Get(k).Exists() {
					continue
				}
				id, err := platforms.ID(holder, k)
				if err != nil {
					return nil, platforms.Within(path, err)
				}
				return named(o, holder, id), nil
			}
		}
	}
	return nil, domain.InvalidAs(domain.RefusedMissing, "telegram_user_id", "",
		"is missing; send the person's Telegram id, for example 123456789")
}

func named(event, holder platforms.Value, id int64) *domain.Person {
	p := &domain.Person{
		ID:        id,
		Username:  platforms.Username(platforms.FirstOf(holder, "telegram_username", "username")),
		FirstName: platforms.Optional(holder, "first_name"),
		LastName:  platforms.Optional(holder, "last_name"),
	}
	if p.Username == "" {
		p.Username = platforms.Username(platforms.Optional(event, "telegram_username"))
	}
	return p
}

func timeOf(objects []platforms.Value, receivedAt time.Time) time.Time {
	for _, k := range [...]string{"created_at", "date", "time"} {
		for _, o := range objects {
			if t := platforms.Time(o, k, receivedAt); !t.IsZero() {
				return t
			}
		}
	}
	return time.Time{}
}

func amount(objects []platforms.Value) (sum *domain.Amount, currency string) {
	for _, k := range [...]string{"amount", "sum", "price", "total"} {
		for _, o := range objects {
			if a, currency := platforms.Amount(o, k); a != nil {
				return a, currency
			}
		}
	}
	return nil, ""
}

// currency keeps what looks like an ISO 4217 code.
func currency(s string) string {
	if s = strings.ToUpper(s); len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return s
}
