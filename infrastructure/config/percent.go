package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Percent is a part of something, written 10% or 0.5%.
type Percent float64

// ParsePercent reads a part, from 0% to 100%. The sign is required: 0.1 might
// be meant as a tenth.
func ParsePercent(text string) (Percent, error) {
	number, signed := strings.CutSuffix(strings.TrimSpace(text), "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !signed || !(n >= 0 && n <= 100) {
		return 0, fmt.Errorf("%q is not a part such as 10%%", text)
	}
	return Percent(n), nil
}

// String is the shortest exact form.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// Part is the part of one.
func (p Percent) Part() float64 { return float64(p) / 100 }
