package usecase_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// Days follow each other without a gap, and each has the moments whose local
// date it is, in zones whose clocks do odd things.
func TestDayOf(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/Moscow", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "America/Sao_Paulo",
		"Pacific/Apia", "Africa/Cairo",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []time.Time{time.Date(2011, 12, 1, 0, 0, 0, 0, zone), time.Date(2018, 1, 1, 12, 0, 0, 0, zone)} {
			_, _, at := usecase.DayOf(from, zone)
			for range 400 {
				day, lo, end := usecase.DayOf(at, zone)
				last := end.Add(-time.Microsecond)
				if !lo.Equal(at) || !end.After(lo) || lo.In(zone).Format(time.DateOnly) != day || last.In(zone).Format(time.DateOnly) != day {
					t.Fatalf("%s: the day of %s is %s, from %s to %s", name, at.In(zone), day, lo, end)
				}
				at = end
			}
		}
	}
}

// What is no longer kept is not counted anew: it would be lost.
func TestOldDaysAreLeftAlone(t *testing.T) {
	ledgers(t, func(l *ledger) {
		link := l.link("ad", "")
		l.click(link)
		l.send(start(1, ""))
		l.settle()
		cfg := reportsConfig
		cfg.Kept = 10 * day
		kept := usecase.NewRollups(usecase.RollupsConfig{ReportsConfig: cfg, Interval: time.Millisecond}, l.Store, "other", l.clock, slog.New(slog.DiscardHandler))
		l.after(20 * day)
		l.ok(l.Erase(l.Context(), domain.SubscriberKey{ProjectID: l.p.ID, Messenger: domain.Telegram, UserID: 1}, l.now))
		before := l.figures("2031-03-03")
		if n, err := kept.Round(l.Context()); err != nil || n != 1 {
			l.Fatalf("%d projects, %v", n, err)
		}
		l.want("2031-03-03", before)
		l.p.Timezone = "Asia/Tokyo"
		l.ok(l.UpdateProject(l.Context(), l.p.Project))
		if _, err := kept.Rebuild(l.Context(), l.p.ID, time.Time{}, time.Time{}); err != nil {
			l.Error(err)
		}
		l.want("2031-03-03", before)
	})
}

// Run makes rollups anew that were never made or have another basis, without
// anybody marking anything, and what the stream says.
func TestRollupsRun(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.send(start(1, ""))
		l.relay()
		l.ok(l.rollups.Handle(l.Context(), [][]byte{[]byte("{"), []byte(`{"id":"x"}`)})) // would come again for ever
		ctx, cancel := context.WithCancel(l.Context())
		done := make(chan error)
		go func() { done <- l.rollups.Run(ctx) }()
		eventually(l.T, "the rollups", func() bool {
			days, err := l.RollupDays(l.Context(), l.p.ID, "2031-03-03", "2031-03-03", usecase.ReportFilter{})
			l.ok(err)
			basis, err := l.RollupBasis(l.Context(), l.p.ID)
			l.ok(err)
			return basis != "" && days["2031-03-03"] != nil && days["2031-03-03"].Joins == 1
		})
		cancel()
		l.ok(<-done)
		l.ok(l.DeleteProject(l.Context(), l.p.ID))
		l.after(time.Hour)
		ctx, cancel = context.WithCancel(l.Context())
		go func() { done <- l.rollups.Run(ctx) }()
		eventually(l.T, "the end of a deleted project's rollups", func() bool {
			basis, err := l.RollupBasis(l.Context(), l.p.ID)
			l.ok(err)
			return basis == ""
		})
		cancel()
		l.ok(<-done)
	})
}
