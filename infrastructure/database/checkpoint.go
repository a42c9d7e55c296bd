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
//
// It never asks SQLite to begin the log anew: that waits for the slowest reader
// and lets nobody write meanwhile. The writer does so by itself once nothing of
// the log is left to copy and nobody reads it, so a last pass takes the writer's
// own connection, when little is left.
type checkpointer struct {
	beside, writer *sql.DB
	copied         time.Time // when the last pass was
	stop           context.CancelFunc
	done           sync.WaitGroup
}

const (
	// checkpointEvery is how often the log is looked at.
	checkpointEvery = 250 * time.Millisecond
	// copyAfter is how many pages are worth a pass, 16 MiB: one that is written
	// all the time is copied once for many.
	copyAfter = 4096
	// copyWithin is when a pass is made for fewer.
	copyWithin = 5 * time.Second
	// restartAfter is how many pages the log has when the writer is to begin it
	// anew: 64 MiB.
	restartAfter = 16_384
	// leftToWriter is how many pages the writer's own pass may have to copy, and
	// mostPasses how often it is tried to leave it no more.
	leftToWriter = 1024
	mostPasses   = 4
	// autoCheckpoint is when the writer does it all the same, in a process that
	// is too busy to do it beside: 256 MiB.
	autoCheckpoint = 65_536
)

func startCheckpoints(beside, writer *sql.DB) *checkpointer {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{beside: beside, writer: writer, copied: time.Now(), stop: stop}
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
		case now := <-tick.C:
			// A failure says nothing that the writer would not meet itself.
			_ = c.round(ctx, now)
		}
	}
}

// round copies what is worth it.
func (c *checkpointer) round(ctx context.Context, now time.Time) error {
	log, err := checkpoint(ctx, c.beside, "NOOP")
	if err != nil || log.left() == 0 || log.left() < copyAfter && now.Sub(c.copied) < copyWithin {
		return err
	}
	c.copied = now
	for range mostPasses {
		if log, err = checkpoint(ctx, c.beside, "PASSIVE"); err != nil || log.pages < restartAfter {
			return err
		}
		if log, err = checkpoint(ctx, c.beside, "NOOP"); err != nil {
			return err
		}
		if log.left() <= leftToWriter {
			_, err = checkpoint(ctx, c.writer, "PASSIVE")
			return err
		}
	}
	return nil
}

// logState is how many pages the log has, and how many of them the file has.
type logState struct{ pages, copied int }

func (l logState) left() int { return l.pages - l.copied }

// checkpoint makes a pass, or with NOOP none, and answers what is there then.
func checkpoint(ctx context.Context, pool *sql.DB, mode string) (l logState, err error) {
	var busy int
	err = pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &l.pages, &l.copied)
	if err != nil {
		return l, fmt.Errorf("checkpoint the database: %w", err)
	}
	return l, nil
}

func (c *checkpointer) close() error {
	c.stop()
	c.done.Wait()
	return c.beside.Close()
}
