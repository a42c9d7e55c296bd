package web

import (
	"net/url"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// period is the time that the reports on a page are about. It stands in the
// address: period=7d, or from= and to= with dates, the last one included.
type period struct {
	Name     string // of the preset, "custom" for dates
	From, To string // dates, both included
	Range    report.Range
	// Before is the period of the same length right before it.
	Before report.Range
	Zone   string
}

// presets are the named periods and how many days each has. The key that chooses
// one is its number in this list.
var presets = []struct {
	Name string
	Days int
}{{"today", 1}, {"yesterday", 1}, {"7d", 7}, {"30d", 30}, {"90d", 90}, {"365d", 365}}

// defaultPeriod is that of a page whose address names none.
const defaultPeriod = "30d"

// readPeriod reads the period from the address.
func (v *visit) readPeriod() (*period, error) {
	p := &period{Name: v.query("period"), From: v.query("from"), To: v.query("to")}
	in := report.RangeInput{From: p.From, To: p.To, Days: 30}
	if p.From == "" && p.To == "" {
		if p.Name == "" {
			p.Name = defaultPeriod
		}
		today := v.Now().In(v.zone())
		days := 0
		for _, preset := range presets {
			if preset.Name == p.Name {
				days = preset.Days
			}
		}
		switch {
		case days == 0:
			return p, domain.Invalid("period", "%q is not known", p.Name)
		case p.Name == "yesterday":
			today = today.AddDate(0, 0, -1)
		}
		in = report.RangeInput{To: today.Format(time.DateOnly), Days: days}
	} else {
		p.Name = "custom"
	}
	var err error
	if p.Range, err = v.Reports.Range(v.project, in); err != nil {
		return p, err
	}
	p.From, p.To = dates(p.Range)
	p.Zone = p.Range.Zone.String()
	p.Before, err = v.Reports.Range(v.project, before(p.Range))
	return p, err
}

// dates gives the first and the last local day of a range.
func dates(r report.Range) (from, to string) {
	return r.From.In(r.Zone).Format(time.DateOnly), r.To.Add(-time.Microsecond).In(r.Zone).Format(time.DateOnly)
}

// before gives as many days right before a range.
func before(r report.Range) report.RangeInput {
	first := r.From.In(r.Zone)
	days := 1
	for at := first; ; days++ {
		if at = at.AddDate(0, 0, 1); !at.Before(r.To) {
			break
		}
	}
	return report.RangeInput{To: first.AddDate(0, 0, -1).Format(time.DateOnly), Days: days}
}

// Days is how many days the period has.
func (p *period) Days() int {
	n := 0
	for at := p.Range.From.In(p.Range.Zone); at.Before(p.Range.To); at = at.AddDate(0, 0, 1) {
		n++
	}
	return n
}

// Presets are the names of all presets.
func (p *period) Presets() []string {
	out := make([]string, len(presets))
	for i := range presets {
		out[i] = presets[i].Name
	}
	return out
}

// values are the parameters of the address that name the period.
func (p *period) values() url.Values {
	q := url.Values{}
	if p.Name == "custom" {
		q.Set("from", p.From)
		q.Set("to", p.To)
	} else if p.Name != defaultPeriod {
		q.Set("period", p.Name)
	}
	return q
}
