package i18n

import (
	"strconv"
	"strings"
)

// narrowBlank does not break a line.
const narrowBlank = "\u202f"

// Number writes a whole number with its digits in groups of three.
func (l Language) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	blank := ","
	if l == Russian {
		blank = narrowBlank
	}
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return sign + strings.Join(append([]string{digits}, groups...), blank)
}

// Point is what divides the whole from the fraction of a number.
func (l Language) Point() string {
	if l == Russian {
		return ","
	}
	return "."
}

// PercentSign is what is written behind a number of per cent.
func (l Language) PercentSign() string {
	if l == Russian {
		return narrowBlank + "%"
	}
	return "%"
}

// DateLayout writes a date, for time.Format.
func (l Language) DateLayout() string {
	switch l {
	case Russian:
		return "02.01.2006"
	case Marked: // no names of months
		return "2006-01-02"
	}
	return "2 Jan 2006"
}

// ShortDateLayout writes a date without its year, as under a chart.
func (l Language) ShortDateLayout() string {
	switch l {
	case Russian:
		return "02.01"
	case Marked:
		return "01-02"
	}
	return "Jan 2"
}
