package cmd

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tgtrack/tgtrack/adapters/adnet"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/lifecycle"
	"github.com/tgtrack/tgtrack/usecase/report"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

func newReportsConfig(cfg config.Config, r *adnet.Registry) report.Config {
	kept := cfg.Retention.Events
	if c := cfg.Retention.Clicks; c > 0 && (kept == 0 || c < kept) {
		kept = c
	}
	return report.Config{Networks: clickNetworks(r), AmountUnit: cfg.Goals.AmountUnit, Kept: kept}
}

// clickNetworks are the parameters by which reports tell the ad network of a
// click. Ids of the visitor, which any page may have added, come after those
// of the click itself.
func clickNetworks(r *adnet.Registry) []report.NetworkParam {
	var out []report.NetworkParam
	for _, d := range r.All() {
		for _, param := range d.ClickIDs {
			out = append(out, report.NetworkParam{Param: param, Network: d.Name})
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
	slices.SortStableFunc(out, func(a, b report.NetworkParam) int { return ofVisitor(a.Param) - ofVisitor(b.Param) })
	return out
}

func newReports(c report.Config, s *store.Store) *report.Reader {
	return report.NewReader(c, s, s.Now)
}

func newRollups(c report.Config, s *store.Store, logger *slog.Logger) *report.Rollups {
	return report.NewRollups(report.RollupsConfig{Config: c, Interval: time.Second}, s, s.NewID(), s.Now, logger)
}

// reportParts keep the figures of reports and what people are searched by, and
// tell users of figures.
func (a *App) reportParts() []lifecycle.Part {
	return []lifecycle.Part{
		{Name: "reports", Run: a.Rollups.Run},
		{Name: "search words", Run: a.fillWords},
		{Name: "notifications", Run: a.Notices.Run},
	}
}

// wordsEvery is how often people are made to be found whom batches changed.
const wordsEvery = time.Second

// wordsWithin is how long one batch of them may take.
const wordsWithin = time.Minute

// fillWords lets people be found by their names. It begins between two rounds of
// the figures, which come each second, too, and rests after each batch as long
// as that took: on SQLite both work in this process, and together would keep all
// processors from requests.
func (a *App) fillWords(ctx context.Context) error {
	if !rounds.Pause(ctx, wordsEvery/2) {
		return nil
	}
	tick := time.NewTicker(wordsEvery)
	defer tick.Stop()
	work := &rounds.Work{
		Doing: "write what people are searched by", Within: wordsWithin, Logger: a.Logger,
	}
	for {
		n, began := 0, time.Now()
		err := work.Round(ctx, func(ctx context.Context) (err error) {
			n, err = a.Store.FillWords(ctx)
			return err
		})
		if n > 0 && err == nil && rounds.Pause(ctx, time.Since(began)) {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
