package web

import (
	_ "embed"
	"strings"
)

// zones are the names of time zones to choose from, one for each place of the
// IANA database's zone.tab. Any other name that is known is taken, too.
//
//go:embed zones.txt
var zones string

// Zones are the time zones that forms offer.
func (p page) Zones() []string { return strings.Fields(zones) }

// Currencies are those that forms offer; any other code is taken, too.
func (p page) Currencies() []string { return currencies() }

func currencies() []string {
	return []string{
		"RUB", "USD", "EUR", "BYN", "KZT", "UZS", "KGS", "TJS", "AMD", "AZN", "GEL", "MDL", "UAH", "TRY", "ILS", "AED",
		"GBP", "CHF", "PLN", "CZK", "RSD", "CNY", "INR", "IDR", "THB", "VND", "BRL",
	}
}
