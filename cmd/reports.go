package cmd

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/lifecycle"
	"github.com/tgtrack/tgtrack/usecase"
)

// rollupConsumer is the durable name under which all processes share the
// events for the reports.
const rollupConsumer = "rollups"

func newReportsConfig(cfg config.Config, r *adnet.Registry) usecase.ReportsConfig {
	kept := cfg.Retention.Events
	if c := cfg.Retention.Clicks; c > 0 && (kept == 0 || c < kept) {
		kept = c
	}
	return usecase.ReportsConfig{Networks: clickNetworks(r), AmountUnit: cfg.Goals.AmountUnit, Kept: kept}
}

// clickNetworks are the parameters by which reports tell the ad network of a
// click. Ids of the visitor, which any page may have added, come after those
// of the click itself.
func clickNetworks(r *adnet.Registry) []usecase.NetworkParam {
	var out []usecase.NetworkParam
	for _, d := range r.All() {
		for _, param := range d.ClickIDs {
			out = append(out, usecase.NetworkParam{Param: param, Network: d.Name})
		}
	}
	ofVisitor := func(param string) int {
		for _, sign := range []string{"clid", "clickid", "braid"} {
			if strings.Contains(param, sign) {
				return 0
			}
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b usecase.NetworkParam) int { return ofVisitor(a.Param) - ofVisitor(b.Param) })
	return out
}

func newReports(c usecase.ReportsConfig, s *store.Store) *usecase.Reports {
	return usecase.NewReports(c, s, clock)
}

func newRollups(c usecase.ReportsConfig, s *store.Store, logger *slog.Logger) *usecase.Rollups {
	return usecase.NewRollups(usecase.RollupsConfig{ReportsConfig: c, Interval: time.Second}, s, newID(), clock, logger)
}

// reportParts keep the figures of reports, where one hears of events and the
// other counts, and tell users of them.
func (a *App) reportParts() []lifecycle.Part {
	events := eventbus.NewEvents(a.NATS.JS, rollupConsumer, eventbus.ConsumerOptions{Fetch: 500, Ensure: a.Ensure.once, Logger: a.Logger})
	hear := func(ctx context.Context, ms []eventbus.Message) error {
		docs := make([][]byte, len(ms))
		for i := range ms {
			docs[i] = ms[i].Data
		}
		return a.Rollups.Handle(ctx, docs)
	}
	return []lifecycle.Part{
		{Name: "reports", Run: a.Rollups.Run},
		{Name: "notifications", Run: a.Notices.Run},
		{Name: "events of reports", Run: func(ctx context.Context) error { return events.Run(ctx, hear) }},
	}
}
