package web

import (
	"cmp"
	"errors"
	"net/url"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// period is the time that the reports on a page are about. It stands in the
// address: period=7d, or from= and to= with dates, the last one included.
type period struct {
	Name     string // of the preset, "custom" for dates
	From, To string // dates, both included, as they were typed
	Range    report.Range
	Zone     string
	Faults   faults // of the form, by its fields

	// What it is held against, on pages that do; nil for nothing.
	Compared               *report.Compared
	With                   report.Comparison
	CompareFrom, CompareTo string // dates, both included
}

// namedPeriod is a period that has a name.
type namedPeriod struct {
	Name string
	Days int // 0: a calendar month
	Ago  int // how many days or months before today it ends
}

// presets are the named periods. The key that chooses one is its number in
// this list.
func presets() []namedPeriod {
	return []namedPeriod{
		{Name: "today", Days: 1}, {Name: "yesterday", Days: 1, Ago: 1}, {Name: "7d", Days: 7}, {Name: "30d", Days: 30},
		{Name: "90d", Days: 90}, {Name: "365d", Days: 365}, {Name: "month"}, {Name: "last_month", Ago: 1},
	}
}

// defaultPeriod is that of a page whose address names none.
const defaultPeriod = "30d"

// input is the range of a preset.
func (p namedPeriod) input(now time.Time) report.RangeInput {
	if p.Days > 0 {
		return report.RangeInput{To: now.AddDate(0, 0, -p.Ago).Format(time.DateOnly), Days: p.Days}
	}
	y, m, _ := now.Date()
	first := time.Date(y, m-time.Month(p.Ago), 1, 0, 0, 0, 0, time.UTC)
	last := now
	if p.Ago > 0 {
		last = first.AddDate(0, 1, -1)
	}
	return report.RangeInput{From: first.Format(time.DateOnly), To: last.Format(time.DateOnly)}
}

// readPeriod reads the period from the address. One that is wrong is given
// back as it was typed, with what is wrong.
func (v *visit) readPeriod() (*period, error) {
	p := &period{Name: v.query("period"), From: v.query("from"), To: v.query("to")}
	in := report.RangeInput{From: p.From, To: p.To, Days: 30}
	if p.From == "" && p.To == "" {
		p.Name = cmp.Or(p.Name, defaultPeriod)
		in = report.RangeInput{}
		for _, preset := range presets() {
			if preset.Name == p.Name {
				in = preset.input(v.Now().In(v.zone()))
			}
		}
		if in.To == "" {
			return p, domain.Invalid("period", "%q is not known", p.Name)
		}
	} else {
		p.Name = "custom"
	}
	var err error
	p.Zone = v.zone().String()
	if p.Range, err = v.Reports.Range(v.project, in); err != nil {
		return p, err
	}
	p.From, p.To = dates(p.Range)
	return p, nil
}

// readCompared reads what the period is held against, which stands in the
// address as well.
func (v *visit) readCompared(p *period) error {
	p.With = report.Comparison(cmp.Or(v.query("compare"), string(report.WithPrevious)))
	p.CompareFrom, p.CompareTo = v.query("compare_from"), v.query("compare_to")
	if p.With != report.WithDates && p.CompareFrom+p.CompareTo != "" && !v.has("compare") {
		p.With = report.WithDates
	}
	var err error
	p.Compared, err = v.Reports.Compare(v.project, p.Range, report.CompareInput{
		With: p.With, Month: p.Name == "month" || p.Name == "last_month", From: p.CompareFrom, To: p.CompareTo,
	})
	if err != nil || p.Compared == nil {
		return err
	}
	p.CompareFrom, p.CompareTo = dates(p.Compared.Range)
	return nil
}

// dates gives the first and the last local day of a range.
func dates(r report.Range) (from, to string) {
	return r.From.In(r.Zone).Format(time.DateOnly), r.To.Add(-time.Microsecond).In(r.Zone).Format(time.DateOnly)
}

// Days is how many days the period has.
func (p *period) Days() int { return p.Range.Days() }

// Presets are the names of all presets.
func (p *period) Presets() []string {
	var out []string
	for _, preset := range presets() {
		out = append(out, preset.Name)
	}
	return out
}

// Comparisons are what a period can be held against.
func (p *period) Comparisons() []report.Comparison { return report.Comparisons() }

// Part tells whether only a part of the other period counts, since this one
// is not over.
func (p *period) Part() bool { return p.Compared != nil && p.Compared.Until.Before(p.Compared.To) }

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

// comparison are the parameters of the address that name what the period is
// held against.
func (p *period) comparison() url.Values {
	q := url.Values{}
	switch p.With {
	case "", report.WithPrevious:
	case report.WithDates:
		q.Set("compare", string(p.With))
		q.Set("compare_from", p.CompareFrom)
		q.Set("compare_to", p.CompareTo)
	default:
		q.Set("compare", string(p.With))
	}
	return q
}

// wrongPeriod is a period that can not be: the page is shown with the form as
// it was filled in, and with what is wrong.
type wrongPeriod struct {
	view *view
	err  error
}

func (e *wrongPeriod) Error() string { return e.err.Error() }
func (e *wrongPeriod) Unwrap() error { return e.err }

// wrongPeriodPage is what it shows.
type wrongPeriodPage struct{ View *view }

// refusePeriod answers a period that can not be; nil where the error is about
// something else.
func (v *visit) refusePeriod(err error) *view {
	var wrong *wrongPeriod
	if !errors.As(err, &wrong) {
		return nil
	}
	if wrong.view.Period.Faults = v.faultsOf(wrong.err); wrong.view.Period.Faults == nil {
		return nil
	}
	return wrong.view
}
