package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/tgtrack/tgtrack/adapters/eventbus"
	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/backup"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/natsconn"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

// Names in a backup beside that of the database and those of the secrets: a
// stream has its messages and, under saved, what the server must be told of it.
const (
	backupStreams  = "streams"
	streamMessages = ".snapshot"
	streamSaved    = ".json"
)

// backups makes backups of the data folder. The database is copied first: what
// the streams have beyond it can be told by its id and dropped, and requests
// that the copy has not seen can be replayed.
type backups struct {
	cfg   config.Config
	store *store.Store
	nats  *natsconn.Conn
	live  bool

	mu sync.Mutex // one at a time
}

func newBackups(cfg config.Config, s *store.Store, nc *natsconn.Conn, live bool) *backups {
	return &backups{cfg: cfg, store: s, nats: nc, live: live}
}

// spoolPrefix begins the name of the folder in which a backup is gathered.
const spoolPrefix = ".backup-"

// MakeBackup implements manageapi.BackupMaker.
func (b *backups) MakeBackup(ctx context.Context) (io.ReadCloser, error) {
	if why := backupOutside(b.cfg); why != "" {
		return nil, fmt.Errorf("%s: %w", why, domain.ErrConflict)
	}
	if !b.mu.TryLock() {
		return nil, fmt.Errorf("a backup is being made: %w", domain.ErrConflict)
	}
	dir, m, err := b.gather(ctx)
	done := func() error {
		defer b.mu.Unlock()
		return os.RemoveAll(dir)
	}
	if err != nil {
		return nil, errors.Join(err, done())
	}
	r, w := io.Pipe()
	packed := make(chan struct{})
	go func() {
		defer close(packed)
		w.CloseWithError(backup.Pack(w, dir, m))
	}()
	return &packing{PipeReader: r, done: func() error {
		<-packed
		return done()
	}}, nil
}

// packing is an archive that is made while it is read.
type packing struct {
	*io.PipeReader
	done func() error
	once sync.Once
}

// Close implements io.Closer.
func (p *packing) Close() (err error) {
	p.once.Do(func() { err = errors.Join(p.PipeReader.Close(), p.done()) })
	return err
}

// gather puts all files of a backup into a folder in the data folder.
func (b *backups) gather(ctx context.Context) (dir string, m backup.Manifest, err error) {
	if err := removeSpools(b.cfg.DataDir); err != nil {
		return "", m, err
	}
	dir, err = os.MkdirTemp(b.cfg.DataDir, spoolPrefix+"*")
	if err != nil {
		return "", m, fmt.Errorf("make a folder for the backup: %w", err)
	}
	m = backup.Manifest{Version: buildVersion(), CreatedAt: clock(), Live: b.live}
	if m.SecretKeyID, err = b.store.Meta(ctx, metaKeyID); err != nil {
		return dir, m, err
	}
	if m.Schema, err = b.store.Schema(ctx); err != nil {
		return dir, m, err
	}
	if err := b.store.Snapshot(ctx, filepath.Join(dir, database.FileName)); err != nil {
		return dir, m, err
	}
	if err := os.Mkdir(filepath.Join(dir, backupStreams), 0o700); err != nil {
		return dir, m, fmt.Errorf("make a folder for the backup: %w", err)
	}
	for _, stream := range eventbus.BackedUp() {
		if err := b.saveStream(ctx, dir, stream); err != nil {
			return dir, m, err
		}
	}
	for _, name := range []string{secrets.SecretKeyFile, secrets.AdminTokenFile} {
		if err := copyFile(filepath.Join(b.cfg.DataDir, name), filepath.Join(dir, name)); err != nil &&
			!errors.Is(err, os.ErrNotExist) {
			return dir, m, fmt.Errorf("copy %s: %w", name, err)
		}
	}
	return dir, m, nil
}

func (b *backups) saveStream(ctx context.Context, dir, stream string) error {
	path := filepath.Join(dir, backupStreams, stream)
	f, err := os.OpenFile(path+streamMessages, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("save %s: %w", stream, err)
	}
	saved, err := eventbus.SaveStream(ctx, b.nats.NC, stream, f)
	closed := f.Close()
	if errors.Is(err, domain.ErrNotFound) {
		return os.Remove(path + streamMessages) // it is made at the next start
	}
	if err := errors.Join(err, closed); err != nil {
		return err
	}
	text, err := json.Marshal(saved)
	if err != nil {
		return fmt.Errorf("save %s: %w", stream, err)
	}
	if err := os.WriteFile(path+streamSaved, text, 0o600); err != nil {
		return fmt.Errorf("save %s: %w", stream, err)
	}
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// removeSpools removes what a crash in the middle of a backup left.
func removeSpools(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, spoolPrefix+"*"))
	if err != nil {
		return fmt.Errorf("look for old folders of backups: %w", err)
	}
	for _, path := range left {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove an old folder of a backup: %w", err)
		}
	}
	return nil
}
