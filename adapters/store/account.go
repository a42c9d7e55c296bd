package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// accountRow is a row of ad_accounts. The settings are sealed.
type accountRow struct {
	bun.BaseModel `bun:"table:ad_accounts,alias:a"`

	No             int64                       `bun:"no,pk,autoincrement"`
	ID             string                      `bun:"id,skipupdate"`
	ProjectID      string                      `bun:"project_id,skipupdate"`
	Network        string                      `bun:"network,skipupdate"`
	Name           string                      `bun:"name"`
	Settings       []byte                      `bun:"settings"`
	ActivationGoal string                      `bun:"activation_goal"`
	Goals          jsonText[map[string]string] `bun:"goals"`
	Currency       string                      `bun:"currency"`
	Paused         bool                        `bun:"paused"`
	Health         domain.Health               `bun:"health"`
	HealthReason   string                      `bun:"health_reason"`
	Warnings       jsonText[[]string]          `bun:"warnings"`
	CreatedAt      stamp                       `bun:"created_at,skipupdate"`
	UpdatedAt      stamp                       `bun:"updated_at"`
	Version        int                         `bun:"settings_version,skipupdate"`
	// A change of the account forgets what the network warned of.
	NetworkWarning  string `bun:"network_warning"`
	NetworkWarnedAt stamp  `bun:"network_warned_at"`
}

func (s *Store) newAccountRow(a domain.Account) (*accountRow, error) {
	sealed, err := s.sealSettings(a.ID, a.Settings)
	if err != nil {
		return nil, err
	}
	return &accountRow{
		ID: a.ID, ProjectID: a.ProjectID, Network: a.Network, Name: a.Name, Settings: sealed,
		ActivationGoal: a.ActivationGoal, Goals: jsonOf(a.Goals), Currency: a.Currency, Paused: a.Paused,
		Health: a.Health, HealthReason: a.HealthReason, Warnings: jsonOf(a.Warnings),
		CreatedAt: stamp(a.CreatedAt), UpdatedAt: stamp(a.UpdatedAt), Version: 1,
	}, nil
}

func (s *Store) account(r accountRow) (domain.Account, error) {
	a := domain.Account{
		ID: r.ID, ProjectID: r.ProjectID, Network: r.Network, Name: r.Name, ActivationGoal: r.ActivationGoal,
		Goals: r.Goals.v, Currency: r.Currency, Paused: r.Paused, Health: r.Health, HealthReason: r.HealthReason,
		Warnings: r.Warnings.v, CreatedAt: r.CreatedAt.time(), UpdatedAt: r.UpdatedAt.time(),
		NetworkWarning: r.NetworkWarning, NetworkWarnedAt: r.NetworkWarnedAt.time(),
		Version: r.Version,
	}
	if len(r.Settings) == 0 {
		return a, nil
	}
	var err error
	if a.Settings, err = s.openSettings(r.ID, r.Settings); err != nil {
		return a, fmt.Errorf("settings of ad account %s: %w", a.ID, err)
	}
	return a, nil
}

// openSettings keeps numbers as they were written: an id of 19 digits does
// not survive a float.
func (s *Store) openSettings(accountID string, sealed []byte) (map[string]any, error) {
	plain, err := s.vault.Open(usecase.AccountPlace(accountID), sealed)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	var settings map[string]any
	if err := d.Decode(&settings); err != nil {
		return nil, err
	}
	return settings, nil
}

func (s *Store) sealSettings(accountID string, settings map[string]any) ([]byte, error) {
	plain, err := json.Marshal(settings)
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w: %w", err, domain.ErrInvalid)
	}
	return s.vault.Seal(usecase.AccountPlace(accountID), plain), nil
}

// CreateAccount implements usecase.ProjectStore.
func (s *Store) CreateAccount(ctx context.Context, a domain.Account) error {
	r, err := s.newAccountRow(a)
	if err != nil {
		return err
	}
	_, err = s.execute(ctx, "create an ad account", func(tx bun.Tx) execer { return tx.NewInsert().Model(r) })
	return err
}

// UpdateAccount implements usecase.ProjectStore.
func (s *Store) UpdateAccount(ctx context.Context, a domain.Account, u usecase.AccountUpdate) error {
	r, err := s.newAccountRow(a)
	if err != nil {
		return err
	}
	doing := "update ad account " + a.ID
	return s.inTx(ctx, doing, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewUpdate().Model(r).ExcludeColumn("no").Set("settings_version = a.settings_version + 1").
			Where("a.id = ?", a.ID).Where("a.project_id = ?", a.ProjectID).Where("a.deleted_at IS NULL")
		if was := u.Was; was != nil {
			q = q.Where("a.settings_version = ?", was.Version).Where("a.paused = ?", was.Paused).
				Where("a.health = ?", was.Health).Where("a.health_reason = ?", was.HealthReason)
		}
		n, err := changed(q.Exec(ctx))
		if err == nil && n == 0 && u.Was != nil {
			return &conflict{"the ad account was changed meanwhile; look at it and try again"}
		}
		if err := orNotFound(n, err, "ad account", a.ID); err != nil {
			return err
		}
		if a.Paused || u.Job != nil {
			if err := stopAccountJobs(ctx, tx, a.ID, s.now()); err != nil {
				return err
			}
		}
		return insertJob(ctx, tx, u.Job)
	})
}

// Account implements usecase.ProjectStore.
func (s *Store) Account(ctx context.Context, projectID, id string) (domain.Account, error) {
	doing := "read ad account " + id
	var r accountRow
	err := s.read.NewSelect().Model(&r).Where("a.id = ?", id).Where("a.project_id = ?", projectID).
		Where("a.deleted_at IS NULL").Scan(ctx)
	if err != nil {
		return domain.Account{}, mapError(doing, err)
	}
	a, err := s.account(r)
	return a, mapError(doing, err)
}

// Accounts implements usecase.ProjectStore: in the order of making.
func (s *Store) Accounts(ctx context.Context, projectID string) ([]domain.Account, error) {
	return s.accounts(ctx, "a.project_id = ?", projectID)
}

// AccountsByID implements usecase.DeliveryStore.
func (s *Store) AccountsByID(ctx context.Context, ids []string) (map[string]domain.Account, error) {
	out := map[string]domain.Account{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := s.accountRows(ctx, "a.id IN (?)", bun.List(ids))
	for _, r := range rows {
		a, err := s.account(r)
		if err != nil { // it holds up no other
			a.Paused, a.Health, a.HealthReason = true, domain.Misconfigured, err.Error()
		}
		out[a.ID] = a
	}
	return out, err
}

func (s *Store) accountRows(ctx context.Context, where string, arg any) (rows []accountRow, err error) {
	err = s.read.NewSelect().Model(&rows).Where(where, arg).Where("a.deleted_at IS NULL").Order("a.id").Scan(ctx)
	return rows, mapError("read ad accounts", err)
}

func (s *Store) accounts(ctx context.Context, where string, arg any) ([]domain.Account, error) {
	const doing = "read ad accounts"
	rows, err := s.accountRows(ctx, where, arg)
	if err != nil {
		return nil, err
	}
	var out []domain.Account
	for _, r := range rows {
		a, err := s.account(r)
		if err != nil {
			return out, mapError(doing, err)
		}
		out = append(out, a)
	}
	return out, nil
}

// DeleteAccount implements usecase.ProjectStore. The row stays without its
// settings, since conversions name it.
func (s *Store) DeleteAccount(
	ctx context.Context, projectID, id string, now time.Time, job *usecase.ReplaySave,
) error {
	return s.inTx(ctx, "delete ad account "+id, func(ctx context.Context, tx bun.Tx) error {
		n, err := changed(tx.NewUpdate().Model((*accountRow)(nil)).Set("deleted_at = ?", stamp(now)).
			Set("settings = NULL").
			Where("a.id = ?", id).Where("a.project_id = ?", projectID).Where("a.deleted_at IS NULL").Exec(ctx))
		if err := orNotFound(n, err, "ad account", id); err != nil {
			return err
		}
		if err := stopAccountJobs(ctx, tx, id, now); err != nil {
			return err
		}
		return insertJob(ctx, tx, job)
	})
}
