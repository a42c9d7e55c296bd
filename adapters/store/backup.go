package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tgtrack/tgtrack/domain"
)

// LatestSchema is the last migration that this version knows.
func LatestSchema() (int, error) {
	all, err := migrations(true)
	if err != nil {
		return 0, err
	}
	return all[len(all)-1].Version, nil
}

// Schema is the last migration that the database has.
func (s *Store) Schema(ctx context.Context) (int, error) {
	var version int
	err := s.read.NewSelect().Table("schema_migrations").ColumnExpr("coalesce(max(version), 0)").Scan(ctx, &version)
	return version, mapError("read the schema's version", err)
}

// Snapshot writes a copy of a SQLite database to a new file, as it is at one
// moment, while others read and write. PostgreSQL has its own tools for that:
// the error is domain.ErrConflict.
func (s *Store) Snapshot(ctx context.Context, path string) (err error) {
	if !s.sqlite {
		return fmt.Errorf("copy the database: PostgreSQL is copied by its own tools: %w", domain.ErrConflict)
	}
	// A reading connection: the writer's would keep everybody from writing.
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return mapError("copy the database", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// SQLite takes the copy for writing, which readers must not.
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only(0)"); err != nil {
		return mapError("copy the database", err)
	}
	_, copied := conn.ExecContext(ctx, "VACUUM INTO ?", path)
	_, back := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only(1)")
	return mapError("copy the database", errors.Join(copied, back))
}

// Intact checks a SQLite file from end to end.
func (s *Store) Intact(ctx context.Context) error {
	var verdict string
	if err := s.read.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return mapError("check the database", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("check the database: %s: %w", verdict, domain.ErrInvalid)
	}
	return nil
}

// Repeats tells whether the network of an account counts once what it is given
// at two times.
type Repeats func(a *domain.Account, first, again time.Time) bool

// Restored makes a copied database one to go on with. What is published is in
// the stream and waits for it no more. Whatever had been handed to a stream or
// a sender is due again. live is not nil where the service ran on after the copy
// was made: then a conversion that was due may have been sent since, by an
// attempt of which the copy does not know. It goes again, under its id, where
// the network drops repeats; else it becomes uncertain.
func (s *Store) Restored(ctx context.Context, published []string, live Repeats, now time.Time) error {
	there := make(map[string]bool, len(published))
	for _, id := range published {
		there[id] = true
	}
	return s.inTx(ctx, "go on with the copied database", func(ctx context.Context, tx bun.Tx) error {
		var batches []int64
		err := tx.NewSelect().Model((*readerRow)(nil)).Column("batch_no").Where("w.reader = ?", streamReader).
			OrderExpr("w.batch_no").Scan(ctx, &batches)
		if err != nil {
			return err
		}
		err = s.rewriteBatches(ctx, tx, batches, func(r *batchRecord) bool {
			if !there[r.EventID] {
				return false
			}
			r.Payload = nil
			return true
		})
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model((*sendRow)(nil)).Set("handed_over = FALSE, due_at = next_at").
			Set("lease_owner = '', lease_until = NULL").Where("TRUE").Exec(ctx)
		if err != nil || live == nil {
			return err
		}
		return s.doubt(ctx, tx, live, now)
	})
}

// doubtedRow is a send that was due after a copy was made.
type doubtedRow struct {
	No        int64  `bun:"conversion_no"`
	Network   string `bun:"network"`
	CreatedAt stamp  `bun:"created_at"`
}

// doubtStep is how many conversions one statement names.
const doubtStep = 500

// doubt treats what was due as sent, with its answer lost.
func (s *Store) doubt(ctx context.Context, tx bun.Tx, live Repeats, now time.Time) error {
	var rows []doubtedRow
	err := tx.NewSelect().Model((*sendRow)(nil)).
		ColumnExpr("s.conversion_no, a.network, v.created_at").
		Join("JOIN conversions AS v ON v.no = s.conversion_no").Join("JOIN ad_accounts AS a ON a.no = s.account_no").
		Where("s.status IN (?)", bun.List(domain.StatusesThat(domain.Status.Open))).
		Where("s.next_at IS NULL OR s.next_at <= ?", stamp(now)).OrderExpr("s.conversion_no").Scan(ctx, &rows)
	if err != nil {
		return err
	}
	var again, never []int64
	for _, r := range rows {
		if live(&domain.Account{Network: r.Network}, r.CreatedAt.time(), now) {
			again = append(again, r.No)
		} else {
			never = append(never, r.No)
		}
	}
	for nos := range slices.Chunk(never, doubtStep) {
		if _, err := s.endSends(ctx, tx, domain.Uncertain, domain.ReasonRestored, numbered(nos)); err != nil {
			return err
		}
	}
	for nos := range slices.Chunk(again, doubtStep) {
		_, err := tx.NewUpdate().Model((*sendRow)(nil)).Set("attempt_open = TRUE").
			Set("upload = CASE WHEN s.upload = '' THEN ? ELSE s.upload END", s.newID()).
			ApplyQueryBuilder(numbered(nos)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
