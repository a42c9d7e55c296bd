package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/usecase"
)

// recoveryCodeRow is a row of recovery_codes.
type recoveryCodeRow struct {
	bun.BaseModel `bun:"table:recovery_codes,alias:r"`

	UserID string `bun:"user_id,pk"`
	Hash   []byte `bun:"hash,pk"`
}

// SecondFactor implements usecase.UserStore.
func (s *Store) SecondFactor(ctx context.Context, userID string) (usecase.SecondFactor, error) {
	var u userRow
	err := s.read.NewSelect().Model(&u).Column("totp_secret").Where("u.id = ?", userID).Scan(ctx)
	if err == nil && u.TOTPSecret == nil {
		err = sql.ErrNoRows
	}
	if err != nil {
		return usecase.SecondFactor{}, mapError("read a second factor", err)
	}
	n, err := s.read.NewSelect().Model((*recoveryCodeRow)(nil)).Where("r.user_id = ?", userID).Count(ctx)
	return usecase.SecondFactor{Secret: u.TOTPSecret, Codes: int(n)}, mapError("count recovery codes", err)
}

// SetFactor implements usecase.UserStore.
func (s *Store) SetFactor(ctx context.Context, f usecase.NewFactor) error {
	return s.inTx(ctx, "set a second factor", func(ctx context.Context, tx bun.Tx) error {
		n, err := changed(tx.NewUpdate().Model(&userRow{ID: f.UserID, TOTPSecret: f.Secret, TOTPStep: f.Step}).
			Column("totp_secret", "totp_step").WherePK().Exec(ctx))
		if err := orNotFound(n, err, "user", f.UserID); err != nil {
			return err
		}
		if _, err := otherSessions(tx, f.UserID, f.Keep).Exec(ctx); err != nil {
			return err
		}
		return replaceCodes(ctx, tx, f.UserID, f.Codes)
	})
}

// DropFactor implements usecase.UserStore.
func (s *Store) DropFactor(ctx context.Context, userID string) error {
	return s.inTx(ctx, "remove a second factor", func(ctx context.Context, tx bun.Tx) error {
		n, err := changed(tx.NewUpdate().Model((*userRow)(nil)).Set("totp_secret = NULL").Where("u.id = ?", userID).
			Exec(ctx))
		if err := orNotFound(n, err, "user", userID); err != nil {
			return err
		}
		return replaceCodes(ctx, tx, userID, nil)
	})
}

// SetRecoveryCodes implements usecase.UserStore.
func (s *Store) SetRecoveryCodes(ctx context.Context, userID string, hashes [][]byte) error {
	return s.inTx(ctx, "set recovery codes", func(ctx context.Context, tx bun.Tx) error {
		return replaceCodes(ctx, tx, userID, hashes)
	})
}

func replaceCodes(ctx context.Context, tx bun.Tx, userID string, hashes [][]byte) error {
	_, err := tx.NewDelete().Model((*recoveryCodeRow)(nil)).Where("r.user_id = ?", userID).Exec(ctx)
	if err != nil || len(hashes) == 0 {
		return err
	}
	rows := make([]recoveryCodeRow, len(hashes))
	for i, h := range hashes {
		rows[i] = recoveryCodeRow{UserID: userID, Hash: h}
	}
	_, err = tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// UseStep implements usecase.UserStore: of the same code twice at once one
// works.
func (s *Store) UseStep(ctx context.Context, userID string, step int64) (bool, error) {
	n, err := s.execute(ctx, "use a code", func(tx bun.Tx) execer {
		return tx.NewUpdate().Model((*userRow)(nil)).Set("totp_step = ?", step).
			Where("u.id = ?", userID).Where("u.totp_step < ?", step).Where("u.totp_secret IS NOT NULL")
	})
	return n == 1, err
}

// UseRecoveryCode implements usecase.UserStore. The entry of the audit log is
// written only where there was one.
func (s *Store) UseRecoveryCode(ctx context.Context, userID string, hash []byte) (bool, error) {
	n := 0
	err := s.inTx(ctx, "use a recovery code", func(ctx context.Context, tx bun.Tx) (err error) {
		n, err = changed(tx.NewDelete().Model(&recoveryCodeRow{UserID: userID, Hash: hash}).WherePK().Exec(ctx))
		return orNotFound(n, err, "recovery", "code")
	})
	if n == 0 && errors.Is(err, domain.ErrNotFound) {
		return false, nil
	}
	return n == 1, err
}
