package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

// ErrMetaChanged is returned by RotateSecrets for a database whose facts are
// not those the caller read: somebody else has changed them.
var ErrMetaChanged = errors.New("the database was changed meanwhile")

// Rotation of the secret key.
type Rotation struct {
	Old, New usecase.Vault
	// Expect is what the database must say of itself, Meta what it says
	// afterwards; an empty value removes a fact.
	Expect, Meta map[string]string
}

// Rotated counts what was sealed anew.
type Rotated struct {
	Keys     int `json:"keys"`
	Accounts int `json:"accounts"`
	Webhooks int `json:"webhooks"` // of notifications
	// LostKeys are keys of which only the hash was kept: nobody can hash them
	// anew, so they are removed.
	LostKeys int `json:"lost_keys"`
}

// RotateSecrets seals and hashes with a new key what the old one did: all of
// it, or nothing.
func (s *Store) RotateSecrets(ctx context.Context, r Rotation) (done Rotated, err error) {
	err = s.inTx(ctx, "seal everything with the new key", func(ctx context.Context, tx bun.Tx) error {
		done = Rotated{}
		if !s.lite { // on SQLite the transaction has the database for itself
			if _, err := tx.ExecContext(ctx, "LOCK TABLE meta, api_keys, ad_accounts, notice_settings IN SHARE ROW EXCLUSIVE MODE"); err != nil {
				return err
			}
		}
		if err := expectMeta(ctx, tx, r.Expect); err != nil {
			return err
		}
		if err := rotateKeys(ctx, tx, r, &done); err != nil {
			return err
		}
		if err := rotateAccounts(ctx, tx, r, &done); err != nil {
			return err
		}
		if err := rotateHooks(ctx, tx, r, &done); err != nil {
			return err
		}
		return writeMeta(ctx, tx, r.Meta)
	})
	return done, err
}

func expectMeta(ctx context.Context, tx bun.Tx, want map[string]string) error {
	for key, value := range want {
		var got string
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(value), '') FROM meta WHERE key = ?", key).Scan(&got); err != nil {
			return err
		}
		if got != value {
			return fmt.Errorf("%s: %w", key, ErrMetaChanged)
		}
	}
	return nil
}

func writeMeta(ctx context.Context, tx bun.Tx, facts map[string]string) error {
	for key, value := range facts {
		query, args := "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value", []any{key, value}
		if value == "" {
			query, args = "DELETE FROM meta WHERE key = ?", []any{key}
		}
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// sealed is a row and its secret.
type sealed struct {
	id   string
	text []byte
}

func readSealed(ctx context.Context, tx bun.Tx, query string) ([]sealed, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	var out []sealed
	err = each(rows, func(r scanner) error {
		var x sealed
		err := r.Scan(&x.id, &x.text)
		out = append(out, x)
		return err
	})
	return out, err
}

// again opens a secret with the old key and seals it with the new one.
func (r Rotation) again(x sealed) (plain, text []byte, err error) {
	if plain, err = r.Old.Open(x.text); err != nil {
		return nil, nil, err
	}
	text, err = r.New.Seal(plain)
	return plain, text, err
}

func rotateKeys(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	keys, err := readSealed(ctx, tx, "SELECT id, sealed FROM api_keys ORDER BY id")
	if err != nil {
		return err
	}
	for _, k := range keys {
		if len(k.text) == 0 {
			if _, err := tx.ExecContext(ctx, "DELETE FROM api_keys WHERE id = ?", k.id); err != nil {
				return err
			}
			done.LostKeys++
			continue
		}
		plain, text, err := r.again(k)
		if err != nil {
			return fmt.Errorf("API key %s: %w", k.id, err)
		}
		_, err = tx.ExecContext(ctx, "UPDATE api_keys SET hash = ?, sealed = ? WHERE id = ?", r.New.Hash("api-key", string(plain)), text, k.id)
		if err != nil {
			return err
		}
		done.Keys++
	}
	return nil
}

func rotateAccounts(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	accounts, err := readSealed(ctx, tx, "SELECT id, settings FROM ad_accounts ORDER BY id")
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if len(a.text) == 0 {
			continue
		}
		_, text, err := r.again(a)
		if err != nil {
			return fmt.Errorf("settings of ad account %s: %w", a.id, err)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE ad_accounts SET settings = ? WHERE id = ?", text, a.id); err != nil {
			return err
		}
		done.Accounts++
	}
	return nil
}

func rotateHooks(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	hooks, err := readSealed(ctx, tx, "SELECT project_id, webhook FROM notice_settings WHERE webhook IS NOT NULL ORDER BY project_id")
	if err != nil {
		return err
	}
	for _, h := range hooks {
		_, text, err := r.again(h)
		if err != nil {
			return fmt.Errorf("webhook of project %s: %w", h.id, err)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE notice_settings SET webhook = ? WHERE project_id = ?", text, h.id); err != nil {
			return err
		}
		done.Webhooks++
	}
	return nil
}
