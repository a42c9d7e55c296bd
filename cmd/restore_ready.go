package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/backup"
	"github.com/tgtrack/tgtrack/infrastructure/config"
)

// reconcileFrom is how long before the copy of the database the events are
// looked through: what was published and not yet struck off the outbox.
const reconcileFrom = 10 * time.Minute

// makeReady turns an unpacked backup into a data folder: the streams are put
// where the embedded server finds them, and agree with the database.
func makeReady(ctx context.Context, cfg config.Config, logger *slog.Logger, dir string,
	m backup.Manifest, repeats store.Repeats) (err error) {
	cfg.DataDir = dir
	db, closeDB, err := newDatabase(ctx, cfg, logger)
	if err != nil {
		return err
	}
	defer closeDB()
	box, err := newBox(cfg)
	if err != nil {
		return err
	}
	if box.KeyID() != m.SecretKeyID {
		return fmt.Errorf("%w: its secret-key is not the one its manifest names", backup.ErrDamaged)
	}
	s, err := store.New(store.Options{Write: db.Write, Read: db.Read, Vault: box, Now: db.Now})
	if err != nil {
		return err
	}
	if err := s.Intact(ctx); err != nil {
		return err
	}
	cfg.NATS.Listen = "" // nobody is to connect to what is not in place yet
	nc, closeNATS, err := newNATS(ctx, cfg, logger)
	if err != nil {
		return err
	}
	defer closeNATS()
	for _, stream := range eventbus.BackedUp() {
		if err := restoreStream(ctx, nc.NC, filepath.Join(dir, backupStreams, stream), stream); err != nil {
			return err
		}
	}
	published, err := eventbus.Reconcile(ctx, nc.JS, m.CreatedAt.Add(-reconcileFrom), s.KnownEvents)
	if err != nil {
		return err
	}
	if !m.Live {
		repeats = nil
	}
	if err := s.Restored(ctx, published, repeats, db.Now()); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, backupStreams)); err != nil {
		return fmt.Errorf("remove what is restored: %w", err)
	}
	return nil
}

// goOnWithDump makes a PostgreSQL database that was restored by its own tools
// one to go on with, while no process works on it.
func goOnWithDump(ctx context.Context, o *openStore, repeats store.Repeats) error {
	if o.cfg.SQLite() {
		return errors.New("database.url names no PostgreSQL: a backup of data_dir is restored by `tgtrack restore FILE`")
	}
	if err := boot(ctx, o.cfg, o.store, o.box, false); err != nil {
		return err
	}
	processes, err := o.store.Processes(ctx)
	if err != nil {
		return err
	}
	for _, q := range processes {
		if !q.Gone(o.now()) {
			return fmt.Errorf("a process at %s gave a sign %s ago: stop all, or wait half a minute where the dump is "+
				"younger than that", q.Host, o.now().Sub(q.SeenAt).Round(time.Second))
		}
	}
	return o.store.Restored(ctx, nil, repeats, o.now())
}

// restoreStream restores one stream from its two files. A backup of a service
// that never had it has none.
func restoreStream(ctx context.Context, nc *nats.Conn, path, stream string) error {
	text, err := os.ReadFile(path + streamSaved)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", stream, err)
	}
	var saved eventbus.Saved
	if err := json.Unmarshal(text, &saved); err != nil {
		return fmt.Errorf("restore %s: %w", stream, err)
	}
	f, err := os.Open(path + streamMessages)
	if err != nil {
		return fmt.Errorf("restore %s: %w", stream, err)
	}
	defer f.Close()
	return eventbus.RestoreStream(ctx, nc, stream, saved, f)
}
