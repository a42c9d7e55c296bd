package database

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

// checkpointer brings what the write-ahead log has into the SQLite file, beside
// the writer: left to itself, SQLite does it within a commit, and whoever waits
// for that one waits for all.
type checkpointer struct {
	pool *sql.DB
	stop context.CancelFunc
	done sync.WaitGroup
}

const (
	// checkpointEvery is how often the log is looked at.
	checkpointEvery = 500 * time.Millisecond
	// restartAfter is how many pages the log has when the writer is made to
	// begin it anew: 64 MiB. A page that is written all the time is copied once
	// for many.
	restartAfter = 16_384
	// autoCheckpoint is when the writer does it all the same, in a process that
	// is too busy to do it beside: 256 MiB.
	autoCheckpoint = 65_536
)

func startCheckpoints(pool *sql.DB) *checkpointer {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{pool: pool, stop: stop}
	c.done.Go(func() { c.run(ctx) })
	return c
}

func (c *checkpointer) run(ctx context.Context) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// A failure says nothing that the writer would not meet itself.
		if pages, err := c.checkpoint(ctx, "PASSIVE"); err != nil || pages < restartAfter {
			continue
		}
		// Once more for what came meanwhile, so that the writer waits for little.
		_, _ = c.checkpoint(ctx, "PASSIVE")
		_, _ = c.checkpoint(ctx, "RESTART")
	}
}

// checkpoint answers how many pages the log has.
func (c *checkpointer) checkpoint(ctx context.Context, mode string) (pages int, err error) {
	var busy, done int
	err = c.pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &done)
	if err != nil {
		return 0, fmt.Errorf("checkpoint the database: %w", err)
	}
	return pages, nil
}

func (c *checkpointer) close() error {
	c.stop()
	c.done.Wait()
	return c.pool.Close()
}
