package cmd

import (
	"context"
	"time"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/infrastructure/config"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
)

// openStore is the database alone, for commands that need no service.
type openStore struct {
	cfg   config.Config
	box   *secrets.Box
	store *store.Store
	now   func() time.Time // the database's clock
}

// withStore opens the database as the configuration says, without migrating
// it, and closes it afterwards.
func (p *program) withStore(ctx context.Context, f func(ctx context.Context, o *openStore) error) error {
	cfg, logger, err := p.load()
	if err != nil {
		return err
	}
	db, cleanup, err := newDatabase(ctx, cfg, logger)
	if err != nil {
		return err
	}
	defer cleanup()
	box, err := newBox(cfg)
	if err != nil {
		return err
	}
	s, err := store.New(store.Options{Write: db.Write, Read: db.Read, Vault: box, Now: db.Now})
	if err != nil {
		return err
	}
	return f(ctx, &openStore{cfg: cfg, box: box, store: s, now: db.Now})
}
