package usecase_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase/report"
)

// What is no longer kept is not counted anew: it would be lost.
func TestOldDaysAreLeftAlone(t *testing.T) {
	ledgers(t, func(l *ledger) {
		link := l.link("ad", "")
		l.click(link)
		l.send(start(1, ""))
		l.settle()
		cfg := reportsConfig
		cfg.Kept = 10 * day
		kept := report.NewRollups(report.RollupsConfig{Config: cfg, Interval: time.Millisecond}, l.Store, "other",
			l.clock, slog.New(slog.DiscardHandler))
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

// Run makes rollups that were never made or have another fingerprint, and adds
// what comes. They go with the project.
func TestRollupsRun(t *testing.T) {
	ledgers(t, func(l *ledger) {
		l.send(start(1, ""))
		ctx, cancel := context.WithCancel(l.Context())
		done := make(chan error)
		go func() { done <- l.rollups.Run(ctx) }()
		eventually(l.T, "the rollups", func() bool {
			days, err := l.RollupDays(l.Context(), report.RollupQuery{
				ProjectID: l.p.ID, First: "2031-03-03", Last: "2031-03-03",
			})
			l.ok(err)
			fingerprint, err := l.RollupFingerprint(l.Context(), l.p.ID)
			l.ok(err)
			return fingerprint != "" && days["2031-03-03"] != nil && days["2031-03-03"].Joins == 1
		})
		cancel()
		l.ok(<-done)
		l.ok(l.DeleteProject(l.Context(), l.p.ID))
		days, err := l.RollupDays(l.Context(), report.RollupQuery{
			ProjectID: l.p.ID, First: "2031-03-03", Last: "2031-03-03",
		})
		l.ok(err)
		if len(days) != 0 {
			l.Errorf("a deleted project has figures: %v", days)
		}
	})
}
