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
	Projects int `json:"projects"` // whose constructors sign
	Users    int `json:"users"`    // with a second factor
	// LostKeys are keys of which only the hash was kept: nobody can hash them
	// anew, so they are removed.
	LostKeys int `json:"lost_keys"`
}

// RotateSecrets seals and hashes with a new key what the old one did: all of
// it, or nothing.
func (s *Store) RotateSecrets(ctx context.Context, r Rotation) (done Rotated, err error) {
	err = s.inTx(ctx, "seal everything with the new key", func(ctx context.Context, tx bun.Tx) error {
		done = Rotated{}
		if !s.sqlite { // on SQLite the transaction has the database for itself
			const lock = "LOCK TABLE meta, projects, api_keys, ad_accounts, notice_settings, users IN SHARE ROW EXCLUSIVE MODE"
			if _, err := tx.NewRaw(lock).Exec(ctx); err != nil {
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
		if err := rotateProjects(ctx, tx, r, &done); err != nil {
			return err
		}
		if err := rotateUsers(ctx, tx, r, &done); err != nil {
			return err
		}
		return replaceMeta(ctx, tx, r.Meta)
	})
	return done, err
}

func expectMeta(ctx context.Context, tx bun.Tx, want map[string]string) error {
	for key, value := range want {
		got, err := readMeta(ctx, tx, key)
		if err != nil {
			return err
		}
		if got != value {
			return fmt.Errorf("%s: %w", key, ErrMetaChanged)
		}
	}
	return nil
}

func replaceMeta(ctx context.Context, tx bun.Tx, facts map[string]string) error {
	for key, value := range facts {
		if value != "" {
			if err := writeMeta(ctx, tx, key, value); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.NewDelete().Model(&metaRow{Key: key}).WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reseal opens a secret with the old key and seals it with the new one.
func (r Rotation) reseal(place string, secret []byte) (plain, sealed []byte, err error) {
	if plain, err = r.Old.Open(place, secret); err != nil {
		return nil, nil, err
	}
	return plain, r.New.Seal(place, plain), nil
}

func rotateKeys(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	var keys []keyRow
	if err := tx.NewSelect().Model(&keys).Order("k.id").Scan(ctx); err != nil {
		return err
	}
	for _, k := range keys {
		if len(k.Sealed) == 0 {
			if _, err := tx.NewDelete().Model(&k).WherePK().Exec(ctx); err != nil {
				return err
			}
			done.LostKeys++
			continue
		}
		plain, sealed, err := r.reseal(usecase.KeyPlace(k.ID), k.Sealed)
		if err != nil {
			return fmt.Errorf("API key %s: %w", k.ID, err)
		}
		k.Hash, k.Sealed = r.New.Hash("api-key", string(plain)), sealed
		if _, err := tx.NewUpdate().Model(&k).Column("hash", "sealed").WherePK().Exec(ctx); err != nil {
			return err
		}
		done.Keys++
	}
	return nil
}

func rotateAccounts(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	var accounts []accountRow
	if err := tx.NewSelect().Model(&accounts).Column("no", "id", "settings").Order("a.id").Scan(ctx); err != nil {
		return err
	}
	for _, a := range accounts {
		if len(a.Settings) == 0 {
			continue
		}
		var err error
		if _, a.Settings, err = r.reseal(usecase.AccountPlace(a.ID), a.Settings); err != nil {
			return fmt.Errorf("settings of ad account %s: %w", a.ID, err)
		}
		if _, err := tx.NewUpdate().Model(&a).Column("settings").WherePK().Exec(ctx); err != nil {
			return err
		}
		done.Accounts++
	}
	return nil
}

func rotateHooks(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	var hooks []noticeSettingsRow
	err := tx.NewSelect().Model(&hooks).Column("project_id", "webhook").
		Where("s.webhook IS NOT NULL").Order("s.project_id").Scan(ctx)
	if err != nil {
		return err
	}
	for _, h := range hooks {
		if _, h.Webhook, err = r.reseal(usecase.NoticePlace(h.ProjectID), h.Webhook); err != nil {
			return fmt.Errorf("webhook of project %s: %w", h.ProjectID, err)
		}
		if _, err := tx.NewUpdate().Model(&h).Column("webhook").WherePK().Exec(ctx); err != nil {
			return err
		}
		done.Webhooks++
	}
	return nil
}

func rotateProjects(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	var rows []projectRow
	err := tx.NewSelect().Model(&rows).Column("no", "id", "webhook_secrets").
		Where("p.webhook_secrets IS NOT NULL").Order("p.id").Scan(ctx)
	if err != nil {
		return err
	}
	for _, p := range rows {
		if _, p.Secrets, err = r.reseal(usecase.ProjectPlace(p.ID), p.Secrets); err != nil {
			return fmt.Errorf("webhook secrets of project %s: %w", p.ID, err)
		}
		if _, err := tx.NewUpdate().Model(&p).Column("webhook_secrets").WherePK().Exec(ctx); err != nil {
			return err
		}
		done.Projects++
	}
	return nil
}

func rotateUsers(ctx context.Context, tx bun.Tx, r Rotation, done *Rotated) error {
	var rows []userRow
	err := tx.NewSelect().Model(&rows).Column("id", "totp_secret").
		Where("u.totp_secret IS NOT NULL").Order("u.id").Scan(ctx)
	if err != nil {
		return err
	}
	for _, u := range rows {
		if _, u.TOTPSecret, err = r.reseal(usecase.FactorPlace(u.ID), u.TOTPSecret); err != nil {
			return fmt.Errorf("second factor of user %s: %w", u.ID, err)
		}
		if _, err := tx.NewUpdate().Model(&u).Column("totp_secret").WherePK().Exec(ctx); err != nil {
			return err
		}
		done.Users++
	}
	return nil
}
