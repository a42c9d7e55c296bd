package domain_test

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
)

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1500": "1500 ", "1500 ₽": "1500 RUB", "1 500,50": "1500.5 ", "1\u00a0500,50\u00a0руб.": "1500.5 RUB",
		"1\u202f500 ₽": "1500 RUB", "1500р.": "1500 RUB", "1500.-": "1500 ", "$15": "15 USD", "15 USD": "15 USD",
		"-5 €": "-5 EUR", "-$5": "-5 USD", "−5": "-5 ", "1,500.50": "1500.5 ", "1.500,50": "1500.5 ",
		"1,500,000": "1500000 ", "1.500.000 ₽": "1500000 RUB", "1'500": "1500 ", "1,5": "1.5 ", "12e2": "1200 ",
		"0": "0 ", "100 000 000 тг": "100000000 KZT",
	} {
		a, currency, err := domain.ParseMoney(text)
		if got := a.String() + " " + currency; err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "many", "15 pieces", "5 of 10", "₽", "1-2", "1 500 / 2", "0x10", "1e99", "999999999999999999 ₽", "--5",
	} {
		if a, currency, err := domain.ParseMoney(text); err == nil {
			t.Errorf("%q is read as %s %s", text, a, currency)
		}
	}
}
