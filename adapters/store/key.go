package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/usecase"
)

func insertKey(ctx context.Context, tx bun.Tx, k usecase.Key) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO api_keys (id, project_id, kind, hash, sealed, expires_at, revoked_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		k.ID, k.ProjectID, string(k.Kind), k.Hash, k.Sealed, stampOf(k.ExpiresAt), stampOf(k.RevokedAt), stamp(k.CreatedAt))
	return err
}

const keyColumns = "k.id, k.project_id, k.kind, k.hash, k.sealed, k.expires_at, k.revoked_at, k.created_at"

func scanKey(r scanner) (usecase.Key, error) {
	var k usecase.Key
	err := r.Scan(&k.ID, &k.ProjectID, &k.Kind, &k.Hash, &k.Sealed, intoPtr{&k.ExpiresAt}, intoPtr{&k.RevokedAt}, into{&k.CreatedAt})
	return k, err
}

// KeyByHash implements usecase.ProjectStore. Keys that are revoked or expired
// are found, too: what they answer is not for the store to say.
func (s *Store) KeyByHash(ctx context.Context, hash []byte) (usecase.Key, error) {
	var k usecase.Key
	err := s.hotOne(ctx, func(r scanner) (err error) {
		k, err = scanKey(r)
		return err
	}, "SELECT "+keyColumns+" FROM api_keys k WHERE k.hash = ?1", hash)
	return k, mapError("look a key up", err)
}

// Keys lists the keys of a project, newest first.
func (s *Store) Keys(ctx context.Context, projectID string) ([]usecase.Key, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+keyColumns+" FROM api_keys k WHERE k.project_id = ? ORDER BY k.created_at DESC, k.id DESC", projectID)
	if err != nil {
		return nil, mapError("list keys", err)
	}
	var out []usecase.Key
	err = each(rows, func(r scanner) error {
		k, err := scanKey(r)
		out = append(out, k)
		return err
	})
	return out, mapError("list keys", err)
}

// RotateKey implements usecase.ProjectStore. A key that is to be revoked
// sooner than that stays so.
func (s *Store) RotateKey(ctx context.Context, k usecase.Key, revokeAt time.Time) error {
	return s.inTx(ctx, "rotate a key", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE api_keys SET revoked_at = ? WHERE project_id = ? AND kind = ? AND (revoked_at IS NULL OR revoked_at > ?)`,
			stamp(revokeAt), k.ProjectID, string(k.Kind), stamp(revokeAt))
		if err != nil {
			return err
		}
		return insertKey(ctx, tx, k)
	})
}
