package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// liteRunner executes a prepared statement for each row. Statements live as
// long as the transaction: kept longer they would have to be closed before
// the pool, and compiling them costs little beside the fsync.
type liteRunner struct {
	tx       *sql.Tx
	prepared map[*statement]*sql.Stmt
	queued   []queued
}

func (s *Store) liteBulk(ctx context.Context, f func(ctx context.Context, r runner) error) (err error) {
	tx, err := s.write.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	if err := f(ctx, &liteRunner{tx: tx, prepared: map[*statement]*sql.Stmt{}}); err != nil {
		return err
	}
	return tx.Commit()
}

func (r *liteRunner) queue(st *statement, rows [][]any, scan func(scanner) error) {
	if len(rows) > 0 {
		r.queued = append(r.queued, queued{st, rows, scan})
	}
}

func (r *liteRunner) flush(ctx context.Context) error {
	todo := r.queued
	r.queued = nil
	for _, q := range todo {
		st, err := r.prepare(ctx, q.st)
		if err != nil {
			return err
		}
		// The driver watches a context that can end with a goroutine for each
		// statement, which costs as much as the statement.
		calm := context.WithoutCancel(ctx)
		for _, args := range q.rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := runRow(calm, st, liteArgs(args), q.scan); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *liteRunner) prepare(ctx context.Context, st *statement) (*sql.Stmt, error) {
	if known, ok := r.prepared[st]; ok {
		return known, nil
	}
	made, err := r.tx.PrepareContext(ctx, st.lite)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", st.lite, err)
	}
	r.prepared[st] = made // closed with the transaction
	return made, nil
}

func runRow(ctx context.Context, st *sql.Stmt, args []any, scan func(scanner) error) error {
	if scan == nil {
		_, err := st.ExecContext(ctx, args...)
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// liteArgs gives times as microseconds. The row is left alone: the
// transaction may have to be run again.
func liteArgs(row []any) []any {
	out := make([]any, len(row))
	for i, v := range row {
		if at, ok := v.(time.Time); ok {
			v = at.UnixMicro()
		}
		out[i] = v
	}
	return out
}
