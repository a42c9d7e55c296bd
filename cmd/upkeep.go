package cmd

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/usecase/rounds"
)

const (
	// upkeepEvery is how often old rows are looked for.
	upkeepEvery = time.Hour
	// finishEvery is how often erasures are taken up again that the streams
	// were away for.
	finishEvery = time.Minute
)

// How long each part of the upkeep may take: after a setting was changed there
// may be much to remove, and what is left is done the next time.
const (
	finishWithin = 10 * time.Minute
	upkeepWithin = 45 * time.Minute
)

// upkeep makes partitions ahead, and removes what is too old to matter or to
// be kept.
func (a *App) upkeep(ctx context.Context) error {
	work := func(doing string, within time.Duration) *rounds.Work {
		return &rounds.Work{Doing: doing, Within: within, Logger: a.Logger}
	}
	streams := work("erase people from the streams", finishWithin)
	left := work("erase people who left long ago", upkeepWithin)
	rows := work("upkeep of the database", upkeepWithin)
	tick := time.NewTicker(finishEvery)
	defer tick.Stop()
	for last := (time.Time{}); ; {
		if now := a.Store.Now(); now.Sub(last) >= upkeepEvery {
			last = now
			// People first, since what only they needed can go then.
			_ = left.Round(ctx, a.eraseLeft)
			_ = rows.Round(ctx, func(ctx context.Context) error { return a.removeOld(ctx, now) })
		}
		_ = streams.Round(ctx, a.People.Finish)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (a *App) eraseLeft(ctx context.Context) error {
	n, err := a.People.EraseLeft(ctx, a.Config.Retention.People)
	if n > 0 {
		a.Logger.Info("erased people who left long ago", "people", n)
	}
	return err
}

func (a *App) removeOld(ctx context.Context, now time.Time) error {
	c := a.Config
	return a.Store.Upkeep(ctx, now, store.Ages{
		SenderKeys: c.Dedup.Keep, Answers: c.Idempotency.Keep, Events: c.Retention.Events, Clicks: c.Retention.Clicks,
		ClickDetails: c.Retention.ClickDetails,
		Attempts:     c.Retention.Attempts, LateClicks: c.Clicks.Wait, AuditAddresses: c.Retention.AuditAddresses,
		// Requests that are replayed ask for the click that was current then.
		CurrentClick: c.Attribution.Window + c.Requests.MaxAge,
	})
}
