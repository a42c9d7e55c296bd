package domain

// LinkCost is what advertising with a link cost on a day of the project's time
// zone.
type LinkCost struct {
	LinkID   string
	Day      string // 2027-01-31
	Amount   Amount // above 0
	Currency string
}

// Spread divides an amount into n parts that add up to it exactly and differ
// as little as can be: in hundredths, as money is paid, unless the amount has
// smaller parts itself.
func (a Amount) Spread(n int) []Amount {
	const hundredth = amountScale / 100
	unit := Amount(1)
	if a%hundredth == 0 {
		unit = hundredth
	}
	units := a / unit
	out := make([]Amount, n)
	for i := range out {
		out[i] = units / Amount(n) * unit
		if Amount(i) < units%Amount(n) {
			out[i] += unit
		}
	}
	return out
}

// Per gives a share of an amount to four digits; nil where there is nothing to
// divide by.
func (a Amount) Per(n int64) *Amount {
	const digits = amountScale / 10_000
	if n <= 0 {
		return nil
	}
	unit := Amount(n) * digits
	if unit/digits != Amount(n) {
		return nil
	}
	share := a / unit
	if a%unit >= unit-a%unit {
		share++
	}
	share *= digits
	return &share
}
