package cmd

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
)

const (
	// upkeepEvery is how often old rows are looked for.
	upkeepEvery = time.Hour
	// finishEvery is how often erasures are taken up again that the streams
	// were away for.
	finishEvery = time.Minute
)

// upkeep makes partitions ahead, and removes what is too old to matter or to
// be kept.
func (a *App) upkeep(ctx context.Context) error {
	tick := time.NewTicker(finishEvery)
	defer tick.Stop()
	for last := (time.Time{}); ; {
		if now := a.Store.Now(); now.Sub(last) >= upkeepEvery {
			last = now
			a.keep(ctx, now)
		}
		a.warn(ctx, "erase people from the streams", a.People.Finish(ctx))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// keep does what is to be done every hour: people first, since what only they
// needed can go then.
func (a *App) keep(ctx context.Context, now time.Time) {
	c := a.Config
	n, err := a.People.EraseLeft(ctx, c.Retention.People)
	a.warn(ctx, "erase people who left long ago", err)
	if n > 0 {
		a.Logger.Info("erased people who left long ago", "people", n)
	}
	a.warn(ctx, "upkeep of the database", a.Store.Upkeep(ctx, now, store.Ages{
		SenderKeys: c.Dedup.Keep, Answers: c.Idempotency.Keep, Events: c.Retention.Events, Clicks: c.Retention.Clicks,
		Attempts: c.Retention.Attempts,
		// Requests that are replayed ask for the click that was current then.
		CurrentClick: c.Attribution.Window + c.Requests.MaxAge,
	}))
}

func (a *App) warn(ctx context.Context, doing string, err error) {
	if err != nil && ctx.Err() == nil {
		a.Logger.Warn(doing, "error", err)
	}
}
