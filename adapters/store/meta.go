package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// metaRow is a row of meta: a fact about the database itself.
type metaRow struct {
	bun.BaseModel `bun:"table:meta,alias:m"`

	Key   string `bun:"key,pk"`
	Value string `bun:"value"`
}

// Meta reads a fact about the database itself, such as the fingerprint of the
// secret key; "" when it was never set.
func (s *Store) Meta(ctx context.Context, key string) (string, error) {
	value, err := readMeta(ctx, s.read, key)
	return value, mapError("read "+key, err)
}

func readMeta(ctx context.Context, db bun.IDB, key string) (value string, err error) {
	err = db.NewSelect().Model((*metaRow)(nil)).ColumnExpr("coalesce(max(m.value), '')").
		Where("m.key = ?", key).Scan(ctx, &value)
	return value, err
}

// SetMeta writes a fact about the database.
func (s *Store) SetMeta(ctx context.Context, key, value string) error {
	return s.inTx(ctx, "write "+key, func(ctx context.Context, tx bun.Tx) error {
		return writeMeta(ctx, tx, key, value)
	})
}

func writeMeta(ctx context.Context, tx bun.Tx, key, value string) error {
	_, err := tx.NewInsert().Model(&metaRow{Key: key, Value: value}).On("CONFLICT (key) DO UPDATE").Exec(ctx)
	return err
}

// Remember writes facts, each under its name behind a prefix, and answers all
// that stand behind the prefix, also those of other processes and builds.
func (s *Store) Remember(ctx context.Context, prefix string, facts map[string]string) (map[string]string, error) {
	doing := "remember what stands behind " + prefix
	all := map[string]string{}
	var rows []metaRow
	if err := s.read.NewSelect().Model(&rows).Where("m.key LIKE ?", prefix+"%").Scan(ctx); err != nil {
		return nil, mapError(doing, err)
	}
	for _, r := range rows {
		all[strings.TrimPrefix(r.Key, prefix)] = r.Value
	}
	var changed []metaRow
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		if all[name] != facts[name] {
			all[name] = facts[name]
			changed = append(changed, metaRow{Key: prefix + name, Value: facts[name]})
		}
	}
	if len(changed) == 0 {
		return all, nil
	}
	return all, s.inTx(ctx, doing, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&changed).On("CONFLICT (key) DO UPDATE").
			Set("value = EXCLUDED.value").Exec(ctx)
		return err
	})
}

// Empty tells whether the database holds nothing of ours, not even tables: it
// is new, or not the one that was meant.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	query := "SELECT to_regclass('projects') IS NULL"
	if s.sqlite {
		query = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'projects')"
	}
	var empty bool
	err := s.read.NewRaw(query).Scan(ctx, &empty)
	return empty, mapError("look whether the database is empty", err)
}

// Filled tells whether a project was ever made here.
func (s *Store) Filled(ctx context.Context) (bool, error) {
	filled, err := s.read.NewSelect().Model((*projectRow)(nil)).Exists(ctx)
	return filled, mapError("look for projects", err)
}
