package web

import (
	"testing"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// TestCostOfEach: the sum over links divides the cost of all by the people of
// those links that cost something, as the overview does.
func TestCostOfEach(t *testing.T) {
	t.Parallel()
	amount := func(n int64) *domain.Amount { a := domain.Amount(n) * 1_000_000; return &a }
	c := costEach("cost_joined", "", func(r *report.LinkRow) (*domain.Amount, int64) { return r.Cost, r.Joins })
	row := func(cost *domain.Amount, joins int64) *report.LinkRow {
		r := &report.LinkRow{Cost: cost}
		r.Joins = joins
		return r
	}
	sum := value{}
	for _, r := range []*report.LinkRow{row(amount(100), 4), row(amount(50), 0), row(amount(0), 90), row(nil, 7)} {
		x := c.of(r)
		if x.none != (r.Joins != 4) {
			t.Errorf("%+v: %+v", r, x)
		}
		sum.add(x)
	}
	if got := c.kind.amount(sum); got != *amount(150)/4 {
		t.Errorf("each cost %v", got)
	}
}
