package domain

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Amount is a sum of money in millionths of the currency's main unit, so that
// sums add up exactly. It is written and read as a plain decimal number.
type Amount int64

const amountScale = 1_000_000

// Stars is the currency of Telegram's stars. It is not money: an owner says what
// one is worth.
const Stars = "XTR"

// maxAmount keeps sums of many amounts within int64.
const maxAmount = 1_000_000_000_000 * int64(amountScale)

// ParseAmount reads an integer, a decimal or a number with an exponent. A
// decimal comma is taken as a point. What lies beyond a trillion is refused;
// digits past the sixth are rounded.
func ParseAmount(s string) (Amount, error) {
	t := strings.ReplaceAll(strings.Join(strings.Fields(s), ""), ",", ".")
	if t == "" || len(t) > 64 || strings.ContainsAny(t, "/_xXpPbBoO") {
		return 0, Invalid("amount", "%q is not a number", clip(s, 40))
	}
	if i := strings.IndexAny(t, "eE"); i >= 0 && len(t)-i > 4 {
		return 0, Invalid("amount", "is out of range")
	}
	r, ok := new(big.Rat).SetString(t)
	if !ok {
		return 0, Invalid("amount", "%q is not a number", clip(s, 40))
	}
	r.Mul(r, big.NewRat(amountScale, 1))
	n, ok := new(big.Int).SetString(r.FloatString(0), 10)
	if !ok || !n.IsInt64() || n.Int64() > maxAmount || n.Int64() < -maxAmount {
		return 0, Invalid("amount", "is out of range")
	}
	return Amount(n.Int64()), nil
}

// Abs is the amount without its sign.
func (a Amount) Abs() Amount { return max(a, -a) }

// String gives the shortest decimal form: "1500", "123.45", "-0.5".
func (a Amount) String() string {
	sign, n := "", int64(a)
	if n < 0 {
		sign, n = "-", -n
	}
	if n%amountScale == 0 {
		return fmt.Sprintf("%s%d", sign, n/amountScale)
	}
	return sign + strings.TrimRight(fmt.Sprintf("%d.%06d", n/amountScale, n%amountScale), "0")
}

// Times gives the amount at a rate: millionths of what one main unit is worth.
// What would not fit stays at the largest, or the smallest, amount there is.
func (a Amount) Times(rate Amount) Amount {
	n := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(rate)))
	n.Quo(n, big.NewInt(amountScale))
	switch {
	case n.IsInt64():
		return Amount(n.Int64())
	case n.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// Whole gives the main units, rounded.
func (a Amount) Whole() int64 { return int64(math.Round(a.Float64())) }

// Float64 gives the amount in main units, for wire formats that take a JSON
// number computed elsewhere.
func (a Amount) Float64() float64 { return float64(a) / amountScale }

// Add gives the sum; what would not fit stays at the largest, or the smallest,
// amount there is.
func (a Amount) Add(b Amount) Amount {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

// MarshalJSON writes a JSON number.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads a JSON number or a numeric string.
func (a *Amount) UnmarshalJSON(b []byte) error {
	v, err := ParseAmount(strings.Trim(string(b), `"`))
	if err != nil {
		return err
	}
	*a = v
	return nil
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// InMajor turns a sum whose unit is known by name ("major" or "minor") into
// main units; nil when the unit is not known.
func InMajor(raw Amount, unit string) *Amount {
	switch unit {
	case "major":
		return &raw
	case "minor":
		raw /= 100
		return &raw
	}
	return nil
}
