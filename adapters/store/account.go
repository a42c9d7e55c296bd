package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// accountColumns in the order of scanAccount, of a table named a.
const accountColumns = `a.id, a.project_id, a.network, a.name, a.settings, a.activation_goal, a.goals, a.currency, a.paused, a.health, a.health_reason,
	a.warnings, a.created_at, a.updated_at`

func (s *Store) scanAccount(r scanner) (domain.Account, error) {
	var a domain.Account
	var sealed []byte
	err := r.Scan(&a.ID, &a.ProjectID, &a.Network, &a.Name, &sealed, &a.ActivationGoal, jsonInto{&a.Goals}, &a.Currency, &a.Paused, &a.Health,
		&a.HealthReason, jsonInto{&a.Warnings}, into{&a.CreatedAt}, into{&a.UpdatedAt})
	if err != nil || len(sealed) == 0 {
		return a, err
	}
	a.Settings, err = s.openSettings(sealed)
	if err != nil {
		return a, fmt.Errorf("settings of ad account %s: %w", a.ID, err)
	}
	return a, nil
}

// openSettings keeps numbers as they were written: an id of 19 digits does
// not survive a float.
func (s *Store) openSettings(sealed []byte) (map[string]any, error) {
	plain, err := s.vault.Open(sealed)
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

func (s *Store) sealSettings(settings map[string]any) ([]byte, error) {
	plain, err := json.Marshal(settings)
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w: %w", err, domain.ErrInvalid)
	}
	return s.vault.Seal(plain)
}

// CreateAccount implements usecase.ProjectStore.
func (s *Store) CreateAccount(ctx context.Context, a domain.Account) error {
	sealed, err := s.sealSettings(a.Settings)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, "create an ad account", `INSERT INTO ad_accounts (id, project_id, network, name, settings, activation_goal, goals, currency, paused,
		health, health_reason, warnings, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.ProjectID, a.Network, a.Name, sealed, a.ActivationGoal, asJSON(a.Goals, len(a.Goals) == 0), a.Currency, a.Paused,
		string(a.Health), a.HealthReason, asJSON(a.Warnings, len(a.Warnings) == 0), stamp(a.CreatedAt), stamp(a.UpdatedAt))
	return err
}

// UpdateAccount implements usecase.ProjectStore.
func (s *Store) UpdateAccount(ctx context.Context, a domain.Account) error {
	sealed, err := s.sealSettings(a.Settings)
	if err != nil {
		return err
	}
	n, err := s.change(ctx, "update ad account "+a.ID, `UPDATE ad_accounts SET name = ?, settings = ?, activation_goal = ?, goals = ?, currency = ?, paused = ?,
		health = ?, health_reason = ?, warnings = ?, updated_at = ? WHERE id = ? AND project_id = ?`,
		a.Name, sealed, a.ActivationGoal, asJSON(a.Goals, len(a.Goals) == 0), a.Currency, a.Paused,
		string(a.Health), a.HealthReason, asJSON(a.Warnings, len(a.Warnings) == 0), stamp(a.UpdatedAt), a.ID, a.ProjectID)
	return orNotFound(n, err, "ad account", a.ID)
}

// Account implements usecase.ProjectStore.
func (s *Store) Account(ctx context.Context, projectID, id string) (domain.Account, error) {
	a, err := s.scanAccount(s.read.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM ad_accounts a WHERE a.id = ? AND a.project_id = ?", id, projectID))
	return a, mapError("read ad account "+id, err)
}

// Accounts implements usecase.ProjectStore: in the order of making.
func (s *Store) Accounts(ctx context.Context, projectID string) ([]domain.Account, error) {
	rows, err := s.hot(ctx, "SELECT "+accountColumns+" FROM ad_accounts a WHERE a.project_id = ?1 ORDER BY a.id", projectID)
	return s.scanAccounts(rows, err)
}

// AccountsByID implements usecase.DeliveryStore.
func (s *Store) AccountsByID(ctx context.Context, ids []string) (map[string]domain.Account, error) {
	out := map[string]domain.Account{}
	if len(ids) == 0 {
		return out, nil
	}
	as, err := s.accounts(ctx, "a.id IN (?)", bun.List(ids))
	for _, a := range as {
		out[a.ID] = a
	}
	return out, err
}

func (s *Store) accounts(ctx context.Context, where string, arg any) ([]domain.Account, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+accountColumns+" FROM ad_accounts a WHERE "+where+" ORDER BY a.id", arg)
	return s.scanAccounts(rows, err)
}

func (s *Store) scanAccounts(rows *sql.Rows, err error) ([]domain.Account, error) {
	if err != nil {
		return nil, mapError("read ad accounts", err)
	}
	var out []domain.Account
	err = each(rows, func(r scanner) error {
		a, err := s.scanAccount(r)
		out = append(out, a)
		return err
	})
	return out, mapError("read ad accounts", err)
}

// DeleteAccount implements usecase.ProjectStore.
func (s *Store) DeleteAccount(ctx context.Context, projectID, id string, now time.Time) error {
	return s.inTx(ctx, "delete ad account "+id, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM ad_accounts WHERE id = ? AND project_id = ?", id, projectID)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return orNotFound(int(n), err, "ad account", id)
		}
		_, err = tx.ExecContext(ctx, `UPDATE conversions SET status = 'rejected', status_reason = 'account deleted', next_attempt_at = NULL, scheduled_at = NULL
			WHERE account_id = ? AND status IN ('pending', 'retrying', 'parked', 'accepted')`, id)
		return err
	})
}
