package domain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount string
		want   []string
	}{
		"in hundredths":          {"100", []string{"33.34", "33.33", "33.33"}},
		"even":                   {"9", []string{"3", "3", "3"}},
		"less than one for each": {"0.02", []string{"0.01", "0.01", "0"}},
		"with smaller parts":     {"0.000004", []string{"0.000002", "0.000001", "0.000001"}},
		"nothing":                {"0", []string{"0", "0", "0"}},
		"as much as there ever is": {"1000000000000",
			[]string{"333333333333.34", "333333333333.33", "333333333333.33"}},
	} {
		a, err := domain.ParseAmount(c.amount)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		sum := domain.Amount(0)
		for _, part := range a.Spread(3) {
			got = append(got, part.String())
			sum += part
		}
		if diff := cmp.Diff(c.want, got); diff != "" || sum != a {
			t.Errorf("%s: they add up to %s (-want +got):\n%s", name, sum, diff)
		}
	}
}

func TestAmountPer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount domain.Amount
		n      int64
		want   string
	}{{1_000_000, 3, "0.3333"}, {2_000_000, 3, "0.6667"}, {1_000_000, 1, "1"}, {0, 4, "0"}, {50, 1, "0.0001"}} {
		if got := c.amount.Per(c.n); got == nil || got.String() != c.want {
			t.Errorf("%s for %d: %v, want %s", c.amount, c.n, got, c.want)
		}
	}
	if got := domain.Amount(5).Per(0); got != nil {
		t.Errorf("for nobody: %s", got)
	}
}
