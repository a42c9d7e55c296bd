package report_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// TestCompare: a period that is not over is held against as much of the other
// as has passed of it, by calendar and clock; a month against the month before.
func TestCompare(t *testing.T) {
	t.Parallel()
	const layout = "2006-01-02 15:04"
	zone, err := time.LoadLocation("Europe/Berlin") // the clocks change on 30 March and 26 October 2031
	if err != nil {
		t.Fatal(err)
	}
	p := &domain.Project{Timezone: zone.String()}
	for name, c := range map[string]struct {
		now, from, to     string
		in                report.CompareInput
		first, until, end string
	}{
		"today until the same minute": {
			"2031-11-28 10:25", "2031-11-28", "2031-11-28", report.CompareInput{},
			"2031-11-27 00:00", "2031-11-27 10:25", "2031-11-28 00:00",
		},
		"the day after one of 23 hours": {
			"2031-03-31 10:25", "2031-03-31", "2031-03-31", report.CompareInput{},
			"2031-03-30 00:00", "2031-03-30 10:25", "2031-03-31 00:00",
		},
		"a day of 25 hours": {
			"2031-10-26 23:10", "2031-10-26", "2031-10-26", report.CompareInput{},
			"2031-10-25 00:00", "2031-10-25 23:10", "2031-10-26 00:00",
		},
		"a week that is not over": {
			"2031-11-28 10:25", "2031-11-22", "2031-11-28", report.CompareInput{},
			"2031-11-15 00:00", "2031-11-21 10:25", "2031-11-22 00:00",
		},
		"days that are over": {
			"2031-11-28 10:25", "2031-10-20", "2031-10-26", report.CompareInput{},
			"2031-10-13 00:00", "2031-10-20 00:00", "2031-10-20 00:00",
		},
		"this month": {
			"2031-03-30 10:25", "2031-03-01", "2031-03-30", report.CompareInput{Month: true},
			"2031-02-01 00:00", "2031-03-01 00:00", "2031-03-01 00:00", // February has no 30th
		},
		"last month": {
			"2031-11-28 10:25", "2031-10-01", "2031-10-31", report.CompareInput{Month: true},
			"2031-09-01 00:00", "2031-10-01 00:00", "2031-10-01 00:00",
		},
		"a year ago": {
			"2032-02-29 10:25", "2032-02-28", "2032-02-29", report.CompareInput{With: report.WithLastYear},
			"2031-02-28 00:00", "2031-03-01 10:25", "2031-03-02 00:00",
		},
		"dates of one's choice": {
			"2031-11-28 10:25", "2031-11-28", "2031-11-28",
			report.CompareInput{With: report.WithDates, From: "2031-11-21", To: "2031-11-22"},
			"2031-11-21 00:00", "2031-11-21 10:25", "2031-11-23 00:00",
		},
	} {
		now, err := time.ParseInLocation(layout, c.now, zone)
		if err != nil {
			t.Fatal(err)
		}
		r := report.NewReader(report.Config{}, nil, func() time.Time { return now })
		rng, err := r.Range(p, report.RangeInput{From: c.from, To: c.to})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Compare(p, rng, c.in)
		if err != nil {
			t.Fatal(name, err)
		}
		var texts []string
		for _, at := range []time.Time{got.From, got.Until, got.To} {
			texts = append(texts, at.In(zone).Format(layout))
		}
		if d := cmp.Diff([]string{c.first, c.until, c.end}, texts); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestCompareRefuses says which field of the form is wrong.
func TestCompareRefuses(t *testing.T) {
	t.Parallel()
	r := report.NewReader(report.Config{}, nil, time.Now)
	p := &domain.Project{Timezone: "UTC"}
	rng, err := r.Range(p, report.RangeInput{From: "2031-11-01", To: "2031-11-02"})
	if err != nil {
		t.Fatal(err)
	}
	for field, in := range map[string]report.CompareInput{
		"compare_from": {With: report.WithDates, From: "x", To: "2031-11-22"},
		"compare_to":   {With: report.WithDates, From: "2031-11-23", To: "2031-11-22"},
		"compare":      {With: "moon"},
	} {
		_, err := r.Compare(p, rng, in)
		var fe *domain.FieldError
		if !errors.As(err, &fe) || fe.Field != field {
			t.Errorf("%+v: %v, want a fault of %s", in, err, field)
		}
	}
	if c, err := r.Compare(p, rng, report.CompareInput{With: report.WithNothing}); c != nil || err != nil {
		t.Errorf("with nothing: %+v, %v", c, err)
	}
}

// TestTermsAreApart: no word stands for two figures.
func TestTermsAreApart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, term := range report.Terms() {
		for _, name := range []string{term.Name.EN, term.Name.RU} {
			if other, taken := seen[name]; taken {
				t.Errorf("%s and %s are both called %q", other, term.Key, name)
			}
			seen[name] = term.Key
		}
	}
}

// TestAverageNeverRises: a week of joining that has not come so far takes its
// people out of the average, not their departures.
func TestAverageNeverRises(t *testing.T) {
	t.Parallel()
	got := report.Average([]report.CohortRow{
		{Joined: 100, Stayed: []int64{90, 90, 90}}, {Joined: 100, Stayed: []int64{50}},
	})
	want := []report.Stay{{Share: 0.7, Of: 200}, {Share: 0.7, Of: 100}, {Share: 0.7, Of: 100}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
