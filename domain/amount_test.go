package domain_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

func TestTimesAndWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sum, rate, want domain.Amount }{
		{150_000_000, 1_500_000, 225_000_000}, {-50_000_000, 2_000_000, -100_000_000}, {1, 1, 0}, {0, 5, 0},
		{math.MaxInt64, 2_000_000, math.MaxInt64}, {math.MinInt64, 2_000_000, math.MinInt64},
	} {
		if got := c.sum.Times(c.rate); got != c.want {
			t.Errorf("%s at %s is %s, want %s", c.sum, c.rate, got, c.want)
		}
	}
	for sum, want := range map[domain.Amount]int64{150_000_000: 150, 1_500_000: 2, -1_400_000: -1, 0: 0} {
		if got := sum.Whole(); got != want {
			t.Errorf("%s is %d whole, want %d", sum, got, want)
		}
	}
}

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0":                     "0",
		"-0":                    "0",
		"2490":                  "2490",
		"+7":                    "7",
		" 12.50 ":               "12.5",
		"12,50":                 "12.5",
		"1 234,5":               "1234.5",
		"1\u00a0234":            "1234",
		".5":                    "0.5",
		"5.":                    "5",
		"-3.25":                 "-3.25",
		"1e3":                   "1000",
		"1.5E+2":                "150",
		"25e-1":                 "2.5",
		"0.0000005":             "0.000001", // half goes away from zero
		"-0.0000005":            "-0.000001",
		"0.0000004":             "0",
		"19.9999999":            "20",
		"0.1":                   "0.1",
		"9007199254740993e-6":   "9007199254.740993",
		"1000000000000":         "1000000000000",
		"-1000000000000":        "-1000000000000",
		"010":                   "10",
		"100000000000000000e-9": "100000000",
	} {
		a, err := domain.ParseAmount(in)
		if err != nil || a.String() != want {
			t.Errorf("ParseAmount(%q) = %v, %v; want %s", in, a, err, want)
		}
	}
}

func TestParseAmountRefuses(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", " ", "abc", "12 руб", "1.234,50", "1,234.50", "1/3", "0x10", "0b11", "0o17", "1_000", "1p3",
		"--1", "e5", "1e",
		".", "NaN", "Inf", "-inf", "1000000000000.000001", "1e13", "1e300", "1e-300", "1e9999999999",
		"9223372036854775808",
		"11111111111111111111111111111111111111111111111111111111111111111",
	} {
		a, err := domain.ParseAmount(in)
		if !errors.Is(err, domain.ErrInvalid) {
			t.Errorf("ParseAmount(%q) = %v, %v; want an error", in, a, err)
		}
	}
}

func TestAmountAsJSON(t *testing.T) {
	t.Parallel()
	type order struct {
		Sum  domain.Amount  `json:"sum"`
		Tip  *domain.Amount `json:"tip"`
		Back *domain.Amount `json:"back,omitempty"`
	}
	var o order
	if err := json.Unmarshal([]byte(`{"sum":"99,90","tip":0.05,"back":null}`), &o); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(`{"sum":99.9,"tip":0.05}`, string(b)); d != "" {
		t.Error(d)
	}
	if o.Sum.Float64() != 99.9 {
		t.Errorf("Float64 is %v", o.Sum.Float64())
	}
}

func TestAmountAdd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want domain.Amount }{
		{0, 0, 0}, {2, 3, 5}, {2, -3, -1}, {-2, -3, -5}, {math.MaxInt64, -1, math.MaxInt64 - 1},
		{math.MaxInt64 - 1, 1, math.MaxInt64}, {math.MaxInt64, 1, math.MaxInt64},
		{math.MinInt64, -1, math.MinInt64}, {math.MinInt64, math.MaxInt64, -1},
	} {
		if got := c.a.Add(c.b); got != c.want {
			t.Errorf("%d + %d is %d, want %d", c.a, c.b, got, c.want)
		}
		if got := c.b.Add(c.a); got != c.want {
			t.Errorf("%d + %d is %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestInMajor(t *testing.T) {
	t.Parallel()
	raw := domain.Amount(2_500_000_000) // 2500 of whatever it is
	for unit, want := range map[string]string{"major": "2500", "minor": "25"} {
		if got := domain.InMajor(raw, unit); got == nil || got.String() != want {
			t.Errorf("%s: %v, want %s", unit, got, want)
		}
	}
	for _, unit := range []string{"", "cents"} {
		if got := domain.InMajor(raw, unit); got != nil {
			t.Errorf("unit %q is unknown, and yet %v", unit, got)
		}
	}
}
