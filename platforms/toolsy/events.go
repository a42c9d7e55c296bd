package toolsy

import (
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// marks are fields by which an event is known.
func marks() []string {
	return []string{
		"event", "event_type", "telegram_user_id", "telegram_id", "tg_id", "type", "action", "name", "user", "customer",
	}
}

// nameOf is what an event that nobody knows calls itself.
func nameOf(objects []platforms.Value) string {
	if name := field(objects, "event", "event_type", "type", "name", "action"); name != "" {
		return name
	}
	return "no name of an event"
}

// eventType finds the event among the fields that may name it.
func eventType(objects []platforms.Value) (domain.EventType, bool) {
	for _, k := range [...]string{"event", "type", "event_type", "name", "action"} {
		for _, o := range objects {
			if t, known := typeOf(platforms.Plain(o.Get(k))); known {
				return t, true
			}
		}
	}
	return "", false
}

// typeOf is a list and no search for words: "payment_failed" and
// "subscription_cancelled" are not what they contain.
func typeOf(name string) (domain.EventType, bool) {
	switch strings.NewReplacer(".", "_", "-", "_", " ", "_", ":", "_").Replace(strings.ToLower(name)) {
	case "payment_created", "payment_create", "create_payment", "created_payment", "new_payment",
		"payment_succeeded", "payment_success", "payment_paid", "создание_платежа":
		return domain.PaymentCreated, true
	case "refund_created", "refund_create", "create_refund", "created_refund", "new_refund",
		"payment_refunded", "payment_refund", "refund", "создание_возврата":
		return domain.PaymentRefunded, true
	case "subscription_activated", "subscription_activate", "subscription_activation", "activate_subscription",
		"subscription_created", "new_subscription", "активация_подписки":
		return domain.SubscriptionActivated, true
	case "subscription_renewed", "subscription_renew", "subscription_renewal", "renew_subscription",
		"renewed_subscription", "subscription_updated", "subscription_update", "update_subscription",
		"обновление_подписки":
		return domain.SubscriptionRenewed, true
	case "bot_started", "bot_start", "start_bot", "user_started", "user_started_bot", "start", "старт_бота":
		return domain.BotStarted, true
	}
	return "", false
}

// senderKey is the payment's own id; a subscription's together with its end or
// the event's time, for it is renewed under the same id. Without an id kind,
// person and time must do.
func senderKey(s domain.Signal, objects []platforms.Value) string {
	kind := string(s.Type)
	switch s.Type {
	case domain.PaymentRefunded:
		if id := field(objects, "refund_id"); id != "" {
			return kind + ":" + id
		}
		fallthrough
	case domain.PaymentCreated:
		if id := field(objects, "payment_id", "transaction_id", "invoice_id", "order_id"); id != "" {
			return kind + ":" + id
		}
	case domain.SubscriptionActivated, domain.SubscriptionRenewed:
		id := field(objects, "subscription_id")
		until := field(objects, "expires_at", "active_until", "period_id")
		if id != "" && until != "" {
			return kind + ":" + id + ":" + until
		}
		if id != "" && !s.At.IsZero() {
			return platforms.Key(s, id)
		}
	}
	return platforms.Key(s, field(objects, "id"))
}
