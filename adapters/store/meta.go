package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Meta reads a fact about the database itself, such as the fingerprint of the
// secret key; "" when it was never set.
func (s *Store) Meta(ctx context.Context, key string) (string, error) {
	var value string
	err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(value), '') FROM meta WHERE key = ?", key).Scan(&value)
	return value, mapError("read "+key, err)
}

// SetMeta writes a fact about the database.
func (s *Store) SetMeta(ctx context.Context, key, value string) error {
	return s.inTx(ctx, "write "+key, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value", key, value)
		return err
	})
}

// Empty tells whether the database holds nothing of ours, not even tables: it
// is new, or not the one that was meant.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	query := "SELECT to_regclass('projects') IS NULL"
	if s.lite {
		query = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'projects')"
	}
	var empty bool
	err := s.read.QueryRowContext(ctx, query).Scan(&empty)
	return empty, mapError("look whether the database is empty", err)
}

// Filled tells whether a project was ever made here.
func (s *Store) Filled(ctx context.Context) (bool, error) {
	var filled bool
	err := s.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM projects)").Scan(&filled)
	return filled, mapError("look for projects", err)
}

const projectsVersion = "projects_version"

// ProjectsChanged counts a change of a project, so that processes that trust
// what they read can tell that there was one. It answers the count.
func (s *Store) ProjectsChanged(ctx context.Context) (version int64, err error) {
	err = s.inTx(ctx, "count a change of a project", func(ctx context.Context, tx bun.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO UPDATE
			SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT) RETURNING CAST(value AS BIGINT)`, projectsVersion).Scan(&version)
	})
	return version, err
}

// ProjectsVersion is how often projects were changed.
func (s *Store) ProjectsVersion(ctx context.Context) (version int64, err error) {
	err = s.hotOne(ctx, func(r scanner) error { return r.Scan(&version) },
		"SELECT coalesce(max(CAST(value AS BIGINT)), 0) FROM meta WHERE key = ?1", projectsVersion)
	return version, mapError("look for changes of projects", err)
}
