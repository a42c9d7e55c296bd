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

// planted is a database that is being filled before a measurement.
type planted struct {
	db    *database.DB
	store *store.Store
	box   *secrets.Box
}

// plant opens a database to be filled. Nothing of it need outlive the machine:
// SQLite does not sync meanwhile.
func plant(ctx context.Context, o database.Options) (p *planted, err error) {
	box, err := secrets.NewBox(secretKey)
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if db.Dialect == database.SQLite {
		// Of this connection alone: the service's own are as durable as ever.
		if _, err := db.Write.ExecContext(ctx, `PRAGMA synchronous = OFF`); err != nil {
			return nil, fmt.Errorf("fill the database quickly: %w", err)
		}
	}
	s, err := store.New(store.Options{Write: db.Write, Read: db.Read, Vault: vault{box}})
	if err != nil {
		return nil, err
	}
	return &planted{db: db, store: s, box: box}, s.Migrate(ctx)
}

// projects makes n of them without limits, each with an API key, a link and an
// ad account.
func (p *planted) projects(ctx context.Context, n int, now time.Time, account func(i int) domain.Account) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(poolSize)
	if p.db.Dialect == database.SQLite {
		g.SetLimit(1)
	}
	for i := range n {
		g.Go(func() error {
			if err := seedProject(ctx, p.store, p.box, i, now, account(i)); err != nil {
				return fmt.Errorf("make project %d: %w", i, err)
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// seed makes the projects that webhooks are sent to.
func seed(ctx context.Context, o database.Options, n int) (err error) {
	p, err := plant(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	return p.projects(ctx, n, time.Now().UTC().Truncate(time.Microsecond), func(int) domain.Account {
		return domain.Account{Network: "postback", Settings: map[string]any{"url": "https://tracker.example/postback?subid={click.subid}&status={target}"}}
	})
}

func seedProject(ctx context.Context, s *store.Store, box *secrets.Box, n int, now time.Time, a domain.Account) error {
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
	if err := s.CreateLink(ctx, domain.Link{ID: linkID(n), ProjectID: id, Name: "Autumn", StartValue: startValue, CreatedAt: now}); err != nil {
		return err
	}
	a.ID, a.ProjectID, a.Name, a.ActivationGoal, a.Health, a.CreatedAt, a.UpdatedAt = accountID(n), id, "Advertising", "lead", domain.Healthy, now, now
	return s.CreateAccount(ctx, a)
}
