package report_test

import (
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/usecase/report"
)

// Days follow each other without a gap, and each has the moments whose local
// date it is, in zones whose clocks do odd things.
func TestDayOf(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/Moscow", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago",
		"Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []time.Time{
			time.Date(2011, 12, 1, 0, 0, 0, 0, zone), time.Date(2018, 1, 1, 12, 0, 0, 0, zone),
		} {
			_, _, at := report.DayOf(from, zone)
			for range 400 {
				day, lo, end := report.DayOf(at, zone)
				last := end.Add(-time.Microsecond)
				if !lo.Equal(at) || !end.After(lo) || lo.In(zone).Format(time.DateOnly) != day ||
					last.In(zone).Format(time.DateOnly) != day {
					t.Fatalf("%s: the day of %s is %s, from %s to %s",
						name, at.In(zone), day, lo, end)
				}
				at = end
			}
		}
	}
}
