package telegram

import (
	"slices"
	"strings"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/platforms"
)

// payment reads the service messages about money, which come to the chat where
// the invoice was. Of a subscription every payment but the first is a renewal.
//
// https://core.telegram.org/bots/api#successfulpayment
func payment(m platforms.Value, in platforms.Inbound) (s domain.Signal, ok bool, err error) {
	key := "successful_payment"
	p := m.Get(key)
	s.Type = domain.PaymentCreated
	if !p.IsObject() {
		key, s.Type = "refunded_payment", domain.PaymentRefunded
		p = m.Get(key)
	}
	user, who := from(m)
	if !p.IsObject() || isBot(user) {
		return domain.Signal{}, false, nil
	}
	if again(p) && s.Type == domain.PaymentCreated {
		s.Type = domain.SubscriptionRenewed
	}
	if private(m.Get("chat")) {
		s.Person, err = personOf(m)
	} else {
		s.Person, err = person(user)
		err = platforms.Within(who, err)
	}
	if err != nil {
		return s, false, err
	}
	s.NativePayment, s.At = true, dateOf(m, in.ReceivedAt)
	s.SenderKey = chargeKey(key, s.Type, p)
	s.Amount, s.Currency = total(p, key, in)
	if s.Type == domain.PaymentRefunded && s.Amount != nil {
		back := -s.Amount.Abs()
		s.Amount = &back
	}
	return s, true, nil
}

// chargeKey tells a payment from all others: by its charge, and a renewal by the
// end of what was paid for, too. Empty where the charge is missing.
func chargeKey(kind string, t domain.EventType, p platforms.Value) string {
	charge := platforms.Plain(p.Get("telegram_payment_charge_id"))
	if charge == "" {
		return ""
	}
	key := "telegram:" + kind + ":" + charge
	if until := platforms.Plain(p.Get("subscription_expiration_date")); t == domain.SubscriptionRenewed && until != "" {
		key += ":" + until
	}
	return key
}

// again tells whether a payment of a subscription is not its first.
func again(p platforms.Value) bool {
	recurring, _ := p.Get("is_recurring").Bool()
	first, _ := p.Get("is_first_recurring").Bool()
	return recurring && !first
}

// total is a sum in main units. Telegram tells it in the smallest unit of its
// currency; one whose currency is not told can be read by nobody.
func total(p platforms.Value, key string, in platforms.Inbound) (*domain.Amount, string) {
	code := strings.ToUpper(platforms.Plain(p.Get("currency")))
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		in.Warn(domain.WarnLeftOut, key+".currency", code)
		return nil, ""
	}
	a, _ := platforms.Amount(p, "total_amount")
	if a == nil {
		return nil, code
	}
	sum := *a / smallest(code)
	return &sum, code
}

// smallest is how many of the smallest unit of a currency are one of its main
// units.
//
// https://core.telegram.org/bots/payments/currencies.json
func smallest(code string) domain.Amount {
	if slices.Contains([]string{
		domain.Stars, "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
		"XOF", "XPF",
	}, code) {
		return 1
	}
	if slices.Contains([]string{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}, code) {
		return 1000
	}
	return 100
}

// paidMedia reads the purchase of a picture or film. It names neither sum nor
// time, and has no charge.
//
// https://core.telegram.org/bots/api#paidmediapurchased
func paidMedia(m platforms.Value) (s domain.Signal, ok bool, err error) {
	user, key := from(m)
	if !user.Exists() || isBot(user) {
		return s, false, nil
	}
	s.Type, s.NativePayment = domain.PaymentCreated, true
	s.Person, err = person(user)
	return s, err == nil, platforms.Within(key, err)
}

// subscription reads that a paid subscription is on. The money for it comes as
// a payment; its end is none of our business.
func subscription(m platforms.Value) (s domain.Signal, ok bool, err error) {
	user := m.Get("user")
	if !user.Exists() || isBot(user) || strings.ToLower(platforms.Plain(m.Get("state"))) != "active" {
		return s, false, nil
	}
	s.Type, s.NativePayment = domain.SubscriptionActivated, true
	s.Person, err = person(user)
	return s, err == nil, platforms.Within("user", err)
}
