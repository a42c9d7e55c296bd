package domain

import (
	"strings"
	"unicode"
)

// ParseMoney reads a sum as people write it: 1500 ₽, 1 500,50 руб., $15. The
// currency is "" where none stands beside the number.
func ParseMoney(s string) (sum Amount, currency string, err error) {
	if a, err := ParseAmount(s); err == nil {
		return a, "", nil
	}
	number, words := splitMoney(s)
	currency, known := currencyOf(words)
	if !known {
		return 0, "", Invalid("amount", "%q is not a number", clip(s, 40))
	}
	a, err := ParseAmount(oneSeparator(number))
	if err != nil {
		return 0, "", Invalid("amount", "%q is not a number", clip(s, 40))
	}
	return a, currency, nil
}

// splitMoney divides the digits from the words before or behind them.
func splitMoney(s string) (number, words string) {
	s = strings.TrimSpace(s)
	first := strings.IndexFunc(s, unicode.IsDigit)
	last := strings.LastIndexFunc(s, unicode.IsDigit)
	if first < 0 {
		return "", s
	}
	before, number, behind := strings.TrimSpace(s[:first]), s[first:last+1], strings.TrimSpace(s[last+1:])
	if strings.Count(before, "-") > 1 {
		return "", s
	}
	for _, minus := range [...]string{"-", "−", "–"} {
		switch {
		case strings.HasSuffix(before, minus):
			return "-" + number, strings.TrimSuffix(before, minus) + behind
		case strings.HasPrefix(before, minus): // -$5
			return "-" + number, strings.TrimPrefix(before, minus) + behind
		}
	}
	return number, before + behind
}

// oneSeparator leaves the separator of the fraction and removes those of
// thousands: blanks, apostrophes, and of a point and a comma the one that comes
// first, or occurs twice. A comma alone is the decimal one.
func oneSeparator(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\'' || r == '’' || r == '\u202f' {
			return -1
		}
		return r
	}, s)
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case point >= 0 && comma > point, strings.Count(s, ".") > 1:
		s = strings.ReplaceAll(s, ".", "")
	case comma >= 0 && point > comma, strings.Count(s, ",") > 1:
		s = strings.ReplaceAll(s, ",", "")
	}
	return s
}

// currencyOf finds a currency by what stands beside a sum; false for words that
// are none: 15 of something else is no sum of money.
func currencyOf(words string) (currency string, known bool) {
	words = strings.ToLower(strings.Trim(strings.Join(strings.Fields(words), ""), ".-–—=,"))
	switch words {
	case "":
		return "", true
	case "₽", "р", "руб", "рублей", "рубля", "рубль", "rub", "rur", "r":
		return "RUB", true
	case "$", "usd", "долл", "долларов", "доллара", "доллар", "us$":
		return "USD", true
	case "€", "eur", "евро":
		return "EUR", true
	case "₸", "kzt", "тг", "тенге":
		return "KZT", true
	case "₴", "uah", "грн", "гривен":
		return "UAH", true
	case "byn", "br", "бел.руб", "белруб":
		return "BYN", true
	case "₺", "try", "tl":
		return "TRY", true
	case "£", "gbp":
		return "GBP", true
	case "uzs", "сум", "so'm":
		return "UZS", true
	case "₾", "gel":
		return "GEL", true
	case "֏", "amd":
		return "AMD", true
	case "kgs", "aed", "cny", "inr", "pln", "czk", "ils", "azn", "mdl", "tjs", "rsd", "xtr":
		return strings.ToUpper(words), true
	}
	return "", false
}
