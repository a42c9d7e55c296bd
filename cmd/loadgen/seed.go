package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tgtrack/tgtrack/adapters/store"
	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/infrastructure/database"
	"github.com/tgtrack/tgtrack/infrastructure/secrets"
	"github.com/tgtrack/tgtrack/usecase"
)

// secretKey of the service that is measured; its data are thrown away.
const secretKey = "loadgen-secret-key"

// vault is a secrets.Box as the store sees it.
type vault struct{ *secrets.Box }

// Seal encrypts.
func (v vault) Seal(plain []byte) ([]byte, error) { return v.Box.Seal(plain), nil }

// seed makes projects without limits, each with an API key, a link and an ad
// account.
func seed(ctx context.Context, o database.Options, n int) (err error) {
	box, err := secrets.NewBox(secretKey)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	parallel := poolSize
	if db.Dialect == database.SQLite {
		parallel = 1
		// Of this connection alone: the service's own are as durable as ever.
		if _, err := db.Write.ExecContext(ctx, `PRAGMA synchronous = OFF`); err != nil {
			return fmt.Errorf("make projects quickly: %w", err)
		}
	}
	s, err := store.New(store.Options{Write: db.Write, Read: db.Read, Vault: vault{box}})
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i := range n {
		g.Go(func() error {
			if err := seedProject(ctx, s, box, i, now); err != nil {
				return fmt.Errorf("make project %d: %w", i, err)
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

func seedProject(ctx context.Context, s *store.Store, box *secrets.Box, n int, now time.Time) error {
	id := projectID(n)
	p := domain.Project{
		ID: id, Name: "Project " + id, Kind: domain.KindBot, Username: "bench_bot", Constructor: "telegram", Mode: domain.Production,
		Timezone: "UTC", Currency: "RUB", Attribution: domain.LastClick, Enabled: true, CreatedAt: now,
	}
	key := keyName(n)
	k := usecase.Key{
		ID: "key-" + id, ProjectID: id, Kind: usecase.APIKey, Hash: box.Hash("api-key", key), Sealed: box.Seal([]byte(key)), CreatedAt: now,
	}
	if err := s.CreateProject(ctx, p, []usecase.Key{k}); err != nil {
		return err
	}
	if err := s.CreateLink(ctx, domain.Link{ID: "link-" + id, ProjectID: id, Name: "Autumn", StartValue: startValue, CreatedAt: now}); err != nil {
		return err
	}
	return s.CreateAccount(ctx, domain.Account{
		ID: "account-" + id, ProjectID: id, Network: "postback", Name: "Tracker", ActivationGoal: "lead", Health: domain.Healthy,
		Settings: map[string]any{"url": "https://tracker.example/postback?subid={click.subid}&status={target}"}, CreatedAt: now, UpdatedAt: now,
	})
}
