package tribute

import (
	"strconv"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// kind is what an event of Tribute means.
type kind struct {
	event domain.EventType
	// sum are the fields with what the person paid, the first that is there. A
	// subscription's amount is what its author keeps of the price.
	sum []string
	// ids are fields that tell this payment from all others, as one has them.
	ids []string
	// ofPeriod: nothing does; the same person pays again under the same ids, and
	// the end of the paid period, or the event's time, tells it.
	ofPeriod []string
}

// kinds are the events that say something, by their names.
func kinds() map[string]kind {
	price, amount := []string{"price", "amount"}, []string{"amount", "price"}
	total := []string{"total", "amount", "price"}
	expiry := []string{"expires_at", "expiresAt"}
	order := []string{"order_id", "orderId", "uuid"}
	return map[string]kind{
		"new_subscription": {
			domain.SubscriptionActivated, price, []string{"subscription_id"}, expiry,
		},
		"renewed_subscription": {
			domain.SubscriptionRenewed, price, []string{"subscription_id"}, expiry,
		},
		"subscription_refunded": {
			domain.PaymentRefunded, price, []string{"subscription_id"}, expiry,
		},
		"new_donation":       {domain.PaymentCreated, amount, []string{"donation_request_id"}, []string{}},
		"recurrent_donation": {domain.PaymentCreated, amount, []string{"donation_request_id"}, []string{}},

		"new_digital_product":      {domain.PaymentCreated, amount, []string{"purchase_id", "transaction_id"}, nil},
		"digital_product_refunded": {domain.PaymentRefunded, amount, []string{"purchase_id", "transaction_id"}, nil},
		"physical_order_created":   {domain.PaymentCreated, total, order, nil},
		"physical_order_canceled":  {domain.PaymentRefunded, total, order, nil},

		"shop_order":                {domain.PaymentCreated, amount, order, nil},
		"shop_order_charge_success": {domain.PaymentCreated, amount, order, []string{}},
		"shop_token_charge_success": {domain.PaymentCreated, amount, []string{"chargeUuid", "charge_uuid"}, nil},
		"shop_order_refunded": {
			domain.PaymentRefunded, amount, []string{"transactionId", "transaction_id", "uuid"}, nil,
		},
	}
}

// free tells whether nothing was paid: what is tried out.
func (k kind) free(payload platforms.Value) bool {
	if k.event != domain.SubscriptionActivated {
		trial, _ := payload.Get("isTrial").Bool()
		return trial
	}
	return strings.EqualFold(platforms.Plain(payload.Get("type")), "trial")
}

// key tells a payment from all others. Tribute sends an event again until it is
// answered, with another sent_at and all else the same.
func key(name string, s domain.Signal, k kind, event, payload platforms.Value) string {
	id := platforms.FirstOf(payload, k.ids...)
	switch {
	case id == "":
		return platforms.Key(s, name)
	case k.ofPeriod == nil:
		return "tribute:" + name + ":" + id
	}
	until := platforms.FirstOf(payload, k.ofPeriod...)
	if until == "" {
		until = platforms.Plain(event.Get("created_at"))
	}
	if until == "" {
		return platforms.Key(s, name+":"+id)
	}
	return "tribute:" + name + ":" + id + ":" + strconv.FormatInt(s.Person.ID, 10) + ":" + until
}
