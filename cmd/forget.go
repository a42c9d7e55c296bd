package cmd

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/usecase"
)

// forgetSubject carries the ids of projects that changed to the other
// processes, at once. What it does not reach is found within a second in the
// database's list of changes.
const forgetSubject = "tgtrack.control.project_changed"

// cacheInvalidator keeps the directories of several processes in step.
type cacheInvalidator struct {
	conn   *natsconn.Conn
	store  *store.Store
	logger *slog.Logger
	alone  bool   // no other process uses the database
	first  func() // called with the first change
	seen   atomic.Int64
	looked time.Time // when changes were last read
}

func newCacheInvalidator(cfg config.Config, c *natsconn.Conn, s *store.Store, logger *slog.Logger) *cacheInvalidator {
	return &cacheInvalidator{conn: c, store: s, logger: logger, alone: cfg.SQLite(), first: rememberFilled(cfg, logger)}
}

// changed tells the other processes that a project changed.
func (f *cacheInvalidator) changed(projectID string) {
	f.first()
	if f.alone {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	before := f.seen.Load()
	version, err := f.store.ProjectChanged(ctx, projectID)
	if err != nil {
		f.logger.Warn("tell other processes of a change", "project", projectID, "error", err)
		return
	}
	if version == before+1 { // ours alone, which is known here
		f.seen.CompareAndSwap(before, version)
	}
	if f.conn.Ready() == nil {
		_ = f.conn.NC.Publish(forgetSubject, []byte(projectID)) // see forgetSubject
	}
}

const (
	// lookEvery is how often changes are looked for.
	lookEvery = time.Second
	// lookedLately is how old the last look may be for the list of changes to
	// have all since then.
	lookedLately = time.Hour
)

// follow drops what others changed, until ctx ends. While changes can not be
// read, nothing is trusted for long.
func (f *cacheInvalidator) follow(ctx context.Context, d *usecase.Directory) error {
	sub, err := f.conn.NC.Subscribe(forgetSubject, func(m *nats.Msg) { d.Drop(string(m.Data)) })
	if err != nil {
		f.logger.Warn("listen to changes of projects by other processes", "error", err)
	} else {
		defer func() { _ = sub.Unsubscribe() }()
	}
	if f.alone {
		d.Trust(directoryFollowed)
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		f.look(ctx, d)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (f *cacheInvalidator) look(ctx context.Context, d *usecase.Directory) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	began, seen := clock(), f.seen.Load()
	ids, version, err := f.store.ProjectChanges(ctx, seen)
	if err != nil {
		d.Trust(directoryFresh)
		return
	}
	if version < seen || began.Sub(f.looked) > lookedLately {
		d.DropAll() // another database, the first look, or one after a long time
	}
	for _, id := range ids {
		d.Drop(id)
	}
	f.looked = began
	f.seen.CompareAndSwap(seen, version) // else a change of ours was counted meanwhile
	d.Trust(directoryFollowed)
}
